"""Preparing a campaign step by step: what it is, rules and evenings, focus per cohort, check and launch.

The first step makes a draft, so nothing is lost when somebody stops midway; the same pages edit it later.
"""

import datetime as dt
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, reading
from jiafang.access.actor import ADMINISTRATOR, BUREAU_KINDS, COHORT_LEAD, DIRECTOR, PRINCIPAL
from jiafang.campaigns.defaults import ShiftDraft
from jiafang.campaigns.models import Campaign, Shift, Tier
from jiafang.campaigns.services.create import create_campaign
from jiafang.campaigns.services.edit import UNDISTURBED, Disturbed, edit_campaign, set_shifts
from jiafang.campaigns.services.focus import set_focus
from jiafang.campaigns.services.launch import launch_campaign
from jiafang.common.clock import today
from jiafang.organization.models import School
from jiafang.web.campaigns import reads
from jiafang.web.campaigns.focus_advice import advice_for
from jiafang.web.campaigns.forms import (
    EVERYWHERE,
    AboutForm,
    FocusForm,
    NewCampaignForm,
    RulesForm,
    ShiftsForm,
    accepted,
)
from jiafang.web.campaigns.presenters import first_steps, setup_steps, step_after, trail, where_words
from jiafang.web.campaigns.views.common import campaign_or_404
from jiafang.web.campaigns.words import rules_in_words, shifts_in_words
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.timetable.dates import period_words
from jiafang.web.told import told

LEADERS = frozenset({ADMINISTRATOR, DIRECTOR, PRINCIPAL})
USUAL_LENGTH = dt.timedelta(days=27)
SCHOOL_TIERS = (Tier.TEACHER_FAMILY, Tier.PRINCIPAL_TEACHER)


@gate(LEADERS, permission="campaign.create", methods=("GET", "POST"))
def campaign_new(request: ActorRequest) -> HttpResponse:
    """The first step: which tier, for whom, when; makes the draft with defaults that suit it."""
    actor = request.actor
    in_bureau = actor.kind in BUREAU_KINDS
    tiers = [*SCHOOL_TIERS, Tier.BUREAU_PRINCIPAL, Tier.BUREAU_TEACHER] if in_bureau else list(SCHOOL_TIERS)
    with reading(actor):
        schools = reads.schools_to_choose(actor) if in_bureau else []
    start = today()
    initial = {"tier": tiers[0].value, "start": start, "end": start + USUAL_LENGTH}
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = NewCampaignForm(data, files, initial=initial, tiers=tiers, schools=schools)
    made: list[Campaign] = []
    if form.is_valid() and accepted(form, lambda: made.append(_create(request, form))):
        return redirect(step_after(made[0], "campaign_edit"))
    return render(
        request,
        "campaigns/new.html",
        {
            "form": form,
            "steps": first_steps(),
            "trail": [Crumb(_("家访活动"), "/campaigns/"), Crumb(_("新的活动"))],
        },
        status=422 if form.errors else 200,
    )


def _create(request: ActorRequest, form: NewCampaignForm) -> Campaign:
    actor, data = request.actor, form.cleaned_data
    tier = Tier(data["tier"])
    wanted = data.get("school", EVERYWHERE) if tier in SCHOOL_TIERS else EVERYWHERE
    school = None
    if actor.kind not in BUREAU_KINDS:
        school = scoped_or_404(actor, School, pk=actor.school_id)
    elif wanted != EVERYWHERE:
        school = scoped_or_404(actor, School, pk=int(wanted))
    with reading(actor):
        term = reads.term_of(data["start"])
    fields = form.fields_for_service
    fields["title"] = fields["title"] or _title(tier, str(term) if term else "")
    return create_campaign(by=actor, tier=tier, school=school, term=term, **fields)


def _title(tier: Tier, term: str) -> str:
    return _("%(term)s%(tier)s") % {"term": term, "tier": tier.label}


@gate(LEADERS, permission="campaign.launch", methods=("GET", "POST"))
def campaign_edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Title, dates, tone and basis document; of a draft also after its first step."""
    actor = request.actor
    row = _open_or_404(request, pk)
    names = ("title", "start", "end", "tone", "party_building", "basis_number", "basis_name")
    initial = {name: getattr(row, name) for name in names}
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = AboutForm(data, files, initial=initial)
    form.fields["title"].required = True
    form.fields["title"].help_text = ""
    if form.is_valid() and accepted(form, lambda: edit_campaign(by=actor, campaign=row, **form.fields_for_service)):
        return _onward(request, row, "campaign_edit")
    return _render(request, row, "campaigns/edit.html", "campaign_edit", _("活动内容"), form.errors, form=form)


@gate(LEADERS, permission="campaign.launch", methods=("GET", "POST"))
def campaign_rules(request: ActorRequest, pk: int) -> HttpResponse:
    """How visits are made and in which evenings; the defaults are shown in words and can be changed."""
    actor = request.actor
    row = _open_or_404(request, pk)
    if row.is_umbrella:
        raise Http404
    before = row.typed_rules
    with reading(actor):
        lines = reads.shift_lines(actor, row)
    data = request.POST if request.method == "POST" else None
    rules = RulesForm(data, initial=before.to_json(), tier=row.tier)
    special = reads.special_days(row)
    shifts = ShiftsForm(data, start=row.start, end=row.end, current=lines, special_days=special)
    disturbed: list[Disturbed] = []

    def changed(drafts: list[ShiftDraft]) -> Disturbed:
        despite = shifts.cleaned_data["despite"]
        return set_shifts(by=actor, campaign=row, shifts=drafts, despite=despite)

    if data is not None and rules.is_valid() & shifts.is_valid():
        wanted = rules.rules(before)
        chosen = shifts.lines()
        drafts = [ShiftDraft(line.date, Shift.Kind(line.kind), line.start, line.end) for line in chosen]
        if ({*chosen} == {*lines} or accepted(shifts, lambda: disturbed.append(changed(drafts)))) and accepted(
            rules, lambda: edit_campaign(by=actor, campaign=row, rules=wanted)
        ):
            return _onward(request, row, "campaign_rules", *disturbed)
    return _render(
        request,
        row,
        "campaigns/rules.html",
        "campaign_rules",
        _("规则和时段"),
        rules.errors or shifts.errors,
        rules_form=rules,
        shifts_form=shifts,
        in_words=rules_in_words(before, row.tier),
        shifts_in_words=shifts_in_words(lines),
    )


@gate(LEADERS | {COHORT_LEAD}, permission="campaign.focus", methods=("GET", "POST"))
def campaign_focus(request: ActorRequest, pk: int) -> HttpResponse:
    """One card for each cohort; a cohort lead has the own one."""
    actor = request.actor
    row = _open_or_404(request, pk)
    if row.is_umbrella or row.tier != Tier.TEACHER_FAMILY:
        raise Http404
    with reading(actor):
        cohorts = reads.cohorts_of(actor, row)
        focuses = reads.focuses_of(actor, row)
    data = request.POST if request.method == "POST" else None
    cards = []
    for cohort in cohorts:
        focus, advice = focuses.get(cohort.pk), advice_for(cohort, row)
        initial: dict[str, Any] = (
            {name: getattr(focus, name) for name in ("topics", "talking_points", "notices", "due")}
            if focus
            else advice.initial
        )
        form = FocusForm(data, initial=initial, prefix=f"c{cohort.pk}", start=row.start, end=row.end)
        cards.append((cohort, cohort.grade_name(row.start), form, advice, focus is not None))
    refused = [card for card in cards if data is not None and not card[2].is_valid()]
    if data is not None and not refused:
        for cohort, _name, form, _advice, saved in cards:
            wanted = form.cleaned_data
            if wanted["topics"] and (form.has_changed() or not saved):
                accepted(form, partial(set_focus, by=actor, campaign=row, cohort=cohort, **wanted))
        if all(not card[2].errors for card in cards):
            return _onward(request, row, "campaign_focus")
    faulty = any(card[2].errors for card in cards)
    return _render(request, row, "campaigns/focus.html", "campaign_focus", _("年段重点"), faulty, cards=cards)


@gate(LEADERS, permission="campaign.launch", methods=("GET", "POST"))
def campaign_launch(request: ActorRequest, pk: int) -> HttpResponse:
    """Everything at a glance, then 启动活动."""
    actor = request.actor
    row = _open_or_404(request, pk)
    if request.method == "POST":
        done = _("活动已启动,各校已收到") if row.is_umbrella else _("活动已启动,接下来可以自动排表")
        if told(request, lambda: launch_campaign(by=actor, campaign=row), done):
            return redirect("campaign", pk=pk)
        return redirect("campaign_launch", pk=pk)
    if row.state != Campaign.State.DRAFT:
        return redirect("campaign", pk=pk)
    family = row.tier == Tier.TEACHER_FAMILY and not row.is_umbrella
    lines = reads.shift_lines(actor, row)
    focuses = reads.focuses_of(actor, row)
    return _render(
        request,
        row,
        "campaigns/launch.html",
        "campaign_launch",
        _("检查并启动"),
        None,
        where=where_words(row),
        period=period_words(row.start, row.end),
        in_words=[] if row.is_umbrella else rules_in_words(row.typed_rules, row.tier),
        shifts_in_words=shifts_in_words(lines),
        shift_count=len(lines),
        focuses=[(c.grade_name(row.start), focuses.get(c.pk)) for c in reads.cohorts_of(actor, row)] if family else [],
        leaderless=[c.full_name(row.start) for c in reads.classes_without_homeroom(actor, row)] if family else [],
        school_count=len(reads.schools_to_choose(actor)) if row.is_umbrella else 0,
    )


def _open_or_404(request: ActorRequest, pk: int) -> Campaign:
    row = campaign_or_404(request.actor, pk, CHANGE)
    if row.state == Campaign.State.CLOSED:
        raise Http404
    return row


def _onward(request: ActorRequest, row: Campaign, current: str, disturbed: Disturbed = UNDISTURBED) -> HttpResponse:
    """A draft goes to its next step, a running campaign back to its page, or to planning anew where that is due."""
    if row.state == Campaign.State.DRAFT and request.actor.kind in LEADERS:
        return redirect(step_after(row, current))
    messages.success(request, _("已保存"))
    if disturbed.drafts:
        messages.warning(request, _("还没发布的安排用到了取消的时段,已经作废,请重新排表"))
    return redirect("campaign_plan" if disturbed != UNDISTURBED else "campaign", pk=row.pk)


def _render(
    request: ActorRequest, row: Campaign, template: str, current: str, title: str, faults: object, **more: Any
) -> HttpResponse:
    draft = row.state == Campaign.State.DRAFT and request.actor.kind in LEADERS
    context = {
        "campaign": row,
        "draft": draft,
        "steps": setup_steps(row, current) if draft else [],
        "trail": trail(row, title),
        **more,
    }
    return render(request, template, context, status=422 if faults else 200)
