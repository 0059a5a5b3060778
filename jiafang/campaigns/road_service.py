"""A service of road times that speaks the table protocol of OSRM (`JIAFANG_ROADS_URL`), asked in blocks."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPException

import numpy as np
from django.conf import settings

from jiafang.campaigns.places import Point

logger = logging.getLogger(__name__)
SECONDS_TO_WAIT = 20
FAILURES_IN_A_ROW = 3
NOT_ASKED, NO_ROAD = -1, -2
Blocks = Iterator[tuple[Sequence[int], Sequence[int]]]


class NoRoadTimesError(Exception):
    """The service does not answer, or what it answers is no table."""


def fill_in(seconds: np.ndarray, points: Sequence[Point], wants_stop: Callable[[], bool]) -> bool:
    """Ask for every way that was not asked for yet; whether all of them were answered.

    A block that fails is passed over; after a few that fail in a row, or when `wants_stop` says so, that is all.
    """
    failed, in_a_row = False, 0
    np.fill_diagonal(seconds, 0)
    fresh = [n for n in range(len(points)) if (seconds[n] == NOT_ASKED).sum() > len(points) // 2]
    known = [n for n in range(len(points)) if n not in set(fresh)]
    everywhere = range(len(points))
    for rows, columns in (*_blocks(fresh, everywhere), *_blocks(known, fresh), *_blocks(known, known)):
        if not (seconds[np.ix_(rows, columns)] == NOT_ASKED).any():
            continue
        if in_a_row == FAILURES_IN_A_ROW or wants_stop():
            failed = True
            break
        try:
            seconds[np.ix_(rows, columns)] = _table(points, rows, columns)
            in_a_row = 0
        except NoRoadTimesError as error:
            logger.warning("ways by distance instead of by road: %s", error)
            failed, in_a_row = True, in_a_row + 1
    np.fill_diagonal(seconds, 0)
    return not failed


def _blocks(rows: Sequence[int], columns: Sequence[int]) -> Blocks:
    """A request names as many places as the service allows, half of them as origins."""
    half = max(1, settings.ROADS_TABLE_SIZE // 2)
    for a in range(0, len(rows), half):
        for b in range(0, len(columns), half):
            yield rows[a : a + half], columns[b : b + half]


def _table(points: Sequence[Point], rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
    places = [*rows, *columns]
    named = ";".join(f"{points[n][1]:.6f},{points[n][0]:.6f}" for n in places)
    sources = ";".join(str(n) for n in range(len(rows)))
    destinations = ";".join(str(n) for n in range(len(rows), len(places)))
    url = f"{settings.ROADS_URL.rstrip('/')}/{named}?sources={sources}&destinations={destinations}"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS_TO_WAIT) as response:  # noqa: S310  # http or https: settings
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        raise NoRoadTimesError(f"the service of road times answers {error.code}") from error
    except (OSError, ValueError, HTTPException) as error:
        raise NoRoadTimesError(f"the service of road times does not answer: {error}") from error
    durations = answer.get("durations") if isinstance(answer, dict) and answer.get("code") == "Ok" else None
    try:
        # Next door is not the same door: a way takes a second at least.
        table = np.array([[NO_ROAD if d is None else max(1, round(float(d))) for d in row] for row in durations or ()])
    except (TypeError, ValueError, OverflowError) as error:
        raise NoRoadTimesError("the service of road times answers with something else") from error
    if table.shape != (len(rows), len(columns)):
        raise NoRoadTimesError("the service of road times answers with a table of another size")
    return table
