"""Sums as tables and charts."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from jiafang.insight.coverage import SchoolSums, Sums, TierCoverage
from jiafang.organization.models import Stage

S = TypeVar("S", bound=Sums)
WEEK = dt.timedelta(days=7)
MOST_WEEKS = 26


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a coverage table."""

    name: str
    url: str
    sums: Sums
    note: str = ""


def overdue_first(rows: Sequence[S]) -> list[S]:
    """Those with most overdue first, then the lowest coverage."""
    return sorted(rows, key=lambda row: (-row.overdue, row.percent, -row.total))


def stages_words(stages: Sequence[str]) -> str:
    return "、".join(str(Stage(stage).label) for stage in stages)


def mondays(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every Monday from one to the other, the latest half year at most."""
    count = (last - first).days // 7 + 1
    return [last - WEEK * back for back in range(min(count, MOST_WEEKS) - 1, -1, -1)]


def label(week: dt.date) -> str:
    return f"{week.month}/{week.day}"


def coverage_chart(tiers: Sequence[TierCoverage]) -> dict[str, Any] | None:
    """Percent of people met at the end of each week, tier by tier; None before anybody was met."""
    shown = [tier for tier in tiers if tier.weeks]
    if not shown:
        return None
    weeks = mondays(min(tier.weeks[0][0] for tier in shown), max(tier.weeks[-1][0] for tier in shown))
    return {
        "labels": [label(week) for week in weeks],
        "series": [{"name": str(tier.tier.label), "values": _percents(tier, weeks)} for tier in shown],
    }


def _percents(tier: TierCoverage, weeks: Sequence[dt.date]) -> list[int]:
    values = []
    for week in weeks:
        met = max((count for monday, count in tier.weeks if monday <= week), default=0)
        values.append(100 * met // tier.weeks_of if tier.weeks_of else 0)
    return values


def heat(schools: Sequence[SchoolSums], met: dict[int, dict[dt.date, int]], limit: int) -> dict[str, Any] | None:
    """Percent met at the end of each week for the schools most behind."""
    days = [week for of_school in met.values() for week in of_school]
    counted = [school for school in schools if school.total]
    if not days or not counted:
        return None
    weeks = mondays(min(days), max(days))
    behind = overdue_first(counted)[:limit]
    values = []
    for school in behind:
        of_school = met.get(school.school_id, {})
        values.append(
            [100 * sum(n for monday, n in of_school.items() if monday <= week) // school.total for week in weeks]
        )
    return {"rows": [school.name for school in behind], "columns": [label(week) for week in weeks], "values": values}
