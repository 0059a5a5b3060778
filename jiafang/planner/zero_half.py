"""Zero-half cuts: add up rows of the model, halve the sum and round down.

Where whole numbers add up to at most an odd number, halves of them round down to something smaller. A set of rows whose
sum is even on everything that the relaxation takes in part, with an odd right side, gives a row that the relaxation
breaks. Such sets are found by elimination over the numbers 0 and 1 (Koster, Zymolka and Kutschka, 2009). Subset rows
are those of three parties; these also see shifts, leads and whoever comes along.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from jiafang.planner.compiled import Floats, Ints
from jiafang.planner.master import Inequality, Master

_SLACK, _LOST = 0.7, 0.96
"""Rows with more room are not looked at; what a sum of rows may lose in all and still be broken, of 1."""
_MOST_ROWS = 40
_VIOLATED = 0.02
_NEAR = 1e-6


class ZeroHalf:
    """Finds cuts for solutions of the relaxation of one model."""

    def __init__(self, master: Master) -> None:
        self.aux = len(master.aux_upper)
        column = np.concatenate(
            (
                np.repeat(np.arange(self.aux), np.diff(master.aux_begins)),
                self.aux + np.repeat(np.arange(len(master.pool)), np.diff(master.x_begins)),
            )
        )
        row = np.concatenate((master.aux_rows, master.x_rows))
        value = np.concatenate((master.aux_values, master.x_values))
        whole = np.concatenate((master.aux_integer, np.ones(len(master.pool), dtype=bool)))
        unfit = (value != np.round(value)) | ~whole[column]
        fit = (np.bincount(row, unfit, minlength=len(master.upper)) == 0) & np.isfinite(master.upper)
        fit[list(master.level_rows)] = False
        wanted = fit[row]
        rank = np.argsort(row[wanted], kind="stable")
        self.row, self.column, self.value = (part[wanted][rank] for part in (row, column, value))
        self.begins = np.searchsorted(self.row, np.arange(len(master.upper) + 1))
        self.master, self.fit = master, fit
        self.binary = np.concatenate((master.aux_upper == 1, np.ones(len(master.pool), dtype=bool)))

    def violated(self, x: Floats, aux: Floats, cuts: Sequence[Inequality], round_: int) -> Iterator[Inequality]:
        """Rows that hold for every plan and not for the solution; `cuts` are in the relaxation already.

        Each `round_` looks in another order.
        """
        point = np.concatenate((aux, x))
        full = (point > 1 - _NEAR) & self.binary
        partly = (point > _NEAR) & ~full
        row, column, value, begins, most = self._with_cuts(cuts)
        count = len(most)
        slack = most - np.bincount(row, value * point[column], minlength=count)
        useful = (slack < _SLACK) & (np.bincount(row, partly[column], minlength=count) > 0)
        useful[: len(self.fit)] &= self.fit
        rows = np.flatnonzero(useful)
        odd_right = np.round(most - np.bincount(row, value * full[column], minlength=count)).astype(np.int64) % 2
        columns = np.flatnonzero(partly)
        place = np.full(len(point), -1, dtype=np.int64)
        place[columns] = np.arange(len(columns))
        number = np.full(count, -1, dtype=np.int64)
        number[rows] = np.arange(len(rows))
        here = useful[row] & partly[column] & (np.round(value).astype(np.int64) % 2 != 0)
        bits = [0] * len(rows)
        for n, c in zip(number[row[here]].tolist(), place[column[here]].tolist(), strict=True):
            bits[n] |= 1 << c
        for chosen in _odd_sums(bits, odd_right[rows].tolist(), slack[rows].tolist(), point[columns], round_):
            coefficient, right = np.zeros(len(point)), 0.0
            for r in rows[chosen].tolist():
                run = slice(begins[r], begins[r + 1])
                np.add.at(coefficient, column[run], value[run])
                right += most[r]
            # What is taken in full is at most 1: that row makes an odd sum even.
            odd = full & (np.round(coefficient).astype(np.int64) % 2 != 0)
            coefficient = np.floor((coefficient + odd) / 2 + _NEAR)
            right = np.floor((right + odd.sum()) / 2 + _NEAR)
            if coefficient @ point > right + _VIOLATED:
                yield self._inequality(coefficient, right)

    def _with_cuts(self, cuts: Sequence[Inequality]) -> tuple[Ints, Ints, Floats, Ints, Floats]:
        """Entries by row, where each row begins, and the right sides, of the model and of the cuts."""
        first = len(self.master.upper)
        rows, columns, values = [self.row], [self.column], [self.value]
        for n, cut in enumerate(cuts):
            rows.append(np.full(len(cut.aux) + len(cut.trips), first + n))
            columns += [cut.aux, self.aux + cut.trips]
            values += [cut.of_aux, cut.of_trips]
        lengths = np.diff(self.begins).tolist() + [len(part) for part in rows[1:]]
        begins = np.concatenate(([0], np.cumsum(lengths)))
        most = np.concatenate((self.master.upper, [float(cut.most) for cut in cuts]))
        most[np.flatnonzero(~np.isfinite(most))] = 0
        return np.concatenate(rows), np.concatenate(columns), np.concatenate(values), begins, most

    def _inequality(self, coefficient: Floats, right: float) -> Inequality:
        there = np.flatnonzero(coefficient)
        aux, trips = there[there < self.aux], there[there >= self.aux]
        return Inequality(
            trips=trips - self.aux, aux=aux, most=right, of_trips=coefficient[trips], of_aux=coefficient[aux]
        )


def _odd_sums(rows: list[int], odd: list[int], slack: list[float], point: Floats, round_: int) -> list[list[int]]:
    """Sets of rows whose sum has an odd right side and loses less than 1: by its slack, and by what is odd in it.

    `rows` are sets of bits: the columns with an odd coefficient, `point` their values. Column by column, those of large
    value first, one row clears the column from all others.
    """
    order = np.random.default_rng(round_).random(len(point)) * min(1.0, 0.2 * round_)
    weight = (-np.round(np.minimum(point, 1.0) + order, 1)).tolist()
    values = np.minimum(point, 1.0).tolist()
    with_column: dict[int, set[int]] = defaultdict(set)
    for n, row in enumerate(rows):
        for c in _bits(row):
            with_column[c].add(n)
    combined = [1 << n for n in range(len(rows))]
    found: set[int] = set()
    heap = [(weight[c], len(members), c) for c, members in with_column.items()]
    heapq.heapify(heap)
    while heap:
        _, size, c = heapq.heappop(heap)
        members = with_column[c]
        if size != len(members):
            heapq.heappush(heap, (weight[c], len(members), c))
            continue
        if not members:
            continue
        pivot = min(members, key=lambda n: (combined[n].bit_count(), rows[n].bit_count(), n))
        pivot_row = rows[pivot]
        pivot_columns = list(_bits(pivot_row))
        for n in sorted(members - {pivot}):
            rows[n] ^= pivot_row
            odd[n] ^= odd[pivot]
            combined[n] ^= combined[pivot]
            for other in pivot_columns:
                if rows[n] >> other & 1:
                    with_column[other].add(n)
                else:
                    with_column[other].discard(n)
            if odd[n] and combined[n].bit_count() <= _MOST_ROWS and combined[n] not in found:
                lost = sum(slack[r] for r in _bits(combined[n]))
                if lost < _LOST and lost + sum(values[other] for other in _bits(rows[n])) < _LOST:
                    found.add(combined[n])
        for other in pivot_columns:
            with_column[other].discard(pivot)
    return [list(_bits(chosen)) for chosen in sorted(found, key=lambda chosen: (chosen.bit_count(), chosen))]


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
