"""What the user is shown of a comparison: counts, and the first lines of each list."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

LINES_KEPT = 2_000


@dataclass(slots=True)
class Line:
    name: str
    where: str = ""
    detail: str = ""


@dataclass(slots=True)
class Doubt:
    """Possibly the same person: a person decides."""

    key: str
    name: str
    where: str
    person_id: int
    other: str
    decision: str = ""  # same, new, or not decided


@dataclass(slots=True)
class Siblings:
    """Children who seem to be siblings; `reason` is guardian or address."""

    key: str
    reason: str
    names: list[str]
    where: list[str]
    accepted: bool = False


@dataclass(slots=True)
class Absent:
    """Who is at a school and not in the file that speaks of it."""

    school: str
    school_name: str
    students: int = 0
    staff: int = 0
    in_file: int = 0
    students_leave: bool = False
    staff_leave: bool = False


@dataclass(slots=True)
class Report:
    counts: Counter[str] = field(default_factory=Counter)  # "students.new" → how many
    lines: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    doubts: list[Doubt] = field(default_factory=list)
    siblings: list[Siblings] = field(default_factory=list)
    absent: dict[str, Absent] = field(default_factory=dict)

    def add(self, group: str, change: str, name: str, where: str = "", detail: str = "") -> None:
        key = f"{group}.{change}"
        self.counts[key] += 1
        if len(self.lines[key]) < LINES_KEPT:
            self.lines[key].append(Line(name, where, detail))

    def count(self, group: str, change: str, by: int = 1) -> None:
        self.counts[f"{group}.{change}"] += by

    @property
    def undecided(self) -> int:
        return sum(1 for doubt in self.doubts if not doubt.decision)

    def as_json(self) -> dict[str, Any]:
        def plain(value: Any) -> dict[str, Any]:
            return {name: getattr(value, name) for name in value.__slots__}

        return {
            "counts": dict(self.counts),
            "lines": {
                key: [[line.name, line.where, line.detail] for line in lines] for key, lines in self.lines.items()
            },
            "doubts": [plain(doubt) for doubt in self.doubts],
            "siblings": [plain(group) for group in self.siblings[:LINES_KEPT]],
            "sibling_count": len(self.siblings),
            "absent": [plain(absent) for absent in self.absent.values()],
        }
