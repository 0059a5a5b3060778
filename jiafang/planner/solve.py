"""One call from problem to plan: split into independent parts, plan each, join."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from jiafang.planner.compiled import Compiled, compile_problem
from jiafang.planner.component import Component
from jiafang.planner.crew import PlacedTrip
from jiafang.planner.deadline import Deadline
from jiafang.planner.explain import explain
from jiafang.planner.parts import join, part_of_plan, split
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
    after lateness and before travel. The same seed gives the same plan for any number of `workers` (processes), unless
    the clock or `progress` stopped it. `progress` returns True to stop.
    """
    parts = split(problem)
    told = _Told(progress, sum(len(part.parties) for part in parts), alone=len(parts) == 1)
    deadline = Deadline((stop or Stop()).seconds, told.stopper)
    kept = [part_of_plan(keep, part) if keep is not None else None for part in parts]
    if workers > 1 and len(parts) > 1:
        plans = _in_processes(parts, deadline, seed, workers, kept, told)
    else:
        plans = _one_by_one(parts, deadline, seed, kept, told)
    return join(problem, plans, deadline.elapsed, kept=keep is not None)


_TELL_EVERY = 0.25
"""Seconds between two words to the caller when nothing is new."""


class _Told:
    """What the caller is told, and whether the caller wants to stop."""

    def __init__(self, progress: ProgressCallback | None, parties: int, *, alone: bool) -> None:
        self.progress, self.parties, self.alone = progress, max(1, parties), alone
        self.finished = 0
        self.last = Progress("reading", 0.0)
        self.heard: Progress | None = None
        self.heard_at = 0.0
        self.stopping = False

    @property
    def stopper(self) -> Callable[[], bool] | None:
        """Asks the caller, unless there is nobody to ask."""
        return None if self.progress is None else self._wants_stop

    def _wants_stop(self) -> bool:
        """Tell the caller news at once, otherwise a few times a second, and hear whether to stop."""
        assert self.progress is not None
        now = time.monotonic()
        if not self.stopping and (self.heard is not self.last or now > self.heard_at + _TELL_EVERY):
            self.heard, self.heard_at = self.last, now
            self.stopping = bool(self.progress(self.last))
        return self.stopping

    def teller(self, part: Problem) -> Callable[[str, float, Objective | None, Objective | None], None]:
        def tell(phase: str, fraction: float, objective: Objective | None, bounds: Objective | None) -> None:
            done = (self.finished + fraction * len(part.parties)) / self.parties
            self.last = Progress(phase, min(1.0, done), *((objective, bounds) if self.alone else (None, None)))

        return tell

    def finish(self, part: Problem) -> None:
        self.finished += len(part.parties)
        self.last = Progress("trips", min(1.0, self.finished / self.parties))


def _one_by_one(
    parts: Sequence[Problem], deadline: Deadline, seed: int, kept: Sequence[Plan | None], told: _Told
) -> list[Plan]:
    plans = []
    ahead = sum(len(part.parties) for part in parts)
    for part, keep in zip(parts, kept, strict=True):
        share = len(part.parties) / max(1, ahead)
        plans.append(plan_part(part, deadline.part(share), seed, keep, told.teller(part)))
        ahead -= len(part.parties)
        told.finish(part)
    return plans


def _in_processes(
    parts: Sequence[Problem],
    deadline: Deadline,
    seed: int,
    workers: int,
    kept: Sequence[Plan | None],
    told: _Told,
) -> list[Plan]:
    """The parts over several processes, large ones first; a file tells them to stop."""
    from joblib import Parallel, delayed  # type: ignore[import-untyped]  # late: 0.1 s that a class need not pay

    order = sorted(range(len(parts)), key=lambda n: -len(parts[n].parties))
    total = sum(len(part.parties) for part in parts)
    with tempfile.TemporaryDirectory() as folder:
        flag = Path(folder) / "stop"
        jobs = []
        for n in order:
            share = min(1.0, workers * len(parts[n].parties) / total)
            seconds = None if deadline.seconds is None else deadline.left(share)
            until = None if deadline.seconds is None else time.time() + deadline.left()
            jobs.append(delayed(_plan_in_process)(parts[n], seconds, until, seed, kept[n], str(flag)))
        found: dict[int, Plan] = {}
        results = Parallel(n_jobs=workers, return_as="generator")(jobs)
        for n, plan in zip(order, results, strict=True):
            found[n] = plan
            told.finish(parts[n])
            if deadline.over:
                flag.touch()
    return [found[n] for n in range(len(parts))]


def _plan_in_process(
    part: Problem, seconds: float | None, until: float | None, seed: int, keep: Plan | None, flag: str
) -> Plan:
    if seconds is not None and until is not None:
        seconds = max(0.0, min(seconds, until - time.time()))
    stop_flag = Path(flag)
    return plan_part(part, Deadline(seconds, stop_flag.exists), seed, keep, lambda *_: None)


def plan_part(
    problem: Problem,
    deadline: Deadline,
    seed: int,
    keep: Plan | None,
    tell: Callable[[str, float, Objective | None, Objective | None], None],
) -> Plan:
    """Plan one connected problem."""
    compiled = compile_problem(problem)
    component = Component(compiled, deadline, seed=seed, kept=_promises(compiled, keep), tell=tell)
    component.run()
    stopped = deadline.over and not component.proven
    timetable = component.best.timetable
    unplaced = [
        Unplaced(
            party=problem.parties[p].id,
            subjects=tuple(s.id for s in problem.parties[p].subjects),
            reason=explain(compiled, component.owners, p, stopped=stopped),
        )
        for p in compiled.open_parties
        if p not in timetable.met
    ]
    return Plan(
        trips=(
            *(fixed for fixed in problem.fixed if isinstance(fixed, Trip)),
            *(_trip(problem, component, placed) for placed in timetable.trips),
        ),
        calls=(*(fixed for fixed in problem.fixed if isinstance(fixed, Call)), *_calls(problem, component)),
        unplaced=tuple(unplaced),
        objective=component.best.objective,
        bounds=component.bounds(),
        seconds=deadline.elapsed,
        kept=keep is not None,
        stopped=stopped,
    )


def _trip(problem: Problem, component: Component, placed: PlacedTrip) -> Trip:
    trip = placed.trip
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


def _calls(problem: Problem, component: Component) -> list[Call]:
    calls = []
    for call in component.best.timetable.calls:
        group, party = problem.groups[call.group], problem.parties[call.party]
        end = call.start + party.remote_minutes
        calls.append(Call(problem.shifts[call.shift].id, group.id, party.id, group.lead, call.start, end))
    return calls


def _promises(compiled: Compiled, keep: Plan | None) -> dict[int, tuple[int, bool]]:
    """What the earlier plan promised to each open party: (shift, on site?); shift -1 when that is gone."""
    promises: dict[int, tuple[int, bool]] = {}
    still_open = set(compiled.open_parties)
    earlier: list[Trip | Call] = [*keep.trips, *keep.calls] if keep else []
    for appointment in earlier:
        onsite = isinstance(appointment, Trip)
        parties = [s.party for s in appointment.stops] if isinstance(appointment, Trip) else [appointment.party]
        for name in parties:
            p = compiled.party_index.get(name)
            if p is not None and p in still_open:
                promises[p] = (compiled.shift_index.get(appointment.shift, -1), onsite)
    return promises
