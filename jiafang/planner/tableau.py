"""Rows and variables of a model while it is written, before they are arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from jiafang.planner.compiled import Floats, Ints
from jiafang.planner.master import INF

Entries = tuple[Any, Any, Any]
"""Three arrays of the same length, or numbers for all of them: variables of a block, rows, and values."""


@dataclass
class Rows:
    """Rows by name, each with its upper bound; the lower bound equals it for equations, else is minus infinity."""

    index: dict[tuple[object, ...], int] = field(default_factory=dict)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def at(self, key: tuple[object, ...], upper: float, *, equal: bool = False) -> int:
        row = self.index.get(key)
        if row is None:
            row = self.index[key] = len(self.upper)
            self.upper.append(upper)
            self.lower.append(upper if equal else -INF)
        return row

    def add_block(self, count: int, upper: float) -> int:
        """Rows without a name; the number of the first one."""
        first = len(self.upper)
        self.upper += [upper] * count
        self.lower += [-INF] * count
        return first


@dataclass
class Columns:
    """The variables other than trips, as triplets. Each costs something on each of the four levels."""

    rows: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    costs: list[Sequence[float]] = field(default_factory=list)

    def add(
        self, entries: Iterable[tuple[int, float]], *, upper: float, integer: bool, costs: tuple[float, ...]
    ) -> int:
        """One variable, by its entries (row, value)."""
        self.begins.append(len(self.rows))
        for row, value in entries:
            self.rows.append(row)
            self.values.append(value)
        self.upper.append(upper)
        self.integer.append(integer)
        self.costs.append(costs)
        return len(self.upper) - 1

    def add_block(self, count: int, entries: Iterable[Entries], costs: Floats | None = None) -> npt.NDArray[np.int64]:
        """Many variables that are 0 or 1 at once; `costs` has the shape (count, 4). The numbers of the variables."""
        parts = [np.broadcast_arrays(*(np.asarray(part) for part in entry)) for entry in entries]
        column, row, value = (
            np.concatenate([np.zeros(0, dtype=kind), *(part[n].ravel() for part in parts)])
            for n, kind in enumerate((np.int64, np.int64, np.float64))
        )
        rank = np.argsort(column, kind="stable")
        begins = len(self.rows) + np.searchsorted(column[rank], np.arange(count))
        first = len(self.upper)
        self.begins += begins.tolist()
        self.rows += row[rank].tolist()
        self.values += value[rank].tolist()
        self.upper += [1.0] * count
        self.integer += [True] * count
        self.costs += [(0.0, 0.0, 0.0, 0.0)] * count if costs is None else costs.tolist()
        return np.arange(first, first + count)


def in_runs(begins: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """All numbers from each of `begins` to before the end of its run, and which run each is of."""
    lengths = ends - begins
    run = np.repeat(np.arange(len(begins)), lengths)
    return np.arange(len(run)) + np.repeat(begins - (np.cumsum(lengths) - lengths), lengths), run
