"""From a jiafang-problem/1 file to a Problem; every fault is named once, at its JSON path."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from jiafang.planner.check import rule_faults
from jiafang.planner.problem import (
    CHANNELS,
    Call,
    Channel,
    Group,
    Location,
    Party,
    Problem,
    Rules,
    Shift,
    Subject,
    TravelFormula,
    TravelTable,
    Trip,
    TripStop,
    Visitor,
    minutes_of,
)

FORMAT = "jiafang-problem/1"
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in the input, and where."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class BadProblemError(ValueError):
    """The input is no valid problem; `faults` says why, one per place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def read_problem(path: Path) -> Problem:
    """Read a problem file; BadProblemError when it is no JSON or no valid problem, OSError when it cannot be read."""
    raw = path.read_bytes()
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadProblemError([Fault("$", f"is not UTF-8 text (byte {error.start})")]) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadProblemError([Fault("$", f"is not JSON: {error.msg} ({where})")]) from None
    except (RecursionError, ValueError) as error:
        raise BadProblemError([Fault("$", f"is not JSON that can be read: {error}")]) from None
    return problem_of(data)


def problem_of(data: Any) -> Problem:
    """Build a problem from parsed JSON; BadProblemError lists all faults that can be found."""
    reader = _Reader()
    problem = reader.problem(data)
    if reader.faults or problem is None:
        raise BadProblemError(reader.faults)
    broken: dict[int, list[str]] = {}
    for n, message in rule_faults(problem):
        broken.setdefault(n, []).append(message)
    if broken:
        raise BadProblemError([Fault(f"$.fixed[{n}]", "; ".join(messages)) for n, messages in broken.items()])
    return problem


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, message: str) -> None:
        if all(known.path != path for known in self.faults):
            self.faults.append(Fault(path, message))

    # --- single values -------------------------------------------------------------------------------------------

    def get(self, data: Mapping[str, Any], key: str, path: str, default: Any = _MISSING) -> Any:
        if key in data:
            return data[key]
        if default is _MISSING:
            self.fault(f"{path}.{key}", "is missing")
        return default

    def mapping(self, value: Any, path: str) -> dict[str, Any] | None:
        if isinstance(value, dict):
            return value
        if value is not _MISSING:
            self.fault(path, f"must be an object, is {_shown(value)}")
        return None

    def items(self, value: Any, path: str) -> list[tuple[str, Any]]:
        if isinstance(value, list):
            return [(f"{path}[{n}]", item) for n, item in enumerate(value)]
        if value is not _MISSING:
            self.fault(path, f"must be a list, is {_shown(value)}")
        return []

    def text(self, value: Any, path: str) -> str:
        if isinstance(value, str) and value:
            return value
        if value is not _MISSING:
            self.fault(path, f"must be a text that is not empty, is {_shown(value)}")
        return ""

    def number(self, value: Any, path: str, low: float, high: float = 1e9) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            if low <= value <= high:
                return value
            self.fault(path, f"must be between {low:g} and {high:g}, is {value:g}")
        elif value is not _MISSING:
            self.fault(path, f"must be a number, is {_shown(value)}")
        return low

    def whole(self, value: Any, path: str, low: int, high: int = 1_000_000) -> int:
        number = self.number(value, path, low, high)
        if number != int(number):
            self.fault(path, f"must be a whole number, is {number:g}")
        return int(number)

    def flag(self, value: Any, path: str) -> bool:
        if isinstance(value, bool):
            return value
        if value is not _MISSING:
            self.fault(path, f"must be true or false, is {_shown(value)}")
        return False

    def time(self, value: Any, path: str) -> int:
        if value is _MISSING:
            return 0
        try:
            if isinstance(value, str):
                return minutes_of(value)
        except ValueError:
            pass
        self.fault(path, f'must be a time "HH:MM", is {_shown(value)}')
        return 0

    def day(self, value: Any, path: str) -> date:
        if value is _MISSING:
            return date.min
        try:
            if isinstance(value, str) and len(value) == 10:
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fault(path, f'must be a date "YYYY-MM-DD", is {_shown(value)}')
        return date.min

    def known(self, value: Any, path: str, ids: Mapping[str, Any], what: str) -> str:
        name = self.text(value, path)
        if name and name not in ids:
            self.fault(path, f"names no {what}: {_shown(name)}")
        return name

    def entries(self, data: Mapping[str, Any], key: str, build: Callable[[dict[str, Any], str], Any]) -> dict[str, Any]:
        """The list under `key`, built one by one, by id; an id given twice is a fault."""
        found: dict[str, Any] = {}
        path = f"$.{key}"
        for where, item in self.items(self.get(data, key, "$"), path):
            entry = self.mapping(item, where)
            if entry is None:
                continue
            built = build(entry, where)
            if built.id in found:
                self.fault(f"{where}.id", f"is given twice: {_shown(built.id)}")
            found[built.id] = built
        return found

    # --- the problem ---------------------------------------------------------------------------------------------

    def problem(self, raw: Any) -> Problem | None:
        data = self.mapping(raw, "$")
        if data is None:
            return None
        if data.get("format") != FORMAT:
            self.fault("$.format", f'must be "{FORMAT}", is {_shown(data.get("format"))}')
            return None
        shifts: dict[str, Shift] = self.entries(data, "shifts", self.shift)
        locations: dict[str, Location] = self.entries(data, "locations", self.location)
        visitors: dict[str, Visitor] = self.entries(data, "visitors", lambda v, path: self.visitor(v, path, shifts))
        groups: dict[str, Group] = self.entries(
            data, "groups", lambda g, path: self.group(g, path, locations, visitors)
        )
        parties: dict[str, Party] = self.entries(
            data, "parties", lambda p, path: self.party(p, path, shifts, locations, groups)
        )
        self.unique_subjects(data)
        rules = self.rules(data)
        travel = self.travel(data, len(locations))
        name = data.get("name", "")
        if not isinstance(name, str):
            self.fault("$.name", f"must be a text, is {_shown(name)}")
        fixed = [
            self.fixed(entry, where, shifts, groups, visitors, parties)
            for where, item in self.items(data.get("fixed", []), "$.fixed")
            if (entry := self.mapping(item, where)) is not None
        ]
        if self.faults:
            return None
        return Problem(
            name=name,
            shifts=tuple(shifts.values()),
            travel=travel,
            locations=tuple(locations.values()),
            groups=tuple(groups.values()),
            visitors=tuple(visitors.values()),
            parties=tuple(parties.values()),
            rules=rules,
            fixed=tuple(fixed),
        )

    def shift(self, data: dict[str, Any], path: str) -> Shift:
        start = self.time(self.get(data, "start", path), f"{path}.start")
        end = self.time(self.get(data, "end", path), f"{path}.end")
        if end < start:
            self.fault(f"{path}.end", "is before the start")
        return Shift(
            id=self.text(self.get(data, "id", path), f"{path}.id"),
            date=self.day(self.get(data, "date", path), f"{path}.date"),
            start=start,
            end=end,
        )

    def location(self, data: dict[str, Any], path: str) -> Location:
        return Location(
            id=self.text(self.get(data, "id", path), f"{path}.id"),
            lat=self.number(self.get(data, "lat", path), f"{path}.lat", -90, 90),
            lon=self.number(self.get(data, "lon", path), f"{path}.lon", -180, 180),
        )

    def visitor(self, data: dict[str, Any], path: str, shifts: Mapping[str, Shift]) -> Visitor:
        free: frozenset[str] | None = None
        if "shifts" in data:
            free = frozenset(
                self.known(item, where, shifts, "shift") for where, item in self.items(data["shifts"], f"{path}.shifts")
            )
        return Visitor(id=self.text(self.get(data, "id", path), f"{path}.id"), shifts=free)

    def group(
        self, data: dict[str, Any], path: str, locations: Mapping[str, Location], visitors: Mapping[str, Visitor]
    ) -> Group:
        return Group(
            id=self.text(self.get(data, "id", path), f"{path}.id"),
            base=self.known(self.get(data, "base", path), f"{path}.base", locations, "location"),
            lead=self.known(self.get(data, "lead", path), f"{path}.lead", visitors, "visitor"),
            co_visitors=tuple(
                self.known(item, where, visitors, "visitor")
                for where, item in self.items(self.get(data, "co_visitors", path, []), f"{path}.co_visitors")
            ),
        )

    def party(
        self,
        data: dict[str, Any],
        path: str,
        shifts: Mapping[str, Shift],
        locations: Mapping[str, Location],
        groups: Mapping[str, Group],
    ) -> Party:
        subjects = []
        for where, item in self.items(self.get(data, "subjects", path), f"{path}.subjects"):
            entry = self.mapping(item, where)
            if entry is not None:
                subject = self.text(self.get(entry, "id", where), f"{where}.id")
                group = self.known(self.get(entry, "group", where), f"{where}.group", groups, "group")
                subjects.append(Subject(subject, group))
        if data.get("subjects") == []:
            self.fault(f"{path}.subjects", "must name at least one subject")
        channel = self.get(data, "channel", path)
        if channel is not _MISSING and channel not in CHANNELS:
            self.fault(f"{path}.channel", f"must be one of {', '.join(CHANNELS)}, is {_shown(channel)}")
        return Party(
            id=self.text(self.get(data, "id", path), f"{path}.id"),
            subjects=tuple(subjects),
            location=self.known(self.get(data, "location", path), f"{path}.location", locations, "location"),
            channel=cast(Channel, channel if channel in CHANNELS else "any"),
            minutes=self.whole(self.get(data, "minutes", path), f"{path}.minutes", 0, 1440),
            remote_minutes=self.whole(self.get(data, "remote_minutes", path), f"{path}.remote_minutes", 0, 1440),
            due=self.day(self.get(data, "due", path), f"{path}.due"),
            weight=self.number(self.get(data, "weight", path), f"{path}.weight", 0, 1_000_000),
            windows=self.windows(data, path, shifts),
        )

    def windows(
        self, data: dict[str, Any], path: str, shifts: Mapping[str, Shift]
    ) -> dict[str, tuple[int, int]] | None:
        if "windows" not in data:
            return None
        found: dict[str, tuple[int, int]] = {}
        for shift, pair in (self.mapping(data["windows"], f"{path}.windows") or {}).items():
            where = f"{path}.windows.{shift}"
            if shift not in shifts:
                self.fault(where, "names no shift")
            elif not isinstance(pair, list) or len(pair) != 2:
                self.fault(where, f"must be [earliest start, latest start], is {_shown(pair)}")
            else:
                low, high = (self.time(pair[n], f"{where}[{n}]") for n in (0, 1))
                if high < low:
                    self.fault(where, "ends before it begins")
                found[shift] = (low, high)
        return found

    def unique_subjects(self, data: Mapping[str, Any]) -> None:
        seen: set[str] = set()
        parties = data.get("parties")
        for n, party in enumerate(parties if isinstance(parties, list) else []):
            subjects = party.get("subjects") if isinstance(party, dict) else None
            for k, subject in enumerate(subjects if isinstance(subjects, list) else []):
                name = subject.get("id") if isinstance(subject, dict) else None
                if isinstance(name, str) and name in seen:
                    self.fault(f"$.parties[{n}].subjects[{k}].id", f"is given twice: {_shown(name)}")
                elif isinstance(name, str):
                    seen.add(name)

    def rules(self, data: Mapping[str, Any]) -> Rules:
        rules = self.mapping(self.get(data, "rules", "$"), "$.rules")
        if rules is None:
            return Rules()
        path = "$.rules"

        def whole(key: str, low: int, default: Any = _MISSING) -> int:
            return self.whole(self.get(rules, key, path, default), f"{path}.{key}", low)

        return Rules(
            max_stops_per_trip=whole("max_stops_per_trip", 0),
            max_units_per_shift=whole("max_units_per_shift", 0),
            onsite_units=whole("onsite_units", 0),
            remote_units=whole("remote_units", 0),
            two_visitors_onsite=self.flag(self.get(rules, "two_visitors_onsite", path), f"{path}.two_visitors_onsite"),
            max_groups_per_trip=whole("max_groups_per_trip", 1, 1),
        )

    def travel(self, data: Mapping[str, Any], count: int) -> TravelFormula | TravelTable:
        travel = self.mapping(self.get(data, "travel", "$"), "$.travel")
        if travel is None:
            return TravelFormula()
        if "minutes" not in travel:
            speed = self.number(self.get(travel, "speed_kmh", "$.travel"), "$.travel.speed_kmh", 0)
            if travel.get("speed_kmh") == 0:
                self.fault("$.travel.speed_kmh", "must be above 0")
            return TravelFormula(
                speed_kmh=speed,
                detour=self.number(self.get(travel, "detour", "$.travel"), "$.travel.detour", 0),
                fixed_minutes=self.number(self.get(travel, "fixed_minutes", "$.travel"), "$.travel.fixed_minutes", 0),
            )
        rows = self.items(travel["minutes"], "$.travel.minutes")
        if len(rows) != count:
            self.fault("$.travel.minutes", f"must have a row for each of the {count} locations, has {len(rows)}")
        table = []
        for where, row in rows:
            cells = self.items(row, where)
            if isinstance(row, list) and len(cells) != count:
                self.fault(where, f"must have {count} numbers, has {len(cells)}")
            table.append(tuple(self.whole(cell, place, 0) for place, cell in cells))
        return TravelTable(tuple(table))

    def fixed(
        self,
        data: dict[str, Any],
        path: str,
        shifts: Mapping[str, Shift],
        groups: Mapping[str, Group],
        visitors: Mapping[str, Visitor],
        parties: Mapping[str, Party],
    ) -> Trip | Call:
        shift = self.known(self.get(data, "shift", path), f"{path}.shift", shifts, "shift")
        if "stops" not in data:
            return Call(
                shift=shift,
                group=self.known(self.get(data, "group", path), f"{path}.group", groups, "group"),
                party=self.known(self.get(data, "party", path), f"{path}.party", parties, "party"),
                visitor=self.known(self.get(data, "visitor", path), f"{path}.visitor", visitors, "visitor"),
                start=self.time(self.get(data, "start", path), f"{path}.start"),
                end=self.time(self.get(data, "end", path), f"{path}.end"),
                source=data,
            )
        stops = []
        for where, item in self.items(data["stops"], f"{path}.stops"):
            entry = self.mapping(item, where)
            if entry is not None:
                stops.append(
                    TripStop(
                        party=self.known(self.get(entry, "party", where), f"{where}.party", parties, "party"),
                        start=self.time(self.get(entry, "start", where), f"{where}.start"),
                        end=self.time(self.get(entry, "end", where), f"{where}.end"),
                    )
                )

        def names(key: str, ids: Mapping[str, Any], what: str) -> tuple[str, ...]:
            listed = self.items(self.get(data, key, path), f"{path}.{key}")
            return tuple(self.known(item, where, ids, what) for where, item in listed)

        return Trip(
            shift=shift,
            groups=names("groups", groups, "group"),
            visitors=names("visitors", visitors, "visitor"),
            depart=self.time(self.get(data, "depart", path), f"{path}.depart"),
            back=self.time(self.get(data, "return", path), f"{path}.return"),
            stops=tuple(stops),
            source=data,
        )


def _shown(value: Any) -> str:
    if value is _MISSING or value is None:
        return "null" if value is None else "missing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
