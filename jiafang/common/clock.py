"""Today and now, in the time zone of the district."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """The present moment, aware."""
    return timezone.now()


def today() -> dt.date:
    """The date on the wall of the district."""
    return timezone.localdate()


def at(day: dt.date, time: dt.time) -> dt.datetime:
    """The aware moment of a wall-clock time on a day of the district."""
    return timezone.make_aware(dt.datetime.combine(day, time))
