"""One call from problem to plan.

The plan of record: (1) a list-order timetable, so that a stop at any time has a plan to hand over; (2) every trip
column; (3) the relaxed model, level by level, whose values are bounds; (4) crews and clock times for the chosen trips,
shifts that cannot be crewed planned again with stricter rules; (5) calls beside the trips, certified by the sum of both
bounds; where the sum is not reached, trips and calls in one model; (6) reasons for whoever is left.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from jiafang.planner.calls import NO_LOAD, CallPlan, Load, plan_calls
from jiafang.planner.columns import Pool, build_pool
from jiafang.planner.compiled import Compiled, compile_problem
from jiafang.planner.crew import Crews, PlacedCall, PlacedTrip
from jiafang.planner.deadline import Deadline
from jiafang.planner.explain import explain, unmet
from jiafang.planner.master import CallOption, ChosenTrip, build_master
from jiafang.planner.owners import Owner, ShiftClass, find_owners, shift_classes
from jiafang.planner.problem import Call, Problem, Trip, TripStop
from jiafang.planner.result import Objective, Plan, Progress, ProgressCallback, Stop, Unplaced
from jiafang.planner.search import BoundBook, Search
from jiafang.planner.timetable import Timetable, list_order

_MOST_ROUNDS = 4
_MOST_CALL_ROUNDS = 12


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
    return _Run(problem, stop or Stop(), seed, progress, keep).plan()


@dataclass
class _Best:
    """The best timetable so far."""

    timetable: Timetable
    objective: Objective


class _Run:
    def __init__(
        self, problem: Problem, stop: Stop, seed: int, progress: ProgressCallback | None, keep: Plan | None
    ) -> None:
        self.problem, self.seed, self.progress = problem, seed, progress
        self.last = Progress("reading", 0.0)
        self.deadline = Deadline(stop.seconds, self._wants_stop)
        self.compiled: Compiled = compile_problem(problem)
        self.kept = _promises(self.compiled, keep)
        self.keep = keep is not None
        self.book = BoundBook()
        self.best: _Best | None = None
        self.exhausted = False
        self.owners: list[Owner] = []

    def _wants_stop(self) -> bool:
        return self.progress is not None and bool(self.progress(self.last))

    def _tell(self, phase: str, fraction: float) -> None:
        objective = self.best.objective if self.best else None
        self.last = Progress(phase, fraction, objective, self._bounds(objective) if objective else None)

    # --- the run -------------------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """Run all phases or as many as there is time for."""
        self.owners, complete = find_owners(self.compiled)
        self._tell("first plan", 0.02)
        first = Timetable(self.compiled, self.owners)
        first.fill(list_order(self.compiled), Deadline(self.deadline.left(0.5), self._wants_stop))
        self._offer(first)
        if not self.deadline.over:
            self._tell("trips", 0.1)
            classes = shift_classes(self.compiled, self.owners, merge=not self.keep)
            pool = build_pool(self.compiled, self.owners, classes, self.deadline)
            self._improve(classes, pool, complete=complete and pool.complete)
        return self._finished()

    def _improve(self, classes: list[ShiftClass], pool: Pool, *, complete: bool) -> None:
        compiled = self.compiled
        any_channel = [p for p in compiled.open_parties if compiled.visitable(p) and compiled.callable(p)]
        apart = [p for p in compiled.open_parties if not compiled.visitable(p)]
        calls_alone = plan_calls(compiled, apart, NO_LOAD, (), self.deadline, kept=self.kept)
        self.book_calls = calls_alone
        self._rounds(classes, pool, any_channel, beside=calls_alone, complete=complete)
        if self.deadline.over or self._proven() or not apart:
            return
        self._tell("trips and calls together", 0.7)
        self._rounds(classes, pool, any_channel + apart, beside=None, complete=complete)

    def _rounds(
        self, classes: list[ShiftClass], pool: Pool, call_parties: list[int], *, beside: CallPlan | None, complete: bool
    ) -> None:
        """Search, crew, and search again with stricter rules for the shifts that could not be crewed."""
        strict: frozenset[int] = frozenset()
        for attempt in range(_MOST_ROUNDS):
            self._tell("trips", 0.15 + 0.1 * attempt)
            master = build_master(
                self.compiled, self.owners, classes, pool, call_parties=call_parties, strict=strict, kept=self.kept
            )
            levels = (0, 1, 2, 3) if self.kept else (0, 1, 3)
            outcome = Search(master, self.deadline, seed=self.seed, levels=levels).run()
            if not strict and complete:
                self._note(outcome.book, beside)
            if outcome.choice is None:
                return
            trips, _ = master.chosen(outcome.choice.aux, outcome.choice.x)
            failed = self._settle(trips)
            if not failed or self.deadline.over or self._proven():
                return
            every = frozenset(range(len(self.problem.shifts)))
            strict = every if attempt == _MOST_ROUNDS - 2 else strict | failed

    def _settle(self, trips: list[ChosenTrip]) -> frozenset[int]:
        """Crews, calls and clock times for chosen trips; returns the shifts in which a trip could not be crewed."""
        compiled = self.compiled
        by_shift: dict[int, list[ChosenTrip]] = defaultdict(list)
        for trip in trips:
            by_shift[trip.shift].append(trip)
        crews = Crews(compiled, self.owners)
        settled = {s: crews.settle(s, by_shift[s], []) for s in sorted(by_shift)}
        failed = frozenset(s for s, plan in settled.items() if plan.failed_trips)
        standing = {s: [placed.trip for placed in plan.trips] for s, plan in settled.items()}
        met = {p for trips_of in standing.values() for trip in trips_of for p in trip.members}
        wanted = [p for p in compiled.open_parties if compiled.callable(p) and p not in met]
        load = self._load(standing)
        forbidden: list[frozenset[CallOption]] = []
        for attempt in range(_MOST_CALL_ROUNDS):
            calls = plan_calls(compiled, wanted, load, forbidden, self.deadline, kept=self.kept)
            crews = Crews(compiled, self.owners)
            by_call: dict[int, list[CallOption]] = defaultdict(list)
            for call in calls.calls:
                by_call[call.shift].append(call)
            placed_trips: list[PlacedTrip] = []
            placed_calls: list[PlacedCall] = []
            clashes: list[frozenset[CallOption]] = []
            for s in sorted(set(standing) | set(by_call)):
                plan = crews.settle(s, standing.get(s, []), [(c.party, c.group) for c in by_call[s]])
                placed_trips += plan.trips
                placed_calls += plan.calls
                for party, group in plan.failed_calls:
                    lead = compiled.lead[group]
                    same = frozenset(c for c in by_call[s] if compiled.lead[c.group] == lead)
                    clashes.append(
                        self._smallest_clash(crews, s, standing.get(s, []), same, CallOption(party, group, s))
                    )
            timetable = Timetable(compiled, self.owners, placed_trips, placed_calls)
            last = not clashes or attempt == _MOST_CALL_ROUNDS - 1 or self.deadline.over
            if last:
                timetable.fill(unmet(compiled, timetable), self.deadline)
            self._offer(timetable)
            if last:
                return failed
            forbidden += clashes
        return failed

    def _smallest_clash(
        self,
        crews: Crews,
        shift: int,
        trips: list[ChosenTrip],
        calls: frozenset[CallOption],
        culprit: CallOption,
    ) -> frozenset[CallOption]:
        """Leave out calls that the clash does not need."""
        needed = sorted(calls, key=lambda c: c.party)
        for call in list(needed):
            if call == culprit:
                continue
            fewer = [c for c in needed if c != call]
            if not crews.settle(shift, trips, [(c.party, c.group) for c in fewer]).whole:
                needed = fewer
        return frozenset(needed)

    def _load(self, standing: dict[int, list[ChosenTrip]]) -> Load:
        units: dict[tuple[int, int], int] = defaultdict(int)
        minutes: dict[tuple[int, int], int] = defaultdict(int)
        for s, trips in standing.items():
            for trip in trips:
                owner = self.owners[trip.owner]
                for g in owner.groups:
                    units[g, s] += self.problem.rules.onsite_units * len(trip.members)
                for v in owner.leads:
                    minutes[v, s] += trip.travel + int(sum(self.compiled.service[p] for p in trip.members))
        return Load(units, minutes)

    # --- bounds --------------------------------------------------------------------------------------------------

    def _note(self, book: BoundBook, beside: CallPlan | None) -> None:
        """Take over bounds; those of trips alone gain what the calls alone cost at least."""
        if beside is None:
            self.book.records += book.records
        elif beside.exact:
            extra = (beside.unvisited, beside.lateness)
            for caps, bound in book.records:
                level = len(caps)
                shifted = tuple(c + (extra[k] if k < 2 else 0) for k, c in enumerate(caps))
                self.book.records.append((shifted, bound + (extra[level] if level < 2 else 0)))

    def _bounds(self, objective: Objective) -> Objective:
        values = (objective.unvisited, objective.lateness, objective.moved, objective.travel_minutes)
        fixed = self._fixed_part()
        open_values = tuple(v - f for v, f in zip(values, fixed, strict=True))
        bounds = []
        for level, value in enumerate(values):
            bound = self.book.best(level, open_values) + fixed[level]
            bounds.append(min(value, bound))
        whole = [int(b) if b == int(b) else b for b in bounds]
        return Objective(int(whole[0]), whole[1], int(whole[3]), int(whole[2]))

    def _fixed_part(self) -> tuple[float, float, float, float]:
        return (0.0, *self._fixed_costs)

    @property
    def _fixed_costs(self) -> tuple[float, float, float]:
        late, travel = 0.0, 0
        for appointment in self.problem.fixed:
            s = self.compiled.shift_index[appointment.shift]
            if isinstance(appointment, Trip):
                parties = [self.compiled.party_index[stop.party] for stop in appointment.stops]
                base = self.compiled.base[self.compiled.group_index[appointment.groups[0]]]
                here = base
                for p in parties:
                    travel += int(self.compiled.minutes[here, self.compiled.place[p]])
                    here = int(self.compiled.place[p])
                travel += int(self.compiled.minutes[here, base])
            else:
                parties = [self.compiled.party_index[appointment.party]]
            late += float(sum(self.compiled.late[p, s] for p in parties))
        return late, 0.0, float(travel)

    def _proven(self) -> bool:
        if self.best is None:
            return False
        bounds = self._bounds(self.best.objective)
        return bounds.key == self.best.objective.key

    # --- results -------------------------------------------------------------------------------------------------

    def _offer(self, timetable: Timetable) -> None:
        objective = self._objective(timetable)
        if self.best is None or objective.key < self.best.objective.key:
            self.best = _Best(timetable, objective)

    def _objective(self, timetable: Timetable) -> Objective:
        compiled = self.compiled
        late, _, travel = self._fixed_costs
        moved = 0
        unvisited = int(sum(compiled.subjects[p] for p in unmet(compiled, timetable)))
        moved += sum(1 for p in unmet(compiled, timetable) if p in self.kept)
        for placed in timetable.trips:
            travel += placed.trip.travel
            for p in placed.trip.members:
                late += float(compiled.late[p, placed.trip.shift])
                moved += p in self.kept and self.kept[p] != (placed.trip.shift, True)
        for call in timetable.calls:
            late += float(compiled.late[call.party, call.shift])
            moved += call.party in self.kept and self.kept[call.party] != (call.shift, False)
        return Objective(unvisited, int(late) if late == int(late) else late, int(travel), moved)

    def _finished(self) -> Plan:
        assert self.best is not None
        compiled, problem, timetable = self.compiled, self.problem, self.best.timetable
        trips = [f for f in problem.fixed if isinstance(f, Trip)]
        calls = [f for f in problem.fixed if isinstance(f, Call)]
        for placed in sorted(timetable.trips, key=lambda t: (t.trip.shift, t.timing.depart, t.trip.first)):
            trips.append(self._trip(placed))
        for call in sorted(timetable.calls, key=lambda c: (c.shift, c.start, c.group)):
            group = problem.groups[call.group]
            party = problem.parties[call.party]
            end = call.start + party.remote_minutes
            calls.append(Call(problem.shifts[call.shift].id, group.id, party.id, group.lead, call.start, end))
        stopped = self.deadline.over
        unplaced = [
            Unplaced(
                party=problem.parties[p].id,
                subjects=tuple(s.id for s in problem.parties[p].subjects),
                reason=explain(compiled, self.owners, p, stopped=stopped),
            )
            for p in unmet(compiled, timetable)
        ]
        return Plan(
            trips=tuple(trips),
            calls=tuple(calls),
            unplaced=tuple(unplaced),
            objective=self.best.objective,
            bounds=self._bounds(self.best.objective),
            seconds=self.deadline.elapsed,
            kept=self.keep,
            stopped=stopped,
        )

    def _trip(self, placed: PlacedTrip) -> Trip:
        problem, trip = self.problem, placed.trip
        groups = [g for g in self.owners[trip.owner].groups if g != trip.first]
        return Trip(
            shift=problem.shifts[trip.shift].id,
            groups=(problem.groups[trip.first].id, *(problem.groups[g].id for g in groups)),
            visitors=tuple(problem.visitors[v].id for v in placed.crew),
            depart=placed.timing.depart,
            back=placed.timing.back,
            stops=tuple(
                TripStop(problem.parties[p].id, start, start + problem.parties[p].minutes)
                for p, start in zip(placed.timing.order, placed.timing.starts, strict=True)
            ),
        )


def _promises(compiled: Compiled, keep: Plan | None) -> dict[int, tuple[int, bool]]:
    """What the earlier plan promised to each open party: (shift, on site?)."""
    promises: dict[int, tuple[int, bool]] = {}
    still_open = set(compiled.open_parties)
    for appointment in [*keep.trips, *keep.calls] if keep else []:
        shift = compiled.shift_index.get(appointment.shift)
        parties = [s.party for s in appointment.stops] if isinstance(appointment, Trip) else [appointment.party]
        for name in parties:
            p = compiled.party_index.get(name)
            if p is not None and p in still_open and shift is not None:
                promises[p] = (shift, isinstance(appointment, Trip))
    return promises
