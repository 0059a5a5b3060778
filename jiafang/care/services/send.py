"""A case goes up by the owner's own decision, and comes down decided, with a person and a deadline."""

import datetime as dt

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.accounts import audit
from jiafang.care.climbing import seat_above
from jiafang.care.entitled import AT_BUREAU, LEVEL_OF_ROLE, kept, roles_to_send_down
from jiafang.care.models import BureauSection, CaseAction, CaseFile, Level, Role
from jiafang.care.protocol import URGENT
from jiafang.care.rules import due_on, rule_of
from jiafang.care.seats import LEVELS
from jiafang.care.services.assign import checked_due, place_for, seat_of
from jiafang.care.services.reach import let_rule_read, reached, tell, written
from jiafang.care.services.steps import step
from jiafang.care.workflow import ABOVE, Verb
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault

__all__ = ["LEVEL_OF_ROLE", "send_down", "send_up"]


def send_up(
    *,
    by: Actor,
    case_id: int,
    words: str,
    section_id: int | None = None,
    for_meeting: bool = False,
    revision: int | None = None,
) -> None:
    """To the next level that has somebody else; at the bureau to the section that is named, or the category's."""
    require(by, "case.work")
    words = written(words, missing=_("请写一句为什么要往上报"))
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, revision=revision)
        if Level(case.level) not in ABOVE:
            raise Conflict(_("已经在最上面一级了"))
        if section_id is not None and not BureauSection.objects.filter(pk=section_id, active=True).exists():
            raise InputFault(_("请选现有的科室"), place="section_id")
        level, seat, place = seat_above(case, section_id=section_id)
        if level in AT_BUREAU and kept(case):
            raise Conflict(_("这是本人私下说的事,要本人同意才能往上报"))
        before = case.owner_id
        step(
            by, case, Verb.SEND_UP, to=seat, level=level, due=due_on(rule_of(case.category, level), case.alert_tier),
            note=words, internal=True, section_id=place.section_id, for_meeting=for_meeting or case.for_meeting,
        )  # fmt: skip
        let_rule_read(case, place)
        tell(by, case, seat.person_id, "case.owned")
        tell(by, case, {before, case.raised_by_id, case.confirmer_id} - {seat.person_id}, "case.moved")


def send_down(
    *,
    by: Actor,
    case_id: int,
    to_level: str,
    to_person_id: int,
    role: str,
    due: dt.date,
    decision: str,
    revision: int | None = None,
) -> None:
    """Decided above, to be done by this person until that day; the decision is written down as an action."""
    require(by, "case.work")
    decision = written(decision, place="decision", missing=_("请写清决定怎么办"))
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, revision=revision)
        if role not in Role.values or LEVEL_OF_ROLE[Role(role)] != to_level:
            raise InputFault(_("这个职务不在这一级"), place="seat")
        if LEVELS.index(Level(to_level)) >= LEVELS.index(Level(case.level)):
            raise InputFault(_("请选下面的一级"), place="seat")
        place = place_for(case, to_person_id, role)
        seat = seat_of(case, to_person_id, role, among=roles_to_send_down(case), place=place)
        level = Level(to_level)
        step(
            by, case, Verb.SEND_DOWN, to=seat, level=level, due=_checked_due(due, case, level), for_meeting=False,
            section_id=place.section_id,
        )  # fmt: skip
        made = CaseAction(case=case, kind=CaseAction.Kind.DECISION, on=today(), by_id=by.person_id, text=decision)
        made.save()
        audit.record(by=by, action="case.decided", of=made, case=case.pk)
        tell(by, case, seat.person_id, "case.owned")
        tell(by, case, {case.raised_by_id, case.confirmer_id} - {seat.person_id}, "case.moved")


def _checked_due(due: dt.date, case: CaseFile, level: Level) -> dt.date | None:
    """What is urgent has no longer than its tier gives it there, so that it climbs again when nothing is done."""
    latest = max(case.due, due_on(rule_of(case.category, level), case.alert_tier))
    if case.alert_tier in URGENT and due > latest:
        raise InputFault(_("这是紧急的事,期限最晚到 %(day)s") % {"day": latest.isoformat()}, place="due")
    return checked_due(due)
