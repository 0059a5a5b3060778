"""The timetable as rows: a handful of scoped queries whatever its size, and no column that a wall must not see.

Addresses, phone numbers and care tags are never read here, so no page or file made from it can show them.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field, replace

from django.db.models import Exists, OuterRef, Q, QuerySet

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Appointment, Campaign, CohortFocus, Duty, Shift, Trip, Unavailability, VisitGroup
from jiafang.organization.models import grade_name


@dataclass(frozen=True, slots=True)
class Met:
    """A person to be met, as far as everybody in the corridor may know."""

    person_id: int
    name: str
    class_name: str
    cohort_id: int | None
    school_name: str
    village: str


@dataclass(slots=True)
class Meeting:
    """One appointment of the timetable."""

    id: int
    shift_id: int
    trip_id: int | None
    group_id: int
    channel: str
    state: str
    published: bool
    starts_at: dt.datetime
    ends_at: dt.datetime
    date: dt.date
    part: str
    met: list[Met] = field(default_factory=list)
    visitors: list[tuple[int, str]] = field(default_factory=list)
    trip_groups: tuple[int, ...] = ()

    @property
    def groups(self) -> tuple[int, ...]:
        return self.trip_groups or (self.group_id,)


@dataclass(frozen=True, slots=True)
class Group:
    """A line of the timetable: who leads, for which class or school."""

    id: int
    lead_id: int
    lead_name: str
    where: str
    cohort_id: int | None
    order: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Evening:
    """A shift of the campaign."""

    id: int
    date: dt.date
    part: str
    start: dt.time
    end: dt.time


@dataclass(frozen=True, slots=True)
class Board:
    """All that the page, the Excel file and the PDF file are made of."""

    meetings: list[Meeting]
    groups: list[Group]
    evenings: list[Evening]
    trips: dict[int, tuple[dt.datetime, dt.datetime]]
    away: set[tuple[int, int]]
    focuses: dict[int, str]

    @property
    def people(self) -> set[int]:
        """Who is met in it."""
        return {person.person_id for meeting in self.meetings for person in meeting.met}

    def of_cohort(self, cohort: int) -> "Board":
        """The meetings in which somebody of the cohort is met."""
        met = [m for m in self.meetings if any(person.cohort_id == cohort for person in m.met)]
        return replace(self, meetings=met)


def class_words(stage: str | None, entry_year: int | None, name: str | None, day: dt.date) -> str:
    """高一1班 on that day; empty without a class."""
    return f"{grade_name(stage, entry_year, day)}{name}" if stage and entry_year and name else ""


def board(
    actor: Actor,
    campaign: Campaign,
    *,
    drafts: bool,
    cohort: int | None = None,
    week: dt.date | None = None,
    only: int | None = None,
) -> Board:
    """The part of the timetable within the actor's scope: of a cohort, a week (its Monday), one appointment, or all.

    With `drafts` as the newest plan has it, else as it is published and holds today.
    """
    shifts = scope(actor, Shift).filter(campaign=campaign)
    if week:
        shifts = shifts.filter(date__gte=week, date__lt=week + dt.timedelta(days=7))
    held = scope(actor, Appointment).exclude(state=Appointment.State.CANCELLED).filter(shift=OuterRef("pk"))
    shifts = shifts.filter(Q(called_off=False) | Exists(held))
    columns = shifts.order_by("date", "start").values_list("id", "date", "kind", "start", "end")
    evenings = [Evening(*row) for row in columns]
    groups = _groups(actor, campaign, cohort)
    rows = scope(actor, Appointment).filter(campaign=campaign).exclude(state=Appointment.State.CANCELLED)
    rows = rows.filter(superseded=False) if drafts else rows.filter(published=True)
    if week:
        rows = rows.filter(shift_id__in=[evening.id for evening in evenings])
    if only:
        rows = rows.filter(pk=only)
    if cohort:
        through = Appointment.duties.through.objects.filter(duty__cohort_id=cohort, duty__campaign=campaign)
        rows = rows.filter(Q(group__school_class__cohort_id=cohort) | Q(pk__in=through.values("appointment_id")))
    meetings = _meetings(actor, campaign, rows)
    trip_ids = {m.trip_id for m in meetings if m.trip_id}
    trips = scope(actor, Trip).filter(campaign=campaign, pk__in=trip_ids)
    away = scope(actor, Unavailability).filter(shift__campaign=campaign, degree=Unavailability.Degree.CANNOT)
    focuses = scope(actor, CohortFocus).filter(campaign=campaign).values_list("cohort_id", "topics")
    return Board(
        meetings=meetings,
        groups=groups,
        evenings=evenings,
        trips={pk: (out, back) for pk, out, back in trips.values_list("id", "departs_at", "returns_at")},
        away=set(away.values_list("shift_id", "visitor_id")),
        focuses=dict(focuses),
    )


def _groups(actor: Actor, campaign: Campaign, cohort: int | None) -> list[Group]:
    rows = scope(actor, VisitGroup).filter(campaign=campaign)
    if cohort:
        rows = rows.filter(school_class__cohort_id=cohort)
    found = []
    for row in rows.values(
        "id",
        "lead_id",
        "lead__name",
        "school__name",
        "school_class__name",
        "school_class__number",
        "school_class__cohort_id",
        "school_class__cohort__stage",
        "school_class__cohort__entry_year",
    ):
        entry_year = row["school_class__cohort__entry_year"]
        stage = row["school_class__cohort__stage"]
        where = class_words(stage, entry_year, row["school_class__name"], campaign.start)
        found.append(
            Group(
                id=row["id"],
                lead_id=row["lead_id"],
                lead_name=row["lead__name"],
                where=where or row["school__name"] or "",
                cohort_id=row["school_class__cohort_id"],
                order=(stage or "", -(entry_year or 0), row["school_class__number"] or 0, row["lead__name"], row["id"]),
            )
        )
    return sorted(found, key=lambda group: group.order)


def _meetings(actor: Actor, campaign: Campaign, rows: QuerySet[Appointment]) -> list[Meeting]:
    meetings = {
        row[0]: Meeting(*row)
        for row in rows.order_by("starts_at", "order", "id").values_list(
            "id",
            "shift_id",
            "trip_id",
            "group_id",
            "channel",
            "state",
            "published",
            "starts_at",
            "ends_at",
            "shift__date",
            "shift__kind",
        )
    }
    _add_met(actor, campaign, meetings)
    _add_visitors(meetings)
    _add_trip_groups(meetings)
    return list(meetings.values())


def _add_met(actor: Actor, campaign: Campaign, meetings: dict[int, Meeting]) -> None:
    duties = scope(actor, Duty).filter(campaign=campaign, appointments__in=meetings)
    for row in duties.order_by("school_class__cohort_id", "school_class__number", "id").values(
        "appointments__id",
        "person_id",
        "person__name",
        "cohort_id",
        "cohort__stage",
        "cohort__entry_year",
        "school_class__name",
        "school__name",
        "household__village__township",
        "household__village__name",
    ):
        meetings[row["appointments__id"]].met.append(
            Met(
                person_id=row["person_id"],
                name=row["person__name"],
                class_name=class_words(
                    row["cohort__stage"], row["cohort__entry_year"], row["school_class__name"], campaign.start
                ),
                cohort_id=row["cohort_id"],
                school_name=row["school__name"] or "",
                village=f"{row['household__village__township'] or ''}{row['household__village__name'] or ''}",
            )
        )


def _add_visitors(meetings: dict[int, Meeting]) -> None:
    through = Appointment.visitors.through.objects.filter(appointment__in=meetings).order_by("id")
    for appointment_id, person_id, name in through.values_list("appointment_id", "person_id", "person__name"):
        meetings[appointment_id].visitors.append((person_id, name))


def _add_trip_groups(meetings: dict[int, Meeting]) -> None:
    """A trip of siblings belongs to the lines of both classes."""
    trips = {m.trip_id for m in meetings.values() if m.trip_id}
    of_trip: dict[int, list[int]] = defaultdict(list)
    through = Trip.groups.through.objects.filter(trip__in=trips).order_by("id")
    for trip_id, group_id in through.values_list("trip_id", "visitgroup_id"):
        of_trip[trip_id].append(group_id)
    for meeting in meetings.values():
        if meeting.trip_id:
            meeting.trip_groups = tuple(of_trip[meeting.trip_id])
