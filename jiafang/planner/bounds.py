"""Lower bounds and what they assume."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

_SLACK = 1e-6


@dataclass
class BoundBook:
    """Proven bounds on the levels (unvisited, lateness, moved, travel).

    A bound on level k was computed under caps on the levels above it: it holds for every plan whose levels above are
    at most these caps.
    """

    records: list[tuple[tuple[float, ...], float]] = field(default_factory=list)

    def add(self, caps: tuple[float, ...], value: float) -> None:
        """Note a bound on the level number len(caps)."""
        self.records.append((caps, value))

    def best(self, level: int, values: tuple[float, ...]) -> float:
        """The best bound on a level for plans with these values above it; at least 0."""
        fitting = [
            bound
            for caps, bound in self.records
            if len(caps) == level and all(v <= cap + _SLACK for v, cap in zip(values, caps, strict=False))
        ]
        return max([0.0, *fitting])

    def include(self, other: BoundBook, unvisited: float = 0.0, lateness: float = 0.0) -> None:
        """Take over the bounds of a part, when the rest costs at least so much whatever the part does.

        The lateness of the rest counts only where nobody more than necessary is left out: another split of the same
        number of unvisited subjects between the part and the rest could make the rest less late.
        """
        least = other.best(0, ())
        for caps, bound in other.records:
            extra = lateness if caps and caps[0] <= least + _SLACK else 0.0
            added = (unvisited, extra, 0.0, 0.0)
            self.add(tuple(cap + added[k] for k, cap in enumerate(caps)), bound + added[len(caps)])


def rounded_up(value: float, step: float) -> float:
    """The least multiple of the step that a level can have when its relaxation has this value."""
    if not math.isfinite(value):
        return 0.0
    if step == 0:
        return value - 1e-6
    return math.ceil(value / step - 1e-5) * step
