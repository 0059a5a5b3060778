"""Whether a row of the list of readers still stands: the post, section, pairing or guardianship behind it.

Whoever was put on the list by a role is on it as long as they hold such a role; whoever raised a case or is concerned,
as long as they come in the same capacity. `fence.case_readings` closes most of it at once; this ends the row itself.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple

from jiafang.access.actor import CADRE, COHORT_LEAD, COUNSELOR, DIRECTOR, GUARDIAN, PRINCIPAL, TEACHER
from jiafang.care.models import CaseReader, Role, SectionMember
from jiafang.care.seats import Place
from jiafang.common.clock import today
from jiafang.organization.capacities import kind_of_post
from jiafang.organization.models import Guardianship, Pairing, Post, SchoolClass, holding

# The posts by which somebody of this kind is in a role, not only at the school.
_ROLE_POSTS: dict[str, tuple[str, ...]] = {
    TEACHER: (Post.Kind.HOMEROOM_TEACHER,),
    COHORT_LEAD: (Post.Kind.COHORT_LEAD,),
    COUNSELOR: (Post.Kind.COUNSELOR,),
    PRINCIPAL: (Post.Kind.PRINCIPAL, Post.Kind.MORAL_DEPUTY),
    DIRECTOR: (Post.Kind.DIRECTOR,),
}
_OWN_PART = (CaseReader.Why.RAISER, CaseReader.Why.CONCERNED)


class Row(NamedTuple):
    """What is looked at of a row of the list of readers, its columns in this order."""

    person_id: int
    kind: str
    school_id: int | None
    school_class_id: int | None
    cohort_id: int | None
    why: str


def row_of(reader: CaseReader) -> Row:
    return Row(*(getattr(reader, field) for field in Row._fields))


class Offices:
    """What people hold today, found at once; of everybody, or of those who are named."""

    def __init__(self, people: Collection[int] | None = None) -> None:
        def of(name: str) -> dict[str, Any]:
            return {} if people is None else {f"{name}__in": people}

        self.posts: dict[int, list[tuple[str, int | None, int | None, int | None]]] = defaultdict(list)
        posts = Post.unscoped.filter(holding(today()), person__deceased=False, **of("person_id"))
        columns = ("person_id", "kind", "school_id", "school_class_id", "cohort_id")
        for person, kind, school, school_class, cohort in posts.values_list(*columns):
            self.posts[person].append((kind, school, school_class, cohort))
        sections = SectionMember.unscoped.filter(holding(today()), **of("person_id"))
        self.sections = set(sections.values_list("person_id", "section_id"))
        pairings = Pairing.unscoped.filter(holding(today()), **of("cadre_id"))
        self.paired = set(pairings.values_list("cadre_id", "school_id"))
        # Also those that have ended: at work the child stays an own one, and there is nothing to see any more.
        ever = Guardianship.unscoped.filter(**of("guardian_id"))
        self.guardians: dict[tuple[int, int], bool] = {}
        for guardian, student, may_see, ended in ever.values_list("guardian_id", "student_id", "may_see", "revoked_on"):
            sees = may_see and ended is None
            self.guardians[guardian, student] = sees or self.guardians.get((guardian, student), False)
        self._cohorts: dict[int, int] = {}

    def stands(self, row: Row, person_id: int | None, place: Place, owner_role: str = "") -> bool:
        """Of a case about this person at this place; `owner_role` where it is the row of the owner."""
        near = self.guardians.get((row.person_id, person_id or 0))
        if row.kind == GUARDIAN:
            return near is True
        return near is None and self._there(row, place) and self._holds(row, place, owner_role)

    def _there(self, row: Row, place: Place) -> bool:
        return (
            row.school_id in (None, place.school_id)
            and row.school_class_id in (None, place.school_class_id)
            and (row.cohort_id is None or row.cohort_id == self._cohort(place))
        )

    def _holds(self, row: Row, place: Place, owner_role: str) -> bool:
        held = [post for post in self.posts.get(row.person_id, ()) if _of_unit(post, row)]
        if row.kind == CADRE:
            return bool(held) and (row.why in _OWN_PART or self._as_cadre(row.person_id, place, owner_role))
        if row.why in _OWN_PART:
            return any(kind_of_post(post[0]) == row.kind for post in held)
        wanted: tuple[str, ...] = (owner_role,) if owner_role else _ROLE_POSTS.get(row.kind, ())
        return any(post[0] in wanted for post in held)

    def _as_cadre(self, person_id: int, place: Place, owner_role: str) -> bool:
        paired, in_section = (person_id, place.school_id) in self.paired, (person_id, place.section_id) in self.sections
        if owner_role:
            return paired if owner_role == Role.CADRE else in_section
        return paired or in_section

    def _cohort(self, place: Place) -> int | None:
        if place.school_class_id is None:
            return None
        if place.school_class_id not in self._cohorts:
            found = SchoolClass.unscoped.filter(pk=place.school_class_id).values_list("cohort_id", flat=True)
            self._cohorts[place.school_class_id] = found.get()
        return self._cohorts[place.school_class_id]


def _of_unit(post: tuple[str, int | None, int | None, int | None], row: Row) -> bool:
    kind, school, school_class, cohort = post
    if row.kind == CADRE and kind != CADRE:
        return False
    return (
        (row.school_id is None or school == row.school_id)
        and (row.school_class_id is None or school_class == row.school_class_id)
        and (row.cohort_id is None or cohort == row.cohort_id)
    )
