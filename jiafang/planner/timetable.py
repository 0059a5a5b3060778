"""A timetable that can take one more party: the list-order plan of the first moment, and the repair of leftovers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from jiafang.planner.compiled import Compiled, Span
from jiafang.planner.crew import PlacedCall, PlacedTrip, call_job
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import ChosenTrip
from jiafang.planner.owners import Owner
from jiafang.planner.timing import Timing, fit_calls, free_gaps, timing, travel_of


@dataclass(frozen=True, slots=True)
class _Offer:
    """A place for one more visit: what it costs, and the trip it makes (instead of an earlier one)."""

    late: float
    travel: int
    shift: int
    trip: PlacedTrip
    instead: int | None


class Timetable:
    """Trips and calls with clock times that keep every rule, growing party by party."""

    def __init__(
        self,
        compiled: Compiled,
        owners: list[Owner],
        trips: Iterable[PlacedTrip] = (),
        calls: Iterable[PlacedCall] = (),
    ) -> None:
        self.compiled, self.owners = compiled, owners
        self.trips: list[PlacedTrip] = []
        self.calls: list[PlacedCall] = []
        self.busy: dict[tuple[int, int], list[Span]] = defaultdict(list)
        for key, spans in compiled.busy.items():
            self.busy[key] = list(spans)
        self.units = compiled.used_units.copy()
        self.trip_of: dict[tuple[int, int], int] = {}
        self.met: set[int] = set()
        self.owners_of: dict[int, list[int]] = defaultdict(list)
        for o, owner in enumerate(owners):
            for p in owner.parties:
                self.owners_of[p].append(o)
        for trip in trips:
            self._book(trip)
        for call in calls:
            self._book_call(call)

    def fill(self, parties: Iterable[int], deadline: Deadline) -> None:
        """Give every party that is not met yet the cheapest place left, one after the other in list order."""
        for p in parties:
            if deadline.over:
                return
            if p not in self.met:
                self._place(p)

    def cost(self) -> tuple[int, float]:
        """Unvisited subjects and lateness."""
        late = sum(float(self.compiled.late[p, t.trip.shift]) for t in self.trips for p in t.trip.members)
        late += sum(float(self.compiled.late[c.party, c.shift]) for c in self.calls)
        return int(sum(self.compiled.subjects[p] for p in self.compiled.open_parties if p not in self.met)), late

    def has_room(self, p: int, shift: int) -> bool:
        """Whether the party could be met in the shift beside everything that is booked."""
        if self.compiled.callable(p) and self._call_offer(p, (shift,)) is not None:
            return True
        return self.compiled.visitable(p) and next(self._visit_offers(p, (shift,)), None) is not None

    def make_elsewhere(self, placed: PlacedTrip, shift: int) -> bool:
        """Make this trip, which is not booked here, in another shift, rather with the same people; whether it can."""
        trip, owner = placed.trip, self.owners[placed.trip.owner]
        units = self.compiled.problem.rules.onsite_units * len(trip.members)
        for g in owner.groups:
            if self.compiled.trip_made[g, shift] or (g, shift) in self.trip_of:
                return False
            if self.units[g, shift] + units > self.compiled.problem.rules.max_units_per_shift:
                return False
        unwilling = {v for v, wishes in enumerate(self.compiled.rather_not) if shift in wishes}
        crews = self._crews(owner, shift)
        for crew in sorted(crews, key=lambda crew: (len(unwilling & {*crew}), set(crew) != set(placed.crew))):
            when = self._when(placed.timing.order, trip.first, shift, crew, None)
            if when is not None:
                self._book(PlacedTrip(replace(trip, shift=shift), crew, when))
                return True
        return False

    def call_elsewhere(self, call: PlacedCall, shift: int) -> bool:
        """Let the same person make this call, which is not booked here, in another shift; whether that can be."""
        offer = self._call_offer(call.party, (shift,), group=call.group)
        if offer is None:
            return False
        self._book_call(offer[1])
        return True

    def _place(self, p: int) -> None:
        call = self._call_offer(p) if self.compiled.callable(p) else None
        visit = (
            min(self._visit_offers(p), key=lambda o: (o.late, o.travel, o.shift), default=None)
            if self.compiled.visitable(p)
            else None
        )
        if visit is not None and (call is None or visit.late < call[0]):
            if visit.instead is not None:
                self._replace(visit.instead, visit.trip)
            else:
                self._book(visit.trip)
        elif call is not None:
            self._book_call(call[1])

    def _call_offer(
        self, p: int, shifts: Collection[int] | None = None, group: int | None = None
    ) -> tuple[float, PlacedCall] | None:
        options = sorted(
            self.compiled.call_options(p),
            key=lambda o: (self.compiled.late[p, o.shift], (o.group, o.shift) in self.trip_of, o.shift),
        )
        rules = self.compiled.problem.rules
        for option in options:
            g, s = option.group, option.shift
            if (shifts is not None and s not in shifts) or group not in (None, g):
                continue
            if self.units[g, s] + rules.remote_units > rules.max_units_per_shift:
                continue
            gaps = free_gaps(self._span(s), self.busy[self.compiled.lead[g], s])
            starts = fit_calls([call_job(self.compiled, p, s)], gaps)
            if starts is not None:
                return float(self.compiled.late[p, s]), PlacedCall(p, g, s, starts[p])
        return None

    def _visit_offers(self, p: int, shifts: Collection[int] | None = None) -> Iterator[_Offer]:
        compiled, rules = self.compiled, self.compiled.problem.rules
        best = float("inf")
        # By lateness; a punctual place with little travel is looked for in all punctual shifts.
        looked_at = range(len(compiled.problem.shifts)) if shifts is None else shifts
        for s in sorted(looked_at, key=lambda s: (compiled.late[p, s], s)):
            late = float(compiled.late[p, s])
            if late > best or compiled.low[p, s] > compiled.high[p, s]:
                continue
            for o in self.owners_of[p]:
                owner = self.owners[o]
                if any(
                    self.units[g, s] + rules.onsite_units > rules.max_units_per_shift for g in owner.groups
                ) or not all(compiled.free[v, s] for v in owner.leads):
                    continue
                index = self.trip_of.get((owner.groups[0], s))
                if any(compiled.trip_made[g, s] or self.trip_of.get((g, s)) != index for g in owner.groups):
                    continue
                if index is None:
                    placed = self._new_trip(p, o, s) if not owner.must or p in owner.must else None
                    before = 0
                elif self.trips[index].trip.owner == o:
                    placed = self._longer_trip(p, index)
                    before = self.trips[index].trip.travel
                else:
                    placed, before = None, 0
                if placed is not None:
                    best = late
                    yield _Offer(late, placed.trip.travel - before, s, placed, index)

    def _new_trip(self, p: int, o: int, s: int) -> PlacedTrip | None:
        if self.compiled.problem.rules.max_stops_per_trip < 1:
            return None
        owner = self.owners[o]
        first = owner.groups[0]
        for crew in self._crews(owner, s):
            when = self._when((p,), first, s, crew, None)
            if when is not None:
                travel = travel_of(self.compiled, (p,), self.compiled.base[first])
                return PlacedTrip(ChosenTrip(o, s, (p,), first, travel), crew, when)
        return None

    def _crews(self, owner: Owner, s: int) -> list[tuple[int, ...]]:
        """Who could go, the least busy company first."""
        if not owner.needs_co:
            return [owner.leads]
        companions = sorted(owner.crew_companions(self.compiled, s), key=lambda v: (len(self.busy[v, s]), v))
        return [(*owner.leads, v) for v in companions]

    def _longer_trip(self, p: int, index: int) -> PlacedTrip | None:
        placed = self.trips[index]
        trip = placed.trip
        if len(trip.members) >= self.compiled.problem.rules.max_stops_per_trip:
            return None
        base = self.compiled.base[trip.first]
        orders = [(*trip.members[:n], p, *trip.members[n:]) for n in range(len(trip.members) + 1)]
        orders.sort(key=lambda order: travel_of(self.compiled, order, base))
        for order in orders:
            when = self._when(order, trip.first, trip.shift, placed.crew, placed.timing)
            if when is not None:
                travel = travel_of(self.compiled, order, base)
                return PlacedTrip(ChosenTrip(trip.owner, trip.shift, order, trip.first, travel), placed.crew, when)
        return None

    def _when(
        self, order: tuple[int, ...], first: int, s: int, crew: tuple[int, ...], own: Timing | None
    ) -> Timing | None:
        taken = [span for v in crew for span in self.busy[v, s] if own is None or span != (own.depart, own.back)]
        for low, high in free_gaps(self._span(s), taken):
            when = timing(self.compiled, order, self.compiled.base[first], s, low, high)
            if when is not None:
                return when
        return None

    def _span(self, s: int) -> Span:
        return int(self.compiled.shift_start[s]), int(self.compiled.shift_end[s])

    def _book(self, placed: PlacedTrip) -> None:
        self.trips.append(placed)
        self._count(len(self.trips) - 1, 1)

    def _replace(self, index: int, placed: PlacedTrip) -> None:
        self._count(index, -1)
        self.trips[index] = placed
        self._count(index, 1)

    def _count(self, index: int, sign: int) -> None:
        placed = self.trips[index]
        trip, span = placed.trip, (placed.timing.depart, placed.timing.back)
        for v in placed.crew:
            spans = self.busy[v, trip.shift]
            if sign > 0:
                spans.append(span)
            else:
                spans.remove(span)
        for g in self.owners[trip.owner].groups:
            self.units[g, trip.shift] += sign * self.compiled.problem.rules.onsite_units * len(trip.members)
            if sign > 0:
                self.trip_of[g, trip.shift] = index
        self.met |= set(trip.members)

    def _book_call(self, call: PlacedCall) -> None:
        self.calls.append(call)
        end = call.start + self.compiled.problem.parties[call.party].remote_minutes
        self.busy[self.compiled.lead[call.group], call.shift].append((call.start, end))
        self.units[call.group, call.shift] += self.compiled.problem.rules.remote_units
        self.met.add(call.party)


def list_order(compiled: Compiled) -> list[int]:
    """The open parties by due date, then as listed."""
    return sorted(compiled.open_parties, key=lambda p: (compiled.problem.parties[p].due, p))
