"""The parts that are finished, one file each, so that a run that was killed loses none of them."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from jiafang.planner.check import check_plan
from jiafang.planner.explain import reason
from jiafang.planner.problem import Call, Problem, Trip, TripStop
from jiafang.planner.result import Objective, Plan, Promises, Unplaced

_FORM = 1
"""Raised when the planner of a later release makes better plans of the same parts."""


class Finished:
    """Plans of finished parts in a folder, found again by what the part and the seed are.

    A file that is torn, of another form or no plan of its part is passed over, and the part is planned again; so is one
    that ran out of time when more `seconds` are allowed than then.
    """

    def __init__(self, folder: Path, seed: int, seconds: float | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.seed = folder, seed
        self.seconds = math.inf if seconds is None else seconds

    def keep(self, part: Problem, kept: Promises | None, plan: Plan) -> None:
        """Write the plan of a part; the file is whole or not there."""
        open_trips = [trip for trip in plan.trips if trip not in part.fixed]
        open_calls = [call for call in plan.calls if call not in part.fixed]
        data = {
            "trips": [_plain(trip) for trip in open_trips],
            "calls": [_plain(call) for call in open_calls],
            "unplaced": [
                {"party": u.party, "subjects": u.subjects, "code": u.reason.code, "params": u.reason.params}
                for u in plan.unplaced
            ],
            "objective": asdict(plan.objective),
            "bounds": asdict(plan.bounds),
            "seconds": plan.seconds,
            "stopped": plan.stopped,
            "allowed": self.seconds,
        }
        path = self._path(part, kept)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        draft.replace(path)

    def plan_of(self, part: Problem, kept: Promises | None) -> Plan | None:
        """The plan of a part if it is finished."""
        try:
            data = json.loads(self._path(part, kept).read_text(encoding="utf-8"))
            plan = _plan(data, part, kept=kept is not None)
            worth_more = plan.stopped and self.seconds > data["allowed"]
            return None if worth_more or check_plan(part, plan) else plan
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def _path(self, part: Problem, kept: Promises | None) -> Path:
        what = [_FORM, asdict(part), self.seed, kept]
        text = json.dumps(what, sort_keys=True, ensure_ascii=False, default=_sortable)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"


def _plain(appointment: Trip | Call) -> dict[str, Any]:
    return {key: value for key, value in asdict(appointment).items() if key != "source"}


def _sortable(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


def _plan(data: dict[str, Any], part: Problem, *, kept: bool) -> Plan:
    trips = [
        Trip(
            **{
                **trip,
                "groups": tuple(trip["groups"]),
                "visitors": tuple(trip["visitors"]),
                "stops": tuple(TripStop(**stop) for stop in trip["stops"]),
            }
        )
        for trip in data["trips"]
    ]
    return Plan(
        trips=(*(fixed for fixed in part.fixed if isinstance(fixed, Trip)), *trips),
        calls=(*(fixed for fixed in part.fixed if isinstance(fixed, Call)), *(Call(**call) for call in data["calls"])),
        unplaced=tuple(
            Unplaced(u["party"], tuple(u["subjects"]), reason(u["code"], u["params"])) for u in data["unplaced"]
        ),
        objective=Objective(**data["objective"]),
        bounds=Objective(**data["bounds"]),
        seconds=data["seconds"],
        kept=kept,
        stopped=data["stopped"],
    )
