"""How much a roster file may be; far beyond a district, far below what hurts the server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    files: int = 400
    file_bytes: int = 60_000_000
    unpacked_bytes: int = 320_000_000
    archive_entries: int = 2_000
    sheets: int = 500
    rows: int = 300_000
    columns: int = 400
    cells: int = 8_000_000
    text_length: int = 4_000
    sent_bytes: int = 300_000_000
    child_memory: int = 1_400_000_000
    child_seconds: int = 120


DEFAULT_LIMITS = Limits()
