"""Rows that rule out what the model cannot see: trips that cannot all be crewed, calls that clash with a trip.

Only what is certainly impossible, in whatever order of the stops the column allows, is ruled out, so bounds stay
bounds. Along with a trip every harder trip of the same owner and shift is ruled out: one that, whenever its crew is
ready, is back no sooner. Whatever can be done beside the harder trip can be done beside the easier one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiafang.planner.columns import Pool
from jiafang.planner.compiled import CallOption, Compiled, Ints
from jiafang.planner.crew import Crews
from jiafang.planner.master import ChosenTrip
from jiafang.planner.owners import Owner, ShiftClass
from jiafang.planner.settling import CallClash, Settled
from jiafang.planner.timing import NEVER, soonest_returns


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
        self.backs: dict[tuple[int, int], Ints] = {}
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
            if any((trip.owner, trip.shift) not in self.direct for trip in clash):
                break
            if len(clash) == 2 and self.crews.separable(shift, clash, {}):
                cuts += self._pair_cuts(clash[0], clash[1])
            else:
                cuts.append(Cut(np.concatenate([self._harder(trip) for trip in clash]), (), len(clash) - 1))
            left = [trip for trip in left if trip not in clash]
        return cuts

    def _pair_cuts(self, one: ChosenTrip, two: ChosenTrip) -> list[Cut]:
        """Two trips that clash need the same person whoever comes along, so trips of their owners must follow one
        another: rule out, as widely as one row can, those of which neither can follow the other."""
        first, second = self.direct[one.owner, one.shift], self.direct[two.owner, two.shift]
        backs = self._backs(one.owner, one.shift), self._backs(two.owner, two.shift)
        clash = ~(_follows(backs[0], backs[1]).T | _follows(backs[1], backs[0]))
        at = self._column(one, first), self._column(two, second)
        cuts = []
        left = np.asarray(clash[:, at[1]])
        right = np.asarray(clash[left].all(axis=0))
        cuts.append(Cut(np.concatenate((first[left], second[right])), (), 1))
        right = np.asarray(clash[at[0], :])
        left = np.asarray(clash[:, right].all(axis=1))
        cuts.append(Cut(np.concatenate((first[left], second[right])), (), 1))
        return cuts

    def _column(self, trip: ChosenTrip, own: Ints) -> int:
        """Where the trip's column is among those of its owner and shift."""
        wanted = sorted(trip.members)
        members, travel = self.pool.members[own], self.pool.travel[own]
        return next(
            n
            for n in range(len(own))
            if travel[n] == trip.travel and sorted(p for p in members[n].tolist() if p >= 0) == wanted
        )

    def _harder(self, trip: ChosenTrip) -> Ints:
        """Columns of the same owner and shift that are at least as hard to fit in."""
        own = self.direct[trip.owner, trip.shift]
        backs = self._backs(trip.owner, trip.shift)
        harder = (backs >= backs[self._column(trip, own)]).all(axis=1)
        return np.asarray(own[harder])

    def _backs(self, o: int, shift: int) -> Ints:
        """The soonest return of every column of an owner in a shift, shape (columns, minutes at which it is ready)."""
        if (o, shift) not in self.backs:
            bases = {self.compiled.base[g] for g in self.owners[o].groups}
            own = self.direct[o, shift]
            travel = np.where(self.pool.exact[own], self.pool.travel[own], -1)
            self.backs[o, shift] = np.array(
                [
                    soonest_returns(
                        self.compiled, tuple(p for p in row if p >= 0), bases, shift, None if only < 0 else only
                    )
                    for row, only in zip(self.pool.members[own].tolist(), travel.tolist(), strict=True)
                ],
                dtype=np.int64,
            )
        return self.backs[o, shift]

    def _call_cut(self, clash: CallClash) -> Cut | None:
        calls = [(c.party, c.group) for c in clash.calls]
        if self.crews.impossible(clash.shift, (), calls):
            return Cut(np.zeros(0, dtype=np.int64), clash.calls, len(calls) - 1)
        if any((trip.owner, trip.shift) not in self.direct for trip in (*clash.trips, *clash.others)):
            return None
        trips = list(clash.trips)
        if not self.crews.impossible(clash.shift, trips, calls):
            # Somebody who comes along is wanted on another trip when the calls would leave the time.
            trips += clash.others
            if not self.crews.impossible(clash.shift, trips, calls):
                return None
        for trip in list(trips):
            fewer = [t for t in trips if t is not trip]
            if self.crews.impossible(clash.shift, fewer, calls):
                trips = fewer
        # An owner makes at most one trip in the shift, so those that are at least as hard can share the row.
        return Cut(np.concatenate([self._harder(t) for t in trips]), clash.calls, len(trips) + len(calls) - 1)


def _follows(first: Ints, second: Ints) -> npt.NDArray[np.bool_]:
    """Whether a trip of the second owner can begin when one of the first is back: shape (second, first)."""
    back = first[:, 0]
    possible = back < second.shape[1]
    able = second[:, np.where(possible, back, 0)] < NEVER
    return np.asarray(able & possible[None, :])


def distinct(cuts: list[Cut]) -> list[Cut]:
    """Each cut once."""
    seen: dict[tuple[bytes, tuple[CallOption, ...]], Cut] = {}
    for cut in cuts:
        seen.setdefault((cut.trips.tobytes(), cut.calls), cut)
    return list(seen.values())
