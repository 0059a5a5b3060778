"""Notifications as a person reads them: by day, what each says, whether there is a page to go to."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from jiafang.notifications.kinds import kind_of
from jiafang.notifications.models import Notification
from jiafang.web.visits.words import clock, near_day


@dataclass(frozen=True, slots=True)
class Line:
    """One notification; `leads` where there is a page to go to."""

    pk: int
    words: Any
    when: str
    unread: bool
    leads: bool


def by_day(rows: Iterable[Notification]) -> list[tuple[str, list[Line]]]:
    """The days in the order of the rows, each with its lines."""
    days: dict[dt.date, list[Line]] = {}
    for row in rows:
        days.setdefault(timezone.localdate(row.created_at), []).append(_line(row))
    return [(near_day(day), lines) for day, lines in days.items()]


def _line(row: Notification) -> Line:
    kind = kind_of(row.code)
    return Line(row.pk, kind.words, clock(row.created_at), row.read_at is None, bool(kind.place(row.object_id)))
