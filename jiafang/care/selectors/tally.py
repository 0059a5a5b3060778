"""How many cases there are: for those who may not read them, counts that name nobody, and small ones not at all."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from jiafang.access import Actor, scope
from jiafang.access.actor import DIRECTOR
from jiafang.care.models import CaseFile, CaseTally
from jiafang.care.selectors.board import worked_on
from jiafang.care.workflow import IN_HAND, LIVE
from jiafang.common.clock import today

# A count below it could point at somebody.
LEAST = 5
NAMES = ("raised", "open", "late", "awaiting", "closed")

State = CaseFile.State
Key = int


@dataclass(frozen=True, slots=True)
class Shown:
    """A count as it may be shown; None where it is `small`, or where a small one could be worked out with it."""

    value: int | None
    small: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One category or school: what is open, and what of it was due in a week that is over."""

    key: Key
    name: str
    open: Shown
    late: Shown


@dataclass(frozen=True, slots=True)
class Overview:
    raised: Shown
    open: Shown
    late: Shown
    awaiting: Shown
    closed: Shown
    by_category: list[Line]
    by_school: list[Line]


def overview(actor: Actor) -> Overview:
    """From the sums that the database keeps; what the actor reads anyway is shown however small it is."""
    week = today() - dt.timedelta(days=today().weekday())
    counted = _grouped(scope(actor, CaseTally), Sum, "count", Q(due_week__lt=week))
    read = _grouped(worked_on(actor), Count, "pk", Q(due__lt=week))
    whole, own = _total(counted), _total(read)
    # Of a whole district, no count points at anybody.
    known = whole if actor.kind == DIRECTOR else own
    sums = {name: hidden({0: whole[name]}, {0: known[name]})[0] for name in NAMES}
    if None in (sums["open"].value, sums["closed"].value):
        # Whatever was raised is open or closed: with the sum and the one, the other is known.
        sums["raised"] = Shown(None, small=sums["raised"].small)
    return Overview(**sums, by_category=_lines(counted, read, "category"), by_school=_lines(counted, read, "school"))


def _grouped(rows: QuerySet[Any], sum_of: type[Sum | Count], of: str, late: Q) -> list[dict[str, Any]]:
    return list(
        rows.order_by()
        .values("category_id", "category__name", "school_id", "school__name")
        .annotate(
            raised=sum_of(of),
            open=sum_of(of, filter=Q(state__in=LIVE)),
            late=sum_of(of, filter=Q(state__in=IN_HAND) & late),
            awaiting=sum_of(of, filter=Q(state=State.AWAITING)),
            closed=sum_of(of, filter=Q(state=State.CLOSED)),
        )
    )


def _total(rows: Iterable[dict[str, Any]]) -> Counter[str]:
    found: Counter[str] = Counter(dict.fromkeys(NAMES, 0))
    for row in rows:
        for name in NAMES:
            found[name] += row[name] or 0
    return found


def _lines(counted: list[dict[str, Any]], read: list[dict[str, Any]], by: str) -> list[Line]:
    """Overdue first, then what has most."""
    names = {row[f"{by}_id"]: row[f"{by}__name"] for row in counted}
    sums = {name: _by(counted, by, name) for name in ("open", "late")}
    shown = {name: hidden(sums[name], _by(read, by, name)) for name in sums}
    keys = [key for key in names if sums["open"][key]]
    # Hidden ones are in the order of their names: their place would tell their number.
    lines = [Line(key, names[key], shown["open"][key], shown["late"][key]) for key in keys]
    return sorted(lines, key=lambda line: (-(line.late.value or 0), -(line.open.value or 0), line.name))


def _by(rows: list[dict[str, Any]], by: str, name: str) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for row in rows:
        found[row[f"{by}_id"]] += row[name] or 0
    return found


def hidden(counted: Mapping[Key, int], read: Mapping[Key, int]) -> dict[Key, Shown]:
    """Counts that stand in one table with their sum: hidden where few of them are not read by the actor anyway, and as
    many more as it takes that these few cannot be worked out as what is missing from the sum."""
    # What the actor reads can be taken away from any count; what is left over is what could point at somebody.
    unread = {key: count - read.get(key, 0) for key, count in counted.items()}
    small = {key for key, count in unread.items() if 0 < count < LEAST}
    also: set[Key] = set()
    # What the actor reads whole hides nothing from the actor.
    others = sorted((count, key) for key, count in unread.items() if count >= LEAST)
    while small and others and not _safe([unread[key] for key in small], len(also)):
        also.add(others.pop(0)[1])
    return {
        key: Shown(None, small=count < LEAST) if key in small | also else Shown(count) for key, count in counted.items()
    }


def _safe(small: list[int], also: int) -> bool:
    """Whether what is missing from the sum leaves open what each of the hidden counts is."""
    return also > 0 or (len(small) > 1 and len(small) < sum(small) < (LEAST - 1) * len(small))
