"""年段教师家访安排表: the one table that the page's list, the Excel file and the PDF file all show."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jiafang.campaigns.models import Campaign, Channel, Tier
from jiafang.web.timetable.dates import day_words, time_range, weekday_words
from jiafang.web.timetable.reads import Board, Meeting


@dataclass(frozen=True, slots=True)
class Column:
    """A column and its share of the width of the paper."""

    heading: str
    width: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet for the wall."""

    name: str
    title: str
    subtitle: str
    columns: Sequence[Column]
    rows: Sequence[tuple[str, ...]]
    foot: str

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]

    @property
    def lines(self) -> list[list[tuple[str, str]]]:
        """Each row with its headings, for a table that becomes cards on a phone."""
        return [list(zip(self.headings, row, strict=True)) for row in self.rows]


def sheet(board: Board, campaign: Campaign, *, name: str, unit: str, term: str, today: dt.date) -> Sheet:
    """The appointments of the board in the order of the calendar."""
    family = campaign.tier == Tier.TEACHER_FAMILY
    leads = {group.id: (group.lead_id, group.lead_name) for group in board.groups}
    rows = [_row(meeting, board, leads, family) for meeting in sorted(board.meetings, key=_calendar_order)]
    title = _("%(unit)s年段教师家访安排表") if family else _("%(unit)s走访安排表")
    draft = any(not meeting.published for meeting in board.meetings)
    parts = [term, campaign.title, _("草稿,还没有发布") if draft else ""]
    return Sheet(
        name=name,
        title=title % {"unit": unit},
        subtitle=" · ".join(part for part in parts if part),
        columns=_family_columns() if family else _talk_columns(),
        rows=rows,
        foot=_("共 %(count)s 次 · 制表日期 %(day)s") % {"count": len(rows), "day": today.isoformat()},
    )


def _family_columns() -> list[Column]:
    return [
        Column(_("日期"), 12),
        Column(_("星期"), 7),
        Column(_("时间"), 14),
        Column(_("班级"), 12),
        Column(_("家访教师"), 10),
        Column(_("同行教师"), 12),
        Column(_("学生"), 14),
        Column(_("方式"), 7),
        Column(_("地点(大概)"), 16),
        Column(_("家访重点"), 30),
        Column(_("备注"), 12),
    ]


def _talk_columns() -> list[Column]:
    return [
        Column(_("日期"), 12),
        Column(_("星期"), 7),
        Column(_("时间"), 14),
        Column(_("走访人"), 12),
        Column(_("同行"), 14),
        Column(_("待访对象"), 16),
        Column(_("学校"), 22),
        Column(_("方式"), 8),
        Column(_("备注"), 12),
    ]


def _calendar_order(meeting: Meeting) -> tuple[dt.datetime, int, int]:
    return meeting.starts_at, meeting.group_id, meeting.id


def _row(meeting: Meeting, board: Board, leads: dict[int, tuple[int, str]], family: bool) -> tuple[str, ...]:
    lead_id, lead = leads.get(meeting.group_id) or (meeting.visitors[0] if meeting.visitors else (0, ""))
    others = _distinct(name for pk, name in meeting.visitors if pk != lead_id)
    met = _distinct(person.name for person in meeting.met)
    when = (day_words(meeting.date), weekday_words(meeting.date), time_range(meeting.starts_at, meeting.ends_at))
    channel = str(Channel(meeting.channel).label)
    if not family:
        schools = _distinct(person.school_name for person in meeting.met)
        return (*when, lead, others, met, schools, channel, "")
    classes = _distinct(person.class_name for person in meeting.met)
    cohorts = dict.fromkeys(person.cohort_id for person in meeting.met if person.cohort_id)
    focus = ";".join(" ".join(board.focuses[c].split()) for c in cohorts if board.focuses.get(c))
    return (*when, classes, lead, others, met, channel, rough_place(meeting), focus, "")


def rough_place(meeting: Meeting) -> str:
    """The village for a visit at home, the school's gate for a talk there; nothing closer may hang on a wall."""
    if meeting.channel == Channel.ONSITE:
        return _distinct(person.village for person in meeting.met)
    return str(_("学校")) if meeting.channel == Channel.AT_SCHOOL else ""


def _distinct(words: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(word for word in words if word))
