"""A new plan that disturbs an earlier one as little as possible: first, everybody stays where that can be.

A party that stays in its shift and channel has one shift to choose from, so the problem in which all stay who can is
small and solved like any other. Whoever finds no place in it is let go, together with nobody else. When that plan is
as good on the levels above as any plan could be, nothing moves that need not, and it is the best one.
"""

from __future__ import annotations

from dataclasses import replace

from jiafang.planner.compiled import Compiled, compile_problem
from jiafang.planner.component import Component
from jiafang.planner.master import INF
from jiafang.planner.problem import Problem
from jiafang.planner.timetable import Timetable

_ROUNDS = 3
_SHARE = 0.4
"""Of the remaining time, for each round in which everybody stays who can."""


def stay_where_possible(component: Component) -> None:
    """Offer the plan in which everybody stays who can, and note what is proven by it."""
    compiled, kept = component.compiled, component.kept
    lost = {p for p in kept if not _possible(compiled, p, *kept[p])}
    component.book.add((INF, INF), float(len(lost)))
    free = set(lost)
    for _ in range(_ROUNDS):
        inner = Component(
            compile_problem(_staying(compiled, {p: kept[p] for p in kept if p not in free})),
            component.deadline.part(_SHARE),
            seed=component.seed,
            kept={},
            tell=lambda phase, fraction, *_: component.report(phase, fraction / 2),
        )
        inner.run()
        found = _translated(inner.best.timetable, component)
        if found is not None:
            component.consider(found)
        if free == lost:
            # Whoever moves nobody else makes a plan of the same small problem.
            unvisited, late, _, _ = values = inner.open_values()
            component.book.add((unvisited, late, float(len(lost))), inner.book.best(3, values))
        unmet = {p for p in kept if p not in free and p not in inner.best.timetable.met}
        if not unmet or component.deadline.over:
            break
        free |= unmet
    if not component.deadline.over:
        component.bound_upper()


def _possible(compiled: Compiled, p: int, shift: int, onsite: bool) -> bool:
    """Whether the party could still be met as it was promised, as far as one can tell at a glance."""
    if shift < 0 or compiled.low[p, shift] > compiled.high[p, shift]:
        return False
    leads = [compiled.lead[g] for g in compiled.party_groups[p]]
    if onsite:
        return compiled.visitable(p) and all(compiled.free[v, shift] for v in leads)
    return compiled.callable(p) and any(compiled.free[v, shift] for v in leads)


def _staying(compiled: Compiled, promises: dict[int, tuple[int, bool]]) -> Problem:
    """The problem in which these parties can be met as promised, or not at all."""
    problem = compiled.problem
    parties = list(problem.parties)
    for p, (shift, onsite) in promises.items():
        window = {problem.shifts[shift].id: (int(compiled.low[p, shift]), int(compiled.high[p, shift]))}
        parties[p] = replace(parties[p], windows=window, channel="onsite" if onsite else "remote")
    return replace(problem, parties=tuple(parties))


def _translated(timetable: Timetable, component: Component) -> Timetable | None:
    """The same timetable among the owners of the whole problem; None when groups share a car that do not there: of very
    many groupings each problem has the nearest only."""
    number_of = {owner.groups: o for o, owner in enumerate(component.owners)}
    if any(timetable.owners[placed.trip.owner].groups not in number_of for placed in timetable.trips):
        return None
    trips = [
        replace(placed, trip=replace(placed.trip, owner=number_of[timetable.owners[placed.trip.owner].groups]))
        for placed in timetable.trips
    ]
    return Timetable(component.compiled, component.owners, trips, timetable.calls)
