"""What the user chose on the preview."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ALL = "all"
WITH_GUARDIAN = "guardian"


@dataclass(slots=True)
class Options:
    school_year: int
    on: dt.date
    roll_over: bool = False
    skip_faulty: bool = False
    new_classes: bool = False
    students_complete: frozenset[str] = frozenset()  # school codes whose whole student body is in the file
    staff_complete: frozenset[str] = frozenset()
    siblings: frozenset[str] = frozenset()  # keys of accepted proposals, or "guardian", or "all"
    decisions: Mapping[str, str] = field(default_factory=dict)  # doubt → "same" or "new"; "*" for the rest

    @classmethod
    def of(cls, data: Mapping[str, Any], *, school_year: int, on: dt.date, roll_over: bool) -> Options:
        return cls(
            school_year=int(data.get("school_year") or school_year),
            on=on,
            roll_over=roll_over,
            skip_faulty=bool(data.get("skip_faulty")),
            new_classes=bool(data.get("new_classes")),
            students_complete=frozenset(data.get("students_complete", ())),
            staff_complete=frozenset(data.get("staff_complete", ())),
            siblings=frozenset(data.get("siblings", ())),
            decisions=dict(data.get("decisions", {})),
        )

    def complete(self, chosen: frozenset[str], school: str) -> bool:
        return ALL in chosen or school in chosen

    def decision(self, key: str) -> str:
        return self.decisions.get(key) or self.decisions.get("*", "")
