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
) -> tuple[list[Exclusion], CallsBeside]:
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
    found: list[Exclusion] = []
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
        found += _of_person(v, led, aided, columns_of, spans, [calls[n] for n in own], ready[own], back[own])
    return found, _calls_beside(simple, spans, ready, back)


def _of_person(
    person: int,
    led: Sequence[int],
    aided: Sequence[int],
    columns_of: Sequence[Ints],
    spans: Spans,
    calls: Sequence[CallOption],
    ready: Ints,
    back: Ints,
) -> Iterator[Exclusion]:
    """The exclusions of a person in a shift: of the trips of the classes `led` and `aided`, and of calls."""
    trips = np.concatenate([np.zeros(0, dtype=np.int64), *(columns_of[k] for k in (*led, *aided))])
    count = sum(len(columns_of[k]) for k in led)
    # Trips of a class exclude each other anyway: an owner makes one trip in a shift.
    alike = np.concatenate(
        [*(np.full(len(columns_of[k]), n) for n, k in enumerate((*led, *aided))), -1 - np.arange(len(calls))]
    )
    for members in under_way(np.concatenate((spans.ready[trips], ready)), np.concatenate((spans.back[trips], back))):
        if (alike[members] != alike[members[0]]).any():
            yield Exclusion(
                person=person,
                led=trips[members[members < count]],
                aided=trips[members[(members >= count) & (members < len(trips))]],
                calls=tuple(calls[n - len(trips)] for n in members[members >= len(trips)].tolist()),
            )


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
