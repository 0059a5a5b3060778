"""Before and after as small lines and in words: student and guardian apart, marks and attendance if entered."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jiafang.care.models import Measure, Progress
from jiafang.web.care.curve import Ground, soft_path
from jiafang.web.visits.words import short_date

WIDTH, HEIGHT, LEFT = 340, 132, 56
MOODS = tuple(Measure.Mood)
# Further lines would crowd the panel; in words they are told all the same.
MOST_TRENDS = 4


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` names how it is drawn: one of them filled, another dashed, never by color alone."""

    name: str
    kind: str
    path: str
    dots: Sequence[Dot]


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    words: str
    lines: Sequence[Line]
    levels: Sequence[tuple[float, str]]
    days: Sequence[tuple[float, str, str]]
    """Where a day is written, the word, and to which side it runs."""


def mood_words(rows: Sequence[Measure]) -> list[str]:
    """学生:从很焦虑到平静(10月3日至11月20日)."""
    found = []
    for who in Measure.Who:
        own = [row for row in rows if row.who == who]
        if own:
            found.append(_from_to(str(who.label), [(row.on, _mood(row)) for row in own]))
    return found


def _mood(row: Measure) -> str:
    return str(Measure.Mood(row.mood).label) if row.mood in Measure.Mood.values else _("未留文字")


def _from_to(name: str, points: Sequence[tuple[dt.date, str]]) -> str:
    (first, began), (last, ended) = points[0], points[-1]
    told = {"name": name, "began": began, "ended": ended, "first": short_date(first), "last": short_date(last)}
    if len(points) == 1:
        return _("%(name)s:%(ended)s(%(last)s)") % told
    if began == ended:
        return _("%(name)s:一直是%(ended)s(%(first)s至%(last)s)") % told
    return _("%(name)s:从%(began)s到%(ended)s(%(first)s至%(last)s)") % told


def mood_chart(rows: Sequence[Measure]) -> Chart | None:
    """The two lines on one ground, calm above and anxious below; nothing to draw below two points."""
    rows = [row for row in rows if row.mood in Measure.Mood.values]
    if len(rows) < 2:
        return None
    ground = _ground([row.on for row in rows], 1, len(MOODS))
    lines = []
    for who in Measure.Who:
        own = [row for row in rows if row.who == who]
        dots = [Dot(ground.x(row.on), ground.y(int(row.mood)), f"{short_date(row.on)} {_mood(row)}") for row in own]
        if dots:
            lines.append(Line(str(who.label), who.value, soft_path([(dot.x, dot.y) for dot in dots]), dots))
    levels = [(ground.y(int(mood)), str(mood.label)) for mood in MOODS]
    return Chart(_("情绪"), ";".join(mood_words(rows)), lines, levels, _days(ground))


def trends(rows: Sequence[Progress]) -> list[tuple[str, Chart | None]]:
    """(words, chart) of each kind of mark and of attendance; the one with the newest entry first."""
    groups: dict[tuple[str, str], list[tuple[dt.date, float]]] = {}
    for row in rows:
        if row.value:
            groups.setdefault((row.kind, row.label), []).append((row.on, float(row.value)))
    newest_first = sorted(groups.items(), key=lambda group: group[1][-1][0], reverse=True)
    return [
        (_from_to(_name(kind, label), [(on, _number(kind, value)) for on, value in points]), chart)
        for at, ((kind, label), points) in enumerate(newest_first)
        for chart in [_trend(kind, label, points) if at < MOST_TRENDS else None]
    ]


def _name(kind: str, label: str) -> str:
    return label if kind == Progress.Kind.MARK else f"{Progress.Kind(kind).label}·{label}"


def _number(kind: str, value: float) -> str:
    return f"{value:g}%" if kind == Progress.Kind.ATTENDANCE else f"{value:g}"


def _trend(kind: str, label: str, points: Sequence[tuple[dt.date, float]]) -> Chart | None:
    if len(points) < 2:
        return None
    values = [value for _on, value in points]
    low, high = min(values), max(values)
    ground = _ground([on for on, _value in points], low, high)
    dots = [
        Dot(ground.x(on), ground.y(value), f"{short_date(on)} {_number(kind, value)}") for on, value in points
    ]  # fmt: skip
    line = Line(label, "value", soft_path([(dot.x, dot.y) for dot in dots]), dots)
    levels = [(ground.y(value), _number(kind, value)) for value in sorted({low, high})]
    words = _from_to(_name(kind, label), [(on, _number(kind, value)) for on, value in points])
    return Chart(_name(kind, label), words, [line], levels, _days(ground))


def _ground(days: Sequence[dt.date], lowest: float, highest: float) -> Ground:
    return Ground(LEFT, WIDTH - 16, 14, HEIGHT - 34, min(days), max(days), lowest, highest)


def _days(ground: Ground) -> list[tuple[float, str, str]]:
    if ground.first == ground.last:
        return [(ground.x(ground.first), short_date(ground.first), "middle")]
    return [
        (ground.left, short_date(ground.first), "start"),
        (ground.right, short_date(ground.last), "end"),
    ]
