"""What a visitor should know before ringing the bell (访前了解); two minutes of reading."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from jiafang.access import VIEW, Actor, scope
from jiafang.campaigns.models import Channel, CohortFocus, Duty, Tier
from jiafang.care.models import AlertTier, CaseFile
from jiafang.care.selectors.about_people import OpenCase, open_cases
from jiafang.common.clock import now, today
from jiafang.keys.fields import opened
from jiafang.organization.models import (
    CareTag,
    Enrollment,
    Guardianship,
    Household,
    HouseholdMembership,
    Person,
    Post,
    grade_name,
    holding,
)
from jiafang.visits.axes import LABELS
from jiafang.visits.categories import named
from jiafang.visits.models import RaisedConcern, Visit
from jiafang.visits.scope import BRIEF

LAST_VISITS = 3
WORRIED_FOR = dt.timedelta(days=366)
MOST_CONCERNS = 5
# `scope` of one actor for one purpose.
Read = Callable[[type[Any]], QuerySet[Any, Any]]


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


@dataclass(frozen=True, slots=True)
class Housemate:
    pk: int
    name: str
    where: str


@dataclass(slots=True)
class Home:
    """Where to go; `approximate` when only the village's point is known."""

    address: str
    village: str
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


@dataclass(frozen=True, slots=True)
class Facts:
    people: list[PersonFacts]
    guardians: list[GuardianFacts]
    homes: list[Home]
    last_visits: list[LastVisit]
    concerns: list[RaisedConcern]
    cases: list[OpenCase]


def facts_of_duties(actor: Actor, duty_ids: Collection[int]) -> Facts:
    """What a visit opens about those it is for."""
    rows = (
        scope(actor, Duty, BRIEF)
        .filter(pk__in=duty_ids)
        .select_related("person", "campaign")
        .order_by("person__birth_date", "person_id")
    )
    schools = {duty.school_id for duty in rows if duty.school_id and is_about_school(duty.campaign.tier)}
    return _facts(actor, [duty.person for duty in rows], BRIEF, schools=schools)


def is_about_school(tier: str) -> bool:
    """Whoever leads a school is met by the bureau about the school as well."""
    return tier == Tier.BUREAU_PRINCIPAL


def facts_of_student(actor: Actor, student: Person) -> Facts:
    """What those who answer for a student see anyway, visit or not."""
    return _facts(actor, [student], VIEW, schools=())


def _facts(actor: Actor, found: list[Person], purpose: str, *, schools: Collection[int]) -> Facts:
    """Few queries whatever the size of the family."""
    day = today()
    people = {
        row.pk: PersonFacts(
            row.pk, row.name, str(row.get_sex_display()) if row.sex else "", _age(row.birth_date, day), phone=row.phone
        )
        for row in found
    }
    read = partial(scope, actor, purpose=purpose)
    students = _place_students(read, people)
    if len(students) < len(people):
        _add_posts(read, people)
    _add_tags(read, people)
    return Facts(
        people=list(people.values()),
        guardians=_guardians(read, people),
        homes=_homes(read, people, students),
        last_visits=last_visits(actor, people),
        concerns=open_concerns(actor, people),
        cases=open_cases(actor, people, schools),
    )


def _age(born: dt.date | None, day: dt.date) -> int | None:
    return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _place_students(read: Read, people: dict[int, PersonFacts]) -> set[int]:
    """Put the class to those who are students, and tell who they are."""
    found = set()
    for person_id, boarding, where in _classes(read, people):
        people[person_id].where, people[person_id].boarding = where, boarding
        found.add(person_id)
    return found


def _classes(read: Read, person_ids: Collection[int]) -> list[tuple[int, bool, str]]:
    """(student, boarding, class) of these people who are at school."""
    day = today()
    rows = (
        read(Enrollment)
        .filter(holding(day), student_id__in=person_ids)
        .values_list(
            "student_id",
            "boarding",
            "school_class__cohort__stage",
            "school_class__cohort__entry_year",
            "school_class__name",
        )
    )
    return [(pk, boarding, f"{grade_name(stage, year, day)}{name}") for pk, boarding, stage, year, name in rows]


def _add_posts(read: Read, people: dict[int, PersonFacts]) -> None:
    day = today()
    posts = read(Post).filter(holding(day), person_id__in=people).exclude(kind=Post.Kind.EMPLOYEE)
    for post in posts.select_related("school", "cohort", "school_class").order_by("kind", "pk"):
        unit = post.school_class.full_name(day) if post.school_class else post.school.name if post.school else ""
        title = post.subject or post.get_kind_display()
        people[post.person_id].posts.append(_("%(unit)s%(title)s") % {"unit": unit, "title": title})


def _add_tags(read: Read, people: dict[int, PersonFacts]) -> None:
    for person_id, kind in (
        read(CareTag)
        .filter(Q(expires=None) | Q(expires__gt=today()), student_id__in=people)
        .order_by("kind__order")
        .values_list("student_id", "kind__name")
    ):
        people[person_id].tags.append(kind)


def _guardians(read: Read, people: dict[int, PersonFacts]) -> list[GuardianFacts]:
    found: dict[int, GuardianFacts] = {}
    rows = (
        read(Guardianship)
        .filter(student_id__in=people, revoked_on=None)
        .order_by("-is_primary", "pk")
        .values_list(
            "guardian_id",
            "guardian__name",
            "relation",
            "guardian__phone",
            "is_primary",
            "is_guardian",
            "may_contact",
            "guardian__has_smartphone",
        )
    )
    for pk, name, relation, phone, is_primary, is_guardian, may_contact, has_smartphone in rows:
        # Brothers and sisters share their parents: each is shown once.
        found.setdefault(
            pk,
            GuardianFacts(
                pk=pk,
                name=name,
                relation=str(Guardianship.Relation(relation).label),
                phone=opened(phone, pk) if may_contact else "",
                is_primary=is_primary,
                is_guardian=is_guardian,
                may_contact=may_contact,
                has_smartphone=has_smartphone,
            ),
        )
    return list(found.values())


def _homes(read: Read, people: dict[int, PersonFacts], students: set[int]) -> list[Home]:
    """Where those met live; who else lives there is told of families only."""
    members = read(HouseholdMembership).filter(holding(today()))
    of_met = list(members.filter(person_id__in=people).order_by("pk").select_related("household__village"))
    homes = {row.household_id: _home(row.household) for row in of_met}
    mates = [
        (household_id, person_id, name)
        for household_id, person_id, name in members.filter(
            household_id__in={row.household_id for row in of_met if row.person_id in students}
        )
        .order_by("pk")
        .values_list("household_id", "person_id", "person__name")
        if person_id not in people
    ]
    classes = {pk: where for pk, _boarding, where in _classes(read, [pk for _, pk, _ in mates])} if mates else {}
    for household_id, person_id, name in mates:
        homes[household_id].mates.append(Housemate(person_id, name, classes.get(person_id, "")))
    return list(homes.values())


def _home(household: Household) -> Home:
    village = household.village
    return Home(
        address=household.address,
        village=str(village) if village else "",
        approximate=household.lat is None,
        preferred_times=household.preferred_times,
    )


def last_visits(actor: Actor, person_ids: Collection[int], limit: int = LAST_VISITS) -> list[LastVisit]:
    """The latest records within reach about these people, one line each."""
    about = Visit.duties.through.objects.filter(duty__person_id__in=person_ids)
    rows = (
        scope(actor, Visit)
        .filter(pk__in=about.values("visit_id"))
        .order_by("-started_at")
        .annotate(by_name=F("recorded_by__name"))[:limit]
    )
    return [
        LastVisit(
            pk=row.pk,
            on=row.started_at,
            channel=str(Channel(row.channel).label),
            by=row.by_name,
            line=line_of(row),
            follow_up=row.follow_up,
        )
        for row in rows
    ]


def open_concerns(actor: Actor, person_ids: Collection[int]) -> list[RaisedConcern]:
    """What somebody was to follow up, of the last year: the latest few, the most urgent of them first."""
    latest = (
        named(concerns_to_follow(actor))
        .filter(person_id__in=person_ids, visit__started_at__gte=now() - WORRIED_FOR)
        .select_related("person", "visit")
        .order_by("-visit__started_at", "-raised_at")[:MOST_CONCERNS]
    )
    urgency = AlertTier.values
    return sorted(latest, key=lambda concern: urgency.index(concern.alert_tier), reverse=True)


def concerns_to_follow(actor: Actor) -> QuerySet[RaisedConcern]:
    """What is to be followed up, but for what the actor has read the end of; what was joined goes on in the other.

    Whoever may not read the case learns nothing of it from what is left out here.
    """
    ended = scope(actor, CaseFile).filter(state=CaseFile.State.CLOSED).exclude(result=CaseFile.Result.MERGED)
    return scope(actor, RaisedConcern).filter(follow_up=True).exclude(case__in=ended.order_by().values("pk"))


def line_of(visit: Visit) -> str:
    """Chips and own words as one line; a record may be of notes about each of those met alone."""
    chips = "、".join(str(LABELS[code]) for code in visit.chips if code in LABELS)
    return ";".join(part for part in (chips, visit.finding) if part) or _("分开记了几句")


@dataclass(frozen=True, slots=True)
class Focus:
    where: str
    topics: str
    talking_points: str
    notices: str


def focuses_of(actor: Actor, campaign_id: int, cohort_ids: Collection[int | None]) -> list[Focus]:
    """What these cohorts want talked about in a campaign in which the actor visits."""
    day = today()
    rows = scope(actor, CohortFocus, BRIEF).filter(campaign_id=campaign_id, cohort_id__in=cohort_ids)
    return [
        Focus(row.cohort.grade_name(day), row.topics, row.talking_points, row.notices)
        for row in rows.select_related("cohort").order_by("pk")
    ]
