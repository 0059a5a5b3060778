"""Where somebody is met: the household's point, else the village's, the township's, the school's."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Avg

from jiafang.organization.models import District, Household, School, Village

Point = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """A point in WGS-84; `words` name the village or the school, never an address."""

    lat: float
    lon: float
    approximate: bool
    words: str

    @property
    def key(self) -> str:
        return f"{self.lat:.6f},{self.lon:.6f}"


class Atlas:
    """The places of some households and schools, read in four queries, or five where the bureau has no point."""

    def __init__(self, households: Collection[int], schools: Collection[int]) -> None:
        self._villages: dict[int, tuple[str, str, float | None, float | None]] = {}
        of_township: dict[str, list[Point]] = defaultdict(list)
        for pk, township, name, lat, lon in Village.objects.order_by("pk").values_list(
            "pk", "township", "name", "lat", "lon"
        ):
            self._villages[pk] = (township, name, lat, lon)
            if lat is not None and lon is not None:
                of_township[township].append((lat, lon))
        self._townships = {name: _middle(points) for name, points in of_township.items()}
        self._households = {
            pk: (village_id, lat, lon)
            for pk, village_id, lat, lon in Household.unscoped.filter(pk__in=households).values_list(
                "pk", "village_id", "lat", "lon"
            )
        }
        self._district = _bureau_place()
        self._schools = {
            pk: self._school_place(name, township, lat, lon)
            for pk, name, township, lat, lon in School.unscoped.filter(pk__in=schools).values_list(
                "pk", "name", "township", "lat", "lon"
            )
        }

    def bureau(self) -> Place:
        return self._district

    def school(self, school_id: int | None) -> Place:
        return self._schools.get(school_id, self._district) if school_id is not None else self._district

    def home(self, household_id: int | None, school_id: int | None) -> Place:
        """The household's place; without any point of its own or its village it is taken to be near the school."""
        school = self.school(school_id)
        nearby = Place(school.lat, school.lon, approximate=True, words="")
        if household_id is None or household_id not in self._households:
            return nearby
        village_id, lat, lon = self._households[household_id]
        township, name, village_lat, village_lon = self._villages.get(village_id or 0, ("", "", None, None))
        words = f"{township}{name}"
        if lat is not None and lon is not None:
            return Place(lat, lon, approximate=False, words=words)
        if village_lat is not None and village_lon is not None:
            return Place(village_lat, village_lon, approximate=True, words=words)
        if township in self._townships:
            return Place(*self._townships[township], approximate=True, words=words)
        return Place(nearby.lat, nearby.lon, approximate=True, words=words)

    def _school_place(self, name: str, township: str, lat: float | None, lon: float | None) -> Place:
        if lat is not None and lon is not None:
            return Place(lat, lon, approximate=False, words=name)
        if township in self._townships:
            return Place(*self._townships[township], approximate=True, words=name)
        return Place(self._district.lat, self._district.lon, approximate=True, words=name)


def _bureau_place() -> Place:
    """The bureau's own point; until it is known, the middle of the schools."""
    district = District.objects.first()
    words = district.bureau_name if district else ""
    if district and district.lat is not None and district.lon is not None:
        return Place(district.lat, district.lon, approximate=False, words=words)
    middle = School.unscoped.aggregate(lat=Avg("lat"), lon=Avg("lon"))
    return Place(middle["lat"] or 0.0, middle["lon"] or 0.0, approximate=True, words=words)


def _middle(points: list[Point]) -> Point:
    return sum(lat for lat, _ in points) / len(points), sum(lon for _, lon in points) / len(points)
