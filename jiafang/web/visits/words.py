"""Dates, windows and states as people say them."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from jiafang.campaigns.models import Appointment, Tier
from jiafang.common.clock import today


def weekday(day: dt.date) -> str:
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")][day.weekday()]


def short_date(day: dt.date) -> str:
    return _("%(month)s月%(day)s日") % {"month": day.month, "day": day.day}


def dated(day: dt.date) -> str:
    """10月17日 周六."""
    return f"{short_date(day)} {weekday(day)}"


def near_day(day: dt.date) -> str:
    """今天, 明天, 10月17日 周六."""
    away = (day - today()).days
    if away == 0:
        return _("今天")
    if away == 1:
        return _("明天")
    if away == -1:
        return _("昨天")
    return dated(day)


def window(day: dt.date, shift_kind: str) -> str:
    """What a family is told: 10月17日 周六上午, never a minute."""
    part = {"morning": _("上午"), "afternoon": _("下午"), "evening": _("晚上")}[shift_kind]
    return f"{short_date(day)} {weekday(day)}{part}"


def clock(moment: dt.datetime) -> str:
    return timezone.localtime(moment).strftime("%H:%M")


def moment_words(moment: dt.datetime) -> str:
    """10月14日 周三 19:40."""
    local = timezone.localtime(moment)
    return f"{short_date(local.date())} {weekday(local.date())} {local:%H:%M}"


def state_of(state: str, answer: str, tier: str) -> tuple[str, str]:
    """(tone, word) of an appointment for its visitor."""
    states = Appointment.State
    if state == states.DONE:
        return "met", _("已访")
    if state == states.MISSED:
        return "unseen", _("没见到")
    if state == states.CANCELLED:
        return "declined", _("已取消")
    if state == states.CONFIRMED:
        return "info", _("已和家长约好") if tier == Tier.TEACHER_FAMILY else _("已约好")
    if answer in ("other_time", "other_channel"):
        return "due", _("家长想换个时间") if answer == "other_time" else _("家长想换个方式")
    return "due", _("还没和家长约") if tier == Tier.TEACHER_FAMILY else _("还没约好")
