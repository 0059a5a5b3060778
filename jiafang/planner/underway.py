"""What one person cannot do both of, read off the clock: activities that are under way at the same moment whatever
their start, and calls that crowd each other.

An activity (a trip or a call) is summed up by two minutes: `ready`, the latest at which the person may begin it, and
`back`, the soonest at which the person is done with it. One can follow another when the other's `back` is no later
than its own `ready`. If `ready < back` the person is at it from `ready` to `back` however it is timed (Lahrichi's
"core" of a task), so whatever is under way at one minute excludes each other: a clique of an interval graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from jiafang.planner.compiled import CallOption, Compiled, Ints
from jiafang.planner.owners import Owner, ShiftClass
from jiafang.planner.sharing import Spans


@dataclass(frozen=True)
class Exclusion:
    """Activities of one person in one shift of which at most one is possible: trips (columns of the pool) that the
    person leads, trips on which the person comes along, calls that the person makes."""

    person: int
    led: Ints
    aided: Ints
    calls: tuple[CallOption, ...]


def exclusions(
    compiled: Compiled,
    owners: Sequence[Owner],
    classes: Sequence[ShiftClass],
    columns_of: Sequence[Ints],
    spans: Spans,
    calls: Sequence[CallOption],
    told_apart: Collection[tuple[int, int]],
) -> Iterator[Exclusion]:
    """What leads with calls cannot do both of, and who comes along: the latter for the trips of the owners and shifts
    `told_apart`. Of trips, only those that stand for one shift; `columns_of` are those of each shift class."""
    leading: dict[tuple[int, int], list[int]] = defaultdict(list)
    aiding: dict[tuple[int, int], list[int]] = defaultdict(list)
    for k, shift_class in enumerate(classes):
        if len(shift_class.shifts) > 1:
            continue
        o, s = shift_class.owner, shift_class.shifts[0]
        for v in owners[o].leads:
            leading[v, s].append(k)
        if (o, s) in told_apart:
            for v in owners[o].crew_companions(compiled, s):
                aiding[v, s].append(k)
    calling: dict[tuple[int, int], list[CallOption]] = defaultdict(list)
    for option in calls:
        calling[compiled.lead[option.group], option.shift].append(option)
    class_of = np.zeros(len(spans.ready), dtype=np.int64)
    for k, columns in enumerate(columns_of):
        class_of[columns] = k
    none = np.zeros(0, dtype=np.int64)
    for v, s in sorted({*calling, *aiding}):
        led = np.concatenate([none, *(columns_of[k] for k in leading.get((v, s), ()))])
        aided = np.concatenate([none, *(columns_of[k] for k in aiding.get((v, s), ()))])
        trips, own = np.concatenate((led, aided)), calling.get((v, s), [])
        ready, back = _calls(compiled, own, s)
        # Trips of a class exclude each other anyway: an owner makes one trip in a shift.
        alike = np.concatenate((class_of[trips], -1 - np.arange(len(own))))
        for members in under_way(
            np.concatenate((spans.ready[trips], ready)), np.concatenate((spans.back[trips], back))
        ):
            if len(np.unique(alike[members])) > 1:
                yield Exclusion(
                    person=v,
                    led=led[members[members < len(led)]],
                    aided=trips[members[(members >= len(led)) & (members < len(trips))]],
                    calls=tuple(own[n - len(trips)] for n in members[members >= len(trips)].tolist()),
                )


def _calls(compiled: Compiled, calls: Sequence[CallOption], shift: int) -> tuple[Ints, Ints]:
    """`ready` and `back` of calls, in minutes from the start of the shift."""
    parties = np.array([call.party for call in calls], dtype=np.int64)
    lengths = np.array([compiled.problem.parties[p].remote_minutes for p in parties.tolist()], dtype=np.int64)
    start = compiled.shift_start[shift]
    return compiled.high[parties, shift] - start, compiled.low[parties, shift] + lengths - start


def under_way(ready: Ints, back: Ints) -> list[Ints]:
    """Sets of activities of which one person can make at most one; every pair that excludes each other is in one.

    `ready` and `back` are in minutes from the same moment, shapes (activities,); each set holds indices into them.
    """
    core = ready < back
    order = np.flatnonzero(core)
    moments = np.unique(ready[order])
    sets = []
    for n, moment in enumerate(moments):
        here = order[(ready[order] <= moment) & (back[order] > moment)]
        # Unless one of them is over before the next begins, the next set holds all of these.
        if n + 1 == len(moments) or (back[here] <= moments[n + 1]).any():
            sets.append(here)
    for movable in np.flatnonzero(~core):
        around = order[(ready[order] < back[movable]) & (back[order] > ready[movable])]
        if len(around):
            sets.append(np.concatenate(([movable], around)))
    return [found for found in sets if len(found) > 1]
