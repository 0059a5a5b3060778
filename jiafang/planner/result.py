"""What `solve` returns, and how it is written as jiafang-plan/1.

The objective is lexicographic: unvisited subjects, then weighted days of lateness, then (only when promises are
to be kept) appointments moved, then travel minutes. A bound on a level assumes that the levels above it equal the
plan's; a level is proven when its bound equals the plan's value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jiafang.planner.problem import Call, Trip, clock

FORMAT = "jiafang-plan/1"
LEVELS = ("unvisited", "lateness", "travel_minutes")


Where = tuple[str, bool]
"""The shift in which a party is met, and whether on site."""

Promises = Mapping[str, Where]
"""What parties were told, by their ids; an earlier plan gives its own as `Plan.promises`."""


@dataclass(frozen=True, slots=True)
class Objective:
    """The levels in their order of importance; also used for lower bounds."""

    unvisited: int
    lateness: float
    travel_minutes: int
    moved: int = 0

    @property
    def key(self) -> tuple[float, ...]:
        """Sorts plans: the smaller the better."""
        return (self.unvisited, self.lateness, self.moved, self.travel_minutes)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a party could not be placed: a code with parameters for programs, a sentence for people."""

    code: str
    params: Mapping[str, Any]
    chinese: str
    english: str


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A party nobody meets, with its unmet subjects."""

    party: str
    subjects: tuple[str, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Moved:
    """A party that is met in another shift or channel than it was promised: before and now.

    `code` says why: evening_cancelled, family_not_free, channel_changed, lead_not_free, no_co_visitor, made_room.
    """

    party: str
    was: Where
    now: Where
    code: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A feasible plan with what is known about how good it is."""

    trips: tuple[Trip, ...]
    calls: tuple[Call, ...]
    unplaced: tuple[Unplaced, ...]
    objective: Objective
    bounds: Objective
    seconds: float
    kept: bool = False
    stopped: bool = False
    notes: tuple[str, ...] = field(default=())
    moved: tuple[Moved, ...] = field(default=())

    @property
    def levels(self) -> tuple[str, ...]:
        """The names of the levels that were asked for."""
        return ("unvisited", "lateness", "moved", "travel_minutes") if self.kept else LEVELS

    @property
    def proven(self) -> tuple[str, ...]:
        """The levels whose bound equals the value of the plan."""
        return tuple(name for name in self.levels if getattr(self.objective, name) == getattr(self.bounds, name))

    @property
    def promises(self) -> Promises:
        """Where each party is met, to be kept by a later plan."""
        visits = {stop.party: (trip.shift, True) for trip in self.trips for stop in trip.stops}
        return visits | {call.party: (call.shift, False) for call in self.calls}

    @property
    def travel_gap(self) -> int:
        """Minutes of travel that a better plan could at most save, the levels above being equal."""
        return self.objective.travel_minutes - self.bounds.travel_minutes


@dataclass(frozen=True, slots=True)
class Progress:
    """What `solve` tells while it works; fraction is between 0 and 1."""

    phase: str
    fraction: float
    objective: Objective | None = None
    bounds: Objective | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """When to stop although nothing is proven: after `seconds` of wall clock (None: only by the work limits)."""

    seconds: float | None = None


ProgressCallback = Callable[[Progress], bool | None]
"""Called now and then; returning True asks `solve` to stop and hand over the best plan so far."""


def trip_json(trip: Trip) -> dict[str, Any]:
    """The trip in the plan's form; a fixed one exactly as it came."""
    if trip.source is not None:
        return dict(trip.source)
    return {
        "shift": trip.shift,
        "groups": list(trip.groups),
        "visitors": list(trip.visitors),
        "depart": clock(trip.depart),
        "return": clock(trip.back),
        "stops": [{"party": s.party, "start": clock(s.start), "end": clock(s.end)} for s in trip.stops],
    }


def call_json(call: Call) -> dict[str, Any]:
    """The call in the plan's form; a fixed one exactly as it came."""
    if call.source is not None:
        return dict(call.source)
    return {
        "shift": call.shift,
        "group": call.group,
        "party": call.party,
        "visitor": call.visitor,
        "start": clock(call.start),
        "end": clock(call.end),
    }


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as jiafang-plan/1."""
    return {
        "format": FORMAT,
        "trips": [trip_json(t) for t in plan.trips],
        "calls": [call_json(c) for c in plan.calls],
        "unplaced": [
            {"party": u.party, "subjects": list(u.subjects), "reason": u.reason.chinese} for u in plan.unplaced
        ],
        "objective": {name: _number(getattr(plan.objective, name)) for name in plan.levels},
        "bounds": {name: _number(getattr(plan.bounds, name)) for name in plan.levels},
        "proven": list(plan.proven),
        "seconds": round(plan.seconds, 3),
    }


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan in one go: the file is either whole or not there."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(json.dumps(plan_json(plan), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
