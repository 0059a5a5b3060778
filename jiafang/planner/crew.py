"""From chosen trips and calls of one shift to people and clock times, with nobody in two places at once.

Trips and calls that share no person are settled apart. Within a part, trips are placed depth first: co-visitor with
the fewest duties so far, soonest or latest time first, then every time; a lead's calls must fit at every step.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Literal

from jiafang.planner.compiled import Compiled, Ints, Span
from jiafang.planner.master import ChosenTrip
from jiafang.planner.owners import Owner
from jiafang.planner.sequencing import Sequencing
from jiafang.planner.timing import (
    CallFitting,
    Job,
    Timing,
    beside_calls,
    fit_calls,
    free_gaps,
    shortest_orders,
    soonest_returns,
    timings,
)

_MOST_NODES = 1500


@dataclass(frozen=True, slots=True)
class PlacedTrip:
    """A trip with its crew and clock times."""

    trip: ChosenTrip
    crew: tuple[int, ...]
    timing: Timing


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A call with its clock time."""

    party: int
    group: int
    shift: int
    start: int


@dataclass
class ShiftPlan:
    """What is settled for a shift, and what could not be."""

    trips: list[PlacedTrip] = field(default_factory=list)
    calls: list[PlacedCall] = field(default_factory=list)
    failed_trips: list[ChosenTrip] = field(default_factory=list)
    failed_calls: list[tuple[int, int]] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.failed_trips and not self.failed_calls


class Crews:
    """Settles shifts one by one, spreading duties over the co-visitors."""

    def __init__(self, compiled: Compiled, owners: list[Owner]) -> None:
        self.compiled, self.owners = compiled, owners
        self.duties: Counter[int] = Counter()
        self._orders: dict[tuple[int, tuple[int, ...], int], list[tuple[int, ...]]] = {}
        self._returns_of: dict[tuple[int, int, tuple[int, ...], int, bool], Ints] = {}

    def settle(self, shift: int, trips: Sequence[ChosenTrip], calls: Sequence[tuple[int, int]]) -> ShiftPlan:
        """Place the trips and the calls (party, group) of a shift; what cannot be placed is named."""
        plan = ShiftPlan()
        for part_trips, part_calls in self._parts(shift, trips, calls):
            self._settle_part(shift, part_trips, part_calls, plan)
        self.count(plan)
        return plan

    def count(self, plan: ShiftPlan) -> None:
        """Remember the duties of a settled shift."""
        for placed in plan.trips:
            self.duties.update(placed.crew)

    def _settle_part(self, shift: int, trips: list[ChosenTrip], calls: list[tuple[int, int]], plan: ShiftPlan) -> None:
        settled = self._attempt(shift, trips, calls)
        if settled is not None:
            plan.trips += settled[0]
            plan.calls += settled[1]
            return
        # Not everything fits: keep the trips that fit one after the other, then the calls.
        kept_trips: list[ChosenTrip] = []
        for trip in sorted(trips, key=lambda t: -len(t.members)):
            if self._attempt(shift, [*kept_trips, trip], []) is not None:
                kept_trips.append(trip)
            else:
                plan.failed_trips.append(trip)
        kept_calls: list[tuple[int, int]] = []
        settled = self._attempt(shift, kept_trips, [])
        for call in calls:
            more = self._attempt(shift, kept_trips, [*kept_calls, call])
            if more is None:
                plan.failed_calls.append(call)
            else:
                settled = more
                kept_calls.append(call)
        if settled is not None:
            plan.trips += settled[0]
            plan.calls += settled[1]

    def _parts(
        self, shift: int, trips: Sequence[ChosenTrip], calls: Sequence[tuple[int, int]]
    ) -> list[tuple[list[ChosenTrip], list[tuple[int, int]]]]:
        """Trips and calls linked by people who may be wanted by both."""
        parent: dict[int, int] = {}

        def root(v: int) -> int:
            while parent.setdefault(v, v) != v:
                v = parent[v]
            return v

        people = [self._people(trip) for trip in trips]
        for group in people:
            for v in group[1:]:
                parent[root(v)] = root(group[0])
        parts: dict[int, tuple[list[ChosenTrip], list[tuple[int, int]]]] = defaultdict(lambda: ([], []))
        for trip, group in zip(trips, people, strict=True):
            parts[root(group[0])][0].append(trip)
        for call in calls:
            parts[root(self.compiled.lead[call[1]])][1].append(call)
        return [parts[key] for key in parts]

    def _people(self, trip: ChosenTrip) -> list[int]:
        owner = self.owners[trip.owner]
        return [*owner.leads, *(owner.crew_companions(self.compiled, trip.shift) if owner.needs_co else ())]

    def _attempt(
        self, shift: int, trips: Sequence[ChosenTrip], calls: Sequence[tuple[int, int]]
    ) -> tuple[list[PlacedTrip], list[PlacedCall]] | None:
        found = _Attempt(self, shift, trips, calls, times="few").run()
        if found is None and trips:
            found = _Attempt(self, shift, trips, calls, times="all").run()
        return found

    def impossible(self, shift: int, trips: Sequence[ChosenTrip], calls: Sequence[tuple[int, int]] = ()) -> bool:
        """Whether the trips (in any order of their stops) and calls (party, group) certainly cannot all be made."""
        jobs = jobs_of(self.compiled, shift, calls)
        if self.separable(shift, trips, jobs):
            sequencing = self.sequencing(shift, trips, jobs, any_order=True)
            if sequencing.order_of is None and not sequencing.gave_up:
                return True
            if not calls:
                return False
        if self._attempt(shift, trips, calls) is not None:
            return False
        attempt = _Attempt(self, shift, trips, calls, times="all", any_order=True)
        return attempt.run() is None and not attempt.gave_up

    def separable(self, shift: int, trips: Sequence[ChosenTrip], jobs: Mapping[int, Sequence[Job]]) -> bool:
        """Whether every lead makes one of the trips only, nobody has a fixed duty, and only co-visitors without calls
        are shared."""
        leads = [v for trip in trips for v in self.owners[trip.owner].leads]
        people = {v for trip in trips for v in self._people(trip)}
        companions = {v for trip in trips for v in self._people(trip)[len(self.owners[trip.owner].leads) :]}
        return (
            len(set(leads)) == len(leads)
            and not companions & {*leads, *jobs}
            and not any((v, shift) in self.compiled.busy for v in people)
        )

    def sequencing(
        self, shift: int, trips: Sequence[ChosenTrip], jobs: Mapping[int, Sequence[Job]], *, any_order: bool
    ) -> Sequencing:
        """Co-visitors for separable trips, by when each trip can be back beside the calls of its leads."""
        needy = [trip for trip in trips if self.owners[trip.owner].needs_co]
        returns = []
        for trip in needy:
            returns.append(self._returns(trip, any_order=any_order))
            for v in self.owners[trip.owner].leads:
                if v in jobs:
                    returns[-1] = beside_calls(returns[-1], int(self.compiled.shift_start[shift]), jobs[v])
        free = [self.owners[trip.owner].crew_companions(self.compiled, shift) for trip in needy]
        return Sequencing(returns, [sorted(own, key=lambda v: (self.duties[v], v)) for own in free])

    def _returns(self, trip: ChosenTrip, *, any_order: bool) -> Ints:
        any_order &= not trip.exact
        key = (trip.owner, trip.shift, trip.members, trip.travel, any_order)
        if key not in self._returns_of:
            bases = [self.compiled.base[g] for g in self.owners[trip.owner].groups] if any_order else []
            self._returns_of[key] = soonest_returns(
                self.compiled,
                trip.members,
                bases or [self.compiled.base[trip.first]],
                trip.shift,
                None if any_order else trip.travel,
            )
        return self._returns_of[key]

    def smallest_clash(self, shift: int, trips: Sequence[ChosenTrip]) -> list[ChosenTrip] | None:
        """Trips of which none can be left out without making the rest possible; None when it cannot be told."""
        clash = list(trips)
        if not self.impossible(shift, clash):
            return None
        for trip in list(trips):
            fewer = [t for t in clash if t is not trip]
            if self.impossible(shift, fewer):
                clash = fewer
        return clash

    def orders(self, trip: ChosenTrip, *, any_order: bool) -> list[tuple[int, ...]]:
        """The orders of the stops that may be used."""
        if any_order and not trip.exact:
            return list(permutations(trip.members))
        key = (trip.first, trip.members, trip.travel)
        if key not in self._orders:
            base = self.compiled.base[trip.first]
            self._orders[key] = shortest_orders(self.compiled, trip.members, base, trip.travel)
        return self._orders[key]


class _Attempt:
    """One depth-first search for a part of a shift."""

    def __init__(
        self,
        crews: Crews,
        shift: int,
        trips: Sequence[ChosenTrip],
        calls: Sequence[tuple[int, int]],
        *,
        times: Literal["few", "all"],
        any_order: bool = False,
    ) -> None:
        self.crews, self.compiled, self.shift = crews, crews.compiled, shift
        self.times, self.any_order = times, any_order
        self.span: Span = (int(self.compiled.shift_start[shift]), int(self.compiled.shift_end[shift]))
        self.trips = sorted(trips, key=lambda t: len(crews._people(t)))
        self.group_of = dict(calls)
        self.jobs = jobs_of(self.compiled, shift, calls)
        self.busy: dict[int, list[Span]] = defaultdict(list)
        for (v, s), spans in self.compiled.busy.items():
            if s == shift:
                self.busy[v] = list(spans)
        self.placed: list[PlacedTrip] = []
        self.nodes = 0
        self.gave_up = False
        self.hopeless = False
        self.matched = self._preferred()

    def run(self) -> tuple[list[PlacedTrip], list[PlacedCall]] | None:
        if self.hopeless or not all(self._calls_fit(v) for v in self.jobs) or not self._next(0):
            return None
        calls = []
        for v, jobs in self.jobs.items():
            starts = fit_calls(jobs, free_gaps(self.span, self.busy[v])) or {}
            calls += [PlacedCall(p, self.group_of[p], self.shift, start) for p, start in starts.items()]
        return self.placed, calls

    def _calls_fit(self, person: int) -> bool:
        fitting = CallFitting(self.jobs[person], free_gaps(self.span, self.busy[person]))
        self.gave_up |= fitting.gave_up
        return fitting.starts is not None

    def _next(self, n: int) -> bool:
        if n == len(self.trips):
            return True
        trip = self.trips[n]
        owner = self.crews.owners[trip.owner]
        for companion in self._companions(trip, owner):
            crew = (*owner.leads, *companion)
            taken = [span for v in crew for span in self.busy[v]]
            gaps = free_gaps(self.span, taken)
            for timing in self._timings(trip, owner, gaps):
                self.nodes += 1
                if self.nodes > _MOST_NODES:
                    self.gave_up = True
                    return False
                for v in crew:
                    self.busy[v].append((timing.depart, timing.back))
                if all(self._calls_fit(v) for v in crew if v in self.jobs):
                    self.placed.append(PlacedTrip(trip, crew, timing))
                    if self._next(n + 1):
                        return True
                    self.placed.pop()
                for v in crew:
                    self.busy[v].pop()
        return False

    def _timings(self, trip: ChosenTrip, owner: Owner, gaps: list[Span]) -> Iterator[Timing]:
        """Ways of making the trip; where any order will do, from the base of any of its groups."""
        bases = [self.compiled.base[trip.first]]
        if self.any_order and not trip.exact:
            bases = list(dict.fromkeys(self.compiled.base[g] for g in owner.groups))
        orders = self.crews.orders(trip, any_order=self.any_order)
        for base in bases:
            yield from timings(self.compiled, orders, base, self.shift, gaps, all_of_them=self.times == "all")

    def _companions(self, trip: ChosenTrip, owner: Owner) -> list[tuple[int, ...]]:
        """Who may come along besides the leads: nobody needed, or one co-visitor, the least busy first."""
        if not owner.needs_co:
            return [()]
        free = owner.crew_companions(self.compiled, self.shift)
        own = self.matched.get(trip)

        def key(v: int) -> tuple[bool, int, int, int]:
            return v != own, len(self.busy[v]), self.crews.duties[v], v

        return [(v,) for v in sorted(free, key=key)]

    def _preferred(self) -> dict[ChosenTrip, int]:
        """A co-visitor for each trip to try first; brings the trips into an order that suits it."""
        trips, crews = self.trips, self.crews
        if not crews.separable(self.shift, trips, self.jobs):
            return self._matching()
        needy = [trip for trip in trips if crews.owners[trip.owner].needs_co]
        found = crews.sequencing(self.shift, trips, self.jobs, any_order=self.any_order)
        if found.order_of is None:
            self.hopeless = not found.gave_up
            return self._matching()
        place = {needy[n]: (at, v) for v, order in found.order_of.items() for at, n in enumerate(order)}
        self.trips = sorted(trips, key=lambda trip: place.get(trip, (0, 0))[0])
        return {trip: v for trip, (_, v) in place.items()}

    def _matching(self) -> dict[ChosenTrip, int]:
        """Co-visitors for as many trips as possible if everybody makes one trip only."""
        taken: dict[int, ChosenTrip] = {}
        leads = {v for trip in self.trips for v in self.crews.owners[trip.owner].leads}

        def augment(trip: ChosenTrip, seen: set[int]) -> bool:
            owner = self.crews.owners[trip.owner]
            free = [v for v in owner.crew_companions(self.compiled, self.shift) if v not in leads and v not in seen]
            for v in sorted(free, key=lambda v: (v in taken, len(self.busy[v]), self.crews.duties[v], v)):
                seen.add(v)
                if v not in taken or augment(taken[v], seen):
                    taken[v] = trip
                    return True
            return False

        for trip in self.trips:
            if self.crews.owners[trip.owner].needs_co:
                augment(trip, set())
        return {trip: v for v, trip in taken.items()}


def jobs_of(compiled: Compiled, shift: int, calls: Sequence[tuple[int, int]]) -> dict[int, list[Job]]:
    """The calls (party, group) of a shift by who makes them."""
    jobs: dict[int, list[Job]] = defaultdict(list)
    for party, group in calls:
        jobs[compiled.lead[group]].append(call_job(compiled, party, shift))
    return dict(jobs)


def call_job(compiled: Compiled, party: int, shift: int) -> Job:
    """The call to a party in a shift as a job to be fitted in."""
    return Job(
        party,
        int(compiled.low[party, shift]),
        int(compiled.high[party, shift]),
        compiled.problem.parties[party].remote_minutes,
    )
