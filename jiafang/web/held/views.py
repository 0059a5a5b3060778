"""需要您核对的记录: what phones have sent and could not be taken as it was."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import reading
from jiafang.access.actor import ADMINISTRATOR, STAFF_KINDS
from jiafang.accounts.audit import Reading
from jiafang.common.errors import Conflict, InputFault
from jiafang.visits.body import body_of
from jiafang.visits.categories import all_categories
from jiafang.visits.models import HeldItem, ItemKind
from jiafang.visits.selectors import held
from jiafang.visits.services import settle_held
from jiafang.visits.services.hold import words_of
from jiafang.visits.services.read_held import note_held_opened
from jiafang.web.components.shapes import Choice, Crumb
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.held.forms import CorrectForm, MergeForm
from jiafang.web.held.presenters import TONES, body_held, joined, version_held, version_of
from jiafang.web.opening import note_opened
from jiafang.web.told import told
from jiafang.web.visits.words import moment_words

PAGE = 30
WRITERS = STAFF_KINDS - {ADMINISTRATOR}
PERMISSION = "visit.record"


@gate(STAFF_KINDS)
def held_list(request: ActorRequest) -> HttpResponse:
    """Own items and those of others that wait for the actor; the administrator's list holds no text and no link."""
    if request.actor.kind == ADMINISTRATOR:
        return _facts(request)
    own, own_people = held.lines(request.actor, _slim(held.own_held(request.actor))[:PAGE])
    others, other_people = held.lines(request.actor, _slim(held.acceptable_held(request.actor))[:PAGE])
    note_opened(request, Reading.HELD, own_people | other_people)
    return render(request, "held/list.html", {"own": _shown(own), "others": _shown(others)})


def _slim(rows: QuerySet[HeldItem]) -> QuerySet[HeldItem]:
    return rows.select_related("person").defer("content", "message").order_by("-held_at", "-pk")


def _shown(lines: list[held.HeldLine]) -> list[dict[str, object]]:
    return [
        {
            "url": reverse("held_item", args=[line.pk]),
            "about": "、".join(line.about),
            "kind": ItemKind(line.kind).label,
            "why": HeldItem.Reason(line.reason).label,
            "tone": TONES[line.state],
            "state": HeldItem.State(line.state).label,
            "when": moment_words(line.held_at),
            "writer": line.writer,
        }
        for line in lines
    ]


def _facts(request: ActorRequest) -> HttpResponse:
    everything = request.GET.get("show") == "all"
    rows = held.facts_of_all(request.actor)
    page = Paginator(rows if everything else rows.filter(state=HeldItem.State.OPEN), PAGE).get_page(
        request.GET.get("page")
    )
    shown = [
        row
        | {
            "kind": ItemKind(row["kind"]).label,
            "why": _seen_from_outside(row["reason"]),
            "tone": TONES[row["state"]],
            "state": HeldItem.State(row["state"]).label,
            "when": moment_words(row["held_at"]),
        }
        for row in page
    ]
    choices = [
        Choice(_("等待核对"), "?", active=not everything),
        Choice(_("全部"), "?show=all", active=everything),
    ]
    return render(request, "held/facts.html", {"page": page, "rows": shown, "choices": choices})


def _seen_from_outside(reason: str) -> str:
    if reason == HeldItem.Reason.OUT_OF_REACH:
        return _("学生或任务已不在写的人名下")
    return str(HeldItem.Reason(reason).label)


@gate(WRITERS, permission=PERMISSION)
def held_item(request: ActorRequest, pk: int) -> HttpResponse:
    """One item with its text, and what can be done about it."""
    row = held.held_item(request.actor, pk)
    if row is None:
        raise Http404
    return _page(request, row)


def _page(
    request: ActorRequest,
    row: HeldItem,
    *,
    merge: MergeForm | None = None,
    correct: CorrectForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    own = row.person_id == actor.person_id
    named = held.people_named(actor, row.duty_ids)
    names = dict(named.values())
    body = body_held(row)
    waits = row.state in settle_held.WAITING
    visit = held.present_version(actor, row) if own and row.kind == ItemKind.VISIT else None
    if row.reason == HeldItem.Reason.CONFLICT and body and visit and waits:
        current = body_of(visit)
        merge = merge or MergeForm(
            initial={
                "onto": visit.revision,
                "finding": joined(current.finding, body.finding),
                "guardian_opinion": joined(current.guardian_opinion, body.guardian_opinion),
                "rest_from": settle_held.CURRENT,
            }
        )
    if row.reason == HeldItem.Reason.REFUSED and body and waits and own:
        correct = correct or CorrectForm(initial=CorrectForm.known(body))
    note_held_opened(by=actor, row=row)
    with reading(actor):
        categories = {one.code: one.name for one in all_categories()}
    return render(
        request,
        "held/item.html",
        {
            "row": row,
            "own": own,
            "waits": waits,
            "who": "、".join(dict.fromkeys(names.values())) or (_("学生已不在您名下") if own else _("家访记录")),
            "kind": ItemKind(row.kind).label,
            "why": words_of(row) if own else "",
            "when": moment_words(row.held_at),
            "version": version_held(row, names, categories),
            "current": version_of(body_of(visit), names, categories) if visit and merge else None,
            "visit": visit,
            "merge": merge,
            "correct": correct,
            "tone": TONES[row.state],
            "trail": [Crumb(_("需要您核对的记录"), reverse("held_list")), Crumb(str(ItemKind(row.kind).label))],
        },
        status=status,
    )


@gate(WRITERS, permission=PERMISSION, methods=("POST",))
def held_again(request: ActorRequest, pk: int) -> HttpResponse:
    return _settle(request, pk, lambda: settle_held.try_held_again(by=request.actor, held_id=pk), _("已收下,可放心"))


@gate(WRITERS, permission=PERMISSION, methods=("POST",))
def held_dismiss(request: ActorRequest, pk: int) -> HttpResponse:
    return _settle(request, pk, lambda: settle_held.dismiss_held(by=request.actor, held_id=pk), _("已放弃这一条"))


@gate(WRITERS, permission=PERMISSION, methods=("POST",))
def held_accept(request: ActorRequest, pk: int) -> HttpResponse:
    return _settle(
        request, pk, lambda: settle_held.accept_held(by=request.actor, held_id=pk), _("已收下,算作原来那位老师的记录")
    )


@gate(WRITERS, permission=PERMISSION, methods=("POST",))
def held_leave(request: ActorRequest, pk: int) -> HttpResponse:
    return _settle(
        request, pk, lambda: settle_held.leave_held(by=request.actor, held_id=pk), _("没有收下,原来的老师会看到")
    )


def _settle(request: ActorRequest, pk: int, call: Callable[[], None], done: str) -> HttpResponse:
    return redirect("held_list") if told(request, call, done) else redirect("held_item", pk=pk)


@gate(WRITERS, permission=PERMISSION, methods=("POST",))
def held_merge(request: ActorRequest, pk: int) -> HttpResponse:
    """The merged version becomes the next revision."""
    form = MergeForm(request.POST)
    return _typed(
        request,
        pk,
        form,
        lambda: settle_held.merge_held(
            by=request.actor, held_id=pk, onto=form.cleaned_data["onto"], merged=form.to_merged()
        ),
        merge=form,
    )


@gate(WRITERS, permission=PERMISSION, methods=("POST",))
def held_correct(request: ActorRequest, pk: int) -> HttpResponse:
    """What could not be taken, mended."""
    form = CorrectForm(request.POST)
    return _typed(
        request,
        pk,
        form,
        lambda: settle_held.correct_held(
            by=request.actor,
            held_id=pk,
            started_at=form.started_at,
            finding=form.cleaned_data["finding"],
            guardian_opinion=form.cleaned_data["guardian_opinion"],
        ),
        correct=form,
    )


def _typed(
    request: ActorRequest, pk: int, form: MergeForm | CorrectForm, call: Callable[[], None], **forms: Any
) -> HttpResponse:
    """A fault stands above what was typed, which is kept."""
    with reading(request.actor):
        row = held.held_item(request.actor, pk)
    if row is None or row.person_id != request.actor.person_id:
        raise Http404
    status = 422
    if form.is_valid():
        try:
            call()
        except (InputFault, Conflict) as error:
            form.add_error(None, error.message)
            status = 409 if isinstance(error, Conflict) else 422
        else:
            told(request, lambda: None, _("已收下,可放心"))
            return redirect("held_list")
    with reading(request.actor):
        return _page(request, row, status=status, **forms)
