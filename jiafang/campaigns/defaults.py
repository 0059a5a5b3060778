"""Sensible rules and shifts to begin with, by tier and by the stage of the school."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from jiafang.campaigns.models import Shift, Tier
from jiafang.campaigns.rules import Rules
from jiafang.common.clock import today
from jiafang.organization.models import CalendarDay, Enrollment, School, Stage, holding

MORNING, AFTERNOON, EVENING = Shift.Kind.MORNING, Shift.Kind.AFTERNOON, Shift.Kind.EVENING
LONGEST_DAYS = 366


@dataclass(frozen=True)
class ShiftDraft:
    """An evening or half-day that a campaign may use."""

    date: dt.date
    kind: Shift.Kind
    start: dt.time
    end: dt.time


@dataclass(frozen=True)
class Hours:
    kind: Shift.Kind
    start: dt.time
    end: dt.time


def _hours(kind: Shift.Kind, start: str, end: str) -> Hours:
    return Hours(kind, dt.time.fromisoformat(start), dt.time.fromisoformat(end))


@dataclass(frozen=True)
class Pattern:
    """Which hours of which days visits are made in."""

    workdays: tuple[Hours, ...] = ()
    weekends: tuple[Hours, ...] = ()
    holidays: tuple[Hours, ...] = ()
    return_days: tuple[Hours, ...] = ()


_HALF_DAYS = (_hours(MORNING, "09:00", "11:30"), _hours(AFTERNOON, "14:30", "17:30"))
# Boarders are at home when school is out; on school days there is only a call after evening study.
BOARDING = Pattern(
    workdays=(_hours(EVENING, "20:30", "21:15"),), weekends=_HALF_DAYS, holidays=_HALF_DAYS, return_days=_HALF_DAYS
)
AFTER_PICK_UP = Pattern(workdays=(_hours(AFTERNOON, "16:30", "18:30"),), weekends=_HALF_DAYS[:1])
EVENINGS = Pattern(workdays=(_hours(EVENING, "18:30", "21:00"),), weekends=_HALF_DAYS)
AT_SCHOOL = Pattern(workdays=(_hours(AFTERNOON, "15:30", "17:30"),))
OFFICE_HOURS = Pattern(workdays=(_hours(MORNING, "08:30", "11:30"), _hours(AFTERNOON, "14:30", "17:30")))

_RULES: dict[Tier, Rules] = {
    Tier.TEACHER_FAMILY: Rules(),
    Tier.PRINCIPAL_TEACHER: Rules(
        default_channel="remote",
        onsite_for_tags=False,
        two_visitors_onsite=False,
        siblings_together=False,
        remote_minutes=20,
        max_units_per_shift=5,
    ),
    Tier.BUREAU_PRINCIPAL: Rules(
        default_channel="onsite",
        onsite_for_tags=False,
        two_visitors_onsite=False,
        siblings_together=False,
        max_stops_per_trip=2,
        onsite_minutes=60,
        speed_kmh=40.0,
    ),
    Tier.BUREAU_TEACHER: Rules(
        default_channel="onsite",
        onsite_for_tags=False,
        two_visitors_onsite=False,
        siblings_together=False,
        max_stops_per_trip=4,
        max_units_per_shift=8,
        speed_kmh=40.0,
        people_per_school=3,
    ),
}


def default_rules(*, tier: str, school: School | None) -> Rules:
    """The rules a new campaign begins with; the same for all schools of a tier."""
    return _RULES[Tier(tier)]


def default_shifts(*, tier: str, school: School | None, start: dt.date, end: dt.date) -> list[ShiftDraft]:
    """The shifts of a campaign by the stage of the school, with holidays and moved working days respected."""
    schools = [school] if school else []
    return shifts_of_schools(tier=tier, schools=schools, start=start, end=end).get(school.pk if school else None, [])


def shifts_of_schools(
    *, tier: str, schools: Iterable[School], start: dt.date, end: dt.date
) -> dict[int | None, list[ShiftDraft]]:
    """The default shifts of many schools in two queries; key None is the bureau's own."""
    days = [start + dt.timedelta(n) for n in range(min((end - start).days + 1, LONGEST_DAYS))]
    everybody: dict[dt.date, str] = {}
    own: dict[tuple[int, dt.date], str] = {}
    for day in CalendarDay.objects.filter(date__range=(start, end)):
        if day.school_id is None:
            everybody[day.date] = day.kind
        else:
            own[day.school_id, day.date] = day.kind
    if tier in (Tier.BUREAU_PRINCIPAL, Tier.BUREAU_TEACHER):
        return {None: _laid_out(OFFICE_HOURS, days, everybody)}
    listed = list(schools)
    boarding = _boarding_schools(listed) if tier == Tier.TEACHER_FAMILY else set()
    drafts: dict[int | None, list[ShiftDraft]] = {}
    for school in listed:
        calendar = everybody | {date: kind for (school_id, date), kind in own.items() if school_id == school.pk}
        drafts[school.pk] = _laid_out(_pattern(tier, school, boarding), days, calendar)
    return drafts


def _pattern(tier: str, school: School, boarding: set[int]) -> Pattern:
    if tier == Tier.PRINCIPAL_TEACHER:
        return AT_SCHOOL
    if school.pk in boarding:
        return BOARDING
    if set(school.stages) == {Stage.KINDERGARTEN}:
        return AFTER_PICK_UP
    return EVENINGS


def _boarding_schools(schools: list[School]) -> set[int]:
    """Senior and vocational schools, and those most of whose students board."""
    shares = (
        Enrollment.unscoped.filter(holding(today()), school_class__cohort__school__in=schools)
        .values("school_class__cohort__school_id")
        .annotate(board=Count("pk", filter=Q(boarding=True)), day=Count("pk", filter=Q(boarding=False)))
    )
    mostly = {row["school_class__cohort__school_id"] for row in shares if row["board"] > row["day"]}
    senior = {s.pk for s in schools if s.stages and set(s.stages) <= {Stage.SENIOR, Stage.VOCATIONAL}}
    return mostly | senior


def _laid_out(pattern: Pattern, days: list[dt.date], calendar: Mapping[dt.date, str]) -> list[ShiftDraft]:
    return [
        ShiftDraft(day, hours.kind, hours.start, hours.end)
        for day in days
        for hours in _hours_of(pattern, day, calendar.get(day))
    ]


def _hours_of(pattern: Pattern, day: dt.date, kind: str | None) -> tuple[Hours, ...]:
    if kind == CalendarDay.Kind.HOLIDAY:
        return pattern.holidays
    if kind == CalendarDay.Kind.RETURN_DAY:
        return pattern.return_days or pattern.weekends
    if kind == CalendarDay.Kind.WORKDAY or day.weekday() < 5:
        return pattern.workdays
    return pattern.weekends
