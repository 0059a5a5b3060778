"""Days, weeks and times as a school writes them."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WEEKDAYS = [
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
]
PARTS_OF_DAY = {
    "morning": gettext_lazy("上午"),
    "afternoon": gettext_lazy("下午"),
    "evening": gettext_lazy("晚上"),
}


def day_words(day: dt.date) -> str:
    """10月12日."""
    return _("%(month)s月%(day)s日") % {"month": day.month, "day": day.day}


def weekday_words(day: dt.date) -> str:
    return str(WEEKDAYS[day.weekday()])


def day_with_weekday(day: dt.date) -> str:
    """10月12日 周一."""
    return _("%(day)s %(weekday)s") % {"day": day_words(day), "weekday": weekday_words(day)}


def shift_words(day: dt.date, kind: str) -> str:
    """10月12日 周一 晚上."""
    return _("%(day)s %(part)s") % {"day": day_with_weekday(day), "part": PARTS_OF_DAY[kind]}


def period_words(start: dt.date, end: dt.date) -> str:
    """10月12日—11月8日, with the year where the years differ from each other."""
    if start.year != end.year:
        return f"{start.isoformat()} — {end.isoformat()}"
    if start.month == end.month:
        return _("%(month)s月%(first)s日—%(last)s日") % {"month": start.month, "first": start.day, "last": end.day}
    return _("%(start)s—%(end)s") % {"start": day_words(start), "end": day_words(end)}


def time_words(moment: dt.datetime | dt.time) -> str:
    """18:30 on the wall of the district."""
    if isinstance(moment, dt.datetime):
        moment = timezone.localtime(moment).time()
    return f"{moment:%H:%M}"


def time_range(start: dt.datetime | dt.time, end: dt.datetime | dt.time) -> str:
    return f"{time_words(start)}–{time_words(end)}"


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
