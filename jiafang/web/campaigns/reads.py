"""What the campaign pages read: scoped, and a constant number of queries for any length of list."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from jiafang.access import CHANGE, Actor, scope
from jiafang.access.actor import BUREAU_KINDS
from jiafang.campaigns.models import (
    Appointment,
    Campaign,
    CohortFocus,
    Duty,
    FamilyWindow,
    PlanRun,
    Shift,
    Tier,
    Unavailability,
    VisitGroup,
)
from jiafang.campaigns.tiers import TIERS
from jiafang.campaigns.workflow import ENDED_WITH_SHIFT, OPEN_APPOINTMENTS
from jiafang.common.clock import today
from jiafang.insight.coverage import Sums, added, numbers, schools_reached, summed
from jiafang.insight.models import DutyTally
from jiafang.organization.models import CalendarDay, GradeCohort, Post, School, SchoolClass, Term, holding
from jiafang.web.campaigns.forms import ShiftLine

OPEN_RUNS = (PlanRun.State.QUEUED, PlanRun.State.RUNNING)


def campaigns_listed(actor: Actor, *, words: str = "", tier: str = "", state: str = "") -> QuerySet[Campaign]:
    """The campaigns an actor works with: the bureau sees the one above, a school its own part of it."""
    rows = scope(actor, Campaign).select_related("school", "term").defer("basis_file")
    rows = rows.filter(parent=None) if actor.kind in BUREAU_KINDS else rows.exclude(_umbrella())
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(school__name__icontains=words))
    if tier:
        rows = rows.filter(tier=tier)
    if state:
        rows = rows.filter(state=state)
    return with_plan_state(actor, rows).order_by("-start", "-id")


def _umbrella() -> Q:
    return Q(school=None, tier__in=[Tier.PRINCIPAL_TEACHER, Tier.TEACHER_FAMILY])


def with_plan_state(actor: Actor, rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Adds `has_timetable`, `has_draft` (appointments not yet published) and `is_planning`."""
    own = scope(actor, Appointment).filter(campaign=OuterRef("pk"), superseded=False)
    open_ones = own.exclude(state=Appointment.State.CANCELLED)
    runs = scope(actor, PlanRun).filter(campaign=OuterRef("pk"), state__in=OPEN_RUNS)
    return rows.annotate(
        has_timetable=Exists(open_ones), has_draft=Exists(open_ones.filter(published=False)), is_planning=Exists(runs)
    )


def coverage_of_campaigns(actor: Actor, campaigns: Sequence[Campaign]) -> dict[int, Sums]:
    """Campaign → its sums, an umbrella with its children; where schools are counted, schools. Two or three queries."""
    ids = [campaign.pk for campaign in campaigns]
    rows = scope(actor, DutyTally).filter(Q(campaign_id__in=ids) | Q(campaign__parent_id__in=ids))
    parts: dict[int, list[Sums]] = {pk: [] for pk in ids}
    for row in summed(rows, "campaign_id", "campaign__parent_id"):
        owner = row["campaign_id"] if row["campaign_id"] in parts else row["campaign__parent_id"]
        parts[owner].append(Sums(**numbers(row)))
    found = {pk: Sums(**added(sums)) for pk, sums in parts.items()}
    counted = [campaign.pk for campaign in campaigns if TIERS[Tier(campaign.tier)].counts_schools]
    schools: dict[int, list[Sums]] = {pk: [] for pk in counted}
    if counted:
        of_schools = rows.filter(campaign_id__in=counted, school__isnull=False)
        for row in summed(of_schools, "campaign_id", "school_id"):
            schools[row["campaign_id"]].append(Sums(**numbers(row)))
    return found | {pk: Sums(**schools_reached(parts)) for pk, parts in schools.items()}


@dataclass(frozen=True, slots=True)
class Child:
    """A school's part of the bureau's campaign."""

    campaign_id: int
    school: str
    state: str
    has_timetable: bool
    start: dt.date
    end: dt.date
    sums: Sums


def children_of(actor: Actor, campaign: Campaign) -> list[Child]:
    """Every school's part, as far as the actor sees it; three queries."""
    rows = with_plan_state(actor, scope(actor, Campaign).filter(parent=campaign)).select_related("school")
    tallies = scope(actor, DutyTally).filter(campaign__parent=campaign)
    sums = {row["campaign_id"]: Sums(**numbers(row)) for row in summed(tallies, "campaign_id")}
    return [
        Child(
            campaign_id=row.pk,
            school=row.school.name if row.school else "",
            state=row.state,
            has_timetable=vars(row)["has_timetable"],
            start=row.start,
            end=row.end,
            sums=sums.get(row.pk, Sums()),
        )
        for row in rows.defer("basis_file").order_by("school__code")
    ]


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What is in the timetable now."""

    appointments: int
    onsite: int
    trips: int
    drafts: int
    confirmed: int


def plan_facts(actor: Actor, campaign: Campaign) -> PlanFacts:
    rows = scope(actor, Appointment).filter(campaign=campaign, superseded=False)
    state = Appointment.State
    found = rows.exclude(state=state.CANCELLED).aggregate(
        appointments=Count("pk"),
        onsite=Count("pk", filter=Q(channel="onsite")),
        drafts=Count("pk", filter=Q(published=False)),
        confirmed=Count("pk", filter=Q(state__in=[state.CONFIRMED, state.DONE])),
        trips=Count("trip_id", distinct=True),
    )
    return PlanFacts(**found)


def bereft(actor: Actor, campaign: Campaign) -> int:
    """How many people are to be met who lost their time with a shift that was called off."""
    meetings = scope(actor, Appointment).filter(campaign=campaign)
    ended = meetings.filter(ENDED_WITH_SHIFT)
    due = scope(actor, Duty).filter(campaign=campaign, state=Duty.State.DUE)
    held = meetings.filter(state__in=OPEN_APPOINTMENTS, duties=OuterRef("pk"))
    return due.filter(Exists(ended.filter(duties=OuterRef("pk"))), ~Exists(held)).count()


def latest_run(actor: Actor, campaign: Campaign) -> PlanRun | None:
    return scope(actor, PlanRun).filter(campaign=campaign).order_by("-id").first()


def shift_lines(actor: Actor, campaign: Campaign) -> list[ShiftLine]:
    rows = scope(actor, Shift).filter(campaign=campaign, called_off=False).order_by("date", "start")
    return [ShiftLine(*row) for row in rows.values_list("date", "kind", "start", "end")]


def special_days(campaign: Campaign) -> dict[dt.date, str]:
    """Holidays and moved working days within the campaign, in words."""
    days = CalendarDay.objects.filter(date__range=(campaign.start, campaign.end))
    rows = days.filter(Q(school=None) | Q(school_id=campaign.school_id)).order_by("school_id")
    return {day.date: day.name or day.get_kind_display() for day in rows}


def term_of(day: dt.date) -> Term | None:
    return Term.objects.select_related("year").filter(start__lte=day, end__gte=day).first()


def schools_to_choose(actor: Actor) -> list[tuple[int, str]]:
    return list(scope(actor, School).order_by("code").values_list("id", "name"))


def cohorts_of(actor: Actor, campaign: Campaign) -> list[GradeCohort]:
    """The cohorts in school during the campaign whose focus the actor may set; a cohort lead the own ones."""
    rows = scope(actor, GradeCohort).filter(school=campaign.school, classes__isnull=False).distinct()
    if actor.capacity.cohort_ids:
        rows = rows.filter(pk__in=actor.capacity.cohort_ids)
    return sorted(rows, key=lambda cohort: (cohort.stage, -cohort.entry_year))


def focuses_of(actor: Actor, campaign: Campaign) -> dict[int, CohortFocus]:
    return {focus.cohort_id: focus for focus in scope(actor, CohortFocus).filter(campaign=campaign)}


def classes_without_homeroom(actor: Actor, campaign: Campaign) -> list[SchoolClass]:
    """Classes whose families nobody answers for yet."""
    posts = scope(actor, Post).filter(holding(today()), kind=Post.Kind.HOMEROOM_TEACHER, school_class=OuterRef("pk"))
    rows = scope(actor, SchoolClass).filter(cohort__school=campaign.school).exclude(Exists(posts))
    return list(rows.select_related("cohort"))


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who visits in the campaign, with the shifts in which that is impossible."""

    id: int
    name: str
    where: str
    leads: bool
    said: Mapping[int, str]
    """What was said of shifts: `Unavailability.Degree`; nothing where the visitor is free."""


def visitors_of(actor: Actor, campaign: Campaign) -> list[Visitor]:
    """Leads and co-visitors of the groups within the actor's scope; three queries."""
    groups = scope(actor, VisitGroup).filter(campaign=campaign)
    leads = dict(groups.order_by("id").values_list("lead_id", "lead__name"))
    through = VisitGroup.co_visitors.through.objects.filter(visitgroup__in=groups.values("pk"))
    others = dict(through.values_list("person_id", "person__name"))
    where: dict[int, list[str]] = {}
    day = campaign.start
    for group in groups.select_related("school_class__cohort").only(
        "lead_id", "school_class__name", "school_class__cohort__stage", "school_class__cohort__entry_year"
    ):
        if group.school_class:
            where.setdefault(group.lead_id, []).append(group.school_class.full_name(day))
    said: dict[int, dict[int, str]] = {}
    rows = scope(actor, Unavailability).filter(shift__campaign=campaign)
    for shift_id, visitor_id, degree in rows.values_list("shift_id", "visitor_id", "degree"):
        said.setdefault(visitor_id, {})[shift_id] = degree
    named = {**{pk: (name, False) for pk, name in others.items()}, **{pk: (name, True) for pk, name in leads.items()}}
    visitors = [
        Visitor(pk, name, "、".join(where.get(pk, [])), is_lead, said.get(pk, {}))
        for pk, (name, is_lead) in named.items()
    ]
    return sorted(visitors, key=lambda v: (not v.leads, v.where, v.name, v.id))


def takes_part(actor: Actor, campaign: Campaign) -> bool:
    """Whether the actor visits in the campaign."""
    groups = scope(actor, VisitGroup).filter(campaign=campaign)
    joined = VisitGroup.co_visitors.through.objects.filter(visitgroup__in=groups.values("pk"))
    return groups.filter(lead_id=actor.person_id).exists() or joined.filter(person_id=actor.person_id).exists()


def families_of(actor: Actor, campaign: Campaign, *, school_class: int | None = None) -> QuerySet[Duty]:
    """Open duties with the number of windows told so far."""
    rows = scope(actor, Duty).filter(campaign=campaign, parent=None, state=Duty.State.DUE)
    if school_class:
        rows = rows.filter(school_class_id=school_class)
    told = scope(actor, FamilyWindow).filter(duty=OuterRef("pk"))
    return (
        rows.select_related("person", "school", "school_class__cohort")
        .defer("person__phone", "person__id_number")
        .annotate(told=Exists(told), window_count=Count("windows", filter=Q(windows__shift__called_off=False)))
        .order_by("cohort__stage", "-cohort__entry_year", "school_class__number", "person__pinyin", "id")
    )


def classes_in(actor: Actor, campaign: Campaign) -> list[tuple[int, str]]:
    """The classes with duties within the actor's scope, for choosing one."""
    rows = scope(actor, Duty).filter(campaign=campaign, parent=None, school_class__isnull=False)
    classes = scope(actor, SchoolClass).filter(pk__in=rows.values("school_class_id")).select_related("cohort")
    ordered = sorted(classes, key=lambda c: (c.cohort.stage, -c.cohort.entry_year, c.number, c.name))
    return [(c.pk, c.full_name(campaign.start)) for c in ordered]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A family, or a person, for whom the plan found no time."""

    names: str
    people: tuple[int, ...]
    where: str
    code: str
    params: dict[str, Any]
    duty_id: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """When and how somebody was to be met."""

    date: dt.date
    kind: str
    channel: str

    @classmethod
    def read(cls, stored: dict[str, str]) -> "Told":
        return cls(dt.date.fromisoformat(stored["date"]), stored["kind"], stored["channel"])


@dataclass(frozen=True, slots=True)
class Moved:
    """A family, or a person, who had been told of another time."""

    names: str
    people: tuple[int, ...]
    where: str
    code: str
    was: Told
    now: Told


def unplaced_of(actor: Actor, run: PlanRun) -> list[Unplaced]:
    """The unplaced of a run that the actor may see by name; one query."""
    return [
        Unplaced(**who, code=entry["code"], params=entry.get("params") or {}, duty_id=duty_id)
        for entry, who, duty_id in _named(actor, run, run.unplaced)
    ]


def moved_of(actor: Actor, run: PlanRun) -> list[Moved]:
    """Whom a run has moved to another time or channel, as far as the actor may see them by name; one query."""
    return [
        Moved(**who, code=entry["code"], was=Told.read(entry["was"]), now=Told.read(entry["now"]))
        for entry, who, _duty_id in _named(actor, run, run.moved)
    ]


def _named(
    actor: Actor, run: PlanRun, entries: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, Any], int]]:
    wanted = [pk for entry in entries for pk in entry["duty_ids"]]
    duties = {
        duty.pk: duty
        for duty in scope(actor, Duty)
        .filter(campaign_id=run.campaign_id, pk__in=wanted)
        .select_related("person", "school", "school_class__cohort")
        .defer("person__phone", "person__id_number")
    }
    day = today()
    for entry in entries:
        seen = [duties[pk] for pk in entry["duty_ids"] if pk in duties]
        if seen:
            who = {
                "names": "、".join(duty.person.name for duty in seen),
                "people": tuple(duty.person_id for duty in seen),
                "where": "、".join(dict.fromkeys(where_words(duty, day) for duty in seen)),
            }
            yield entry, who, seen[0].pk


def where_words(duty: Duty, day: dt.date) -> str:
    """The class of a student, the school of a teacher."""
    if duty.school_class:
        return duty.school_class.full_name(day)
    return duty.school.name if duty.school else ""


def changeable_among(actor: Actor, campaigns: Sequence[Campaign]) -> set[int]:
    """Those of the campaigns that are the actor's to prepare and plan; one query."""
    ids = [campaign.pk for campaign in campaigns]
    return set(scope(actor, Campaign, CHANGE).filter(pk__in=ids).values_list("pk", flat=True))


def may_change(actor: Actor, campaign: Campaign) -> bool:
    return scope(actor, Campaign, CHANGE).filter(pk=campaign.pk).exists()
