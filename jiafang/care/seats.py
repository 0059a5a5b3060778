"""Who holds a role today, and under which capacity they read: owners and readers follow from posts, never typed."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from jiafang.care.models import CaseFile, Level, Role, SectionMember, Side
from jiafang.common.clock import today
from jiafang.common.errors import NotReady
from jiafang.organization.models import Guardianship, Pairing, Post, SchoolClass, holding

from django.utils.translation import gettext as _  # isort: skip


@dataclass(frozen=True)
class Seat:
    """A person in a role, with the unit by which the role is held."""

    person_id: int
    role: Role
    kind: str
    school_id: int | None = None
    school_class_id: int | None = None
    cohort_id: int | None = None

    @property
    def side(self) -> Side:
        return Side.BUREAU if self.kind in ("cadre", "director") else Side.SCHOOL


@dataclass(frozen=True)
class Place:
    """Where a case belongs: its school (none of a cadre's), the class of the student, the section of the bureau."""

    school_id: int | None
    school_class_id: int | None = None
    section_id: int | None = None


ROLE_OF_LEVEL = {
    Level.CLASS: Role.HOMEROOM_TEACHER,
    Level.COHORT: Role.COHORT_LEAD,
    Level.SCHOOL: Role.PRINCIPAL,
    Level.SECTION: Role.SECTION,
    Level.DIRECTOR: Role.DIRECTOR,
}
LEVELS = tuple(Level)
# Who stands in where a school has nobody in the role.
_STAND_INS: dict[Role, tuple[Role, ...]] = {
    Role.COHORT_LEAD: (Role.COHORT_LEAD, Role.MORAL_DEPUTY),
    Role.MORAL_DEPUTY: (Role.MORAL_DEPUTY, Role.PRINCIPAL),
    Role.PRINCIPAL: (Role.PRINCIPAL, Role.MORAL_DEPUTY),
}


def place_of(case: CaseFile) -> Place:
    return Place(case.school_id, case.school_class_id, case.section_id)


def holders(role: Role, place: Place) -> list[Seat]:
    """Everybody who holds the role for the place today, the longest in it first."""
    if role == Role.SECTION:
        return [Seat(person, role, "cadre") for person in _of_section(place.section_id)]
    if role == Role.CADRE:
        paired = Pairing.unscoped.filter(holding(today()), school_id=place.school_id or 0).order_by("start", "pk")
        return [Seat(person, role, "cadre") for person in _cadres(paired.values_list("cadre_id", flat=True))]
    posts = Post.unscoped.filter(holding(today()), kind=role.value, person__deceased=False).order_by("start", "pk")
    if role == Role.DIRECTOR:
        return [Seat(person, role, "director") for person in posts.values_list("person_id", flat=True)]
    if role == Role.HOMEROOM_TEACHER:
        of_class = posts.filter(school_class_id=place.school_class_id or 0)
        return [
            Seat(person, role, "teacher", place.school_id, place.school_class_id)
            for person in of_class.values_list("person_id", flat=True)
        ]
    if role == Role.COHORT_LEAD:
        cohorts = SchoolClass.unscoped.filter(pk=place.school_class_id or 0).values("cohort_id")
        return [
            Seat(person, role, "cohort_lead", place.school_id, cohort_id=cohort)
            for person, cohort in posts.filter(cohort_id__in=cohorts).values_list("person_id", "cohort_id")
        ]
    kind = "counselor" if role == Role.COUNSELOR else "principal"
    at_school = posts.filter(school_id=place.school_id or 0)
    return [Seat(person, role, kind, place.school_id) for person in at_school.values_list("person_id", flat=True)]


def _of_section(section_id: int | None) -> list[int]:
    members = SectionMember.unscoped.filter(holding(today()), section_id=section_id or 0).order_by(
        "-head", "start", "pk"
    )
    return _cadres(members.values_list("person_id", flat=True))


def _cadres(people: Iterable[int]) -> list[int]:
    """Those who are cadres today, in their order."""
    found = list(people)
    posts = Post.unscoped.filter(holding(today()), person_id__in=found, kind=Post.Kind.CADRE)
    held = set(posts.values_list("person_id", flat=True))
    return [person for person in found if person in held]


def shut_out(person_id: int | None) -> set[int]:
    """Who can own no case about this person: the person and whoever is or ever was a guardian of theirs."""
    if person_id is None:
        return set()
    guardians = Guardianship.unscoped.filter(student_id=person_id).values_list("guardian_id", flat=True)
    return {person_id, *guardians}


def owner_from(level: Level, place: Place, role: Role, *, avoiding: Collection[int]) -> tuple[Level, Seat]:
    """The owner on this level, or on the nearest one above that has somebody; a case is never without one."""
    for on, wanted in _climbing(level, role):
        if on == Level.SECTION and place.section_id is None:
            continue  # no section of the bureau deals with it
        for standing_in in _STAND_INS.get(wanted, (wanted,)):
            for seat in holders(standing_in, place):
                if seat.person_id not in avoiding:
                    return on, seat
    raise NotReady(_("还没有人能负责这件事:请管理员先设好局长或科室负责人"))


def _climbing(level: Level, role: Role) -> Iterator[tuple[Level, Role]]:
    yield level, role
    for above in LEVELS[LEVELS.index(level) + 1 :]:
        yield above, ROLE_OF_LEVEL[above]
