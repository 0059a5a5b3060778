"""What boards say in few words: how urgent, where it stands, what comes next."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access.actor import CADRE, COUNSELOR, DIRECTOR, PRINCIPAL
from jiafang.care.models import AlertTier, CaseAction, CaseFile
from jiafang.care.selectors.board import Part
from jiafang.common.clock import today
from jiafang.web.visits.words import dated, short_date

State = CaseFile.State

TIER_WORDS = {
    AlertTier.GREEN: gettext_lazy("一般"),
    AlertTier.YELLOW: gettext_lazy("留意"),
    AlertTier.ORANGE: gettext_lazy("较急"),
    AlertTier.RED: gettext_lazy("紧急"),
}
TIER_TONES = {AlertTier.GREEN: "neutral", AlertTier.YELLOW: "info", AlertTier.ORANGE: "due", AlertTier.RED: "overdue"}


def board_title(kind: str) -> str:
    return {
        COUNSELOR: _("转介和辅导"),
        PRINCIPAL: _("问题台账"),
        CADRE: _("学校的问题"),
        DIRECTOR: _("问题台账"),
    }.get(kind, _("要办的事"))


def part_word(part: Part, kind: str) -> str:
    if part == Part.MINE:
        return _("我在办的")
    if part == Part.CONFIRM:
        return _("等我确认")
    if part == Part.ASKED:
        return _("等我答复的转介")
    return {PRINCIPAL: _("报到学校的"), DIRECTOR: _("报到局里的"), CADRE: _("报到局里的")}.get(kind, _("我能看到的"))


def nothing_words(part: Part, kind: str) -> str:
    """What an empty board says: where the matters are that are not on it."""
    if part == Part.ALL and kind in (DIRECTOR, CADRE):
        return _("没有报到局里的事。学校办得了的由学校办,不在这里;各校有多少件,看“总体情况”。")
    if part == Part.ALL and kind == PRINCIPAL:
        return _("没有报到学校的事。班级、年段办得了的由他们办,不在这里;有多少件,看“总体情况”。")
    return _("有新的事,会先在提醒里告诉您。")


def due_words(due: dt.date, state: str) -> str:
    """今天到期, 还有 3 天, 超期 2 天."""
    days = (due - today()).days
    if state == State.CLOSED:
        return ""
    if state == State.AWAITING:
        return _("期限%(day)s") % {"day": dated(due)}
    if days < 0:
        return _("超期 %(days)s 天") % {"days": -days}
    if days == 0:
        return _("今天到期")
    return _("还有 %(days)s 天") % {"days": days}


def next_words(state: str, last: tuple[str, dt.date] | None, confirmer: str) -> str:
    """What was done last, or what comes first."""
    if state == State.AWAITING:
        return _("等%(name)s确认") % {"name": confirmer}
    if state == State.CLOSED:
        return ""
    if last is None:
        return _("还没有动手,先记下第一步")
    kind, on = last
    return _("%(day)s %(kind)s") % {"day": short_date(on), "kind": CaseAction.Kind(kind).label}
