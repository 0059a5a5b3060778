"""Notifications as a person reads them: by day, what each says, whether there is a page to go to."""

import itertools
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
    days = itertools.groupby(rows, lambda row: timezone.localdate(row.created_at))
    return [(near_day(day), [_line(row) for row in of_day]) for day, of_day in days]


def _line(row: Notification) -> Line:
    kind = kind_of(row.code)
    return Line(row.pk, kind.words, clock(row.created_at), row.read_at is None, bool(kind.place(row.object_id)))
