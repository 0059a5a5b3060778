"""A table as it stood in a file: raw cells with their place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# str, int, float (only where a whole number would lose digits or has a fraction), bool;
# "" is empty; MISSING_FORMULA and ERROR_VALUE mark cells that Excel could not give a value.
Cell = Any
MISSING_FORMULA: Any = None
ERROR_VALUE: Any = Ellipsis


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, zero-based and inclusive, in sheet coordinates."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class RawTable:
    file: str
    sheet: str
    rows: list[list[Cell]]
    first_column: int = 0  # zero-based sheet column of the first cell
    first_row: int = 0  # zero-based sheet row of the first row
    merges: list[Merge] = field(default_factory=list)
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One uploaded file: the name the user knows it by and its bytes."""

    name: str
    content: bytes
