"""The model over trip columns as arrays for HiGHS, and how a solution of it is read. `building` writes it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiafang.planner.columns import Pool
from jiafang.planner.compiled import CallOption, Compiled, Floats, Ints
from jiafang.planner.owners import Owner, ShiftClass

INF = float("inf")
BROKEN = 1e-6
"""By so much at least a solution breaks a row."""


@dataclass(frozen=True, slots=True)
class ChosenTrip:
    """A trip as the model chose it: no clock time and no co-visitor yet. Where it is `exact`, other travel than this
    would be another trip."""

    owner: int
    shift: int
    members: tuple[int, ...]
    first: int
    travel: int
    exact: bool = False


@dataclass(frozen=True)
class FirstShifts:
    """The row that counts the stops of these trips: those of a group in the first shifts of the calendar."""

    row: int
    trips: Ints


@dataclass(frozen=True)
class Inequality:
    """A row that is no part of the model from the start: some trips and some other variables, each times a number, are
    together at most so much in every plan."""

    trips: Ints
    aux: Ints
    most: float
    of_trips: Floats
    of_aux: Floats

    @classmethod
    def counting(cls, trips: Ints, aux: Ints, most: int) -> Inequality:
        """Of these at most so many."""
        return cls(trips, aux, most, np.ones(len(trips)), np.ones(len(aux)))


@dataclass(frozen=True)
class Spare:
    """Rows of which the relaxation needs few: it takes them in when they are broken, the integral search at once.

    Of a variable that is no trip and of some trips at most one: row n is of `aux[n]` and
    `trips[begins[n]:begins[n + 1]]`.
    """

    aux: Ints
    trips: Ints
    begins: Ints

    def broken(self, x_value: Floats, aux_value: Floats) -> Ints:
        """The rows that a solution breaks; `x_value` is of all trips of the pool."""
        ends = np.concatenate(([0.0], np.cumsum(x_value[self.trips])))[self.begins]
        return np.flatnonzero(aux_value[self.aux] + ends[1:] - ends[:-1] > 1 + BROKEN)

    def excluded(self, x: Ints) -> Ints:
        """The variables that are 0 when these trips are taken."""
        taken = np.concatenate(([0], np.cumsum(np.isin(self.trips, x))))[self.begins]
        return self.aux[taken[1:] > taken[:-1]]

    def row(self, n: int) -> Inequality:
        """A row by its number."""
        return Inequality.counting(self.trips[self.begins[n] : self.begins[n + 1]], self.aux[n : n + 1], 1)


@dataclass
class Master:
    """The model as arrays. Levels: unvisited, lateness, moved, travel, in this order.

    `aux_*` are the variables that are not trips (`aux_integer`: in every plan a whole number; what a trip takes of the
    shift of one of several co-visitors is none); `x_*` the trips, row-compressed: entries of column j are
    `x_rows[x_begins[j]:x_begins[j + 1]]`. `level_rows[k]` is the row that caps level k. `restricted` tells whether
    strict shifts rule out anything that the rules allow: if so, its bounds are not bounds of the problem.
    """

    compiled: Compiled
    owners: list[Owner]
    classes: list[ShiftClass]
    pool: Pool
    lower: Floats
    upper: Floats
    level_rows: tuple[int, ...]
    aux_rows: Ints
    aux_values: Floats
    aux_begins: Ints
    aux_upper: Floats
    aux_integer: npt.NDArray[np.bool_]
    aux_costs: Floats
    x_rows: Ints
    x_values: Floats
    x_begins: Ints
    x_costs: Floats
    party_row: dict[int, int]
    calls: list[tuple[int, CallOption]]
    profile_of: Ints
    slots: dict[int, list[tuple[int, int]]]
    aggregated: dict[int, list[int]]
    punctual_of: dict[int, int]
    first_rows: list[FirstShifts]
    spare: Spare
    restricted: bool

    @property
    def direct(self) -> bool:
        """Whether every trip stands for one shift."""
        return bool((self.profile_of < 0).all())

    def chosen(self, aux: Floats, x: Ints) -> tuple[list[ChosenTrip], list[CallOption]]:
        """Read a solution: `aux` values and the indices of the trips that are in."""
        by_profile: dict[int, list[int]] = defaultdict(list)
        trips = []
        for j in sorted(int(j) for j in x):
            if self.profile_of[j] < 0:
                trips.append(self._trip(j, self.classes[self.pool.shift_class[j]].shifts[0]))
            else:
                by_profile[int(self.profile_of[j])].append(j)
        # Trips of the same profile are alike to the model: hand them out to its shifts in order.
        loose: dict[int, list[int]] = defaultdict(list)
        for profile, columns in by_profile.items():
            waiting = list(columns)
            for variable, shift in self.slots.get(profile, ()):
                if aux[variable] > 0.5:
                    trips.append(self._trip(waiting.pop(0), shift))
            if waiting:
                loose[self.punctual_of[profile]] += waiting
        for key, columns in loose.items():
            shifts = self.aggregated.get(key) or [s for variable, s in self.slots[key] if aux[variable] > 0.5]
            trips += [self._trip(j, s) for j, s in zip(columns, shifts, strict=False)]
        return trips, [option for variable, option in self.calls if aux[variable] > 0.5]

    def impossible_calls(self, x: Ints) -> list[CallOption]:
        """Calls that cannot be made beside these trips."""
        excluded = set(self.spare.excluded(x).tolist())
        return [option for variable, option in self.calls if variable in excluded]

    def _trip(self, j: int, shift: int) -> ChosenTrip:
        members = tuple(int(p) for p in self.pool.members[j] if p >= 0)
        owner = self.classes[self.pool.shift_class[j]].owner
        pool = self.pool
        return ChosenTrip(owner, shift, members, int(pool.first[j]), int(pool.travel[j]), bool(pool.exact[j]))
