"""Small lines drawn on the server, as numbers for an SVG: soft between the points, never beyond them."""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]


def soft_path(points: Sequence[Point]) -> str:
    """A curve that is level at each point, so that it shows no high or low that nobody has seen."""
    if not points:
        return ""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        middle = (x + to_x) / 2
        parts.append(f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}")
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where days and values lie on a drawing."""

    left: float
    right: float
    top: float
    bottom: float
    first: dt.date
    last: dt.date
    lowest: float
    highest: float

    def x(self, day: dt.date) -> float:
        days = (self.last - self.first).days
        if not days:
            return (self.left + self.right) / 2
        return self.left + (self.right - self.left) * (day - self.first).days / days

    def y(self, value: float) -> float:
        span = self.highest - self.lowest
        if not span:
            return (self.top + self.bottom) / 2
        return self.bottom - (self.bottom - self.top) * (value - self.lowest) / span
