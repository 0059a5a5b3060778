"""What was heard on a visit becomes a case, in the same transaction as the record; a record is never lost over it."""

import datetime as dt
from collections.abc import Iterable

from jiafang.access import Actor, Capacity, actor_transaction, reading, savepoint
from jiafang.access.actor import SYSTEM
from jiafang.campaigns.models import Tier
from jiafang.care.models import CaseFile, Category, SubjectKind
from jiafang.care.services.raise_case import Difficulty, raise_in
from jiafang.care.services.steps import locked, step
from jiafang.care.workflow import Verb
from jiafang.common.clock import now
from jiafang.common.errors import JiafangError
from jiafang.visits.models import RaisedConcern, Visit

OTHER = "other"
WAITED_FOR = dt.timedelta(days=366)
# Of what a principal tells, this is about the school; the rest is the principal's own.
_OF_THE_SCHOOL = frozenset({"study", "teaching", "conditions", "safety", "tutoring", "other"})


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
    kind = _subject_of(visit.campaign.tier, concern.category)
    known = Category.objects.filter(code=concern.category, active=True, subjects__contains=[kind]).exists()
    return Difficulty(
        category=concern.category if known else OTHER,
        text=concern.text,
        alert_tier=concern.alert_tier,
        subject_kind=kind,
        person_id=None if kind == SubjectKind.SCHOOL else concern.person_id,
        school_id=school_id,
        # Staff say themselves whether it is solved; for a student it is whoever noticed, or a guardian who is asked.
        heard_from=None if kind == SubjectKind.STUDENT else concern.person_id,
        origin=concern.pk,
    )


def _subject_of(tier: str, category: str) -> SubjectKind:
    if tier == Tier.TEACHER_FAMILY:
        return SubjectKind.STUDENT
    if tier == Tier.BUREAU_PRINCIPAL:
        return SubjectKind.SCHOOL if category in _OF_THE_SCHOOL else SubjectKind.PRINCIPAL
    return SubjectKind.TEACHER


def follow_corrections(*, by: Actor, concerns: Iterable[RaisedConcern], withdrawn: Iterable[RaisedConcern]) -> None:
    """A corrected record: as long as nobody has begun, the case says what the record says; taken back, it ends."""
    for concern in concerns:
        case = _untouched(concern)
        if case is not None and case.text != concern.text:
            case.text = concern.text
            case.revision += 1
            case.save()
    for concern in withdrawn:
        case = _untouched(concern)
        if case is not None:
            step(by, case, Verb.WITHDRAW, result=CaseFile.Result.WITHDRAWN, closed_at=now())


def _untouched(concern: RaisedConcern) -> CaseFile | None:
    if concern.case_id is None:
        return None
    case = locked(concern.case_id)
    return case if case.state == CaseFile.State.OPEN else None


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
