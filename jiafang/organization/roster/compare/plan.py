"""Everything a commit would write, as plain lists; a reference below zero is a row of the plan itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import Any

Fields = dict[str, Any]


@dataclass(slots=True)
class Plan:
    """Rows are tuples in the order that commit/write.py names; dates are ISO text."""

    on: str = ""
    school_year: int = 0
    kinds_new: list[str] = field(default_factory=list)
    villages_new: list[tuple[str, str]] = field(default_factory=list)
    schools_new: list[tuple[Any, ...]] = field(default_factory=list)
    schools_changed: list[tuple[int, Fields]] = field(default_factory=list)
    cohorts_new: list[tuple[int, str, int]] = field(default_factory=list)
    classes_new: list[tuple[int, str, int]] = field(default_factory=list)
    persons_new: list[tuple[Any, ...]] = field(default_factory=list)
    persons_changed: list[tuple[int, Fields]] = field(default_factory=list)
    households_new: list[tuple[Any, ...]] = field(default_factory=list)
    households_changed: list[tuple[int, Fields]] = field(default_factory=list)
    memberships_ended: list[int] = field(default_factory=list)
    memberships_new: list[tuple[int, int, str]] = field(default_factory=list)
    enrollments_ended: list[tuple[int, int, int, str]] = field(default_factory=list)
    enrollments_new: list[tuple[int, int, bool, str]] = field(default_factory=list)
    enrollments_changed: list[tuple[int, Fields]] = field(default_factory=list)
    guardianships_changed: list[tuple[int, Fields]] = field(default_factory=list)
    guardianships_new: list[tuple[Any, ...]] = field(default_factory=list)
    tags_ended: list[int] = field(default_factory=list)
    tags_new: list[tuple[int, str]] = field(default_factory=list)
    posts_ended: list[tuple[Any, ...]] = field(default_factory=list)
    posts_changed: list[tuple[int, Fields]] = field(default_factory=list)
    posts_new: list[tuple[Any, ...]] = field(default_factory=list)
    pairings_ended: list[int] = field(default_factory=list)
    pairings_new: list[tuple[int, int]] = field(default_factory=list)

    def as_bytes(self) -> bytes:
        """The same plan gives the same bytes, whoever computes it; the day it was made is not part of it."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "on"}
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

    @classmethod
    def from_bytes(cls, content: bytes, on: str) -> Plan:
        return cls(on=on, **json.loads(content))

    @staticmethod
    def digest(content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, each.name) for each in fields(self) if each.name not in ("on", "school_year"))


def new_ref(rows: list[Any]) -> int:
    """The reference of the row just appended."""
    return -len(rows)


FOUND_BY_HASH = ("phone", "id_number", "registry_number")  # sealed; a keyed hash stands beside each
# The order of the columns of persons_new and households_new.
PERSON_FIELDS = ("name", "sex", "birth_date", "phone", "id_number", "registry_number", "has_smartphone")
HOUSEHOLD_FIELDS = ("address", "village", "lat", "lon")
