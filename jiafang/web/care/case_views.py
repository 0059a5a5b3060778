"""One case: its page, and what is done on it; what cannot be taken comes again with what was typed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from jiafang.access import reading
from jiafang.care.models import CaseReader
from jiafang.care.scope import INNER_KINDS, READING_KINDS
from jiafang.care.selectors.one_case import OneCase
from jiafang.care.selectors.thread import readers_by_side, thread
from jiafang.care.services.readers import dismiss_reader
from jiafang.care.services.say import mark_thread_read, say
from jiafang.common.errors import Conflict, InputFault, NotReady
from jiafang.web.care import verbs
from jiafang.web.care.case_lines import said_lines
from jiafang.web.care.case_page import SAY, Typed, case_seen, say_form, show_case
from jiafang.web.care.verb_choices import people_of
from jiafang.web.care.verb_forms import VerbForm
from jiafang.web.care.verbs import PageVerb
from jiafang.web.gate import ActorRequest, View, gate, scoped_or_404


@gate(READING_KINDS, permission="case.read")
def case(request: ActorRequest, pk: int) -> HttpResponse:
    """The whole of it, as far as one is meant to read it."""
    return show_case(request, _seen(request, pk))


@gate(READING_KINDS, permission="case.read", methods=("POST",))
def case_say(request: ActorRequest, pk: int) -> HttpResponse:
    """A message to those who were named before it was sent."""
    found = _seen(request, pk)
    with reading(request.actor):
        by_side = readers_by_side(request.actor, found.case)
        form = say_form(request.actor, found.case, by_side, request.POST)

    def send() -> None:
        chosen = form.cleaned_data["audience"]
        say(
            by=request.actor,
            case_id=pk,
            text=form.cleaned_data["text"],
            audience=chosen.sides,
            origin=form.cleaned_data["origin"],
            stated=[reader.person_id for reader in chosen.people],
        )

    return _taken(request, found, SAY, form, send, _("已发出"), anchor="#thread")


@gate(READING_KINDS, permission="case.read", methods=("POST",))
def case_read(request: ActorRequest, pk: int) -> HttpResponse:
    """The messages have been on the screen; asked by a script, the thread comes back as a part."""
    found = _seen(request, pk)
    mark_thread_read(by=request.actor, case_id=pk)
    if request.headers.get("HX-Request") != "true":
        return redirect("case", pk=pk)
    with reading(request.actor):
        said = said_lines(thread(request.actor, found.case), found.side)
        return render(request, "care/thread_part.html", {"said": said, "any_new": False, "case": found.case})


def _seen(request: ActorRequest, pk: int) -> OneCase:
    found = case_seen(request.actor, pk)
    if found is None:
        raise Http404
    return found


def _taken(
    request: ActorRequest,
    found: OneCase,
    verb: str,
    form: forms.Form,
    call: Callable[[], object],
    done: Any,
    anchor: str = "",
) -> HttpResponse:
    """Do it and come back to the case; a fault stands above what was typed, which is kept."""
    status = 422
    if form.is_valid():
        try:
            call()
        except (InputFault, Conflict, NotReady) as error:
            place = getattr(error, "place", "")
            form.add_error(place if place in form.fields else None, error.message)
            status = 422 if isinstance(error, InputFault) else 409
        else:
            messages.success(request, done)
            return _back(request, found.case.pk, anchor)
    # As it is now, which may not be as it was looked at.
    now = _seen(request, found.case.pk)
    if isinstance(form, VerbForm):
        form.look_again(now.case)
    return show_case(request, now, Typed(verb, form, status))


def _back(request: ActorRequest, pk: int, anchor: str) -> HttpResponse:
    """Whoever has given a case away may not read it any more."""
    if case_seen(request.actor, pk) is None:
        return redirect("home")
    answer = redirect("case", pk=pk)
    answer["Location"] += anchor
    return answer


def _page_of(what: PageVerb, kinds: frozenset[str], permission: str) -> View:
    """The address to which the form of a verb is sent."""

    @gate(kinds, permission=permission, methods=("POST",))
    def view(request: ActorRequest, pk: int) -> HttpResponse:
        actor = request.actor
        found = _seen(request, pk)
        with reading(actor):
            form = what.fill(actor, found.case, people_of(actor, found.case, [what.verb]), request.POST)
        return _taken(request, found, what.verb, form, lambda: what.do(actor, pk, dict(form.cleaned_data)), what.done)

    view.__name__ = f"case_{what.verb}"
    return view


@gate(INNER_KINDS, permission="case.work", methods=("POST",))
def case_reader_dismiss(request: ActorRequest, pk: int) -> HttpResponse:
    """Whoever was named reads it no more."""
    row = scoped_or_404(request.actor, CaseReader, "person", pk=pk)
    dismiss_reader(by=request.actor, reader_id=pk)
    messages.success(request, _("%(name)s以后看不到这件事了") % {"name": row.person.name})
    return _back(request, row.case_id, "")


READING, WORKING = frozenset(READING_KINDS), frozenset(INNER_KINDS)
case_confirm = _page_of(verbs.CONFIRM, READING, "case.confirm")
case_deny = _page_of(verbs.DENY, READING, "case.confirm")
case_reopen = _page_of(verbs.REOPEN, READING, "case.confirm")
case_withdraw = _page_of(verbs.WITHDRAW, READING, "case.confirm")
case_consent = _page_of(verbs.CONSENT, WORKING, "case.confirm")
case_act = _page_of(verbs.ACT, WORKING, "case.work")
case_propose = _page_of(verbs.PROPOSE, WORKING, "case.work")
case_confirm_orally = _page_of(verbs.CONFIRM_ORALLY, WORKING, "case.work")
case_take_back = _page_of(verbs.TAKE_BACK, WORKING, "case.work")
case_hand_over = _page_of(verbs.HAND_OVER, WORKING, "case.work")
case_assign = _page_of(verbs.ASSIGN, WORKING, "case.work")
case_refer = _page_of(verbs.REFER, WORKING, "case.work")
case_send_up = _page_of(verbs.SEND_UP, WORKING, "case.work")
case_send_down = _page_of(verbs.SEND_DOWN, WORKING, "case.work")
case_merge = _page_of(verbs.MERGE, WORKING, "case.work")
case_name_reader = _page_of(verbs.NAME_READER, WORKING, "case.work")
