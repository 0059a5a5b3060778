"""The planning problem in plain data: who may visit whom, when, from where, under which rules.

Times are minutes since midnight, durations are minutes, dates are `datetime.date`. Ids are the caller's own
strings. Nothing here computes: `reading` builds a Problem from a file, `compiled` turns it into arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Channel = Literal["onsite", "any", "remote"]
CHANNELS: tuple[Channel, ...] = ("onsite", "any", "remote")


@dataclass(frozen=True, slots=True)
class Shift:
    """An evening or half-day on which visits can be made."""

    id: str
    date: date
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Location:
    """A place in degrees of latitude and longitude (WGS 84)."""

    id: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Group:
    """What one person leads: a class, a principal's teachers, a cadre's schools. Trips start and end at its base."""

    id: str
    base: str
    lead: str
    co_visitors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who goes on visits; `shifts` None means available in every shift.

    `rather_not` are shifts that this person would rather keep free; they are used where the plan is worse without.
    """

    id: str
    shifts: frozenset[str] | None = None
    rather_not: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subject:
    """One student, teacher or principal to be met, for one group."""

    id: str
    group: str


@dataclass(frozen=True, slots=True)
class Party:
    """A household or person met as one; `windows` None means free in every shift.

    `windows` gives, per shift id, the earliest and the latest start of the meeting. `minutes` is the length of a visit,
    `remote_minutes` of a call. Lateness costs `weight` for each subject and each day after `due`.
    """

    id: str
    subjects: tuple[Subject, ...]
    location: str
    channel: Channel
    minutes: int
    remote_minutes: int
    due: date
    weight: float
    windows: Mapping[str, tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of a shift; units measure how tiring it is for a group."""

    max_stops_per_trip: int = 4
    max_units_per_shift: int = 8
    onsite_units: int = 2
    remote_units: int = 1
    two_visitors_onsite: bool = True
    max_groups_per_trip: int = 1


@dataclass(frozen=True, slots=True)
class TravelFormula:
    """Whole minutes from the great-circle distance: ceil(km · detour / speed · 60 + fixed)."""

    speed_kmh: float = 25.0
    detour: float = 1.3
    fixed_minutes: float = 2.0


@dataclass(frozen=True, slots=True)
class TravelTable:
    """Minutes between locations, a square table in the order of `Problem.locations`."""

    minutes: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class TripStop:
    """One visit of a trip."""

    party: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Trip:
    """A crew leaves the base of the first group, visits its stops in order and comes back.

    `source` is the file's own object for a fixed trip, written back unchanged.
    """

    shift: str
    groups: tuple[str, ...]
    visitors: tuple[str, ...]
    depart: int
    back: int
    stops: tuple[TripStop, ...]
    source: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A talk at a distance (or at school) by the lead of one of the party's groups."""

    shift: str
    group: str
    party: str
    visitor: str
    start: int
    end: int
    source: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything `solve` needs to know."""

    name: str
    shifts: tuple[Shift, ...]
    travel: TravelFormula | TravelTable
    locations: tuple[Location, ...]
    groups: tuple[Group, ...]
    visitors: tuple[Visitor, ...]
    parties: tuple[Party, ...]
    rules: Rules = Rules()
    fixed: tuple[Trip | Call, ...] = ()


def clock(minutes: int) -> str:
    """Minutes since midnight as "HH:MM"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def minutes_of(text: str) -> int:
    """ "HH:MM" as minutes since midnight; ValueError when it is not a time of day."""
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isascii() and minutes.isascii() and hours.isdigit() and minutes.isdigit()):
        raise ValueError(text)
    total = int(hours) * 60 + int(minutes)
    if len(hours) > 2 or len(minutes) != 2 or int(minutes) > 59 or total > 24 * 60:
        raise ValueError(text)
    return total
