"""Ticking the protocol, another alert tier, before and after: each is one short form beside the case."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import reading
from jiafang.care.models import CaseFile, SubjectKind
from jiafang.care.scope import INNER_KINDS, WORK
from jiafang.care.services.measure import measure
from jiafang.care.services.progress import track
from jiafang.care.services.raise_tier import change_tier
from jiafang.care.services.tick import tick, untick
from jiafang.common.errors import Conflict, InputFault
from jiafang.visits.selectors.classroom import ANSWERING, student_answered_for
from jiafang.web.care.tool_forms import MeasureForm, TierForm, TrackForm
from jiafang.web.care.tools import may_track, tiers_open_to
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.told import told


def _worked_on(request: ActorRequest, pk: int) -> CaseFile:
    return scoped_or_404(request.actor, CaseFile, purpose=WORK, pk=pk)


@gate(INNER_KINDS, permission="case.work", methods=("POST",))
def case_tick(request: ActorRequest, pk: int) -> HttpResponse:
    """One button of the list: done, or not done after all."""
    _worked_on(request, pk)
    change, done = (untick, _("已取消")) if request.POST.get("undo") else (tick, _("已记下"))
    tier, item = request.POST.get("tier", ""), request.POST.get("item", "")
    told(request, lambda: change(by=request.actor, case_id=pk, tier=tier, item=item), done)
    return redirect(f"{reverse('case', args=[pk])}#protocol")


@gate(INNER_KINDS, permission="case.work", methods=("POST",))
def case_tier(request: ActorRequest, pk: int) -> HttpResponse:
    case = _worked_on(request, pk)
    with reading(request.actor):
        form = TierForm(request.POST, tiers=tiers_open_to(request.actor, case))
    back = _to_case(pk, "protocol")
    return _saved(request, back, form, _("改预警等级"), lambda told: change_tier(by=request.actor, case_id=pk, **told))


@gate(INNER_KINDS, permission="case.work", methods=("POST",))
def case_measure(request: ActorRequest, pk: int) -> HttpResponse:
    _worked_on(request, pk)
    form, back = MeasureForm(request.POST), _to_case(pk, "outcome")
    return _saved(request, back, form, _("记当时的样子"), lambda told: measure(by=request.actor, case_id=pk, **told))


@gate(INNER_KINDS, permission="progress.track", methods=("POST",))
def case_track(request: ActorRequest, pk: int) -> HttpResponse:
    case = _worked_on(request, pk)
    form = TrackForm(request.POST)
    if case.subject_kind != SubjectKind.STUDENT or case.person_id is None:
        form.add_error(None, _("只有学生的事才记成绩和出勤"))
    return _tracked(request, _to_case(pk, "outcome"), form, case.person_id or 0)


@gate(ANSWERING, permission="progress.track", methods=("POST",))
def student_track(request: ActorRequest, pk: int) -> HttpResponse:
    """Of a student who has no matter yet: falling marks and absences are an early sign only if somebody enters them."""
    with reading(request.actor):
        place = student_answered_for(request.actor, pk)
        if place is None or not may_track(request.actor, pk):
            raise Http404
    back = Crumb(place.student.name, f"{reverse('student_sheet', args=[pk])}#progress")
    return _tracked(request, back, TrackForm(request.POST), pk)


def _tracked(request: ActorRequest, back: Crumb, form: TrackForm, person_id: int) -> HttpResponse:
    title = _("记成绩或出勤")
    return _saved(request, back, form, title, lambda told: track(by=request.actor, person_id=person_id, **told))


def _to_case(pk: int, part: str) -> Crumb:
    return Crumb(_("回到这件事"), f"{reverse('case', args=[pk])}#{part}")


def _saved(
    request: ActorRequest, back: Crumb, form: forms.Form, title: str, call: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Back to where it stands; or the one form alone, with what is wrong at its place."""
    if form.is_valid():
        try:
            call(form.cleaned_data)
        except InputFault as fault:
            form.add_error(fault.place if fault.place in form.fields else None, fault.message)
        except Conflict as fault:
            form.add_error(None, fault.message)
        else:
            messages.success(request, _("已记下"))
            return redirect(back.url)
    context = {"form": form, "title": title, "trail": [back, Crumb(title)], "lead": ""}
    with reading(request.actor):
        return render(request, "organization/unit_form.html", context, status=422)
