"""A referral for the one who is asked: accept it, refuse it with a reason, or give it back later."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import reading
from jiafang.accounts.audit import Reading
from jiafang.care.models import AlertTier, Referral
from jiafang.care.scope import ANSWER, INNER_KINDS
from jiafang.care.selectors.board import Part, waiting_referrals
from jiafang.care.services.refer import answer_referral, return_referral
from jiafang.care.services.take_back_referral import take_back_referral
from jiafang.common.errors import Conflict, InputFault, NotReady
from jiafang.web.care.board_words import TIER_TONES, TIER_WORDS
from jiafang.web.care.case_lines import REFERRAL_TONES
from jiafang.web.care.case_page import case_seen
from jiafang.web.care.verb_forms import AnswerReferralForm, ReturnReferralForm
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.opening import note_opened
from jiafang.web.told import told
from jiafang.web.visits.words import moment_words

State = Referral.State


@gate(INNER_KINDS, permission="case.work")
def referral(request: ActorRequest, pk: int) -> HttpResponse:
    """Who asks and why; what it is about in full once it is accepted."""
    return _page(request, pk)


def _page(
    request: ActorRequest,
    pk: int,
    *,
    answer: forms.Form | None = None,
    give_back: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    row = scoped_or_404(request.actor, Referral, "asked_by", "about", purpose=ANSWER, pk=pk)
    note_opened(request, Reading.CASE, [row.about_id] if row.about_id else [], of=row)
    return render(
        request,
        "care/referral.html",
        {
            "row": row,
            "tone": REFERRAL_TONES[State(row.state)],
            "when": moment_words(row.asked_at),
            "about": row.about.name if row.about else _("学校的事"),
            "tier": TIER_WORDS[AlertTier(row.alert_tier)],
            "tier_tone": TIER_TONES[AlertTier(row.alert_tier)],
            "case_url": reverse("case", args=[row.case_id]) if case_seen(request.actor, row.case_id) else "",
            "answer": answer or AnswerReferralForm(auto_id="answer-%s"),
            "give_back": give_back or ReturnReferralForm(auto_id="return-%s"),
            "asked": row.state == State.ASKED,
            "accepted": row.state == State.ACCEPTED,
            "trail": [Crumb(_("要办的事"), _queue()), Crumb(_("转介"))],
        },
        status=status,
    )


@gate(INNER_KINDS, permission="case.work", methods=("POST",))
def referral_answer(request: ActorRequest, pk: int) -> HttpResponse:
    """Accepted, or refused with a reason, by the button that was pressed."""
    row = scoped_or_404(request.actor, Referral, purpose=ANSWER, pk=pk)
    accept = request.POST.get("accept") == "yes"
    form = AnswerReferralForm(request.POST, auto_id="answer-%s")
    fault = _done(
        form,
        lambda: answer_referral(
            by=request.actor,
            referral_id=pk,
            accept=accept,
            words=form.cleaned_data["words"],
            take_over=accept and form.cleaned_data["take_over"],
        ),
    )
    if fault:
        return _page(request, pk, answer=form, status=fault)
    messages.success(request, _("已接下,能看到整件事了") if accept else _("已答复,没有接"))
    with reading(request.actor):
        others_wait = waiting_referrals(request.actor).exists()
    return redirect("case", pk=row.case_id) if accept and not others_wait else redirect(_queue())


@gate(INNER_KINDS, permission="case.work", methods=("POST",))
def referral_return(request: ActorRequest, pk: int) -> HttpResponse:
    """Given back with a word; from then on the case is read no more."""
    scoped_or_404(request.actor, Referral, purpose=ANSWER, pk=pk)
    form = ReturnReferralForm(request.POST, auto_id="return-%s")
    fault = _done(form, lambda: return_referral(by=request.actor, referral_id=pk, words=form.cleaned_data["words"]))
    if fault:
        return _page(request, pk, give_back=form, status=fault)
    messages.success(request, _("已交回"))
    return redirect(_queue())


@gate(INNER_KINDS, permission="case.work", methods=("POST",))
def referral_take_back(request: ActorRequest, pk: int) -> HttpResponse:
    """By whoever asked, from the page of the case."""
    row = scoped_or_404(request.actor, Referral, pk=pk, asked_by_id=request.actor.person_id)
    told(request, lambda: take_back_referral(by=request.actor, referral_id=pk), _("已收回转介"))
    return redirect("case", pk=row.case_id)


def _queue() -> str:
    return f"{reverse('case_board')}?part={Part.ASKED}"


def _done(form: forms.Form, call: Callable[[], object]) -> int:
    """The status of what could not be taken, said in the form; 0 if it was done."""
    if not form.is_valid():
        return 422
    try:
        call()
    except (InputFault, Conflict, NotReady) as error:
        place = getattr(error, "place", "")
        form.add_error(place if place in form.fields else None, error.message)
        return 422 if isinstance(error, InputFault) else 409
    return 0
