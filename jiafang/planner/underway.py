"""What one person cannot do both of, read off the clock: activities that are under way at the same moment whatever
their start, and calls that crowd each other.

An activity (a trip or a call) is summed up by two minutes: `ready`, the latest at which the person may begin it, and
`back`, the soonest at which the person is done with it. One can follow another when the other's `back` is no later
than its own `ready`. If `ready < back` the person is at it from `ready` to `back` however it is timed (Lahrichi's
"core" of a task), so whatever is under way at one minute excludes each other: a clique of an interval graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiafang.planner.compiled import CallOption, Compiled, Ints
from jiafang.planner.owners import Owner, ShiftClass
from jiafang.planner.sharing import Spans


@dataclass(frozen=True)
class Exclusions:
    """Rows of activities of one person in one shift of which at most one is possible.

    `person` is of each row; `led`, `aided` and `calls` are pairs (rows, what is in them), two arrays each: trips
    (columns of the pool) that the person leads, trips on which the person comes along, calls (numbers of them) that
    the person makes.
    """

    person: Ints
    led: tuple[Ints, Ints]
    aided: tuple[Ints, Ints]
    calls: tuple[Ints, Ints]


@dataclass(frozen=True)
class CallsBeside:
    """Calls (numbers of them) and the trips beside which each is impossible, of which a lead makes at most one anyway:
    call n excludes `trips[begins[n]:begins[n + 1]]`."""

    call: Ints
    trips: Ints
    begins: Ints


def exclusions(
    compiled: Compiled,
    owners: Sequence[Owner],
    classes: Sequence[ShiftClass],
    columns_of: Sequence[Ints],
    spans: Spans,
    calls: Sequence[CallOption],
    told_apart: Collection[tuple[int, int]],
) -> tuple[Exclusions, CallsBeside]:
    """What leads with calls cannot do both of, and who comes along: the latter for the trips of the owners and shifts
    `told_apart`. Of trips, only those that stand for one shift; `columns_of` are those of each shift class.

    Calls beside trips that exclude each other anyway are many and simple, so they are told apart from the rest.
    """
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
    calling: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n, option in enumerate(calls):
        calling[compiled.lead[option.group], option.shift].append(n)
    ready, back = _calls(compiled, calls)
    none = np.zeros(0, dtype=np.int64)
    found: list[tuple[int, Ints, Ints, npt.NDArray[np.bool_], int]] = []
    simple: list[tuple[Sequence[int], Ints]] = []
    for v, s in sorted({*calling, *aiding}):
        led, own = leading.get((v, s), []), calling.get((v, s), [])
        groups = [frozenset(owners[classes[k].owner].groups) for k in led]
        alike = bool(groups) and bool(frozenset.intersection(*groups))
        if (v, s) not in aiding and (alike or not led) and (ready[own] >= back[own]).all():
            if led:
                simple.append((own, np.concatenate([columns_of[k] for k in led])))
            continue
        aided = aiding.get((v, s), [])
        trips = np.concatenate([none, *(columns_of[k] for k in (*led, *aided))])
        # Trips of a class exclude each other anyway: an owner makes one trip in a shift.
        classes_of = [np.full(len(columns_of[k]), n) for n, k in enumerate((*led, *aided))]
        rows = under_way(
            np.concatenate((spans.ready[trips], ready[own])),
            np.concatenate((spans.back[trips], back[own])),
            np.concatenate([none, *classes_of, -1 - np.arange(len(own))]),
        )
        first_aided = sum(len(columns_of[k]) for k in led)
        found.append((v, trips, np.array(own, dtype=np.int64), rows, first_aided))
    return _joined(found), _calls_beside(simple, spans, ready, back)


def _joined(found: Sequence[tuple[int, Ints, Ints, npt.NDArray[np.bool_], int]]) -> Exclusions:
    """One numbering for the rows of all persons; of each: the trips, the calls, the rows over both, and the number of
    trips that the person leads, which come first."""
    none = np.zeros(0, dtype=np.int64)
    pairs: tuple[list[tuple[Ints, Ints]], ...] = ([(none, none)], [(none, none)], [(none, none)])
    person, count = [none], 0
    for v, trips, own, rows, ahead in found:
        row, member = np.nonzero(rows)
        kinds = member < ahead, (member >= ahead) & (member < len(trips)), member >= len(trips)
        for kind, part in zip(kinds, pairs, strict=True):
            part.append((count + row[kind], np.concatenate((trips, own))[member[kind]]))
        person.append(np.full(len(rows), v))
        count += len(rows)
    led, aided, calls = ((np.concatenate([r for r, _ in part]), np.concatenate([m for _, m in part])) for part in pairs)
    return Exclusions(np.concatenate(person), led, aided, calls)


def _calls_beside(simple: Sequence[tuple[Sequence[int], Ints]], spans: Spans, ready: Ints, back: Ints) -> CallsBeside:
    """Each call with the trips of its lead that leave no time for it, `simple` being calls and the trips beside."""
    none = np.zeros(0, dtype=np.int64)
    call = np.concatenate([none, *(np.repeat(own, len(trips)) for own, trips in simple)])
    trip = np.concatenate([none, *(np.tile(trips, len(own)) for own, trips in simple)])
    apart = (spans.ready[trip] < back[call]) & (spans.back[trip] > ready[call])
    # A trip that is under way at no certain minute leaves time for a call that can be put off as well.
    apart &= spans.ready[trip] < spans.back[trip]
    call, trip = call[apart], trip[apart]
    first = np.concatenate((np.ones(min(1, len(call)), dtype=bool), call[1:] != call[:-1]))
    begins = np.flatnonzero(first)
    return CallsBeside(call[begins], trip, np.append(begins, len(trip)))


def _calls(compiled: Compiled, calls: Sequence[CallOption]) -> tuple[Ints, Ints]:
    """`ready` and `back` of calls, in minutes from the start of the shift."""
    parties = np.array([call.party for call in calls], dtype=np.int64)
    shifts = np.array([call.shift for call in calls], dtype=np.int64)
    lengths = np.array([party.remote_minutes for party in compiled.problem.parties], dtype=np.int64)[parties]
    start = compiled.shift_start[shifts]
    latest = np.minimum(compiled.high[parties, shifts], compiled.shift_end[shifts] - lengths)
    return latest - start, compiled.low[parties, shifts] + lengths - start


def under_way(ready: Ints, back: Ints, alike: Ints) -> npt.NDArray[np.bool_]:
    """Sets of activities of which one person can make at most one, shape (sets, activities).

    Every pair that excludes each other is in one. `ready` and `back` are in minutes from the same moment; activities
    with the same number in `alike` exclude each other anyway: no set is of one number only, and they widen the sets.
    Shapes (activities,).
    """
    core, movable = np.flatnonzero(ready < back), np.flatnonzero(ready >= back)
    moments = np.unique(ready[core])
    present = (ready <= moments[:, None]) & (back > moments[:, None])
    # Unless one of them is over before the next moment, the next set holds all of these.
    ending = (present[:-1] & (back <= moments[1:, None])).any(axis=1)
    present = present[np.concatenate((ending, np.ones(min(1, len(moments)), dtype=bool)))]
    apart = (ready[:, None] < back) & (back[:, None] > ready)
    around = apart[movable]
    around[np.arange(len(movable)), movable] = True
    sets = np.concatenate((present, around))
    together = apart | (alike[:, None] == alike)
    np.fill_diagonal(together, val=True)
    for n in range(len(ready)):
        sets[:, n] |= (together[n] | ~sets).all(axis=1)
    low = np.where(sets, alike, np.iinfo(np.int64).max).min(axis=1, initial=np.iinfo(np.int64).max)
    high = np.where(sets, alike, np.iinfo(np.int64).min).max(axis=1, initial=np.iinfo(np.int64).min)
    return np.asarray(np.unique(sets[low < high], axis=0))
