"""Rows that rule out what the model cannot see: trips that cannot all be crewed, calls that clash with a trip.

Only what is certainly impossible, in whatever order the stops are made, is ruled out, so bounds stay bounds. Along with
a trip every harder trip of the same owner and shift is ruled out: one that, whenever its crew is ready, is back no
sooner. Whatever can be done beside the harder trip can be done beside the easier one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jiafang.planner.columns import Pool
from jiafang.planner.compiled import Compiled, Ints
from jiafang.planner.crew import Crews
from jiafang.planner.master import CallOption, ChosenTrip
from jiafang.planner.owners import Owner, ShiftClass
from jiafang.planner.settling import CallClash, Settled

_NEVER = 100_000
"""A return that never comes, in minutes."""


@dataclass(frozen=True)
class Cut:
    """The number of these trips (columns of the pool) and calls in a plan is at most `most`."""

    trips: Ints
    calls: tuple[CallOption, ...]
    most: int


class CutFinder:
    """Finds cuts for columns that stand for a single shift."""

    def __init__(self, compiled: Compiled, owners: list[Owner], classes: list[ShiftClass], pool: Pool) -> None:
        self.compiled, self.owners, self.classes, self.pool = compiled, owners, classes, pool
        self.crews = Crews(compiled, owners)
        rank = np.argsort(pool.shift_class, kind="stable")
        ends = np.searchsorted(pool.shift_class[rank], np.arange(len(classes) + 1))
        self.direct: dict[tuple[int, int], Ints] = {}
        self.backs: dict[int, Ints] = {}
        for k, shift_class in enumerate(classes):
            if len(shift_class.shifts) == 1:
                self.direct[shift_class.owner, shift_class.shifts[0]] = rank[ends[k] : ends[k + 1]]

    def cuts(self, settled: Settled, call_parties: set[int]) -> list[Cut]:
        """What can be learned from what could not be settled; calls only to parties that the model knows."""
        found = [cut for s, trips in settled.uncrewed.items() for cut in self._crew_cuts(s, trips)]
        for clash in settled.clashes:
            if all(c.party in call_parties for c in clash.calls):
                cut = self._call_cut(clash)
                if cut is not None:
                    found.append(cut)
        return found

    def _crew_cuts(self, shift: int, trips: list[ChosenTrip]) -> list[Cut]:
        """One cut for each independent clash among the trips of a shift."""
        cuts = []
        left = list(trips)
        while left:
            clash = self.crews.smallest_clash(shift, left)
            if clash is None:
                break
            columns = [self._harder(trip) for trip in clash]
            if any(column is None for column in columns):
                break
            cuts.append(Cut(np.concatenate([c for c in columns if c is not None]), (), len(clash) - 1))
            left = [trip for trip in left if trip not in clash]
        return cuts

    def _harder(self, trip: ChosenTrip) -> Ints | None:
        """Columns of the same owner and shift that are at least as hard to fit in; None for merged columns."""
        own = self.direct.get((trip.owner, trip.shift))
        if own is None:
            return None
        back = self._back(trip.members, self.owners[trip.owner], trip.shift)
        return own[[bool((self._back_of(int(j), trip.owner, trip.shift) >= back).all()) for j in own]]

    def _back_of(self, j: int, o: int, shift: int) -> Ints:
        if j not in self.backs:
            members = tuple(int(p) for p in self.pool.members[j] if p >= 0)
            self.backs[j] = self._back(members, self.owners[o], shift)
        return self.backs[j]

    def _back(self, members: tuple[int, ...], owner: Owner, shift: int) -> Ints:
        """The soonest return, by the minute at which the crew is ready, over all orders and bases."""
        compiled = self.compiled
        start, end = int(compiled.shift_start[shift]), int(compiled.shift_end[shift])
        ready = np.arange(start, end + 1)
        best = np.full(len(ready), _NEVER)

        def visit(here: int, now: Ints, left: tuple[int, ...], base: int) -> None:
            nonlocal best
            if not left:
                best = np.minimum(best, now + compiled.minutes[here, base])
            for p in left:
                place = int(compiled.place[p])
                begin = np.maximum(now + compiled.minutes[here, place], compiled.low[p, shift])
                late = begin > compiled.high[p, shift]
                if not late.all():
                    then = np.where(late, _NEVER, begin + compiled.service[p])
                    visit(place, then, tuple(q for q in left if q != p), base)

        for base in {compiled.base[g] for g in owner.groups}:
            visit(base, ready, members, base)
        return np.where(best > end, _NEVER, best)

    def _call_cut(self, clash: CallClash) -> Cut | None:
        calls = [(c.party, c.group) for c in clash.calls]
        if self.crews.impossible(clash.shift, (), calls):
            return Cut(np.zeros(0, dtype=np.int64), clash.calls, len(calls) - 1)
        if len(clash.trips) != 1 or not self.crews.impossible(clash.shift, clash.trips, calls):
            return None
        # Trips of one owner: it makes at most one in the shift, so they can share a row.
        columns = self._harder(clash.trips[0])
        return None if columns is None else Cut(columns, clash.calls, len(calls))


def distinct(cuts: list[Cut]) -> list[Cut]:
    """Each cut once."""
    seen: dict[tuple[bytes, tuple[CallOption, ...]], Cut] = {}
    for cut in cuts:
        seen.setdefault((cut.trips.tobytes(), cut.calls), cut)
    return list(seen.values())
