"""Rows that rule out what the model cannot see: trips that cannot all be crewed, calls that clash with a trip.

Only what is certainly impossible, in whatever order the stops are made, is ruled out, so bounds stay bounds. Where a
detour never shortens a trip, every trip with the same stops and more is ruled out along with a trip.
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
        self.merged: set[tuple[int, int]] = set()
        for k, shift_class in enumerate(classes):
            if len(shift_class.shifts) == 1:
                self.direct[shift_class.owner, shift_class.shifts[0]] = rank[ends[k] : ends[k + 1]]
            else:
                self.merged |= {(shift_class.owner, s) for s in shift_class.shifts}

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
            columns = [self._at_least(trip) for trip in clash]
            if any(column is None for column in columns):
                break
            cuts.append(Cut(np.concatenate([c for c in columns if c is not None]), (), len(clash) - 1))
            left = [trip for trip in left if trip not in clash]
        return cuts

    def _at_least(self, trip: ChosenTrip) -> Ints | None:
        """Columns of the same owner and shift with the same stops and more."""
        own = self.direct.get((trip.owner, trip.shift))
        if own is None:
            return None
        has = np.ones(len(own), dtype=bool)
        for p in trip.members:
            has &= (self.pool.members[own] == p).any(axis=1)
        if not self.compiled.triangle:
            has &= self.pool.stops[own] == len(trip.members)
        return own[has]

    def _call_cut(self, clash: CallClash) -> Cut | None:
        calls = [(c.party, c.group) for c in clash.calls]
        if self.crews.impossible(clash.shift, (), calls):
            return Cut(np.zeros(0, dtype=np.int64), clash.calls, len(calls) - 1)
        if len(clash.trips) != 1:
            return None
        # Trips of one group: it makes at most one in the shift, so they can share a row.
        group = next(g for g in self.owners[clash.trips[0].owner].groups if self.compiled.lead[g] == clash.lead)
        columns = []
        for (o, s), own in self.direct.items():
            if s == clash.shift and group in self.owners[o].groups:
                columns += [int(j) for j in own if self.crews.impossible(s, [self._trip(int(j), o, s)], calls)]
        if not columns:
            return None
        return Cut(np.array(sorted(columns), dtype=np.int64), clash.calls, len(calls))

    def _trip(self, j: int, owner: int, shift: int) -> ChosenTrip:
        members = tuple(int(p) for p in self.pool.members[j] if p >= 0)
        return ChosenTrip(owner, shift, members, int(self.pool.first[j]), int(self.pool.travel[j]))


def distinct(cuts: list[Cut]) -> list[Cut]:
    """Each cut once."""
    seen: dict[tuple[bytes, tuple[CallOption, ...]], Cut] = {}
    for cut in cuts:
        seen.setdefault((cut.trips.tobytes(), cut.calls), cut)
    return list(seen.values())
