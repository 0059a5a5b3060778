"""What a visitor should know before ringing the bell (访前了解); two minutes of reading."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import F, Q

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Channel, CohortFocus, Duty
from jiafang.common.clock import today
from jiafang.organization.models import (
    CareTag,
    Enrollment,
    Guardianship,
    Household,
    HouseholdMembership,
    Person,
    Post,
    Sex,
    grade_name,
    holding,
)
from jiafang.visits.axes import LABELS
from jiafang.visits.models import Visit
from jiafang.visits.scope import BRIEF

LAST_VISITS = 3


@dataclass(slots=True)
class PersonFacts:
    """Somebody to be met: a student with class, or a member of staff with posts."""

    pk: int
    name: str
    sex: str = ""
    age: int | None = None
    where: str = ""
    boarding: bool = False
    phone: str = ""
    tags: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GuardianFacts:
    pk: int
    name: str
    relation: str
    phone: str
    is_primary: bool
    is_guardian: bool
    may_contact: bool
    has_smartphone: bool
    of: str


@dataclass(frozen=True, slots=True)
class Housemate:
    name: str
    where: str


@dataclass(slots=True)
class Home:
    """Where to go; `approximate` when only the village's point is known."""

    address: str
    village: str
    lat: float | None
    lon: float | None
    approximate: bool
    preferred_times: str
    mates: list[Housemate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LastVisit:
    """One line of an earlier record."""

    pk: object
    on: dt.datetime
    channel: str
    by: str
    line: str
    follow_up: bool
    about: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    people: list[PersonFacts]
    guardians: list[GuardianFacts]
    homes: list[Home]
    last_visits: list[LastVisit]


def facts_about(actor: Actor, person_ids: Collection[int]) -> Facts:
    """Everything a brief opens about these people; a fixed number of queries."""
    people = _people(actor, person_ids)
    return Facts(
        people=list(people.values()),
        guardians=_guardians(actor, people),
        homes=_homes(actor, people),
        last_visits=last_visits(actor, person_ids),
    )


def _people(actor: Actor, person_ids: Collection[int]) -> dict[int, PersonFacts]:
    day = today()
    people = {
        row.pk: PersonFacts(
            row.pk, row.name, str(Sex(row.sex).label) if row.sex else "", _age(row.birth_date, day), phone=row.phone
        )
        for row in scope(actor, Person, BRIEF)
        .filter(pk__in=person_ids)
        .only("name", "sex", "birth_date", "phone")
        .order_by("birth_date", "pk")
    }
    for row in (
        scope(actor, Enrollment, BRIEF)
        .filter(holding(day), student_id__in=people)
        .select_related("school_class__cohort")
    ):
        people[row.student_id].where = row.school_class.full_name(day)
        people[row.student_id].boarding = row.boarding
    for person_id, kind in (
        scope(actor, CareTag, BRIEF)
        .filter(Q(expires=None) | Q(expires__gt=day), student_id__in=people)
        .order_by("kind__order")
        .values_list("student_id", "kind__name")
    ):
        people[person_id].tags.append(kind)
    posts = scope(actor, Post, BRIEF).filter(holding(day), person_id__in=people).exclude(kind=Post.Kind.EMPLOYEE)
    for post in posts.select_related("school", "cohort", "school_class").order_by("kind", "pk"):
        unit = post.school_class.full_name(day) if post.school_class else post.school.name if post.school else ""
        people[post.person_id].posts.append(f"{unit}{post.subject or post.get_kind_display()}")
    return people


def _age(born: dt.date | None, day: dt.date) -> int | None:
    return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _guardians(actor: Actor, people: dict[int, PersonFacts]) -> list[GuardianFacts]:
    found: dict[int, GuardianFacts] = {}
    rows = (
        scope(actor, Guardianship, BRIEF)
        .filter(student_id__in=people)
        .select_related("guardian")
        .order_by("-is_primary", "pk")
    )
    for row in rows:
        # Brothers and sisters share their parents: each is shown once.
        found.setdefault(
            row.guardian_id,
            GuardianFacts(
                pk=row.guardian_id,
                name=row.guardian.name,
                relation=row.get_relation_display(),
                phone=row.guardian.phone if row.may_contact else "",
                is_primary=row.is_primary,
                is_guardian=row.is_guardian,
                may_contact=row.may_contact,
                has_smartphone=row.guardian.has_smartphone,
                of=people[row.student_id].name,
            ),
        )
    return list(found.values())


def _homes(actor: Actor, people: dict[int, PersonFacts]) -> list[Home]:
    day = today()
    memberships = list(
        scope(actor, HouseholdMembership, BRIEF)
        .filter(
            holding(day),
            household_id__in=scope(actor, HouseholdMembership, BRIEF)
            .filter(holding(day), person_id__in=people)
            .values("household_id"),
        )
        .order_by("pk")
        .values_list("household_id", "person_id", "person__name")
    )
    homes = {
        row.pk: Home(
            address=row.address,
            village=str(row.village) if row.village else "",
            lat=row.lat if row.lat is not None else row.village.lat if row.village else None,
            lon=row.lon if row.lon is not None else row.village.lon if row.village else None,
            approximate=row.lat is None,
            preferred_times=row.preferred_times,
        )
        for row in scope(actor, Household, BRIEF)
        .filter(pk__in={household_id for household_id, _, _ in memberships})
        .select_related("village")
        .order_by("pk")
    }
    mates = {
        person_id: (household_id, name) for household_id, person_id, name in memberships if person_id not in people
    }
    classes = {
        person_id: f"{grade_name(stage, entry_year, day)}{class_name}"
        for person_id, stage, entry_year, class_name in scope(actor, Enrollment, BRIEF)
        .filter(holding(day), student_id__in=mates)
        .values_list(
            "student_id", "school_class__cohort__stage", "school_class__cohort__entry_year", "school_class__name"
        )
    }
    for person_id, (household_id, name) in mates.items():
        if household_id in homes:
            homes[household_id].mates.append(Housemate(name, classes.get(person_id, "")))
    return list(homes.values())


def last_visits(actor: Actor, person_ids: Collection[int], limit: int = LAST_VISITS) -> list[LastVisit]:
    """The latest records within reach about these people, one line each."""
    about = Visit.duties.through.objects.filter(duty__person_id__in=person_ids)
    rows = (
        scope(actor, Visit)
        .filter(pk__in=about.values("visit_id"))
        .order_by("-started_at")
        .annotate(by_name=F("recorded_by__name"))
        .prefetch_related("duties")[:limit]
    )
    return [
        LastVisit(
            pk=row.pk,
            on=row.started_at,
            channel=str(Channel(row.channel).label),
            by=row.by_name,
            line=line_of(row),
            follow_up=row.follow_up,
            about=tuple(duty.person_id for duty in row.duties.all() if duty.person_id in person_ids),
        )
        for row in rows
    ]


def line_of(visit: Visit) -> str:
    """Chips and own words as one line."""
    chips = "、".join(str(LABELS[code]) for code in visit.chips if code in LABELS)
    return ";".join(part for part in (chips, visit.finding) if part)


@dataclass(frozen=True, slots=True)
class Focus:
    where: str
    topics: str
    talking_points: str
    notices: str


def focuses_of(actor: Actor, duty_ids: Collection[int]) -> list[Focus]:
    """What the cohorts of these duties want talked about."""
    cohorts = set(scope(actor, Duty).filter(pk__in=duty_ids).values_list("campaign_id", "cohort_id"))
    rows = scope(actor, CohortFocus).filter(
        campaign_id__in={campaign_id for campaign_id, _ in cohorts},
        cohort_id__in={cohort_id for _, cohort_id in cohorts if cohort_id},
    )
    day = today()
    return [
        Focus(row.cohort.grade_name(day), row.topics, row.talking_points, row.notices)
        for row in rows.select_related("cohort").order_by("pk")
        if (row.campaign_id, row.cohort_id) in cohorts
    ]
