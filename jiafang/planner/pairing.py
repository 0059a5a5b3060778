"""Who looks after which places, proposed by load and nearness: places of one person lie together, loads are even.

Constrained k-means (Bradley, Bennett & Demiriz 2000): places are handed out at least distance to the middle of what
each person has, with loads that differ by at most one as far as what is settled already allows; the middles follow,
until nothing gets nearer. Handing out is a transport problem, whose simplex solutions are whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import highspy
import numpy as np

from jiafang.planner.compiled import Floats, Ints
from jiafang.planner.solver import quiet_highs

_ROUNDS = 30
KM_PER_DEGREE = 111.195

Point = tuple[float, float]
"""Latitude and longitude in degrees (WGS-84)."""


def propose_pairs(places: Sequence[Point], free: Sequence[int], settled: Sequence[Sequence[int]]) -> dict[int, int]:
    """A person for every free place: place → person, both by number.

    `settled` says which places each person has already; these stay. The same input gives the same proposal. Raises
    ValueError when there is nobody to pair with.
    """
    if not free:
        return {}
    if not settled:
        raise ValueError("nobody to pair with")
    at = _on_a_plane(places)
    loads = np.array([len(own) for own in settled])
    level = next(n for n in range(int(loads.max()) + len(free) + 1) if np.maximum(0, n - loads).sum() >= len(free))
    least, most = np.maximum(0, level - 1 - loads), np.maximum(0, level - loads)
    middles = _first_middles(at, free, settled)
    best: tuple[float, Ints] | None = None
    for _ in range(_ROUNDS):
        apart = np.linalg.norm(at[free][:, None, :] - middles[None, :, :], axis=2)
        chosen = _handed_out(apart, least, most)
        total = float(apart[np.arange(len(free)), chosen].sum())
        if best is not None and total >= best[0] - 1e-9:
            break
        best = total, chosen
        for v, before in enumerate(settled):
            own = [*before, *(free[n] for n in np.flatnonzero(chosen == v).tolist())]
            if own:
                middles[v] = at[own].mean(axis=0)
    assert best is not None
    return dict(zip(free, best[1].tolist(), strict=True))


def kilometers(one: Point, two: Point) -> float:
    """The distance as the crow flies, good enough within a county."""
    a, b = _on_a_plane([one, two])
    return float(np.linalg.norm(a - b))


def _on_a_plane(places: Sequence[Point]) -> Floats:
    """Kilometers east and north, shape (places, 2)."""
    degrees = np.array(places, dtype=np.float64)
    east = degrees[:, 1] * math.cos(math.radians(float(degrees[:, 0].mean())))
    return np.column_stack((east, degrees[:, 0])) * KM_PER_DEGREE


def _first_middles(at: Floats, free: Sequence[int], settled: Sequence[Sequence[int]]) -> Floats:
    """The middle of what somebody has; whoever has nothing begins where it is farthest from everybody else."""
    middles = np.array([at[list(own)].mean(axis=0) if own else (np.nan, np.nan) for own in settled])
    for v in np.flatnonzero(np.isnan(middles[:, 0])).tolist():
        known = middles[~np.isnan(middles[:, 0])]
        away = np.linalg.norm(at[free][:, None, :] - known[None, :, :], axis=2).min(axis=1) if len(known) else None
        middles[v] = at[free[0 if away is None else int(away.argmax())]]
    return middles


def _handed_out(apart: Floats, least: Ints, most: Ints) -> Ints:
    """The person of each place at least total distance, each person within `least` and `most`."""
    places, people = apart.shape
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = places * people, places + people
    program.col_cost_ = apart.reshape(-1)
    program.col_lower_ = np.zeros(places * people)
    program.col_upper_ = np.ones(places * people)
    program.row_lower_ = np.concatenate((np.ones(places), least.astype(np.float64)))
    program.row_upper_ = np.concatenate((np.ones(places), most.astype(np.float64)))
    place, person = np.divmod(np.arange(places * people), people)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.arange(0, 2 * places * people + 1, 2, dtype=np.int32)
    program.a_matrix_.index_ = np.column_stack((place, places + person)).reshape(-1).astype(np.int32)
    program.a_matrix_.value_ = np.ones(2 * places * people)
    highs = quiet_highs()
    highs.passModel(program)
    highs.run()
    return np.asarray(np.array(highs.getSolution().col_value).reshape(places, people).argmax(axis=1))
