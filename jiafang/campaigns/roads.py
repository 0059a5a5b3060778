"""How long the ways of a campaign are by road: asked for before a plan, kept beside the campaign."""

import zlib
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db.models import QuerySet

from jiafang.access import actor_transaction, system
from jiafang.campaigns.models import Campaign, RoadTable
from jiafang.campaigns.places import Point
from jiafang.campaigns.road_service import NOT_ASKED, fill_in
from jiafang.keys.masters import keyed_hash

BY = system("planner")
Seconds = npt.NDArray[np.int32]


def has_roads(campaign: Campaign) -> bool:
    """Whether there are road times for the campaign."""
    return bool(settings.ROADS_URL) and _tables(campaign.pk).exists()


def seconds_by_road(campaign: Campaign, points: Sequence[Point]) -> Seconds:
    """Seconds between points, shape (points, points); negative where the way by road is not known. 0 to itself."""
    keys = np.array([_key(point) for point in points])
    seconds = _picked(_tables(campaign.pk).first(), keys.tolist())
    seconds[keys[:, None] == keys[None, :]] = 0
    return seconds


def learn_roads(campaign: Campaign, points: Sequence[Point], wants_stop: Callable[[], bool]) -> bool:
    """Ask for the ways that are not known yet and keep them; False when not everything was heard.

    Outside of any transaction while another machine is asked. What was known of other places stays: a trip that is on
    its way may still be moved.
    """
    here = list({_key(point): point for point in points}.items())
    keys = [key for key, _ in here]
    with actor_transaction(BY):
        seconds = _picked(_tables(campaign.pk).first(), keys)
    whole = fill_in(seconds, [point for _, point in here], wants_stop)
    if (seconds[~np.eye(len(keys), dtype=bool)] == NOT_ASKED).all():
        return whole
    with actor_transaction(BY):
        row = _tables(campaign.pk).select_for_update().first()
        everywhere = list(dict.fromkeys([*keys, *(row.places if row is not None else ())]))
        table = _picked(row, everywhere)
        heard = np.where(seconds == NOT_ASKED, table[: len(keys), : len(keys)], seconds)
        table[: len(keys), : len(keys)] = heard
        packed = zlib.compress(table.astype("<i4").tobytes())
        RoadTable.unscoped.update_or_create(
            campaign=campaign, defaults={"source": _source(), "places": everywhere, "seconds": packed}
        )
    return whole


def _tables(campaign_id: int) -> QuerySet[RoadTable]:
    return RoadTable.unscoped.filter(campaign_id=campaign_id, source=_source())


def _source() -> str:
    return keyed_hash(settings.ROADS_URL, "road")


def _picked(row: RoadTable | None, keys: list[str]) -> Seconds:
    """What a table says between these places."""
    found = np.full((len(keys), len(keys)), NOT_ASKED, dtype=np.int32)
    if row is not None:
        size = len(row.places)
        kept = np.frombuffer(zlib.decompress(bytes(row.seconds)), dtype="<i4").reshape(size, size)
        at = {key: n for n, key in enumerate(row.places)}
        where = [(n, at[key]) for n, key in enumerate(keys) if key in at]
        if where:
            here, there = (list(side) for side in zip(*where, strict=True))
            found[np.ix_(here, here)] = kept[np.ix_(there, there)]
    return found


def _key(point: Point) -> str:
    """About a meter: who lives there is not to be read from it."""
    return keyed_hash(f"{point[0]:.5f},{point[1]:.5f}", "road")[:32]
