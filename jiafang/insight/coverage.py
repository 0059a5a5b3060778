"""How many of the people to be met have been met: summed by the database, never typed.

Follow-ups and duties that fell away stand outside the denominator. On the tier where the bureau meets teachers,
schools reached are counted instead of people.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Campaign, Duty, Tier
from jiafang.campaigns.tiers import TIERS
from jiafang.common.clock import today
from jiafang.insight.models import DutyTally
from jiafang.organization.models import first_year_of, grade_name

RUNNING = ("launched", "published")
SHOWN = (*RUNNING, "closed")


@dataclass(frozen=True, kw_only=True)
class Sums:
    """`total` is the denominator: met, declined and due; overdue and unassigned are parts of due."""

    total: int = 0
    met: int = 0
    declined: int = 0
    due: int = 0
    overdue: int = 0
    unassigned: int = 0
    void: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.met // self.total if self.total else 0


NUMBERS = ("total", "met", "declined", "due", "overdue", "unassigned", "void")


@dataclass(frozen=True, kw_only=True)
class ClassSums(Sums):
    class_id: int
    cohort_id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class CohortSums(Sums):
    cohort_id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class SchoolSums(Sums):
    school_id: int
    name: str
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Coverage(Sums):
    """`by_class` and `by_cohort` within one school, `by_school` for a campaign of the whole district."""

    counts_schools: bool = False
    by_class: list[ClassSums] = field(default_factory=list)
    by_cohort: list[CohortSums] = field(default_factory=list)
    by_school: list[SchoolSums] = field(default_factory=list)


def summed(rows: QuerySet[DutyTally, Any], *keys: str) -> QuerySet[DutyTally, Any]:
    """The numbers of `Sums` for each combination of keys, in one query."""
    state, due = Duty.State, Q(state=Duty.State.DUE)

    def count(which: Q) -> Coalesce:
        return Coalesce(Sum("count", filter=which), 0)

    return (
        rows.order_by()
        .values(*keys)
        .annotate(
            total=count(~Q(state=state.VOID)),
            met=count(Q(state=state.MET)),
            declined=count(Q(state=state.DECLINED)),
            due_count=count(due),
            overdue=count(due & Q(due__lt=today())),
            unassigned_count=count(due & Q(unassigned=True)),
            void=count(Q(state=state.VOID)),
        )
    )


def numbers(row: dict[str, Any]) -> dict[str, Any]:
    """What `summed` gives under other names than the columns it adds up."""
    return {
        "total": row["total"],
        "met": row["met"],
        "declined": row["declined"],
        "due": row["due_count"],
        "overdue": row["overdue"],
        "unassigned": row["unassigned_count"],
        "void": row["void"],
    }


def added(parts: Iterable[Sums]) -> dict[str, Any]:
    totals = dict.fromkeys(NUMBERS, 0)
    for part in parts:
        for name in NUMBERS:
            totals[name] += getattr(part, name)
    return totals


def schools_reached(parts: Iterable[Sums]) -> dict[str, Any]:
    """The same numbers with schools as what is counted: a school is met once anybody there was."""
    counted = [part for part in parts if part.total]
    open_ones = [part for part in counted if not part.met and part.due]
    return {
        "total": len(counted),
        "met": sum(1 for part in counted if part.met),
        "declined": sum(1 for part in counted if not part.met and not part.due),
        "due": len(open_ones),
        "overdue": sum(1 for part in open_ones if part.overdue),
        "unassigned": sum(1 for part in open_ones if part.unassigned == part.due),
        "void": 0,
    }


def campaign_coverage(actor: Actor, campaign: Campaign) -> Coverage:
    """The coverage of a campaign with its children, as far as the actor's sums reach."""
    rows = scope(actor, DutyTally).filter(Q(campaign=campaign) | Q(campaign__parent=campaign))
    return coverage_of(rows, tier=campaign.tier, by_school=campaign.school_id is None)


def coverage_of(rows: QuerySet[DutyTally, Any], *, tier: str, by_school: bool) -> Coverage:
    """Sums of these rows, by school or by cohort and class; one query."""
    if by_school:
        schools = sums_by_school(rows)
        counts_schools = TIERS[Tier(tier)].counts_schools
        totals = schools_reached(schools) if counts_schools else added(schools)
        return Coverage(**totals, counts_schools=counts_schools, by_school=schools)
    day = today()
    parts: list[Sums] = []
    classes: list[ClassSums] = []
    stages: dict[int, tuple[str, int]] = {}
    keys = ("school_class_id", "school_class__name", "school_class__number", "cohort_id")
    found = summed(rows, *keys, "cohort__stage", "cohort__entry_year")
    for row in found.order_by("cohort__stage", "-cohort__entry_year", "school_class__number", "school_class__name"):
        if row["school_class_id"] is None or row["cohort_id"] is None:
            parts.append(Sums(**numbers(row)))
            continue
        stages[row["cohort_id"]] = (row["cohort__stage"], row["cohort__entry_year"])
        grade = grade_name(row["cohort__stage"], row["cohort__entry_year"], day)
        classes.append(
            ClassSums(
                **numbers(row),
                class_id=row["school_class_id"],
                cohort_id=row["cohort_id"],
                name=f"{grade}{row['school_class__name']}",
            )
        )
    cohorts = [
        CohortSums(
            **added(part for part in classes if part.cohort_id == cohort_id),
            cohort_id=cohort_id,
            name=grade_name(stage, entry_year, day),
        )
        for cohort_id, (stage, entry_year) in stages.items()
    ]
    return Coverage(**added([*parts, *classes]), by_class=classes, by_cohort=cohorts)


def sums_by_school(rows: QuerySet[DutyTally, Any]) -> list[SchoolSums]:
    found = summed(rows, "school_id", "school__name", "school__stages").order_by("school__code")
    return [
        SchoolSums(
            **numbers(row),
            school_id=row["school_id"],
            name=row["school__name"],
            stages=tuple(row["school__stages"]),
        )
        for row in found
        if row["school_id"] is not None
    ]


@dataclass(frozen=True, kw_only=True)
class TierCoverage(Coverage):
    """One tier over its campaigns, with how it grew: (Monday, people met until the end of that week) of `weeks_of`."""

    tier: Tier
    weeks: list[tuple[dt.date, int]] = field(default_factory=list)
    weeks_of: int = 0


def tier_rows(actor: Actor, *, whole_year: bool = False) -> QuerySet[DutyTally, Any]:
    """The sums of the campaigns that run, or of all of the school year."""
    rows = scope(actor, DutyTally)
    if whole_year:
        begins = dt.date(first_year_of(today()), 9, 1)
        return rows.filter(campaign__state__in=SHOWN, campaign__end__gte=begins)
    return rows.filter(campaign__state__in=RUNNING)


def district_overview(actor: Actor, *, whole_year: bool = False) -> list[TierCoverage]:
    """The tiers that have somebody to meet, each with its own denominator and its schools; two queries in all."""
    rows = tier_rows(actor, whole_year=whole_year)
    schools: dict[str, list[SchoolSums]] = {}
    keys = ("campaign__tier", "school_id", "school__name", "school__stages")
    for row in summed(rows, *keys).order_by("school__code"):
        if row["school_id"] is not None:
            schools.setdefault(row["campaign__tier"], []).append(
                SchoolSums(
                    **numbers(row),
                    school_id=row["school_id"],
                    name=row["school__name"],
                    stages=tuple(row["school__stages"]),
                )
            )
    weeks: dict[str, list[tuple[dt.date, int]]] = {}
    met = rows.filter(state=Duty.State.MET).order_by("met_week").values("campaign__tier", "met_week")
    for row in met.annotate(n=Sum("count")):
        assert row["met_week"] is not None  # the constraint on duties says so
        series = weeks.setdefault(row["campaign__tier"], [])
        series.append((row["met_week"], row["n"] + (series[-1][1] if series else 0)))
    found = []
    for tier in Tier:
        if tier in schools:
            counts = TIERS[tier].counts_schools
            people = added(schools[tier])
            totals = schools_reached(schools[tier]) if counts else people
            found.append(
                TierCoverage(
                    **totals,
                    tier=tier,
                    counts_schools=counts,
                    by_school=schools[tier],
                    weeks=weeks.get(tier, []),
                    weeks_of=people["total"],
                )
            )
    return found


def school_coverage(actor: Actor, *, tier: Tier, school_id: int, whole_year: bool = False) -> Coverage:
    """One school on one tier, by cohort and class; one query."""
    rows = tier_rows(actor, whole_year=whole_year).filter(campaign__tier=tier, school_id=school_id)
    return coverage_of(rows, tier=tier, by_school=False)


def met_by_week(actor: Actor, *, tier: Tier, whole_year: bool = False) -> dict[int, dict[dt.date, int]]:
    """School → Monday → people met in that week; for the heat map."""
    rows = tier_rows(actor, whole_year=whole_year).filter(campaign__tier=tier, state=Duty.State.MET)
    found: dict[int, dict[dt.date, int]] = {}
    for row in rows.order_by().values("school_id", "met_week").annotate(n=Sum("count")):
        assert row["met_week"] is not None  # the constraint on duties says so
        found.setdefault(row["school_id"], {})[row["met_week"]] = row["n"]
    return found
