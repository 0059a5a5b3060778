"""How long the ways of a campaign are by road: asked for before a plan, kept beside the campaign."""

import logging
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from django.conf import settings

from jiafang.access import actor_transaction, system
from jiafang.campaigns.models import Campaign, RoadTable
from jiafang.campaigns.places import Point
from jiafang.campaigns.road_service import NOT_ASKED, NoRoadTimesError, fill_in
from jiafang.keys.masters import keyed_hash

logger = logging.getLogger(__name__)
BY = system("planner")
Seconds = npt.NDArray[np.int32]


def has_roads(campaign: Campaign) -> bool:
    """Whether there are road times for the campaign."""
    return bool(settings.ROADS_URL) and RoadTable.unscoped.filter(campaign=campaign).exists()


def seconds_by_road(campaign: Campaign, points: Sequence[Point]) -> Seconds:
    """Seconds between points, shape (points, points); negative where the way by road is not known. 0 to itself."""
    seconds = _known(campaign.pk, points)
    keys = np.array([_key(point) for point in points])
    seconds[keys[:, None] == keys[None, :]] = 0
    return seconds


def learn_roads(campaign: Campaign, points: Sequence[Point]) -> bool:
    """Ask for the ways that are not known yet and keep them; False when not everything was heard.

    Outside of any transaction while another machine is asked. What was heard before a failure is kept as well.
    """
    with actor_transaction(BY):
        seconds = _known(campaign.pk, points)
    whole = True
    try:
        fill_in(seconds, points)
    except NoRoadTimesError as error:
        logger.warning("ways by distance instead of by road: %s", error)
        whole = False
    if (seconds[~np.eye(len(points), dtype=bool)] != NOT_ASKED).any():
        packed = zlib.compress(seconds.astype("<i4").tobytes())
        with actor_transaction(BY):
            RoadTable.unscoped.update_or_create(
                campaign=campaign, defaults={"places": [_key(point) for point in points], "seconds": packed}
            )
    return whole


def _known(campaign_id: int, points: Sequence[Point]) -> Seconds:
    found = np.full((len(points), len(points)), NOT_ASKED, dtype=np.int32)
    row = RoadTable.unscoped.filter(campaign_id=campaign_id).first()
    if row is not None:
        size = len(row.places)
        kept = np.frombuffer(zlib.decompress(bytes(row.seconds)), dtype="<i4").reshape(size, size)
        at = {key: n for n, key in enumerate(row.places)}
        where = [(n, at[_key(point)]) for n, point in enumerate(points) if _key(point) in at]
        if where:
            here, there = (list(side) for side in zip(*where, strict=True))
            found[np.ix_(here, here)] = kept[np.ix_(there, there)]
    return found


def _key(point: Point) -> str:
    """About a meter: who lives there is not to be read from it."""
    return keyed_hash(f"{point[0]:.5f},{point[1]:.5f}", "road")[:32]
