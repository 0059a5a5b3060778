"""How far a plan is."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from jiafang.access import Actor, may, reading, scope
from jiafang.api.problems import MAY_FAIL
from jiafang.campaigns.models import PlanRun

router = Router()


class Progress(Schema):
    """Phase and numbers of a run; levels as in the planner's plan format."""

    id: int
    campaign: int
    state: str
    phase: str
    fraction: float
    seconds_left: int | None
    objective: dict[str, Any]
    bounds: dict[str, Any]
    unplaced: int


@router.get("/plan-runs/{run_id}", response={200: Progress, **MAY_FAIL}, url_name="plan_run")
def plan_run(request: HttpRequest, run_id: int) -> Progress:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # set by the authentication
    if not may(actor, "campaign.plan"):
        raise Http404
    with reading(actor):
        run = scope(actor, PlanRun).filter(pk=run_id).first()
    if run is None:
        raise Http404
    told = run.progress or {}
    done = run.state == PlanRun.State.DONE
    return Progress(
        id=run.pk,
        campaign=run.campaign_id,
        state=run.state,
        phase=str(told.get("phase", "")),
        fraction=1.0 if done else float(told.get("fraction", 0.0)),
        seconds_left=told.get("seconds_left"),
        objective=run.objective or told.get("objective") or {},
        bounds=run.bounds or told.get("bounds") or {},
        unplaced=len(run.unplaced),
    )
