"""问题台账 and its kin: what waits for somebody, filtered, kept, and several done at once."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from jiafang.access import Actor, reading
from jiafang.access.actor import GUARDIAN, PRINCIPAL
from jiafang.accounts.audit import Reading
from jiafang.care.models import Role
from jiafang.care.scope import INNER_KINDS, READING_KINDS
from jiafang.care.selectors.board import Part, by_number, find, parts_of, waiting_referrals
from jiafang.care.services.keep_filter import forget_filter, keep_filter
from jiafang.common.errors import Conflict, InputFault
from jiafang.web.care import bulk
from jiafang.web.care.board import BoardRow, board_rows, board_tabs, columns, kept_filters, referral_rows
from jiafang.web.care.board_forms import BoardFilter, query_of
from jiafang.web.care.board_words import board_title, nothing_words
from jiafang.web.care.overview_views import OVERVIEW_KINDS
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.opening import note_opened

PAGE = 50


@gate(READING_KINDS, permission="case.read")
def case_board(request: ActorRequest) -> HttpResponse:
    """One board for every role at work; a family's matters are on the page of their own."""
    if request.actor.kind == GUARDIAN:
        return redirect("own_cases")
    return _board(request, request.GET, request.get_full_path())


@dataclass(frozen=True, slots=True)
class Typed:
    """What was ticked and chosen, where it could not be taken."""

    cases: Collection[int] = ()
    role: str = ""
    due: str = ""


def _board(request: ActorRequest, asked: QueryDict, here: str, typed: Typed | None = None) -> HttpResponse:
    actor = request.actor
    part = _part(actor, asked)
    form = BoardFilter(actor, asked)
    wanted = form.wanted()
    lines = _lines(asked.get("page", ""))
    found = find(actor, part, wanted, lines)
    context: dict[str, Any] = {
        "title": board_title(actor.kind),
        "part": part.value,
        "tabs": board_tabs(actor, part, found.parts),
        "overdue": found.overdue,
        "form": form,
        "kept": kept_filters(actor, part, wanted),
        "filtered": query_of("", wanted) != "",
        "chosen": [pair.split("=", 1) for pair in query_of(part.value, wanted).split("&")],
        "more": wanted.level or wanted.school or wanted.meeting,
        "overview_url": reverse("case_overview") if actor.kind in OVERVIEW_KINDS else "",
        "referrals": None,
        "here": here,
        "typed": typed or Typed(),
        "nothing": nothing_words(part, actor.kind),
        "rows": [],
        "columns": [],
        "roles": [(role.value, role.label) for role in bulk.ROLES.get(actor.kind, ())],
    }
    if part == Part.ASKED:
        referrals: Any = Paginator(waiting_referrals(actor), PAGE).get_page(asked.get("page"))
        asked_about = referral_rows(referrals.object_list)
        note_opened(request, Reading.CASES, {row.about_id for row in asked_about if row.about_id is not None})
        context |= {"page": referrals, "referrals": asked_about}
        return render(request, "care/board.html", context)
    page: Any = Paginator(range(found.chosen), PAGE).get_page(asked.get("page"))
    if page.start_index() and page.start_index() - 1 != lines.start:
        # There is no such page, or no longer: the last one is shown.
        found = find(actor, part, wanted, range(page.start_index() - 1, page.end_index()))
    rows = board_rows(actor, by_number(actor, found.cases))
    _note(request, rows)
    context |= {"page": page, "rows": rows, "columns": columns(rows) if actor.kind == PRINCIPAL else []}
    return render(request, "care/board.html", context, status=422 if typed else 200)


def _lines(page: str) -> range:
    """The lines of this page, if there is one."""
    number = int(page) if page.isdecimal() and 0 < len(page) < 7 else 1
    first = (max(number, 1) - 1) * PAGE
    return range(first, first + PAGE)


def _part(actor: Actor, asked: QueryDict) -> Part:
    offered = parts_of(actor)
    wanted = asked.get("part", "")
    return Part(wanted) if wanted in offered else offered[0]


def _note(request: ActorRequest, rows: list[BoardRow]) -> None:
    note_opened(request, Reading.CASES, {row.student_id for row in rows if row.student_id is not None})


@gate(INNER_KINDS, permission="case.work", methods=("POST",))
def case_bulk(request: ActorRequest) -> HttpResponse:
    """Several at once; the answer says of each what became of it."""
    cases = list(dict.fromkeys(int(pk) for pk in request.POST.getlist("case") if pk.isdecimal() and len(pk) < 18))
    back = _back(request)
    if not cases:
        return _again(request, cases, back, _("请先选上要办的事"))
    if len(cases) > bulk.MOST:
        return _again(request, cases, back, _("一次最多选 %(most)s 件") % {"most": bulk.MOST})
    if request.POST.get("do") == "remind":
        outcomes = bulk.remind_all(request.actor, cases)
    else:
        role, due = request.POST.get("role", ""), request.POST.get("due", "")
        if role not in bulk.ROLES.get(request.actor.kind, ()):
            return _again(request, cases, back, _("请选择交给谁"))
        try:
            day = parse_date(due) if due else None
        except ValueError:
            day = None
        if due and day is None:
            return _again(request, cases, back, _("请填写有效的日期"))
        outcomes = bulk.assign_all(request.actor, cases, Role(role), day)
    _note(request, [one.row for one in outcomes if one.row is not None])
    done = sum(one.done for one in outcomes)
    context = {"outcomes": outcomes, "done": done, "left": len(outcomes) - done, "back": back}
    return render(request, "care/board_result.html", context)


def _again(request: ActorRequest, cases: list[int], back: str, fault: str) -> HttpResponse:
    """The board as it was, with what was ticked and chosen."""
    messages.error(request, fault)
    typed = Typed(cases, request.POST.get("role", ""), request.POST.get("due", ""))
    with reading(request.actor):
        return _board(request, QueryDict(urlsplit(back).query), back, typed)


@gate(INNER_KINDS, permission="case.read", methods=("POST",))
def case_filter_keep(request: ActorRequest) -> HttpResponse:
    """Keep the selection that is on the page."""
    part = Part(request.POST["part"]) if request.POST.get("part") in parts_of(request.actor) else Part.ALL
    with reading(request.actor):
        wanted = BoardFilter(request.actor, request.POST).wanted()
    query = query_of(part.value, wanted)
    return _kept(
        request,
        lambda: keep_filter(by=request.actor, name=request.POST.get("name", ""), query=query),
        _("记住了,以后点一下就是这个筛选"),
        f"{reverse('case_board')}?{query}",
    )


@gate(INNER_KINDS, permission="case.read", methods=("POST",))
def case_filter_forget(request: ActorRequest, pk: int) -> HttpResponse:
    return _kept(
        request, lambda: forget_filter(by=request.actor, filter_id=pk), _("不再记着这个筛选"), reverse("case_board")
    )


def _kept(request: ActorRequest, call: Callable[[], object], done: str, url: str) -> HttpResponse:
    try:
        call()
    except (InputFault, Conflict) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect(url)


def _back(request: HttpRequest) -> str:
    """The board as it was chosen, if that is where the form says it came from."""
    asked = request.POST.get("back", "")
    board = reverse("case_board")
    ours = url_has_allowed_host_and_scheme(asked, None) and (asked == board or asked.startswith(f"{board}?"))
    return asked if ours else board
