"""Who may say whether a case is solved besides whoever raised it: a guardian, the person concerned, the principal."""

from jiafang.access.actor import GUARDIAN
from jiafang.care.models import OWN_MATTERS, CaseFile, CaseReader, Role, Side, SubjectKind
from jiafang.care.seats import holders, place_of, shut_out
from jiafang.care.services.raise_case import let_concerned_read
from jiafang.care.services.steps import let_read
from jiafang.common.clock import today
from jiafang.organization.models import Guardianship, Post, holding


def guardians(case: CaseFile) -> list[int]:
    """Of the student, those who may see what is written of them; the one who is called first comes first."""
    if case.subject_kind != SubjectKind.STUDENT:
        return []
    held = Guardianship.unscoped.filter(
        student_id=case.person_id, revoked_on=None, is_guardian=True, may_see=True, guardian__deceased=False
    )
    return list(held.order_by("-is_primary", "pk").values_list("guardian_id", flat=True))


def guardians_to_ask(case: CaseFile) -> list[int]:
    """The one who raised it, as long as they read it: the other one may be whom it is about."""
    raisers = CaseReader.unscoped.filter(
        case=case, person_id=case.raised_by_id, kind=GUARDIAN, until=None, person__deceased=False
    )
    if case.raised_as == GUARDIAN and raisers.exists():
        return [case.raised_by_id]
    return guardians(case)


def askable(case: CaseFile) -> list[int]:
    """Never the owner: nobody judges their own work."""
    found = guardians_to_ask(case)
    if case.subject_kind in OWN_MATTERS and not has_left(case):
        found = [case.person_id] if case.person_id else []
    elif case.subject_kind == SubjectKind.SCHOOL or (case.subject_kind == SubjectKind.STUDENT and not found):
        shut = shut_out(case.person_id)
        found = [seat.person_id for seat in holders(Role.PRINCIPAL, place_of(case)) if seat.person_id not in shut]
    return [person for person in found if person != case.owner_id]


def has_left(case: CaseFile) -> bool:
    """Whether whoever it is about is at the school no more: nobody may be there who could say it."""
    if case.subject_kind == SubjectKind.STUDENT:
        return case.school_class_id is None
    posts = Post.unscoped.filter(holding(today()), person_id=case.person_id or 0, school=case.school)
    return case.subject_kind != SubjectKind.SCHOOL and not posts.exists()


def ask(case: CaseFile, person_id: int) -> None:
    """From now on this person says whether it is solved, and reads what their side reads of it."""
    case.confirmer_id = person_id
    if CaseReader.unscoped.filter(case=case, person_id=person_id, until=None).exists():
        return
    if person_id in guardians(case):
        CaseReader(
            case=case, person_id=person_id, kind="guardian", side=Side.FAMILY, why=CaseReader.Why.CONCERNED
        ).save()  # fmt: skip
    elif person_id == case.person_id or case.subject_kind == SubjectKind.SCHOOL:
        let_concerned_read(case, person_id)
    else:
        let_read(case, next(s for s in holders(Role.PRINCIPAL, place_of(case)) if s.person_id == person_id), "named")
