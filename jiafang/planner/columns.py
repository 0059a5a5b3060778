"""Trip columns: for every owner and shift class, every set of parties that one trip can visit, in its shortest order.

The sets grow stop by stop, all owners and shifts at once in numpy: a label is an ordered visit, labels with the same
set and last stop are kept only while neither time nor travel is dominated. `travel` is the least over all feasible
orders, `work` (travel plus service) is a lower bound on the time the crew is away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiafang.planner.compiled import Compiled, Ints
from jiafang.planner.deadline import Deadline
from jiafang.planner.owners import Owner, ShiftClass

MAX_LABELS = 1_000_000
"""Labels kept per level and bucket; beyond it those that save most travel are kept, and the pool is incomplete."""
_BLOCK = 1_000_000
_MOST_UNPROVEN = 60_000


@dataclass
class Pool:
    """Columns as arrays; `members` holds party indices in visiting order, -1 after the last one.

    Shapes: members (columns, most stops), all others (columns,). `first` is the group whose base the trip uses. Where a
    column is `exact`, other orders of its stops with other travel are columns of their own (`orders`).
    """

    shift_class: Ints
    members: Ints
    stops: Ints
    travel: Ints
    work: Ints
    first: Ints
    complete: bool
    exact: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.travel)


@dataclass
class _Bucket:
    """Contexts (shift class, gap of the leads, base) with about the same number of candidates, padded."""

    classes: Ints
    firsts: Ints
    party: Ints
    place: Ints
    low: Ints
    high: Ints
    service: Ints
    must: npt.NDArray[np.bool_]
    needs_must: npt.NDArray[np.bool_]
    base: Ints
    start: Ints
    end: Ints
    stops: Ints


@dataclass
class _Labels:
    context: Ints
    order: Ints
    time: Ints
    travel: Ints
    has_must: npt.NDArray[np.bool_]


def build_pool(compiled: Compiled, owners: list[Owner], classes: list[ShiftClass], deadline: Deadline) -> Pool:
    """All columns; `complete` is False when the clock or the label limit cut the enumeration short."""
    parts: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []
    complete = True
    width = max((c.max_stops for c in classes), default=1)
    for bucket in _buckets(compiled, owners, classes):
        part, whole = _grow(compiled, bucket, width, deadline)
        parts += part
        complete &= whole
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return Pool(
            empty, np.zeros((0, width), dtype=np.int64), empty, empty, empty, empty, complete, empty.astype(bool)
        )
    shift_class, members, travel, work, first = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    keep = _best_per_set(shift_class, members, travel)
    shift_class, members, travel, work, first = (a[keep] for a in (shift_class, members, travel, work, first))
    exact = np.zeros(len(travel), dtype=bool)
    pool = Pool(shift_class, members, (members >= 0).sum(axis=1), travel, work, first, complete, exact)
    return pool if complete else _shortened(compiled, pool)


def _shortened(compiled: Compiled, pool: Pool) -> Pool:
    """The columns of an incomplete pool that are worth most: small trips, and those that save most travel."""
    if len(pool) <= _MOST_UNPROVEN:
        return pool
    base = np.array(compiled.base, dtype=np.int64)[pool.first][:, None]
    places = compiled.place[pool.members]
    ways = compiled.minutes[base, places] + compiled.minutes[places, base]
    saved = np.where(pool.members >= 0, ways, 0).sum(axis=1) - pool.travel
    rank = np.lexsort((-saved, pool.stops > 2))
    keep = np.sort(rank[:_MOST_UNPROVEN])
    return Pool(
        shift_class=pool.shift_class[keep],
        members=pool.members[keep],
        stops=pool.stops[keep],
        travel=pool.travel[keep],
        work=pool.work[keep],
        first=pool.first[keep],
        complete=False,
        exact=pool.exact[keep],
    )


def _best_per_set(shift_class: Ints, members: Ints, travel: Ints) -> Ints:
    """One column per shift class and set: two gaps or two bases may both allow it."""
    ordered = np.sort(members, axis=1)
    if not len(travel):
        return np.zeros(0, dtype=np.int64)
    rank = np.lexsort((travel, *ordered.T, shift_class))
    same = (shift_class[rank][1:] == shift_class[rank][:-1]) & (ordered[rank][1:] == ordered[rank][:-1]).all(axis=1)
    return np.sort(rank[np.concatenate(([True], ~same))])


def _buckets(compiled: Compiled, owners: list[Owner], classes: list[ShiftClass]) -> list[_Bucket]:
    rows: dict[int, list[tuple[int, int, int, int, list[int], int, int]]] = {}
    for c, shift_class in enumerate(classes):
        owner = owners[shift_class.owner]
        s = shift_class.shifts[0]
        there = [p for p in owner.parties if compiled.low[p, s] <= compiled.high[p, s]]
        firsts = {compiled.base[g]: g for g in reversed(owner.groups)}
        for low, high in shift_class.gaps:
            for base, first in sorted(firsts.items(), key=lambda item: item[1]):
                size = 4
                while size < len(there):
                    size *= 2
                rows.setdefault(min(size, 64) if len(there) <= 64 else len(there), []).append(
                    (c, first, base, s, there, low, high)
                )
    return [_padded(compiled, owners, classes, size, contexts) for size, contexts in sorted(rows.items())]


def _padded(
    compiled: Compiled,
    owners: list[Owner],
    classes: list[ShiftClass],
    size: int,
    contexts: list[tuple[int, int, int, int, list[int], int, int]],
) -> _Bucket:
    count = len(contexts)
    party = np.full((count, size), -1, dtype=np.int64)
    must = np.zeros((count, size), dtype=bool)
    for n, (c, _, _, _, there, _, _) in enumerate(contexts):
        party[n, : len(there)] = there
        needed = owners[classes[c].owner].must
        if needed:
            must[n, : len(there)] = [p in needed for p in there]
    shift = np.array([row[3] for row in contexts], dtype=np.int64)
    start = compiled.shift_start[shift]
    there_mask = party >= 0
    return _Bucket(
        classes=np.array([row[0] for row in contexts], dtype=np.int64),
        firsts=np.array([row[1] for row in contexts], dtype=np.int64),
        party=party,
        place=compiled.place[party],
        low=compiled.low[party, shift[:, None]],
        high=np.where(there_mask, compiled.high[party, shift[:, None]], -1),
        service=compiled.service[party],
        must=must,
        needs_must=np.array([bool(owners[classes[row[0]].owner].must) for row in contexts]),
        base=np.array([row[2] for row in contexts], dtype=np.int64),
        start=start + np.array([row[5] for row in contexts], dtype=np.int64),
        end=start + np.array([row[6] for row in contexts], dtype=np.int64),
        stops=np.array([classes[row[0]].max_stops for row in contexts], dtype=np.int64),
    )


def _grow(
    compiled: Compiled, bucket: _Bucket, width: int, deadline: Deadline
) -> tuple[list[tuple[Ints, Ints, Ints, Ints, Ints]], bool]:
    count, size = bucket.party.shape
    begin = _Labels(
        context=np.arange(count),
        order=np.zeros((count, 0), dtype=np.int64),
        time=bucket.start,
        travel=np.zeros(count, dtype=np.int64),
        has_must=~bucket.needs_must,
    )
    labels = begin
    parts = []
    complete = True
    for level in range(1, width + 1):
        grown: list[_Labels] = []
        block = max(1, _BLOCK // size)
        for offset in range(0, len(labels.time), block):
            rows = slice(offset, offset + block)
            fresh = _extend(compiled, bucket, labels, rows, level)
            # Too many altogether: from here on each block may add its share.
            share = max(1, 2 * MAX_LABELS * block // max(1, len(labels.time)))
            if sum(len(part.time) for part in grown) + len(fresh.time) > 2 * MAX_LABELS and len(fresh.time) > share:
                complete = False
                fresh = _most_saving(compiled, bucket, fresh, share)
            grown.append(fresh)
            if deadline.over:
                complete = False
                break
        labels = _undominated(_joined(grown), size)
        if len(labels.time) > MAX_LABELS:
            complete = False
            labels = _most_saving(compiled, bucket, labels, MAX_LABELS)
        if not len(labels.time):
            break
        parts.append(_closed(compiled, bucket, labels, width))
        if deadline.over:
            return parts, complete and level == width
    return parts, complete


def _most_saving(compiled: Compiled, bucket: _Bucket, labels: _Labels, count: int) -> _Labels:
    """The labels that save most travel against visiting each party from the base alone."""
    base = bucket.base[labels.context][:, None]
    places = bucket.place[labels.context[:, None], labels.order]
    alone = (compiled.minutes[base, places] + compiled.minutes[places, base]).sum(axis=1)
    best = np.argsort(labels.travel - alone, kind="stable")[:count]
    return _taken(labels, np.sort(best))


def _extend(compiled: Compiled, bucket: _Bucket, labels: _Labels, rows: slice, level: int) -> _Labels:
    """Every label of the rows, extended by every candidate that can still be visited in time."""
    context, order = labels.context[rows], labels.order[rows]
    time, travel, has_must = labels.time[rows], labels.travel[rows], labels.has_must[rows]
    here = bucket.base[context] if level == 1 else bucket.place[context, order[:, -1]]
    place = bucket.place[context]
    leg = compiled.minutes[here[:, None], place]
    begin = np.maximum(time[:, None] + leg, bucket.low[context])
    finish = begin + bucket.service[context]
    back = compiled.minutes[place, bucket.base[context][:, None]] if compiled.triangle else 0
    ok = (begin <= bucket.high[context]) & (finish + back <= bucket.end[context][:, None])
    ok &= (bucket.stops[context] >= level)[:, None]
    # The last stop a trip may have must bring the sibling party when none is on board yet.
    late_must = ~has_must & (bucket.stops[context] == level)
    ok &= ~late_must[:, None] | bucket.must[context]
    picked = np.arange(len(context))
    for stop in range(order.shape[1]):
        ok[picked, order[:, stop]] = False
    row, col = np.nonzero(ok)
    return _Labels(
        context=context[row],
        order=np.concatenate((order[row], col[:, None]), axis=1),
        time=finish[row, col],
        travel=travel[row] + leg[row, col],
        has_must=has_must[row] | bucket.must[context[row], col],
    )


def _set_key(order: Ints, size: int) -> Ints:
    """A number that is equal for equal sets."""
    ordered = np.sort(order, axis=1)
    if (size + 1) ** order.shape[1] < 2**62:
        key = np.zeros(len(order), dtype=np.int64)
        for column in ordered.T:
            key = key * (size + 1) + column
        return key
    return np.unique(ordered, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _undominated(labels: _Labels, size: int) -> _Labels:
    if not len(labels.time):
        return labels
    key, last = _set_key(labels.order, size), labels.order[:, -1]
    rank = np.lexsort((labels.travel, labels.time, last, key, labels.context))
    context, key, last, travel = labels.context[rank], key[rank], last[rank], labels.travel[rank]
    fresh = np.concatenate(([True], (context[1:] != context[:-1]) | (key[1:] != key[:-1]) | (last[1:] != last[:-1])))
    # Sorted by time within a family, a label is worth keeping only with less travel than all before it. Shifting each
    # family far below the one before lets one running minimum do it for all of them.
    shifted = travel - np.cumsum(fresh) * 10_000_000
    before = np.concatenate(([np.iinfo(np.int64).max], np.minimum.accumulate(shifted)[:-1]))
    return _taken(labels, rank[shifted < before])


def _closed(compiled: Compiled, bucket: _Bucket, labels: _Labels, width: int) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """The labels that are whole trips, the shortest order of each set."""
    base = bucket.base[labels.context]
    back = compiled.minutes[bucket.place[labels.context, labels.order[:, -1]], base]
    ok = np.flatnonzero((labels.time + back <= bucket.end[labels.context]) & labels.has_must)
    labels, back = _taken(labels, ok), back[ok]
    travel = labels.travel + back
    key = _set_key(labels.order, bucket.party.shape[1])
    rank = np.lexsort((travel, key, labels.context))
    fresh = np.concatenate(
        (np.ones(min(1, len(rank)), dtype=bool), (np.diff(key[rank]) != 0) | (np.diff(labels.context[rank]) != 0))
    )
    best = rank[fresh]
    context, order = labels.context[best], labels.order[best]
    members = np.full((len(best), width), -1, dtype=np.int64)
    members[:, : order.shape[1]] = bucket.party[context[:, None], order]
    work = travel[best] + bucket.service[context[:, None], order].sum(axis=1)
    return bucket.classes[context], members, travel[best], work, bucket.firsts[context]


def _taken(labels: _Labels, rows: Ints) -> _Labels:
    return _Labels(
        labels.context[rows], labels.order[rows], labels.time[rows], labels.travel[rows], labels.has_must[rows]
    )


def _joined(parts: list[_Labels]) -> _Labels:
    return _Labels(
        np.concatenate([p.context for p in parts]),
        np.concatenate([p.order for p in parts]),
        np.concatenate([p.time for p in parts]),
        np.concatenate([p.travel for p in parts]),
        np.concatenate([p.has_must for p in parts]),
    )
