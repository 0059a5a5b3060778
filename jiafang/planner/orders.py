"""Trips of the same stops in other orders, where a longer way can do what the shortest cannot.

In one order of its stops a crew that is ready at minute t is back at max(t + away, back), as long as t is at most
`ready`: it waits for families or it does not. An order that is no shorter, no later ready and no sooner back than
another can do nothing that the other cannot. What remains of the longer orders becomes columns of their own, so that a
column stands for exactly its travel, and what clashes with it can be ruled out without a doubt about other orders.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np

from jiafang.planner.columns import Pool
from jiafang.planner.compiled import Compiled, Ints
from jiafang.planner.owners import Owner, ShiftClass
from jiafang.planner.sharing import MOST_STOPS, in_order, stands_for_one_way


def with_other_orders(compiled: Compiled, owners: list[Owner], classes: list[ShiftClass], pool: Pool) -> Pool:
    """The pool and, after its columns, those of longer orders; `exact` tells which columns stand for their travel only:
    those of a few stops from one base in one shift."""
    exact = stands_for_one_way(compiled, owners, classes, pool)
    more: list[tuple[Ints, Ints, Ints]] = []
    for stops in range(2, min(MOST_STOPS, pool.members.shape[1]) + 1):
        columns = np.flatnonzero(exact & (pool.stops == stops))
        if len(columns):
            more.append(_longer(compiled, classes, pool, columns, stops))
    column, members, travel = (np.concatenate(parts) for parts in zip(*more, strict=True)) if more else _nothing(pool)
    return Pool(
        shift_class=np.concatenate((pool.shift_class, pool.shift_class[column])),
        members=np.concatenate((pool.members, members)),
        stops=np.concatenate((pool.stops, pool.stops[column])),
        travel=np.concatenate((pool.travel, travel)),
        work=np.concatenate((pool.work, pool.work[column] + travel - pool.travel[column])),
        first=np.concatenate((pool.first, pool.first[column])),
        complete=pool.complete,
        exact=np.concatenate((exact, np.ones(len(column), dtype=bool))),
    )


def _nothing(pool: Pool) -> tuple[Ints, Ints, Ints]:
    none = np.zeros(0, dtype=np.int64)
    return none, pool.members[:0], none


def _longer(
    compiled: Compiled, classes: list[ShiftClass], pool: Pool, columns: Ints, stops: int
) -> tuple[Ints, Ints, Ints]:
    """Of columns with so many stops: which of them, the stops in another order, and the travel of that order."""
    base = np.array(compiled.base, dtype=np.int64)[pool.first[columns]]
    shift = np.array([c.shifts[0] for c in classes], dtype=np.int64)[pool.shift_class[columns]]
    length = (compiled.shift_end - compiled.shift_start)[shift]
    ways = list(permutations(range(stops)))
    travel, ready, back = (np.zeros((len(ways), len(columns)), dtype=np.int64) for _ in range(3))
    possible = np.zeros((len(ways), len(columns)), dtype=bool)
    for n, way in enumerate(ways):
        members = pool.members[columns][:, way]
        spans, travel[n] = in_order(compiled, members, base, shift)
        ready[n], back[n] = spans.ready, spans.back
        possible[n] = spans.back <= length
    useful = possible & (travel > pool.travel[columns])
    for n in range(len(ways)):
        rival = useful[n].copy()
        for other in range(len(ways)):
            beats = possible[other] & (travel[other] < travel[n])
            rival &= ~(beats & (ready[other] >= ready[n]) & (back[other] <= back[n]))
        useful[n] = rival
    chosen, which = np.nonzero(useful)
    # One column for each travel: all orders of this travel belong to it.
    _, first = np.unique(np.column_stack((which, travel[chosen, which])), axis=0, return_index=True)
    chosen, which = chosen[first], which[first]
    members = np.full((len(which), pool.members.shape[1]), -1, dtype=np.int64)
    members[:, :stops] = pool.members[columns[which][:, None], np.array(ways, dtype=np.int64)[chosen]]
    return columns[which], members, travel[chosen, which]
