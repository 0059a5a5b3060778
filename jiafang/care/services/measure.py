"""How calm or anxious the student and the guardian were on a day, as somebody saw it."""

import datetime as dt

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require
from jiafang.accounts import audit
from jiafang.care.models import CaseFile, Measure, SubjectKind
from jiafang.care.scope import WORK
from jiafang.care.services.reach import reached
from jiafang.common.clock import today
from jiafang.common.errors import InputFault


def measure(*, by: Actor, case_id: int, who: str, mood: str, on: dt.date | None = None) -> Measure:
    """What was seen on a day; the same day again corrects it. Also after the case is closed: that is the "after"."""
    require(by, "case.work")
    on = on or today()
    with actor_transaction(by):
        case = reached(by, case_id, WORK)
        _check(case, who, mood, on)
        row = Measure.unscoped.filter(case=case, who=who, on=on).first() or Measure(case=case, who=who, on=on)
        if row.pk and row.mood == mood:
            return row
        row.mood, row.by_id = mood, by.person_id
        row.save()
        audit.record(
            by=by, action="case.measure", of=case, subjects=[case.person_id] if case.person_id else [], who=who
        )
        return row


def _check(case: CaseFile, who: str, mood: str, on: dt.date) -> None:
    if case.subject_kind != SubjectKind.STUDENT:
        raise InputFault(_("只有学生的事才记情绪"), place="who")
    if who not in Measure.Who.values:
        raise InputFault(_("请选择是学生还是家长"), place="who")
    if mood not in Measure.Mood.values:
        raise InputFault(_("请选择当时的样子"), place="mood")
    if on > today():
        raise InputFault(_("日期不能在今天以后"), place="on")
