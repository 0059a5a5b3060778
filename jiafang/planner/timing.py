"""Clock times: when an ordered trip can leave and be back, and how a lead's calls fit between other duties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations

import numpy as np

from jiafang.planner.compiled import Compiled, Ints, Span

MOST_ORDERS = 720
_MOST_STEPS = 4000
NEVER = 100_000
"""A return that never comes, in minutes."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One way of making a trip: when to leave, when to be back, and when each stop begins."""

    depart: int
    back: int
    order: tuple[int, ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A call to be fitted in: earliest and latest start, length."""

    party: int
    low: int
    high: int
    length: int


def shortest_orders(compiled: Compiled, members: tuple[int, ...], base: int, travel: int) -> list[tuple[int, ...]]:
    """The orders of the stops with exactly this travel, the given one first (not all, when there are too many)."""
    some = islice(permutations(members), MOST_ORDERS)
    return [members, *(o for o in some if o != members and travel_of(compiled, o, base) == travel)]


def travel_of(compiled: Compiled, order: Sequence[int], base: int) -> int:
    """Minutes of travel from the base through the stops and back."""
    here, total = base, 0
    for p in order:
        total += int(compiled.minutes[here, compiled.place[p]])
        here = int(compiled.place[p])
    return total + int(compiled.minutes[here, base])


def timing(
    compiled: Compiled, order: tuple[int, ...], base: int, shift: int, earliest: int, latest: int
) -> Timing | None:
    """The trip that is back soonest when leaving at `earliest` or later, leaving as late as that allows."""
    here, now = base, earliest
    for p in order:
        now = max(now + int(compiled.minutes[here, compiled.place[p]]), int(compiled.low[p, shift]))
        if now > compiled.high[p, shift]:
            return None
        now += int(compiled.service[p])
        here = int(compiled.place[p])
    back = now + int(compiled.minutes[here, base])
    if back > latest:
        return None
    # Backwards from the return: start everything as late as possible.
    now, here, starts = back, base, []
    for p in reversed(order):
        now = min(
            now - int(compiled.minutes[compiled.place[p], here]) - int(compiled.service[p]),
            int(compiled.high[p, shift]),
        )
        starts.append(now)
        here = int(compiled.place[p])
    return Timing(now - int(compiled.minutes[base, here]), back, order, tuple(reversed(starts)))


def latest_timing(compiled: Compiled, order: tuple[int, ...], base: int, shift: int, latest: int) -> Timing | None:
    """The trip that leaves as late as it can and is back by `latest`."""
    now, here = latest, base
    for p in reversed(order):
        now = min(
            now - int(compiled.minutes[compiled.place[p], here]) - int(compiled.service[p]),
            int(compiled.high[p, shift]),
        )
        if now < compiled.low[p, shift]:
            return None
        here = int(compiled.place[p])
    depart = now - int(compiled.minutes[base, here])
    return timing(compiled, order, base, shift, depart, latest)


def timings(
    compiled: Compiled,
    orders: Sequence[tuple[int, ...]],
    base: int,
    shift: int,
    gaps: Sequence[Span],
    *,
    all_of_them: bool,
) -> Iterator[Timing]:
    """Ways of making the trip within the gaps: the soonest and the latest, or every one that is not needlessly long.

    Those of the order that is back soonest come first in each gap.
    """
    for low, high in gaps:
        soonest = [t for order in orders if (t := timing(compiled, order, base, shift, low, high)) is not None]
        for first in sorted(soonest, key=lambda t: t.back):
            yield first
            if not all_of_them:
                last = latest_timing(compiled, first.order, base, shift, high)
                if last is not None and last != first:
                    yield last
                continue
            following = timing(compiled, first.order, base, shift, first.depart + 1, high)
            while following is not None:
                yield following
                following = timing(compiled, first.order, base, shift, following.depart + 1, high)


def soonest_returns(
    compiled: Compiled, members: tuple[int, ...], bases: Iterable[int], shift: int, travel: int | None = None
) -> Ints:
    """When a crew can be back, by the minute of the shift at which it is ready: shape (minutes of the shift + 1,).

    Over all orders of the stops, or only those with exactly this travel. Minutes count from the start of the shift;
    NEVER where there is no way.
    """
    start, end = int(compiled.shift_start[shift]), int(compiled.shift_end[shift])
    best = np.full(end - start + 1, NEVER)

    def visit(here: int, now: Ints, left: tuple[int, ...], base: int, spent: int) -> None:
        nonlocal best
        if not left:
            leg = int(compiled.minutes[here, base])
            if travel is None or spent + leg == travel:
                best = np.minimum(best, now + leg)
        for p in left:
            place = int(compiled.place[p])
            leg = int(compiled.minutes[here, place])
            if travel is not None and spent + leg > travel:
                continue
            begin = np.maximum(now + leg, compiled.low[p, shift])
            late = begin > compiled.high[p, shift]
            if not late.all():
                then = np.where(late, NEVER, begin + compiled.service[p])
                visit(place, then, tuple(q for q in left if q != p), base, spent + leg)

    for base in set(bases):
        visit(base, np.arange(start, end + 1), members, base, 0)
    return np.where(best > end, NEVER, best - start)


def beside_calls(returns: Ints, start: int, jobs: Sequence[Job]) -> Ints:
    """The soonest returns of a trip (as of `soonest_returns`) whose lead has to make these calls before or after it.

    Where it cannot be told whether the calls fit, they are taken to fit.
    """
    length = len(returns) - 1
    fitting = np.full(len(returns), NEVER)
    for back in np.unique(returns[returns < NEVER]).tolist():
        # Of all departures with the same return the last one leaves most room for calls.
        depart = int(np.flatnonzero(returns == back)[-1])
        calls = CallFitting(jobs, [(start, start + depart), (start + back, start + length)])
        if calls.starts is not None or calls.gave_up:
            fitting[depart] = back
    return np.asarray(np.minimum.accumulate(fitting[::-1])[::-1])


def free_gaps(span: Span, busy: Sequence[Span]) -> list[Span]:
    """What remains of a span."""
    start, end = span
    gaps = []
    for low, high in sorted(busy):
        if low > start:
            gaps.append((start, min(low, end)))
        start = max(start, high)
    if start <= end:
        gaps.append((start, end))
    return gaps


def fit_calls(jobs: Sequence[Job], gaps: Sequence[Span]) -> dict[int, int] | None:
    """Start of each call (by party) without overlap inside the gaps; None when no way is found."""
    return CallFitting(jobs, gaps).starts


class CallFitting:
    """Looks for starts of all calls; `starts` is None when there are none, for certain unless `gave_up`.

    Tries orders depth first, most urgent call first, each call as early as possible; complete up to a limit of steps.
    """

    def __init__(self, jobs: Sequence[Job], gaps: Sequence[Span]) -> None:
        self.gaps = gaps
        self.steps = 0
        ordered = tuple(sorted(jobs, key=lambda j: (j.high + j.length, j.low, j.party)))
        self.starts = self._place(min((low for low, _ in gaps), default=0), ordered)

    @property
    def gave_up(self) -> bool:
        """Whether the search ran out of steps before it could tell."""
        return self.starts is None and self.steps > _MOST_STEPS

    def _soonest(self, job: Job, now: int) -> int | None:
        for low, high in self.gaps:
            start = max(now, low, job.low)
            if start + job.length <= high:
                return start if start <= job.high else None
        return None

    def _place(self, now: int, left: tuple[Job, ...]) -> dict[int, int] | None:
        if not left:
            return {}
        self.steps += 1
        if self.steps > _MOST_STEPS:
            return None
        starts = [start for job in left if (start := self._soonest(job, now)) is not None]
        if len(starts) < len(left):
            return None
        # A call that could be over before another begins may as well come first: the other need not be tried first.
        horizon = min(start + job.length for start, job in zip(starts, left, strict=True))
        tried: set[tuple[int, int, int]] = set()
        for n, (start, job) in enumerate(zip(starts, left, strict=True)):
            alike = (job.low, job.high, job.length)
            if start >= horizon + (job.length == 0) or alike in tried:
                continue
            tried.add(alike)
            rest = self._place(start + job.length, left[:n] + left[n + 1 :])
            if rest is not None:
                return {job.party: start, **rest}
        return None
