"""Whole minutes of travel between all locations, by formula or from a given table."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from jiafang.planner.problem import Location, Problem, TravelFormula, TravelTable

EARTH_KM = 6371.0088
"""Mean radius of the earth (IUGG), as the file format prescribes."""

Minutes = npt.NDArray[np.int32]


def table_minutes(travel: TravelFormula | TravelTable, locations: tuple[Location, ...]) -> Minutes:
    """Minutes between locations, shape (locations, locations), in their order.

    The table itself, or ceil(km · detour / speed · 60 + fixed) rounded to 6 decimals first, 0 to itself.
    """
    if isinstance(travel, TravelTable):
        return np.asarray(travel.minutes, dtype=np.int32).reshape(len(locations), len(locations))
    lat = np.radians([place.lat for place in locations])
    lon = np.radians([place.lon for place in locations])
    half = (
        np.sin((lat[None, :] - lat[:, None]) / 2) ** 2
        + np.cos(lat)[:, None] * np.cos(lat)[None, :] * np.sin((lon[None, :] - lon[:, None]) / 2) ** 2
    )
    km = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    raw = km * travel.detour / travel.speed_kmh * 60 + travel.fixed_minutes
    minutes = np.ceil(np.round(raw, 6)).astype(np.int32)
    # Two ways of computing may differ in the last bit: where rounding could tip over, decide by the scalar formula.
    shaky = np.argwhere(np.abs(raw * 1e6 - np.floor(raw * 1e6) - 0.5) < 1e-3)
    for one, two in shaky:
        minutes[one, two] = _scalar_minutes(travel, locations[one], locations[two])
    np.fill_diagonal(minutes, 0)
    return np.asarray(minutes, dtype=np.int32)


def leg_minutes(problem: Problem, one: int, two: int) -> int:
    """Minutes between two locations by their number, without a table of all: a district has too many for one."""
    if isinstance(problem.travel, TravelTable):
        return problem.travel.minutes[one][two]
    return 0 if one == two else _scalar_minutes(problem.travel, problem.locations[one], problem.locations[two])


def _scalar_minutes(travel: TravelFormula, one: Location, two: Location) -> int:
    lat1, lon1, lat2, lon2 = (math.radians(x) for x in (one.lat, one.lon, two.lat, two.lon))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    km = 2 * EARTH_KM * math.asin(math.sqrt(min(half, 1.0)))
    return math.ceil(round(km * travel.detour / travel.speed_kmh * 60 + travel.fixed_minutes, 6))
