"""Before and after: how somebody was, marks and attendance, as far as the actor reads them."""

from jiafang.access import Actor, scope
from jiafang.care.models import CaseFile, Measure, Progress, SubjectKind

# More than a small chart can tell.
MOST_MEASURES = 60
MOST_PROGRESS = 60


def measures_of(actor: Actor, case: CaseFile) -> list[Measure]:
    """The latest ones, in the order of time."""
    rows = scope(actor, Measure).filter(case=case).order_by("-on", "-id")[:MOST_MEASURES]
    return list(rows)[::-1]


def progress_of(actor: Actor, case: CaseFile) -> list[Progress]:
    if case.subject_kind != SubjectKind.STUDENT or case.person_id is None:
        return []
    return progress_of_student(actor, case.person_id)


def progress_of_student(actor: Actor, person_id: int) -> list[Progress]:
    rows = scope(actor, Progress).filter(person_id=person_id).order_by("-on", "-id")[:MOST_PROGRESS]
    return list(rows)[::-1]
