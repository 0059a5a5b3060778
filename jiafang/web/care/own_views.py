"""我和学校说的事, 我的困难: matters in which somebody takes part as the family or the teacher concerned."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from jiafang.access.actor import CADRE, GUARDIAN, SCHOOL_KINDS
from jiafang.care.models import CaseFile
from jiafang.care.selectors.one_case import own_cases
from jiafang.web.care.raise_views import own_title
from jiafang.web.care.words import STATE_TONES, kind_state, worked_on_words
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.visits.words import short_date


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One matter: what kind it is, of which child, where it stands."""

    pk: int
    what: str
    about: str
    owner: str
    when: str
    tone: str
    state: str
    waits: bool


@gate({GUARDIAN, CADRE} | SCHOOL_KINDS, permission="case.read")
def own_cases_list(request: ActorRequest) -> HttpResponse:
    """Those that wait for an answer first."""
    actor = request.actor
    family = actor.kind == GUARDIAN
    lines = [_line(case, actor.person_id, family) for case in own_cases(actor)]
    return render(
        request,
        "care/own_cases.html",
        {
            "title": own_title(request),
            "family": family,
            "waiting": [line for line in lines if line.waits],
            "lines": [line for line in lines if not line.waits],
            "raise_url": reverse("case_raise") + ("" if family else "?self=1"),
        },
    )


def _line(case: CaseFile, person_id: int, family: bool) -> OwnLine:
    confirms = case.confirmer_id == person_id
    return OwnLine(
        pk=case.pk,
        what=case.category.name,
        about=case.person.name if family and case.person else "",
        owner=worked_on_words(case),
        when=short_date(timezone.localdate(case.raised_at)),
        tone=STATE_TONES[CaseFile.State(case.state)],
        state=kind_state(case, own=confirms),
        waits=confirms and case.state == CaseFile.State.AWAITING,
    )
