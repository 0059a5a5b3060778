"""Days and years as people write them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from jiafang.organization.roster.faults import Severity, ValueFault
from jiafang.organization.roster.values.text import EMPTY_WORDS, clean

ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
SPOKEN = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})?)?\s*[日号]?(?:[ T]\d{1,2}:\d{2}.*)?$")
DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})?(?:\d{6})?$")
SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
EXCEL_EPOCH = dt.date(1899, 12, 30)
EARLIEST, LATEST = 1900, 2100


def day(raw: Any) -> dt.date | None:
    """A date; year and month alone mean the first of the month; a bare Excel number is a day count."""
    text = clean(raw)
    if match := ISO.match(text):
        return _date(text, match)
    if text in EMPTY_WORDS:
        return None
    match = DIGITS.match(text) or SPOKEN.match(text)
    if match:
        return _date(text, match)
    if SERIAL.match(text) and 3_000 <= float(text) <= 73_000:
        return EXCEL_EPOCH + dt.timedelta(days=int(float(text)))
    raise ValueFault("date_unknown", severity=Severity.WARNING, value=text[:20])


def _date(text: str, match: re.Match[str]) -> dt.date:
    try:
        found = dt.date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        raise ValueFault("date_impossible", severity=Severity.WARNING, value=text[:20]) from None
    if not EARLIEST <= found.year <= LATEST:
        raise ValueFault("date_impossible", severity=Severity.WARNING, value=text[:20])
    return found


def entry_year(raw: Any) -> int | None:
    """2024, 2024级, 2024-09, 202409, 2024/9/1: the year somebody entered a stage."""
    text = clean(raw)
    if text in EMPTY_WORDS:
        return None
    if match := re.match(r"^(\d{4})(?:\D.*)?$|^(\d{4})(?:\d{2}|\d{4})$", text):
        year = int(match[1] or match[2])
        if 1990 <= year <= LATEST:
            return year
    if match := re.match(r"^(\d{2})级$", text):
        return 2000 + int(match[1])
    if SERIAL.match(text):
        found = day(raw)
        return found.year if found else None
    raise ValueFault("entry_year_unknown", value=text[:20])
