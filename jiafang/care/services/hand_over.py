"""Nothing becomes ownerless: cases go on when posts end, students move, pairings change."""

from collections.abc import Sequence

from django.db.models import Q

from jiafang.access import CHANGE, Actor, actor_transaction, reading, require
from jiafang.care.models import CaseFile, CaseReader, Level, Role, Side, SubjectKind
from jiafang.care.rules import rule_of
from jiafang.care.scope import LEAD
from jiafang.care.seats import holders, owner_from, place_of, shut_out
from jiafang.care.services.assign import seat_of
from jiafang.care.services.one_by_one import one_by_one
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import locked, step
from jiafang.care.workflow import LIVE, Verb
from jiafang.common.clock import now, today
from jiafang.organization.capacities import kind_of_post
from jiafang.organization.changes import Change, Left, PostEnded, Transferred
from jiafang.organization.models import Enrollment, Guardianship, Post, holding

_AT_SCHOOL = (Level.CLASS, Level.COHORT, Level.SCHOOL)


def hand_over_case(*, by: Actor, case_id: int, to_person_id: int, role: str) -> None:
    """By its owner, or whoever leads, to the successor who is named; nobody else comes to read it by that."""
    require(by, "case.work")
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, LEAD)
        seat = seat_of(case, to_person_id, role)
        step(by, case, Verb.HAND_OVER, to=seat, internal=True)
        tell(by, case, seat.person_id, "case.handed_over")


def follow_changes(by: Actor, changes: Sequence[Change]) -> None:
    """Bring the cases concerned in line, inside the transaction of the change."""
    for change in changes:
        if isinstance(change, PostEnded):
            _after_a_post(by, change)
        elif isinstance(change, Transferred | Left):
            _after_a_move(by, change)


def follow_the_calendar(*, by: Actor) -> int:
    """Once a day: posts, pairings and enrollments that ended by a date entered before; how many cases were touched."""
    with reading(by):
        found = list(CaseFile.unscoped.filter(state__in=LIVE).order_by("pk").values_list("pk", flat=True))
    return one_by_one(found, lambda pk: _follow_one(by, pk))


def _follow_one(by: Actor, case_id: int) -> bool:
    with actor_transaction(by):
        case = locked(case_id)
        if case.state not in LIVE:
            return False
        return _in_line(by, case)


def _after_a_post(by: Actor, change: PostEnded) -> None:
    """What the person owned or read in the post goes on without them."""
    theirs = CaseReader.unscoped.filter(person_id=change.person_id, until=None)
    concerned = CaseFile.unscoped.filter(
        Q(owner_id=change.person_id) | Q(confirmer_id=change.person_id) | Q(pk__in=theirs.values("case_id"))
    )
    for pk in list(concerned.order_by("pk").values_list("pk", flat=True)):
        case = locked(pk)
        _end_what_is_not_held(case, change.person_id)
        if case.state in LIVE:
            _in_line(by, case)


def _after_a_move(by: Actor, change: Transferred | Left) -> None:
    for pk in list(CaseFile.unscoped.filter(person_id=change.student_id).order_by("pk").values_list("pk", flat=True)):
        case = locked(pk)
        if case.subject_kind == SubjectKind.STUDENT and case.state in LIVE:
            _in_line(by, case)


def _in_line(by: Actor, case: CaseFile) -> bool:
    """The place of the student, the owner and the confirmer as they are today; whether anything was to be done."""
    moved = _follow_student(case)
    owned = any(one.person_id == case.owner_id for one in holders(Role(case.owner_role), place_of(case)))
    shut = shut_out(case.person_id)
    asked = _confirmer_again(case)
    if owned and case.owner_id not in shut:
        if moved or asked:
            case.revision += 1
            case.save()
        return moved or asked
    level = Level(case.level)
    level, seat = owner_from(level, place_of(case), Role(rule_of(case.category, level).owner), avoiding=shut)
    former = case.owner_id
    step(by, case, Verb.HAND_OVER, to=seat, level=level, internal=True)
    # Whoever held it and holds it no more reads it no more.
    _end_what_is_not_held(case, former)
    if moved:
        _end_former_place(case)
    tell(by, case, seat.person_id, "case.handed_over")
    return True


def _follow_student(case: CaseFile) -> bool:
    """Set school and class to where the student is; one who has left stays with the school that was last."""
    if case.subject_kind != SubjectKind.STUDENT:
        return False
    held = Enrollment.unscoped.filter(holding(today()), student_id=case.person_id or 0)
    found = held.values_list("school_class__cohort__school_id", "school_class_id").first()
    if found is None:
        gone = case.school_class_id is not None and case.level in (Level.CLASS, Level.COHORT)
        case.school_class_id = None if gone else case.school_class_id
        if gone:
            case.level = Level.SCHOOL
        return gone
    if found == (case.school_id, case.school_class_id):
        return False
    case.school_id, case.school_class_id = found
    return True


def _end_former_place(case: CaseFile) -> None:
    """Staff of the class or school that a student has left read no more."""
    rows = CaseReader.unscoped.filter(case=case, until=None, side=Side.SCHOOL)
    elsewhere = Q(school__isnull=False) & ~Q(school_id=case.school_id)
    if case.school_class_id is not None:
        elsewhere |= Q(school_class__isnull=False) & ~Q(school_class_id=case.school_class_id)
    rows.filter(elsewhere).exclude(why=CaseReader.Why.OWNER).update(until=now())


def _confirmer_again(case: CaseFile) -> bool:
    """A confirmer who can no longer say it gives way to the raiser, a guardian, or the principal; never the owner."""
    if _reads(case, case.confirmer_id) and not _revoked(case):
        return False
    if _reads(case, case.raised_by_id) and case.raised_by_id not in (case.owner_id, case.confirmer_id):
        case.confirmer_id = case.raised_by_id
        return True
    others = CaseReader.unscoped.filter(case=case, until=None, why=CaseReader.Why.CONCERNED)
    for person_id in others.exclude(person_id=case.confirmer_id).values_list("person_id", flat=True):
        if not (case.subject_kind == SubjectKind.STUDENT and not _is_guardian(case, person_id)):
            case.confirmer_id = person_id
            return True
    return False


def _reads(case: CaseFile, person_id: int) -> bool:
    return CaseReader.unscoped.filter(case=case, person_id=person_id, until=None).exists()


def _is_guardian(case: CaseFile, person_id: int) -> bool:
    held = Guardianship.unscoped.filter(guardian_id=person_id, student_id=case.person_id or 0)
    return held.filter(revoked_on=None, may_see=True).exists()


def _revoked(case: CaseFile) -> bool:
    """Whether the confirmer was asked as a guardian and is none any more."""
    as_family = CaseReader.unscoped.filter(case=case, person_id=case.confirmer_id, kind="guardian", until=None)
    return as_family.exists() and not _is_guardian(case, case.confirmer_id)


def _end_what_is_not_held(case: CaseFile, person_id: int) -> None:
    """End the rows of somebody whose post behind them is gone."""
    for row in CaseReader.unscoped.filter(case=case, person_id=person_id, until=None).exclude(kind="guardian"):
        if not _held(row):
            row.until = now()
            row.save(update_fields=["until"])


def _held(row: CaseReader) -> bool:
    """Whether the person still has the capacity that the row names, at its unit."""
    posts = Post.unscoped.filter(holding(today()), person_id=row.person_id)
    if row.school_id is not None:
        posts = posts.filter(school_id=row.school_id)
    if row.school_class_id is not None:
        posts = posts.filter(school_class_id=row.school_class_id)
    if row.cohort_id is not None:
        posts = posts.filter(cohort_id=row.cohort_id)
    return any(kind_of_post(kind) == row.kind for kind in posts.values_list("kind", flat=True))
