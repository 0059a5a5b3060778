"""The problem as arrays and small integers, with what the fixed appointments already use up.

Indices: party p, shift s, group g, person v, location l, in the order of the problem. All minutes are since midnight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from jiafang.planner.problem import Party, Problem, TravelFormula, TravelTable, Trip
from jiafang.planner.travel import Minutes, table_minutes

Span = tuple[int, int]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, order=True)
class CallOption:
    """A call to a party by the lead of a group in a shift."""

    party: int
    group: int
    shift: int


@dataclass
class Compiled:
    """Arrays over a problem; `late[p, s]` is what meeting party p in shift s adds to the lateness level.

    `low` and `high` (parties, shifts) hold the earliest and latest start of a meeting, low > high where there is none.
    """

    problem: Problem
    minutes: Minutes
    low: Ints
    high: Ints
    late: Floats
    free: npt.NDArray[np.bool_]
    busy: dict[tuple[int, int], list[Span]]
    used_units: Ints
    trip_made: npt.NDArray[np.bool_]
    open_parties: tuple[int, ...]
    _call_options: dict[int, tuple[CallOption, ...]] = field(default_factory=dict)

    @cached_property
    def shift_start(self) -> Ints:
        return np.array([s.start for s in self.problem.shifts], dtype=np.int64)

    @cached_property
    def shift_end(self) -> Ints:
        return np.array([s.end for s in self.problem.shifts], dtype=np.int64)

    @cached_property
    def person_index(self) -> dict[str, int]:
        return {v.id: n for n, v in enumerate(self.problem.visitors)}

    @cached_property
    def group_index(self) -> dict[str, int]:
        return {g.id: n for n, g in enumerate(self.problem.groups)}

    @cached_property
    def place_index(self) -> dict[str, int]:
        return {p.id: n for n, p in enumerate(self.problem.locations)}

    @cached_property
    def party_index(self) -> dict[str, int]:
        return {p.id: n for n, p in enumerate(self.problem.parties)}

    @cached_property
    def shift_index(self) -> dict[str, int]:
        return {s.id: n for n, s in enumerate(self.problem.shifts)}

    @cached_property
    def place(self) -> Ints:
        """Location of each party."""
        return np.array([self.place_index[p.location] for p in self.problem.parties], dtype=np.int64)

    @cached_property
    def service(self) -> Ints:
        return np.array([p.minutes for p in self.problem.parties], dtype=np.int64)

    @cached_property
    def subjects(self) -> Ints:
        """Number of subjects of each party."""
        return np.array([len(p.subjects) for p in self.problem.parties], dtype=np.int64)

    @cached_property
    def party_groups(self) -> list[tuple[int, ...]]:
        return [tuple(sorted({self.group_index[s.group] for s in p.subjects})) for p in self.problem.parties]

    @cached_property
    def lead(self) -> list[int]:
        return [self.person_index[g.lead] for g in self.problem.groups]

    @cached_property
    def rather_not(self) -> list[frozenset[int]]:
        """Per person, the shifts that this one would rather keep free."""
        return [frozenset(self.shift_index[s] for s in v.rather_not) for v in self.problem.visitors]

    @cached_property
    def base(self) -> list[int]:
        return [self.place_index[g.base] for g in self.problem.groups]

    @cached_property
    def co_visitors(self) -> list[tuple[int, ...]]:
        return [tuple(dict.fromkeys(self.person_index[c] for c in g.co_visitors)) for g in self.problem.groups]

    def visitable(self, party: int) -> bool:
        return self.problem.parties[party].channel != "remote"

    def callable(self, party: int) -> bool:
        return self.problem.parties[party].channel != "onsite"

    def gaps(self, persons: tuple[int, ...], shift: int) -> list[Span]:
        """The spans of the shift in which none of the persons has a fixed appointment."""
        spans = sorted(span for v in persons for span in self.busy.get((v, shift), ()))
        start, end = int(self.shift_start[shift]), int(self.shift_end[shift])
        gaps = []
        for low, high in spans:
            if low > start:
                gaps.append((start, low))
            start = max(start, high)
        if end > start or not spans:
            gaps.append((start, end))
        return gaps

    def call_options(self, party: int) -> tuple[CallOption, ...]:
        """Where the party could be called, the lead being available and free for long enough."""
        if party not in self._call_options:
            self._call_options[party] = tuple(self._find_call_options(party))
        return self._call_options[party]

    def forget_call_options(self, party: int) -> None:
        """Look them up anew: what they depend on has changed."""
        self._call_options.pop(party, None)

    def _find_call_options(self, party: int) -> Iterator[CallOption]:
        minutes, rules = self.problem.parties[party].remote_minutes, self.problem.rules
        for g in self.party_groups[party]:
            lead = self.lead[g]
            for s in np.flatnonzero((self.low[party] <= self.high[party]) & self.free[lead]):
                shift = int(s)
                if self.units_left(g, shift) < rules.remote_units:
                    continue
                low, high = int(self.low[party, shift]), int(self.high[party, shift])
                if any(max(a, low) <= high and max(a, low) + minutes <= b for a, b in self.gaps((lead,), shift)):
                    yield CallOption(party, g, shift)

    def units_left(self, group: int, shift: int) -> int:
        return int(self.problem.rules.max_units_per_shift - self.used_units[group, shift])

    @cached_property
    def triangle(self) -> bool:
        """Whether a detour never shortens travel, so that a part of a feasible trip is feasible."""
        if isinstance(self.problem.travel, TravelFormula):
            return True
        table = self.minutes
        return all(bool((table <= table[:, [via]] + table[[via], :]).all()) for via in range(len(table)))


def compile_problem(problem: Problem) -> Compiled:
    """Turn a valid problem into arrays."""
    shifts, parties = problem.shifts, problem.parties
    low = np.zeros((len(parties), len(shifts)), dtype=np.int64)
    high = np.zeros_like(low)
    late = np.zeros(low.shape)
    starts = np.array([s.start for s in shifts], dtype=np.int64)
    ends = np.array([s.end for s in shifts], dtype=np.int64)
    days = np.array([s.date.toordinal() for s in shifts], dtype=np.int64)
    index = {s.id: n for n, s in enumerate(shifts)}
    for p, party in enumerate(parties):
        low[p], high[p] = _windows(party, starts, ends, index)
        late[p] = np.maximum(0, days - party.due.toordinal()) * (party.weight * len(party.subjects))
    free = np.ones((len(problem.visitors), len(shifts)), dtype=bool)
    for v, visitor in enumerate(problem.visitors):
        if visitor.shifts is not None:
            free[v] = [s.id in visitor.shifts for s in shifts]
    compiled = Compiled(
        problem=problem,
        minutes=_minutes_of_visits(problem),
        low=low,
        high=high,
        late=late,
        free=free,
        busy={},
        used_units=np.zeros((len(problem.groups), len(shifts)), dtype=np.int64),
        trip_made=np.zeros((len(problem.groups), len(shifts)), dtype=bool),
        open_parties=(),
    )
    _book_fixed(compiled)
    return compiled


def _minutes_of_visits(problem: Problem) -> Minutes:
    """The table of travel, filled in only where somebody may travel: most families are called."""
    index = {place.id: n for n, place in enumerate(problem.locations)}
    wanted = {index[g.base] for g in problem.groups}
    wanted |= {index[p.location] for p in problem.parties if p.channel != "remote"}
    if isinstance(problem.travel, TravelTable):
        return table_minutes(problem.travel, problem.locations)
    places = np.array(sorted(wanted), dtype=np.int64)
    minutes = np.zeros((len(index), len(index)), dtype=np.int32)
    minutes[np.ix_(places, places)] = table_minutes(problem.travel, tuple(problem.locations[n] for n in places))
    return minutes


def _windows(party: Party, starts: Ints, ends: Ints, index: dict[str, int]) -> tuple[Ints, Ints]:
    if party.windows is None:
        return starts, ends
    low, high = ends + 1, ends * 0 - 1
    for shift, (first, last) in party.windows.items():
        s = index[shift]
        low[s], high[s] = max(first, starts[s]), min(last, ends[s])
    return low, high


def _book_fixed(compiled: Compiled) -> None:
    """Take the fixed appointments out of what is still free."""
    met: set[int] = set()
    rules = compiled.problem.rules
    for appointment in compiled.problem.fixed:
        s = compiled.shift_index[appointment.shift]
        if isinstance(appointment, Trip):
            for visitor in appointment.visitors:
                span = (appointment.depart, appointment.back)
                compiled.busy.setdefault((compiled.person_index[visitor], s), []).append(span)
            for group in appointment.groups:
                g = compiled.group_index[group]
                compiled.trip_made[g, s] = True
                compiled.used_units[g, s] += rules.onsite_units * len(appointment.stops)
            met |= {compiled.party_index[stop.party] for stop in appointment.stops}
        else:
            key = (compiled.person_index[appointment.visitor], s)
            compiled.busy.setdefault(key, []).append((appointment.start, appointment.end))
            compiled.used_units[compiled.group_index[appointment.group], s] += rules.remote_units
            met.add(compiled.party_index[appointment.party])
    compiled.open_parties = tuple(p for p in range(len(compiled.problem.parties)) if p not in met)
