"""One call from problem to plan: split into independent parts, solve each, join."""

from __future__ import annotations

from jiafang.planner.compiled import Compiled, compile_problem
from jiafang.planner.component import Component
from jiafang.planner.crew import PlacedTrip
from jiafang.planner.deadline import Deadline
from jiafang.planner.explain import explain
from jiafang.planner.problem import Call, Problem, Trip, TripStop
from jiafang.planner.result import Objective, Plan, Progress, ProgressCallback, Stop, Unplaced


def solve(
    problem: Problem,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    workers: int = 1,
    progress: ProgressCallback | None = None,
    keep: Plan | None = None,
) -> Plan:
    """Plan a problem; always returns a plan that keeps every hard rule, however early it is stopped.

    `keep` is an earlier plan: as few of its appointments as possible are moved to another shift or channel, right
    after lateness and before travel. The same seed gives the same plan for any number of workers unless the clock
    stopped it.
    """
    run = _Run(problem, stop or Stop(), progress)
    return run.plan(seed, keep)


class _Run:
    def __init__(self, problem: Problem, stop: Stop, progress: ProgressCallback | None) -> None:
        self.problem, self.progress = problem, progress
        self.last = Progress("reading", 0.0)
        self.deadline = Deadline(stop.seconds, self._wants_stop)

    def _wants_stop(self) -> bool:
        return self.progress is not None and bool(self.progress(self.last))

    def _tell(self, phase: str, fraction: float, objective: Objective | None, bounds: Objective | None) -> None:
        self.last = Progress(phase, fraction, objective, bounds)

    def plan(self, seed: int, keep: Plan | None) -> Plan:
        compiled = compile_problem(self.problem)
        kept = _promises(compiled, keep)
        component = Component(compiled, self.deadline, seed=seed, kept=kept, tell=self._tell)
        component.run()
        stopped = self.deadline.over
        timetable = component.best.timetable
        unplaced = [
            Unplaced(
                party=self.problem.parties[p].id,
                subjects=tuple(s.id for s in self.problem.parties[p].subjects),
                reason=explain(compiled, component.owners, p, stopped=stopped),
            )
            for p in compiled.open_parties
            if p not in timetable.met
        ]
        return Plan(
            trips=tuple(self._trips(component)),
            calls=tuple(self._calls(component)),
            unplaced=tuple(unplaced),
            objective=component.best.objective,
            bounds=component.bounds(),
            seconds=self.deadline.elapsed,
            kept=keep is not None,
            stopped=stopped,
        )

    def _trips(self, component: Component) -> list[Trip]:
        fixed = [appointment for appointment in self.problem.fixed if isinstance(appointment, Trip)]
        placed = sorted(component.best.timetable.trips, key=lambda t: (t.trip.shift, t.timing.depart, t.trip.first))
        return fixed + [self._trip(component, trip) for trip in placed]

    def _trip(self, component: Component, placed: PlacedTrip) -> Trip:
        problem, trip = self.problem, placed.trip
        others = [g for g in component.owners[trip.owner].groups if g != trip.first]
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

    def _calls(self, component: Component) -> list[Call]:
        problem = self.problem
        calls = [appointment for appointment in problem.fixed if isinstance(appointment, Call)]
        for call in sorted(component.best.timetable.calls, key=lambda c: (c.shift, c.start, c.group)):
            group, party = problem.groups[call.group], problem.parties[call.party]
            end = call.start + party.remote_minutes
            calls.append(Call(problem.shifts[call.shift].id, group.id, party.id, group.lead, call.start, end))
        return calls


def _promises(compiled: Compiled, keep: Plan | None) -> dict[int, tuple[int, bool]]:
    """What the earlier plan promised to each open party: (shift, on site?); shift -1 when that is gone."""
    promises: dict[int, tuple[int, bool]] = {}
    still_open = set(compiled.open_parties)
    for appointment in [*keep.trips, *keep.calls] if keep else []:
        onsite = isinstance(appointment, Trip)
        parties = [s.party for s in appointment.stops] if isinstance(appointment, Trip) else [appointment.party]
        for name in parties:
            p = compiled.party_index.get(name)
            if p is not None and p in still_open:
                promises[p] = (compiled.shift_index.get(appointment.shift, -1), onsite)
    return promises
