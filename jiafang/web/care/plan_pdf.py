"""一生一策 as a PDF file of exactly two pages, however long the case has been."""

import json
from pathlib import Path

import typst
from django.utils import timezone
from django.utils.translation import gettext as _

from jiafang.care.models import CaseFile
from jiafang.care.selectors.one_case import OneCase
from jiafang.care.workflow import LIVE
from jiafang.web.care.outcome import HEIGHT, LEFT, WIDTH, Chart
from jiafang.web.care.timeline import KIND_WORDS, Timeline
from jiafang.web.care.words import owner_words, standing
from jiafang.web.exports.pdf import typefaces
from jiafang.web.exports.watermark import Watermark

_LAYOUT = Path(__file__).with_name("plan.typ")
# What one entry says on paper; the whole of it is on the page.
LONGEST_ENTRY = 140
MOST_CHARTS = 4
MOST_WORDS = 6


def plan_pdf(one: OneCase, told: Timeline, *, title: str, where: str, mark: Watermark) -> bytes:
    """First the person, the difficulty and how it went, then the line of time with its middle left out if need be."""
    case = one.case
    content = {
        "title": title,
        "where": where,
        "facts": _facts(one),
        "heading_text": _("是什么事"),
        "text": one.text or _("没有文字"),
        "heading_outcome": _("前后变化"),
        "words": _words(told.words),
        "charts": [_chart(chart) for chart in told.charts[:MOST_CHARTS]],
        "heading_result": _("结果"),
        "result": _result(case),
        "heading_line": _("时间线"),
        "entries": [
            {
                "day": f"{entry.on:%Y-%m-%d}",
                "kind": entry.kind_words,
                "title": entry.title,
                "who": entry.who,
                "text": _shortened(" ".join(entry.text.split())),
            }
            for entry in told.entries
        ],
        "cut": _("……(全文见系统)"),
        "left_out": _("中间 {count} 条从略:{kinds}"),
        "left_out_kind": _("{kind} {count} 条"),
        "kinds": [str(words) for words in KIND_WORDS.values()],
        "mark": mark.line,
        "page": _("第 %(page)s 页,共 %(pages)s 页") % {"page": "{page}", "pages": "{pages}"},
    }
    return typst.compile(
        str(_LAYOUT),
        font_paths=typefaces(),
        pdf_tags=False,
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
    )


def _facts(one: OneCase) -> list[tuple[str, str]]:
    case = one.case
    last = timezone.localtime(case.closed_at).date() if case.closed_at else case.due
    return [
        (_("类别"), case.category.name),
        *([(_("预警等级"), str(case.get_alert_tier_display()))] if one.tier else []),
        (
            _("提出"),
            " ".join([f"{timezone.localtime(case.raised_at):%Y-%m-%d}", *([case.raised_by.name] if one.inner else [])]),
        ),
        (
            _("负责"),
            f"{case.owner.name}({case.get_owner_role_display()},{case.get_level_display()})"
            if one.inner
            else owner_words(case),
        ),
        (_("状态"), standing(one)),
        (_("期限") if case.state in LIVE else _("办结"), f"{last:%Y-%m-%d}"),
    ]


def _words(words: list[str]) -> list[str]:
    more = len(words) - MOST_WORDS
    if more > 0:
        return [*words[:MOST_WORDS], _("另有 %(count)s 项见系统") % {"count": more}]
    return words or [_("还没有记过")]


def _result(case: CaseFile) -> str:
    words = [str(case.get_result_display()) if case.result else "", case.result_words]
    return "。".join(part for part in words if part) or _("还在办理")


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_ENTRY else f"{text[: LONGEST_ENTRY - 1]}…"


def _chart(chart: Chart) -> dict[str, object]:
    """The drawing as shares of its width and height, so that paper needs to know nothing of pixels."""

    def at(x: float, y: float) -> tuple[float, float]:
        return x / WIDTH, y / HEIGHT

    return {
        "title": chart.title,
        "left": LEFT / WIDTH,
        "levels": [(y / HEIGHT, word) for y, word in chart.levels],
        "days": [(x / WIDTH, word, anchor) for x, word, anchor in chart.days],
        "lines": [
            {"name": line.name, "kind": line.kind, "dots": [at(dot.x, dot.y) for dot in line.dots]}
            for line in chart.lines
        ],
    }
