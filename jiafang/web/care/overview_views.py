"""总体情况: what a director, cadre or principal sees in a minute; overdue first, no name that is not read anyway."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import Actor
from jiafang.access.actor import BUREAU_KINDS, CADRE, DIRECTOR, PRINCIPAL
from jiafang.accounts.audit import Reading
from jiafang.care.selectors.board import Part, Wanted, on_board
from jiafang.care.selectors.tally import LEAST, Line, Shown, overview
from jiafang.web.care.board import board_rows
from jiafang.web.care.board_words import board_title
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.opening import note_opened

OVERVIEW_KINDS = {DIRECTOR, CADRE, PRINCIPAL}
MOST_OVERDUE = 8
MOST_FOR_MEETING = 50
MOST_SCHOOLS = 12


@dataclass(frozen=True, slots=True)
class SumLine:
    """One line of a table, as it is written."""

    name: str
    open: str
    late: str
    is_late: bool
    url: str


@gate(OVERVIEW_KINDS, permission="case.read")
def case_overview(request: ActorRequest) -> HttpResponse:
    """Counts, what is overdue among what one reads, and what is put to the bureau's meeting."""
    actor = request.actor
    sums = overview(actor)
    late = board_rows(actor, on_board(actor, Part.ALL, Wanted(overdue=True))[:MOST_OVERDUE])
    meeting = []
    if actor.kind in BUREAU_KINDS:
        meeting = board_rows(actor, on_board(actor, Part.ALL, Wanted(meeting=True))[:MOST_FOR_MEETING])
    note_opened(request, Reading.CASES, {row.student_id for row in [*late, *meeting] if row.student_id is not None})
    board = reverse("case_board")
    context = {
        "lead": _lead(actor),
        "stats": [
            (_("没办结"), count_word(sums.open), "due", "clipboard-list"),
            (_("上周以前到期"), count_word(sums.late), "overdue", "alert-triangle"),
            (_("等确认"), count_word(sums.awaiting), "", "clock"),
            (_("已办结"), count_word(sums.closed), "met", "check"),
        ],
        "raised": count_word(sums.raised),
        "late": late,
        "late_url": f"{board}?part=all&overdue=on",
        "meeting": meeting,
        "bureau": actor.kind in BUREAU_KINDS,
        "categories": _lines(sums.by_category, "category"),
        "schools": _lines(sums.by_school, "school")[:MOST_SCHOOLS] if actor.kind in BUREAU_KINDS else [],
        "trail": [Crumb(board_title(actor.kind), board), Crumb(_("总体情况"))],
    }
    return render(request, "care/overview.html", context)


def _lead(actor: Actor) -> str:
    if actor.kind == DIRECTOR:
        return _("全县的件数,不带名字。超期的排在前面。")
    if actor.kind == CADRE:
        return _("您挂钩学校的件数,不带名字。超期的排在前面。")
    return _("全校的件数。超期的排在前面。")


def count_word(shown: Shown) -> str:
    """12, 少于 5, or … where another number would be given away."""
    if shown.value is not None:
        return f"{shown.value:,}"
    return _("少于 %(least)s") % {"least": LEAST} if shown.small else _("不显示")


def _lines(lines: list[Line], name: str) -> list[SumLine]:
    return [
        SumLine(
            name=line.name,
            open=count_word(line.open),
            late=count_word(line.late),
            is_late=line.late.value != 0,
            url=f"{reverse('case_board')}?part=all&{name}={line.key}",
        )
        for line in lines
    ]
