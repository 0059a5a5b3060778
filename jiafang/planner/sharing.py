"""How much of a person's shift a trip takes: what two trips that share a co-visitor can do one after the other.

A trip keeps its crew away from departure to return, waiting included. The times here are bounds over all orders of the
stops, so a model that adds up the shares rules out only what nobody can do.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt

from jiafang.planner.columns import Pool
from jiafang.planner.compiled import Compiled, Floats, Ints
from jiafang.planner.owners import Owner, ShiftClass

MOST_STOPS = 4
"""Trips with more stops have too many orders to look at; for them work alone tells how long they take."""


@dataclass(frozen=True)
class Spans:
    """Minutes for each column of a pool, shapes (columns,): the soonest return of a crew that is ready at once and the
    latest departure, both from the start of the shift, and the least time away."""

    back: Ints
    ready: Ints
    away: Ints


def spans_of(compiled: Compiled, owners: list[Owner], classes: list[ShiftClass], pool: Pool) -> Spans:
    """From all orders of the stops with the travel of the column for trips of a few stops from one base in one shift,
    else what follows from travel and service."""
    length = _lengths(compiled, classes, pool)
    spans = Spans(pool.work.copy(), length - pool.work, pool.work.copy())
    exact = stands_for_one_way(compiled, owners, classes, pool)
    shift_of = np.array([c.shifts[0] for c in classes], dtype=np.int64)
    for stops in range(1, min(MOST_STOPS, pool.members.shape[1]) + 1):
        columns = np.flatnonzero(exact & (pool.stops == stops))
        if len(columns):
            base = np.array(compiled.base, dtype=np.int64)[pool.first[columns]]
            shift = shift_of[pool.shift_class[columns]]
            found = []
            for order in permutations(range(stops)):
                one, travel = in_order(compiled, pool.members[columns][:, order], base, shift)
                other = pool.exact[columns] & (travel != pool.travel[columns])
                never = length[columns] + 1
                found.append(
                    Spans(
                        back=np.where(other, never, one.back),
                        ready=np.where(other, -1, one.ready),
                        away=np.where(other, never, one.away),
                    )
                )
            spans.back[columns] = np.min([one.back for one in found], axis=0)
            spans.ready[columns] = np.max([one.ready for one in found], axis=0)
            spans.away[columns] = np.min([one.away for one in found], axis=0)
    return spans


def stands_for_one_way(
    compiled: Compiled, owners: list[Owner], classes: list[ShiftClass], pool: Pool
) -> npt.NDArray[np.bool_]:
    """Which columns are of a few stops, from one base, in one shift."""
    if not len(pool):
        return np.zeros(0, dtype=bool)
    one_base = np.array([len({compiled.base[g] for g in owners[c.owner].groups}) == 1 for c in classes], dtype=bool)
    one_shift = np.array([len(c.shifts) == 1 for c in classes], dtype=bool)
    return np.asarray((one_base & one_shift)[pool.shift_class] & (pool.stops <= MOST_STOPS))


def in_order(compiled: Compiled, members: Ints, base: Ints, shift: Ints) -> tuple[Spans, Ints]:
    """The spans and the travel of trips in exactly this order of stops; where it is not possible: too late, too soon,
    too long."""
    start, end = compiled.shift_start[shift], compiled.shift_end[shift]
    here, now = base, start
    waited = np.zeros(len(base), dtype=np.int64)
    slack = np.full(len(base), np.iinfo(np.int64).max)
    travel = np.zeros(len(base), dtype=np.int64)
    possible = np.ones(len(base), dtype=bool)
    for p in members.T:
        place = compiled.place[p]
        travel += compiled.minutes[here, place]
        arrival = now + compiled.minutes[here, place]
        begin = np.maximum(arrival, compiled.low[p, shift])
        possible &= begin <= compiled.high[p, shift]
        waited = waited + begin - arrival
        # As long as this a departure can be put off without missing a window.
        slack = np.minimum(slack, waited + compiled.high[p, shift] - begin)
        here, now = place, begin + compiled.service[p]
    travel += compiled.minutes[here, base]
    back = now + compiled.minutes[here, base]
    possible &= back <= end
    here, now = base, end
    for p in members.T[::-1]:
        place = compiled.place[p]
        now = np.minimum(now - compiled.minutes[place, here] - compiled.service[p], compiled.high[p, shift])
        here = place
    ready = now - compiled.minutes[base, here]
    length = end - start
    spans = Spans(
        back=np.where(possible, back - start, length + 1),
        ready=np.where(possible, ready - start, -1),
        away=np.where(possible, back - start - np.minimum(slack, waited), length + 1),
    )
    return spans, travel


def shares(compiled: Compiled, owners: list[Owner], classes: list[ShiftClass], pool: Pool, spans: Spans) -> Floats:
    """The part of a person's shift that each column takes, shape (columns,): of trips that one person makes in a shift
    the shares add up to at most 1. A trip beside which nothing else can be done takes the whole shift."""
    share = spans.away / np.maximum(1, _lengths(compiled, classes, pool))
    soonest = np.full(len(classes), np.iinfo(np.int64).max)
    latest = np.full(len(classes), -1, dtype=np.int64)
    np.minimum.at(soonest, pool.shift_class, spans.back)
    np.maximum.at(latest, pool.shift_class, spans.ready)
    groups = [frozenset(owners[c.owner].groups) for c in classes]
    in_shift: dict[int, list[int]] = defaultdict(list)
    for k, shift_class in enumerate(classes):
        for s in shift_class.shifts:
            in_shift[s].append(k)
    first_back = np.full(len(classes), np.iinfo(np.int64).max)
    last_ready = np.full(len(classes), -1, dtype=np.int64)
    for s, here in in_shift.items():
        people = {
            k: {*owners[classes[k].owner].leads, *owners[classes[k].owner].crew_companions(compiled, s)} for k in here
        }
        for k in here:
            others = [o for o in here if not groups[o] & groups[k] and people[o] & people[k]]
            if others:
                first_back[k] = min(first_back[k], soonest[others].min())
                last_ready[k] = max(last_ready[k], latest[others].max())
    alone = (spans.ready < first_back[pool.shift_class]) & (spans.back > last_ready[pool.shift_class])
    return np.where(alone, 1.0, np.minimum(1.0, share))


def _lengths(compiled: Compiled, classes: list[ShiftClass], pool: Pool) -> Ints:
    """The length of the shift of each column in minutes."""
    length = compiled.shift_end - compiled.shift_start
    per_class = np.array([length[c.shifts[0]] for c in classes], dtype=np.int64)
    return per_class[pool.shift_class] if len(pool) else np.zeros(0, dtype=np.int64)
