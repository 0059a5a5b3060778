"""自动排表: ask for a plan, watch it, read what it reached."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, may, scope
from jiafang.access.actor import ADMINISTRATOR, COHORT_LEAD, DIRECTOR, PRINCIPAL
from jiafang.accounts.audit import Reading
from jiafang.campaigns.models import Campaign, PlanRun, Shift, Tier
from jiafang.campaigns.services.plan import cancel_plan, request_plan
from jiafang.insight.coverage import campaign_coverage
from jiafang.web.campaigns import reads
from jiafang.web.campaigns.presenters import plan_job, trail
from jiafang.web.campaigns.reasons import Lookup, moved_lines, unplaced_lines
from jiafang.web.campaigns.views.common import RUNNING, campaign_or_404, campaigns_within
from jiafang.web.campaigns.words import outcome_in_words
from jiafang.web.gate import ActorRequest, gate, row_or_404, scoped_or_404
from jiafang.web.opening import note_opened
from jiafang.web.timetable.dates import shift_words
from jiafang.web.told import told

PLANNERS = frozenset({ADMINISTRATOR, DIRECTOR, PRINCIPAL, COHORT_LEAD})
SECONDS = {"quick": 20, "usual": 60, "long": 300}


@gate(PLANNERS, permission="campaign.plan", methods=("GET", "POST"))
def campaign_plan(request: ActorRequest, pk: int) -> HttpResponse:
    """The button, the run that goes on, and the outcome of the last one."""
    actor = request.actor
    row = campaign_or_404(actor, pk, CHANGE)
    if row.is_umbrella:
        raise Http404
    if request.method == "POST":
        seconds = SECONDS.get(request.POST.get("effort", ""), SECONDS["usual"])
        told(
            request,
            lambda: request_plan(by=actor, campaign=row, seconds=seconds),
            _("开始排表了,可以先去忙别的"),
        )
        return redirect("campaign_plan", pk=pk)
    return _page(request, row, reads.latest_run(actor, row))


@gate(PLANNERS, permission="campaign.plan")
def plan_run(request: ActorRequest, pk: int) -> HttpResponse:
    """One run: its progress, or what it reached."""
    run = row_or_404(scope(request.actor, PlanRun), pk=pk)
    row = row_or_404(campaigns_within(request.actor), pk=run.campaign_id)
    return _page(request, row, run)


def _page(request: ActorRequest, row: Campaign, run: PlanRun | None) -> HttpResponse:
    actor = request.actor
    done = run is not None and run.state == PlanRun.State.DONE
    lookup = _lookup(request, row) if run and run.unplaced else Lookup(row.pk, {}, {})
    seen = reads.unplaced_of(actor, run) if run and done else []
    moved = reads.moved_of(actor, run) if run and done else []
    people = {pk for one in seen for pk in one.people} | {pk for one in moved for pk in one.people}
    note_opened(request, Reading.PLANNED, people, of=run)
    coverage = campaign_coverage(actor, row)
    facts = reads.plan_facts(actor, row)
    return render(
        request,
        "campaigns/plan.html",
        {
            "campaign": row,
            "run": run,
            "done": done,
            "job": plan_job(run) if run and not done else None,
            "active": run is not None and run.is_active,
            "outcome": outcome_in_words(run, len(run.unplaced), row.tier) if run and done else [],
            "unplaced": unplaced_lines(seen, lookup),
            "unplaced_count": len(seen),
            "moved": moved_lines(moved),
            "moved_count": len(moved),
            "hidden_moved": len(run.moved) - len(moved) if run and done else 0,
            "hidden": len(run.unplaced) - len(seen) if run and done else 0,
            "facts": facts,
            "bereft": reads.bereft(actor, row),
            "due": coverage.due,
            "unassigned": coverage.unassigned,
            "family": row.tier == Tier.TEACHER_FAMILY,
            "plannable": row.state in RUNNING,
            "may_publish": may(actor, "campaign.publish") and row.state in RUNNING and facts.drafts > 0,
            "trail": trail(row, _("自动排表")),
        },
    )


def _lookup(request: ActorRequest, row: Campaign) -> Lookup:
    shifts = scope(request.actor, Shift).filter(campaign=row).values_list("id", "date", "kind")
    return Lookup(
        campaign_id=row.pk,
        shifts={pk: shift_words(date, kind) for pk, date, kind in shifts},
        visitors={visitor.id: visitor.name for visitor in reads.visitors_of(request.actor, row)},
        may_change_rules=may(request.actor, "campaign.launch"),
    )


@gate(PLANNERS, permission="campaign.plan")
def plan_progress(request: ActorRequest, pk: int) -> HttpResponse:
    """The panel again, asked for every two seconds; once the run has ended the page is loaded anew."""
    run = row_or_404(scope(request.actor, PlanRun), pk=pk)
    response = render(request, "components/progress_panel_poll.html", {"job": plan_job(run)})
    if not run.is_active:
        response["HX-Refresh"] = "true"
    return response


@gate(PLANNERS, permission="campaign.plan", methods=("POST",))
def campaign_cancel_plan(request: ActorRequest, pk: int) -> HttpResponse:
    actor = request.actor
    run = scoped_or_404(actor, PlanRun, pk=pk)
    told(request, lambda: cancel_plan(by=actor, run=run), _("已停止排表,原来的安排没有变"))
    return redirect(reverse("campaign_plan", args=[run.campaign_id]))
