"""Checks a plan against every hard rule and recomputes its objective, sharing no code with the solver."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from jiafang.planner.problem import Call, Party, Problem, Trip
from jiafang.planner.result import Objective, Plan
from jiafang.planner.travel import leg_minutes


@dataclass
class _Ledger:
    """What the appointments seen so far use up."""

    faults: list[tuple[int, str]] = field(default_factory=list)
    met: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    busy: dict[tuple[str, str], list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))
    units: Counter[tuple[str, str]] = field(default_factory=Counter)
    trips: Counter[tuple[str, str]] = field(default_factory=Counter)
    travel: int = 0


class _Checker:
    def __init__(self, problem: Problem) -> None:
        self.rules = problem.rules
        self.shifts = {s.id: s for s in problem.shifts}
        self.groups = {g.id: g for g in problem.groups}
        self.parties = {p.id: p for p in problem.parties}
        self.visitors = {v.id: v for v in problem.visitors}
        self.problem = problem
        self.place = {p.id: n for n, p in enumerate(problem.locations)}

    def leg(self, one: str, two: str) -> int:
        return leg_minutes(self.problem, self.place[one], self.place[two])

    def available(self, visitor: str, shift: str) -> bool:
        known = self.visitors.get(visitor)
        return known is not None and (known.shifts is None or shift in known.shifts)

    def in_window(self, party: Party, shift: str, start: int) -> bool:
        if party.windows is None:
            return self.shifts[shift].start <= start <= self.shifts[shift].end
        window = party.windows.get(shift)
        return window is not None and window[0] <= start <= window[1]

    def run(self, appointments: Iterable[Trip | Call]) -> _Ledger:
        ledger = _Ledger()
        for n, appointment in enumerate(appointments):
            faults = (
                self.trip(n, appointment, ledger)
                if isinstance(appointment, Trip)
                else self.call(n, appointment, ledger)
            )
            ledger.faults += [(n, fault) for fault in faults]
        for (visitor, shift), spans in ledger.busy.items():
            spans.sort()
            for one, two in pairwise(spans):
                if two[0] < one[1]:
                    ledger.faults.append((two[2], f"{visitor} is in two places at once in {shift}"))
        for (group, shift), used in ledger.units.items():
            if used > self.rules.max_units_per_shift:
                ledger.faults.append((-1, f"{group} uses {used} units in {shift}"))
        for (group, shift), count in ledger.trips.items():
            if count > 1:
                ledger.faults.append((-1, f"{group} makes {count} trips in {shift}"))
        for subject, when in ledger.met.items():
            if len(when) > 1:
                ledger.faults.append((-1, f"{subject} is met {len(when)} times"))
        return ledger

    def trip(self, n: int, trip: Trip, ledger: _Ledger) -> Iterator[str]:
        shift = self.shifts[trip.shift]
        own = [self.groups[g] for g in trip.groups]
        if not own or not trip.stops:
            yield "has no group or no stop"
            return
        wanted = [{s.group for s in self.parties[stop.party].subjects} for stop in trip.stops]
        if set(trip.groups) not in wanted and (
            len(own) > self.rules.max_groups_per_trip or len({g.base for g in own}) > 1
        ):
            yield "its groups may not share a trip"
        if len(set(trip.groups)) != len(trip.groups):
            yield "names a group twice"
        leads = {g.lead for g in own}
        crew = set(trip.visitors)
        if len(crew) != len(trip.visitors) or not leads <= crew <= leads | {c for g in own for c in g.co_visitors}:
            yield "its crew is not the leads and their co-visitors"
        if self.rules.two_visitors_onsite and len(crew) < 2:
            yield "has fewer than two visitors"
        if len(trip.stops) > self.rules.max_stops_per_trip:
            yield f"has {len(trip.stops)} stops"
        if trip.depart < shift.start or trip.back > shift.end:
            yield "is outside its shift"
        for visitor in trip.visitors:
            if not self.available(visitor, trip.shift):
                yield f"{visitor} is not available"
            ledger.busy[visitor, trip.shift].append((trip.depart, trip.back, n))
        here, clock = own[0].base, trip.depart
        for stop, groups in zip(trip.stops, wanted, strict=True):
            party = self.parties[stop.party]
            ledger.travel += self.leg(here, party.location)
            if stop.start < clock + self.leg(here, party.location):
                yield f"{party.id} starts before the crew can be there"
            if stop.end - stop.start < party.minutes:
                yield f"{party.id} is too short"
            if not self.in_window(party, trip.shift, stop.start):
                yield f"{party.id} starts outside its window"
            if party.channel == "remote":
                yield f"{party.id} is not to be visited"
            if not groups <= set(trip.groups):
                yield f"{party.id} needs the leads of {sorted(groups)}"
            for subject in party.subjects:
                ledger.met[subject.id].append(trip.shift)
            here, clock = party.location, stop.end
        ledger.travel += self.leg(here, own[0].base)
        if trip.back < clock + self.leg(here, own[0].base):
            yield "comes back before it can"
        for group in trip.groups:
            ledger.trips[group, trip.shift] += 1
            ledger.units[group, trip.shift] += self.rules.onsite_units * len(trip.stops)

    def call(self, n: int, call: Call, ledger: _Ledger) -> Iterator[str]:
        party, shift = self.parties[call.party], self.shifts[call.shift]
        if party.channel == "onsite":
            yield f"{party.id} is not to be called"
        if call.group not in {s.group for s in party.subjects}:
            yield f"{party.id} is not of {call.group}"
        if call.visitor != self.groups[call.group].lead:
            yield f"{call.visitor} does not lead {call.group}"
        if not self.available(call.visitor, call.shift):
            yield f"{call.visitor} is not available"
        if not self.in_window(party, call.shift, call.start) or call.start < shift.start or call.end > shift.end:
            yield f"{party.id} is outside its window"
        if call.end - call.start < party.remote_minutes:
            yield f"{party.id} is too short"
        ledger.busy[call.visitor, call.shift].append((call.start, call.end, n))
        ledger.units[call.group, call.shift] += self.rules.remote_units
        for subject in party.subjects:
            ledger.met[subject.id].append(call.shift)

    def objective(self, ledger: _Ledger) -> Objective:
        unvisited, lateness = 0, 0.0
        for party in self.parties.values():
            for subject in party.subjects:
                met = ledger.met.get(subject.id)
                if met:
                    lateness += party.weight * max(0, (self.shifts[met[0]].date - party.due).days)
                else:
                    unvisited += 1
        whole = int(lateness) if lateness == int(lateness) else lateness
        return Objective(unvisited=unvisited, lateness=whole, travel_minutes=ledger.travel)


def rule_faults(problem: Problem) -> list[tuple[int, str]]:
    """The hard rules that the fixed appointments break among themselves: (index in `fixed`, what is wrong)."""
    ledger = _Checker(problem).run(problem.fixed)
    return sorted({(max(n, 0), message) for n, message in ledger.faults})


def objective_of(problem: Problem, appointments: Sequence[Trip | Call]) -> Objective:
    """The objective recomputed from the appointments alone."""
    checker = _Checker(problem)
    return checker.objective(checker.run(appointments))


def check_plan(problem: Problem, plan: Plan) -> list[str]:
    """Everything that is wrong with a plan; empty when it keeps every hard rule and claims only what is true."""
    checker = _Checker(problem)
    appointments: list[Trip | Call] = [*plan.trips, *plan.calls]
    ledger = checker.run(appointments)
    errors = [f"appointment {n}: {fault}" if n >= 0 else fault for n, fault in ledger.faults]
    found = checker.objective(ledger)
    explained = {s for u in plan.unplaced for s in u.subjects if u.reason.chinese}
    for party in problem.parties:
        for subject in party.subjects:
            if bool(ledger.met.get(subject.id)) == (subject.id in explained):
                errors.append(f"{subject.id} must be either met or explained")
    for level in ("unvisited", "lateness", "travel_minutes"):
        value, claimed, bound = (getattr(o, level) for o in (found, plan.objective, plan.bounds))
        if claimed != value:
            errors.append(f"claims {level} {claimed}, is {value}")
        if bound > value:
            errors.append(f"the bound on {level}, {bound}, is above {value}")
    kept = set(appointments)
    errors += [f"fixed appointment {n} was moved" for n, fixed in enumerate(problem.fixed) if fixed not in kept]
    return errors
