"""Whom or what somebody can raise a difficulty about: themselves, students, staff and schools within reach."""

from dataclasses import dataclass, replace

from jiafang.access import Actor, scope
from jiafang.access.actor import CADRE, COHORT_LEAD, DIRECTOR, GUARDIAN, PRINCIPAL, SCHOOL_KINDS, TEACHER
from jiafang.care.models import SubjectKind
from jiafang.common.clock import today
from jiafang.organization.models import Enrollment, Guardianship, Person, Post, School, holding

RAISING_OF_STUDENTS = frozenset({GUARDIAN, TEACHER, COHORT_LEAD, PRINCIPAL})
RAISING_OF_STAFF = frozenset({PRINCIPAL, CADRE, DIRECTOR})
LEADING_POSTS = (Post.Kind.PRINCIPAL, Post.Kind.DEPUTY_PRINCIPAL, Post.Kind.MORAL_DEPUTY)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what it is about; `own_child`, also a former one, of somebody who asks at work."""

    kind: str
    name: str
    where: str = ""
    person_id: int | None = None
    school_id: int | None = None
    oneself: bool = False
    own_child: bool = False
    still_guardian: bool = False


def oneself(actor: Actor) -> Subject | None:
    """Those who work at a school, and cadres of the bureau, may raise their own difficulty."""
    if actor.kind == CADRE:
        return Subject(SubjectKind.CADRE, actor.name, person_id=actor.person_id, oneself=True)
    if actor.kind not in SCHOOL_KINDS:
        return None
    kind = SubjectKind.PRINCIPAL if actor.kind == PRINCIPAL else SubjectKind.TEACHER
    return Subject(kind, actor.name, person_id=actor.person_id, school_id=actor.school_id, oneself=True)


def person_to_raise(actor: Actor, person_id: int) -> Subject | None:
    """A student or a member of staff within reach."""
    if person_id == actor.person_id:
        return oneself(actor)
    return _student(actor, person_id) or _staff(actor, person_id)


def school_to_raise(actor: Actor, school_id: int) -> Subject | None:
    if actor.kind not in RAISING_OF_STAFF:
        return None
    school = scope(actor, School).filter(pk=school_id).first()
    return Subject(SubjectKind.SCHOOL, school.name, school.township, school_id=school.pk) if school else None


def own_students(actor: Actor) -> list[Subject]:
    """Own children of a guardian, own class of a homeroom teacher."""
    if actor.kind not in (GUARDIAN, TEACHER):
        return []
    rows = scope(actor, Enrollment).filter(holding(today()))
    if actor.kind == TEACHER:
        rows = rows.filter(school_class_id__in=actor.capacity.homeroom_class_ids)
    rows = rows.select_related("student", "school_class__cohort").order_by("student__pinyin", "student_id")
    return [_of_enrollment(row) for row in rows]


def leaders(actor: Actor, school_id: int) -> list[tuple[int, str]]:
    """Who leads a school: one of them may have told it."""
    rows = scope(actor, Post).filter(holding(today()), school_id=school_id, kind__in=LEADING_POSTS)
    return list(dict(rows.order_by("kind", "pk").values_list("person_id", "person__name")).items())


def _student(actor: Actor, person_id: int) -> Subject | None:
    if actor.kind not in RAISING_OF_STUDENTS:
        return None
    rows = scope(actor, Enrollment).filter(holding(today()), student_id=person_id)
    row = rows.select_related("student", "school_class__cohort").first()
    if row is None:
        return None
    subject = _of_enrollment(row)
    if actor.kind == GUARDIAN:
        return subject
    own = scope(actor, Guardianship).filter(guardian_id=actor.person_id, student_id=person_id)
    revoked = list(own.values_list("revoked_on", flat=True))
    return replace(subject, own_child=bool(revoked), still_guardian=None in revoked)


def _of_enrollment(row: Enrollment) -> Subject:
    where = row.school_class.full_name(today())
    return Subject(SubjectKind.STUDENT, row.student.name, where, person_id=row.student_id)


def _staff(actor: Actor, person_id: int) -> Subject | None:
    if actor.kind not in RAISING_OF_STAFF or not scope(actor, Person).filter(pk=person_id).exists():
        return None
    posts = scope(actor, Post).filter(holding(today()), person_id=person_id, school_id__isnull=False)
    if actor.kind == PRINCIPAL:
        posts = posts.filter(school_id=actor.school_id)
    held = list(posts.select_related("school", "person").order_by("pk"))
    if not held:
        return None
    leads = next((post for post in held if post.kind in LEADING_POSTS), None)
    post = leads or held[0]
    kind = SubjectKind.PRINCIPAL if leads else SubjectKind.TEACHER
    where = post.school.name if post.school else ""
    return Subject(kind, post.person.name, where, person_id=person_id, school_id=post.school_id)
