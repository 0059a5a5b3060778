"""The district as it stands, read in a dozen queries, in the words of the roster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from jiafang.organization.models import (
    CareTag,
    CareTagKind,
    Enrollment,
    GradeCohort,
    Guardianship,
    Household,
    HouseholdMembership,
    Pairing,
    Person,
    Post,
    School,
    SchoolClass,
    Village,
)
from jiafang.organization.roster.check import Known
from jiafang.organization.roster.interpret.directory import Directory, SchoolInfo
from jiafang.organization.roster.rows import ClassKey, CohortKey


class PersonNow(NamedTuple):
    id: int
    name: str
    sex: str
    birth_date: Any
    phone_hash: str
    id_number_hash: str
    registry_number_hash: str
    has_smartphone: bool
    deceased: bool


class EnrollmentNow(NamedTuple):
    id: int
    student_id: int
    school_class_id: int
    boarding: bool


class GuardianshipNow(NamedTuple):
    id: int
    guardian_id: int
    student_id: int
    relation: str
    is_primary: bool
    is_guardian: bool


class PostNow(NamedTuple):
    id: int
    person_id: int
    kind: str
    school_id: int | None
    cohort_id: int | None
    school_class_id: int | None
    subject: str
    staff_number: str


class SchoolNow(NamedTuple):
    id: int
    code: str
    name: str
    stages: list[str]
    township: str
    address: str
    lat: float | None
    lon: float | None
    parent_id: int | None


class HouseholdNow(NamedTuple):
    id: int
    address_hash: str
    village_id: int | None
    lat: float | None
    lon: float | None


@dataclass(slots=True)
class Snapshot:
    schools: dict[str, SchoolNow] = field(default_factory=dict)
    school_codes: dict[int, str] = field(default_factory=dict)
    cohorts: dict[CohortKey, int] = field(default_factory=dict)
    classes: dict[ClassKey, int] = field(default_factory=dict)
    class_keys: dict[int, ClassKey] = field(default_factory=dict)
    villages: dict[tuple[str, str], int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    people: dict[int, PersonNow] = field(default_factory=dict)
    enrollments: dict[int, EnrollmentNow] = field(default_factory=dict)  # by student
    past_students: set[int] = field(default_factory=set)
    guardianships: dict[int, list[GuardianshipNow]] = field(default_factory=dict)  # by student
    revoked: dict[int, set[int]] = field(default_factory=dict)  # student → who is no guardian any more
    households: dict[int, HouseholdNow] = field(default_factory=dict)
    memberships: dict[int, tuple[int, int]] = field(default_factory=dict)  # person → membership, household
    tags: dict[int, dict[str, tuple[int, str]]] = field(default_factory=dict)  # student → kind → row, source
    posts: dict[int, list[PostNow]] = field(default_factory=dict)  # by person
    pairings: dict[int, dict[int, int]] = field(default_factory=dict)  # cadre → school → row

    def directory(self) -> Directory:
        return Directory(SchoolInfo(row.code, row.name, tuple(row.stages)) for row in self.schools.values())

    def known(self) -> Known:
        classes: dict[CohortKey, set[str]] = defaultdict(set)
        for key in self.classes:
            classes[CohortKey(*key[:3])].add(key.name)
        numbers: set[tuple[str, str]] = set()
        names: dict[tuple[str, str], int] = defaultdict(int)
        for held in self.posts.values():
            for post in held:
                if post.kind == Post.Kind.EMPLOYEE:
                    code = self.school_codes[post.school_id] if post.school_id else ""
                    if post.staff_number:
                        numbers.add((code, post.staff_number))
                    names[code, self.people[post.person_id].name] += 1
        return Known(
            schools=frozenset(self.schools),
            classes={key: frozenset(found) for key, found in classes.items()},
            staff_numbers=frozenset(numbers),
            staff_names=dict(names),
            registry_hashes=frozenset(p.registry_number_hash for p in self.people.values() if p.registry_number_hash),
        )


SEEN = (
    School, GradeCohort, SchoolClass, Village, CareTagKind, Person, Enrollment, Guardianship, Household,
    HouseholdMembership, CareTag, Post, Pairing,
)  # fmt: skip


def state_of_district() -> str:
    """A mark that differs as soon as any row that a snapshot sees was added, changed or removed."""
    parts = []
    with connection.cursor() as cursor:
        for model in SEEN:
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM "{table}"')  # noqa: S608
            parts.append(":".join(map(str, cursor.fetchone())))
    return "|".join(parts)


def take_snapshot() -> Snapshot:
    """Read what holds now; ended posts, enrollments and memberships stay history."""
    now = Snapshot()
    for school in map(
        SchoolNow._make,
        School.unscoped.values_list("id", "code", "name", "stages", "township", "address", "lat", "lon", "parent_id"),
    ):
        now.schools[school.code] = school
        now.school_codes[school.id] = school.code
    cohort_keys: dict[int, CohortKey] = {}
    for pk, school_id, stage, year in GradeCohort.unscoped.values_list("id", "school_id", "stage", "entry_year"):
        cohort_keys[pk] = CohortKey(now.school_codes[school_id], stage, year)
        now.cohorts[cohort_keys[pk]] = pk
    for pk, cohort_id, name in SchoolClass.unscoped.values_list("id", "cohort_id", "name"):
        now.class_keys[pk] = ClassKey(*cohort_keys[cohort_id], name)
        now.classes[now.class_keys[pk]] = pk
    now.villages = {
        (township, name): pk for pk, township, name in Village.objects.values_list("id", "township", "name")
    }
    now.kinds = {name: pk for pk, name in CareTagKind.objects.values_list("id", "name")}
    _people(now)
    _families(now)
    for post in map(PostNow._make, Post.unscoped.filter(end=None).values_list(*PostNow._fields).iterator(5000)):
        now.posts.setdefault(post.person_id, []).append(post)
    for pk, cadre_id, school_id in Pairing.unscoped.filter(end=None).values_list("id", "cadre_id", "school_id"):
        now.pairings.setdefault(cadre_id, {})[school_id] = pk
    return now


def _people(now: Snapshot) -> None:
    for person in map(PersonNow._make, Person.unscoped.values_list(*PersonNow._fields).iterator(5000)):
        now.people[person.id] = person
    rows: Iterable[Any] = Enrollment.unscoped.filter(end=None).values_list(*EnrollmentNow._fields).iterator(5000)
    for enrollment in map(EnrollmentNow._make, rows):
        now.enrollments[enrollment.student_id] = enrollment
    past = Enrollment.unscoped.exclude(end=None).values_list("student_id", flat=True)
    now.past_students = set(past) - now.enrollments.keys()


def _families(now: Snapshot) -> None:
    rows: Iterable[Any] = (
        Guardianship.unscoped.filter(revoked_on=None).values_list(*GuardianshipNow._fields).iterator(5000)
    )
    for guardianship in map(GuardianshipNow._make, rows):
        now.guardianships.setdefault(guardianship.student_id, []).append(guardianship)
    ended = Guardianship.unscoped.exclude(revoked_on=None).values_list("guardian_id", "student_id")
    for guardian_id, student_id in ended.iterator(5000):
        if all(held.guardian_id != guardian_id for held in now.guardianships.get(student_id, ())):
            now.revoked.setdefault(student_id, set()).add(guardian_id)
    for household in map(HouseholdNow._make, Household.unscoped.values_list(*HouseholdNow._fields).iterator(5000)):
        now.households[household.id] = household
    members = HouseholdMembership.unscoped.filter(end=None).values_list("id", "person_id", "household_id")
    now.memberships = {person_id: (pk, household_id) for pk, person_id, household_id in members.iterator(5000)}
    tags = CareTag.unscoped.filter(expires=None).values_list("id", "student_id", "kind__name", "source")
    for pk, student_id, kind, source in tags.iterator(5000):
        now.tags.setdefault(student_id, {})[kind] = (pk, source)
