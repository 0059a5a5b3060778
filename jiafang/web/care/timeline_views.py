"""The line of time of a case: on the page, and printed on two pages (一生一策)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.accounts.audit import Reading
from jiafang.care.models import CaseFile, Measure, SubjectKind
from jiafang.care.scope import READING_KINDS
from jiafang.care.selectors.one_case import OneCase, one_case
from jiafang.care.workflow import LIVE
from jiafang.common.clock import today
from jiafang.web.care.case_page import case_trail
from jiafang.web.care.curve import soft_path
from jiafang.web.care.plan_pdf import plan_pdf
from jiafang.web.care.timeline import Day, timeline
from jiafang.web.care.words import due_word, place_words, standing
from jiafang.web.components.shapes import Crumb
from jiafang.web.downloads import PDF, download
from jiafang.web.exports.watermark import watermark_of
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.opening import note_opened
from jiafang.web.visits.presenters import TONES as TIER_TONES
from jiafang.web.visits.words import near_day

# The band in the middle of the page, in pixels as in care.css.
COLUMN, BAND = 224, 128
PLAN_NAMES = {
    SubjectKind.STUDENT: gettext_lazy("一生一策"),
    SubjectKind.TEACHER: gettext_lazy("一人一策"),
    SubjectKind.PRINCIPAL: gettext_lazy("一人一策"),
    SubjectKind.CADRE: gettext_lazy("一人一策"),
    SubjectKind.SCHOOL: gettext_lazy("一校一策"),
}


def _case(request: ActorRequest, pk: int) -> OneCase:
    found = one_case(request.actor, pk)
    if found is None:
        raise Http404
    return found


def subject_words(case: CaseFile, day: dt.date) -> tuple[str, str]:
    """(who, where)."""
    where = place_words(case, day)
    return (case.person.name if case.person else where), where


@gate(READING_KINDS, permission="case.read")
def case_timeline(request: ActorRequest, pk: int) -> HttpResponse:
    """Talks above, visits below, how somebody was as a soft curve behind."""
    one = _case(request, pk)
    case = one.case
    told = timeline(request.actor, one)
    note_opened(request, Reading.CASE, [case.person_id] if case.person_id else [], of=case)
    days = told.days
    who, where = subject_words(case, today())
    *above, here = case_trail(request, one)
    return render(
        request,
        "care/timeline.html",
        {
            "case": case,
            "who": who,
            "where": where,
            "live": case.state in LIVE,
            "due": due_word(case.due),
            "tier": str(case.get_alert_tier_display()) if one.tier else "",
            "tier_tone": TIER_TONES[case.alert_tier],
            "state": standing(one),
            "told": told,
            "days": [(near_day(day.on), day) for day in days],
            "curves": curves(days),
            "width": COLUMN * len(days),
            "band": BAND,
            "plan_name": PLAN_NAMES[SubjectKind(case.subject_kind)],
            "trail": [*above, Crumb(here.label, reverse("case", args=[pk])), Crumb(_("时间线"))],
        },
    )


@dataclass(frozen=True, slots=True)
class Curve:
    name: str
    kind: str
    path: str
    dots: Sequence[tuple[float, float]]


def curves(days: Sequence[Day]) -> list[Curve]:
    """Of student and guardian, over the columns of the days: calm above, anxious below."""
    found = []
    for who in Measure.Who:
        dots = [
            (COLUMN * (at + 0.5), _height(mood.level))
            for at, day in enumerate(days)
            for mood in day.moods
            if mood.who == who
        ]
        if dots:
            found.append(Curve(str(who.label), who.value, soft_path(dots), dots))
    return found


def _height(level: int) -> float:
    levels = len(Measure.Mood)
    return 12 + (BAND - 24) * (levels - level) / (levels - 1)


@gate(READING_KINDS, permission="case.read")
def case_plan_pdf(request: ActorRequest, pk: int) -> HttpResponse:
    """One person's file, so that no password is asked for again; who took it stands on both pages."""
    one = _case(request, pk)
    case = one.case
    told = timeline(request.actor, one)
    note_opened(request, Reading.CASE_PLAN, [case.person_id] if case.person_id else [], of=case)
    who, where = subject_words(case, today())
    title = f"{who} {PLAN_NAMES[SubjectKind(case.subject_kind)]}"
    content = plan_pdf(one, told, title=title, where=where, mark=watermark_of(request.actor))
    return download(content, name=f"{title}.pdf", content_type=PDF)
