"""A family's own page: the next visit as a window, and four ways to answer."""

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import reading
from jiafang.access.actor import GUARDIAN
from jiafang.campaigns.meeting import meeting_url
from jiafang.campaigns.models import Appointment, Channel, Duty, Shift
from jiafang.campaigns.services.availability import set_windows
from jiafang.campaigns.services.confirm import answer_appointment, reopen
from jiafang.care.selectors.one_case import waiting_for_word
from jiafang.care.services.close_silent import answer_by
from jiafang.common.errors import Conflict, InputFault
from jiafang.visits.selectors.family import FamilyVisit, children, family_visits, open_own_duties, other_shifts
from jiafang.web.components.shapes import Crumb
from jiafang.web.family.forms import AnswerForm, DeclineForm, OtherChannelForm, OtherTimeForm
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.visits.words import short_date, window

Answer = Appointment.Answer
OFFERED_SHIFTS = 12
LATEST_START_BEFORE_END = dt.timedelta(minutes=30)


@gate({GUARDIAN})
def family(request: ActorRequest) -> HttpResponse:
    """What waits for a word, and the coming visits of the own children."""
    visits = family_visits(request.actor)
    with reading(request.actor):
        waiting = waiting_for_word(request.actor)
    return render(
        request,
        "family/family.html",
        {
            "waiting": [(case, short_date(last)) for case in waiting if (last := answer_by(case))],
            "visits": [_shown(visit) for visit in visits],
            "children": [
                (child, short_date(child.last_met) if child.last_met else "") for child in children(request.actor)
            ],
        },
    )


@gate({GUARDIAN}, methods=("GET", "POST"))
def family_appointment(request: ActorRequest, pk: int) -> HttpResponse:
    """One visit: who comes, what it is about, and the answer."""
    actor = request.actor
    with reading(actor):
        visit = next(iter(family_visits(actor, pk=pk)), None)
        if visit is None or not visit.children:
            raise Http404
        shifts = list(other_shifts(actor, visit.campaign_id)[:OFFERED_SHIFTS])
    forms_by_answer: dict[str, AnswerForm] = {
        Answer.AGREED: AnswerForm(),
        Answer.OTHER_TIME: OtherTimeForm(shifts=shifts, prefix="time"),
        Answer.OTHER_CHANNEL: OtherChannelForm(present=visit.channel, prefix="channel"),
        Answer.DECLINED: DeclineForm(prefix="decline"),
    }
    status, faulty = 200, ""
    if request.method == "POST":
        answer = request.POST.get("answer", "")
        if answer not in Answer.values:
            raise Http404
        form = _bound(answer, request, visit, shifts)
        forms_by_answer[answer] = form
        if form.is_valid() and _answered(request, pk, answer, form, shifts):
            return redirect("family_appointment", pk=pk)
        status, faulty = 422, answer
    return render(
        request,
        "family/appointment.html",
        {
            **_shown(visit),
            "agree_form": forms_by_answer[Answer.AGREED],
            "time_form": forms_by_answer[Answer.OTHER_TIME],
            "channel_form": forms_by_answer[Answer.OTHER_CHANNEL],
            "decline_form": forms_by_answer[Answer.DECLINED],
            "faulty": faulty,
            "trail": [Crumb(_("我家的家访"), reverse("family")), Crumb("、".join(visit.children))],
        },
        status=status,
    )


def _bound(answer: str, request: ActorRequest, visit: FamilyVisit, shifts: list[Shift]) -> AnswerForm:
    if answer == Answer.OTHER_TIME:
        return OtherTimeForm(request.POST, shifts=shifts, prefix="time")
    if answer == Answer.OTHER_CHANNEL:
        return OtherChannelForm(request.POST, present=visit.channel, prefix="channel")
    if answer == Answer.DECLINED:
        return DeclineForm(request.POST, prefix="decline")
    return AnswerForm(request.POST)


def _answered(request: ActorRequest, pk: int, answer: str, form: AnswerForm, shifts: list[Shift]) -> bool:
    """Whether the answer was taken; a fault is put to the form."""
    actor = request.actor
    appointment = scoped_or_404(actor, Appointment, pk=pk)
    with reading(actor):
        duties = open_own_duties(actor, pk)
    try:
        answer_appointment(by=actor, appointment=appointment, answer=answer, note=form.words())
        if answer == Answer.OTHER_TIME:
            chosen = [shift for shift in shifts if shift.pk in form.cleaned_data["shifts"]]
            for duty in duties if chosen else []:
                set_windows(by=actor, duty=duty, windows=[(s, s.start, _latest(s)) for s in chosen])
    except (Conflict, InputFault) as fault:
        form.add_error(None, fault.message)
        return False
    messages.success(request, _thanks(answer))
    return True


def _latest(shift: Shift) -> dt.time:
    """The latest start that leaves half an hour."""
    end = dt.datetime.combine(shift.date, shift.end) - LATEST_START_BEFORE_END
    return max(end.time(), shift.start)


def _thanks(answer: str) -> str:
    if answer == Answer.AGREED:
        return _("谢谢,老师知道您方便了。")
    if answer == Answer.DECLINED:
        return _("好的,这次先不家访。没关系,不影响孩子在校的任何安排。")
    return _("谢谢,老师会按您方便的再安排。")


@gate({GUARDIAN}, methods=("POST",))
def family_reopen(request: ActorRequest, pk: int) -> HttpResponse:
    """The family would like a visit after all."""
    duty = scoped_or_404(request.actor, Duty, pk=pk)
    try:
        reopen(by=request.actor, duty=duty)
    except Conflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, _("好的,老师会再和您约时间。"))
    return redirect("family")


def _shown(visit: FamilyVisit) -> dict[str, object]:
    tone, word = _state(visit)
    is_open = visit.state in ("proposed", "confirmed")
    return {
        "visit": visit,
        "window": window(visit.date, visit.shift_kind),
        "channel_label": Channel(visit.channel).label,
        "tone": tone,
        "word": word,
        "open": is_open,
        "meeting_url": meeting_url(visit.pk) if is_open and visit.channel == Channel.VIDEO else None,
    }


def _state(visit: FamilyVisit) -> tuple[str, str]:
    states = Appointment.State
    if visit.state == states.DONE:
        return "met", _("已经聊过了")
    if visit.called_off:
        return "due", _("学校取消了,会另约时间")
    if visit.state == states.CANCELLED:
        return "declined", _("这次不来了")
    if visit.state == states.MISSED:
        return "unseen", _("没有遇上,会另约时间")
    if visit.answer in (Answer.OTHER_TIME, Answer.OTHER_CHANNEL):
        return "due", _("老师正在重新安排")
    if visit.state == states.CONFIRMED:
        return "met", _("约好了")
    return "info", _("等您说一声")
