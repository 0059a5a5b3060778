"""One connected problem planned from end to end."""

from __future__ import annotations

from collections.abc import Callable

from jiafang.planner.compiled import Compiled, compile_problem
from jiafang.planner.component import Component
from jiafang.planner.crew import PlacedTrip
from jiafang.planner.deadline import Deadline
from jiafang.planner.explain import explain
from jiafang.planner.fairness import spread_duties
from jiafang.planner.owners import Owner
from jiafang.planner.preferences import keep_free
from jiafang.planner.problem import Call, Problem, Trip, TripStop
from jiafang.planner.replan import stay_where_possible
from jiafang.planner.result import Objective, Plan, Promises, Unplaced
from jiafang.planner.timetable import Timetable

_PREFERENCES = 5.0
"""Seconds to keep those shifts free that people would rather keep."""
_ADVISING = 5.0
"""Seconds for all advice to those without a place."""


def plan_part(
    problem: Problem,
    deadline: Deadline,
    seed: int,
    keep: Promises | None,
    tell: Callable[[str, float, Objective | None, Objective | None], None],
) -> Plan:
    """Plan groups that depend on each other; `tell` hears phase, share of the work done, objective and bounds."""
    compiled = compile_problem(problem)
    component = Component(compiled, deadline, seed=seed, kept=_promises(compiled, keep), tell=tell)
    if component.kept:
        stay_where_possible(component)
    if not component.proven:
        component.run()
    stopped = deadline.over and not component.proven
    timetable = component.best.timetable
    if keep is None:
        # Of whom families expect nobody is exchanged without need.
        timetable = _evenly(compiled, component.owners, timetable)
        if any(compiled.rather_not):
            freer = keep_free(timetable, _afterwards(deadline, _PREFERENCES))
            timetable = _evenly(compiled, component.owners, freer)
        # Whoever was freed by it may be just whom somebody without a place was waiting for.
        timetable.fill([p for p in compiled.open_parties if p not in timetable.met], _afterwards(deadline, 1.0))
        component.consider(timetable)
    advising = _afterwards(deadline, _ADVISING)
    unplaced = [
        Unplaced(
            party=problem.parties[p].id,
            subjects=tuple(s.id for s in problem.parties[p].subjects),
            reason=explain(compiled, component.owners, timetable, p, advising, stopped=stopped),
        )
        for p in compiled.open_parties
        if p not in timetable.met
    ]
    trips, calls = appointments_of(compiled, component.owners, timetable)
    return Plan(
        trips=(*(fixed for fixed in problem.fixed if isinstance(fixed, Trip)), *trips),
        calls=(*(fixed for fixed in problem.fixed if isinstance(fixed, Call)), *calls),
        unplaced=tuple(unplaced),
        objective=component.best.objective,
        bounds=component.bounds(),
        seconds=deadline.elapsed,
        kept=keep is not None,
        stopped=stopped,
    )


def _evenly(compiled: Compiled, owners: list[Owner], timetable: Timetable) -> Timetable:
    """With whoever comes along chosen so that all do about equally often."""
    return Timetable(compiled, owners, spread_duties(compiled, owners, timetable), timetable.calls)


def _afterwards(deadline: Deadline, seconds: float) -> Deadline:
    """A little time after the search; no limit where the search had none, so that the plan is always the same."""
    return Deadline(None if deadline.seconds is None else seconds, deadline.wants_stop)


def appointments_of(compiled: Compiled, owners: list[Owner], timetable: Timetable) -> tuple[list[Trip], list[Call]]:
    """What a timetable says, in the ids of the problem."""
    problem = compiled.problem
    trips = [_trip(problem, owners[placed.trip.owner], placed) for placed in timetable.trips]
    calls = []
    for call in timetable.calls:
        group, party = problem.groups[call.group], problem.parties[call.party]
        end = call.start + party.remote_minutes
        calls.append(Call(problem.shifts[call.shift].id, group.id, party.id, group.lead, call.start, end))
    return trips, calls


def _trip(problem: Problem, owner: Owner, placed: PlacedTrip) -> Trip:
    trip = placed.trip
    others = [g for g in owner.groups if g != trip.first]
    return Trip(
        shift=problem.shifts[trip.shift].id,
        groups=(problem.groups[trip.first].id, *(problem.groups[g].id for g in others)),
        visitors=tuple(problem.visitors[v].id for v in placed.crew),
        depart=placed.timing.depart,
        back=placed.timing.back,
        stops=tuple(
            TripStop(problem.parties[p].id, start, start + problem.parties[p].minutes)
            for p, start in zip(placed.timing.order, placed.timing.starts, strict=True)
        ),
    )


def _promises(compiled: Compiled, keep: Promises | None) -> dict[int, tuple[int, bool]]:
    """What was promised to each open party: (shift, on site?); shift -1 when that is gone."""
    number_of = {compiled.problem.parties[p].id: p for p in compiled.open_parties}
    return {
        number_of[name]: (compiled.shift_index.get(shift, -1), onsite)
        for name, (shift, onsite) in (keep or {}).items()
        if name in number_of
    }
