"""What was heard on a visit becomes a case, in the same transaction as the record; a record is never lost over it."""

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from jiafang.access import Actor, Capacity, actor_transaction, reading, savepoint
from jiafang.access.actor import SYSTEM
from jiafang.care.models import (
    INNER_SIDES,
    OTHER,
    CaseAction,
    CaseFile,
    CaseReader,
    Category,
    ChecklistTick,
    Message,
    Referral,
    SubjectKind,
)
from jiafang.care.protocol import URGENT
from jiafang.care.services.raise_case import Difficulty, raise_in
from jiafang.care.services.reach import read_by, tell
from jiafang.care.services.steps import locked, step
from jiafang.care.workflow import LIVE, Verb
from jiafang.common.clock import now
from jiafang.common.errors import JiafangError
from jiafang.visits.categories import subject_of
from jiafang.visits.models import RaisedConcern, Visit

WAITED_FOR = dt.timedelta(days=366)


def raise_concerns(*, by: Actor, visit: Visit, concerns: Iterable[RaisedConcern]) -> None:
    """Inside the record's transaction: a case for each that somebody is to follow up and that has none yet.

    One that cannot be raised now (nobody could own it) waits without a case; `raise_waiting` tries again every day.
    """
    schools = dict(visit.duties.values_list("person_id", "school_id"))
    for concern in concerns:
        if not concern.follow_up or concern.case_id is not None:
            continue
        try:
            with savepoint():
                concern.case = raise_in(by=by, difficulty=_difficulty(visit, concern, schools.get(concern.person_id)))
        except JiafangError:
            continue
        RaisedConcern.unscoped.filter(pk=concern.pk).update(case=concern.case)


def _difficulty(visit: Visit, concern: RaisedConcern, school_id: int | None) -> Difficulty:
    category = Category.objects.filter(code=concern.category).first()
    kind = subject_of(visit.campaign.tier, category.subjects if category else ())
    fits = category is not None and category.active and kind in category.subjects
    return Difficulty(
        category=concern.category if fits else OTHER,
        text=concern.text,
        alert_tier=concern.alert_tier,
        subject_kind=kind,
        person_id=None if kind == SubjectKind.SCHOOL else concern.person_id,
        school_id=school_id,
        # Staff say themselves whether it is solved; for a student it is whoever noticed, or a guardian who is asked.
        heard_from=None if kind == SubjectKind.STUDENT else concern.person_id,
        origin=concern.pk,
    )


def follow_corrections(*, by: Actor, concerns: Iterable[RaisedConcern], withdrawn: Iterable[RaisedConcern]) -> None:
    """A corrected record: as long as nobody has begun, the case says what the record says; taken back, it ends.

    From then on a case changes by what is done with it alone: its owner is told that the record says something else.
    """
    for concern in concerns:
        case = _live_case(concern)
        if case is None or case.text == concern.text:
            continue
        if _untouched(case):
            step(by, case, Verb.REWORD, text=concern.text)
            tell(by, case, read_by(case), "case.record_changed")
        else:
            tell(by, case, case.owner_id, "case.record_changed")
    for concern in withdrawn:
        case = _live_case(concern)
        if case is None:
            continue
        if _untouched(case):
            step(
                by, case, Verb.WITHDRAW, result=CaseFile.Result.WITHDRAWN, closed_at=now(),
                note=_("走访记录改了,不再提这件事"),
            )  # fmt: skip
            tell(by, case, read_by(case), "case.withdrawn")
        else:
            tell(by, case, case.owner_id, "case.record_changed")


def _live_case(concern: RaisedConcern) -> CaseFile | None:
    if concern.case_id is None:
        return None
    case = locked(concern.case_id)
    return case if case.state in LIVE else None


def _untouched(case: CaseFile) -> bool:
    """Nobody has done or said anything, it is not urgent, and nobody was called in who would miss it."""
    inner = CaseReader.unscoped.filter(case=case, side__in=INNER_SIDES, until=None)
    return (
        case.state == CaseFile.State.OPEN
        and case.alert_tier not in URGENT
        and not inner.exclude(person_id__in=[case.owner_id, case.raised_by_id]).exists()
        and not any(
            model.unscoped.filter(case=case).exists() for model in (CaseAction, Message, ChecklistTick, Referral)
        )
    )


def raise_waiting(*, by: Actor) -> int:
    """Once a day: concerns for which nobody could be found when they were heard; how many have a case now."""
    with reading(by):
        waiting = RaisedConcern.unscoped.filter(
            case=None, follow_up=True, raised_at__gte=now() - WAITED_FOR, person__erased_on=None
        )
        found = list(waiting.order_by("raised_at").values_list("pk", "visit__recorded_by_id"))
    raised = 0
    for pk, writer in found:
        # Raised for whoever wrote it down, who may no longer answer for the one it is about.
        for_writer = Actor(None, writer, Capacity(kind=SYSTEM, label="concerns"))
        with actor_transaction(for_writer):
            row = RaisedConcern.unscoped.select_for_update(of=("self",)).filter(pk=pk, case=None).first()
            if row is not None:
                raise_concerns(by=for_writer, visit=row.visit, concerns=[row])
                raised += row.case_id is not None
    return raised
