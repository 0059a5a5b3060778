"""Wall-clock times as minutes since midnight, as the planner counts them."""

import datetime as dt

from django.utils.timezone import localtime

from jiafang.common.clock import at


def minute_of(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def minute_at(moment: dt.datetime) -> int:
    """The minute of the day in the district."""
    return minute_of(localtime(moment).time())


def moment_at(date: dt.date, minute: int) -> dt.datetime:
    return at(date, dt.time()) + dt.timedelta(minutes=minute)
