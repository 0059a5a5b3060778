"""What can be wrong with a roster: a code and a place; the words are in messages.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    ERROR = "error"  # the row cannot be taken; nothing is committed until it is mended or skipped
    WARNING = "warning"  # the row is taken, the value or the doubt is shown
    NOTE = "note"  # nothing to mend, only told


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the uploaded files: row and column counted as Excel shows them, from 1."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: int | None = None
    header: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    code: str
    severity: Severity
    place: Place
    params: dict[str, Any] = field(default_factory=dict)


class ValueFault(Exception):
    """A cell that cannot be read; as a warning the row lives on without the value."""

    def __init__(self, code: str, *, severity: Severity = Severity.ERROR, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.severity = severity
        self.params = params


class FileFault(Exception):
    """A file that cannot be read at all."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class FaultList:
    """Collects faults, counts all and keeps the first of each kind so that a broken column stays readable."""

    KEPT_PER_KIND = 500

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._counts: dict[tuple[str, Severity], int] = {}

    def add(self, fault: Fault) -> None:
        key = (fault.code, fault.severity)
        count = self._counts.get(key, 0) + 1
        self._counts[key] = count
        if count <= self.KEPT_PER_KIND:
            self._faults.append(fault)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def __len__(self) -> int:
        return len(self._faults)

    def count(self, severity: Severity) -> int:
        return sum(count for (_, kind), count in self._counts.items() if kind is severity)

    def codes(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for (code, _), count in self._counts.items():
            found[code] = found.get(code, 0) + count
        return found

    @property
    def not_shown(self) -> int:
        return sum(self._counts.values()) - len(self._faults)
