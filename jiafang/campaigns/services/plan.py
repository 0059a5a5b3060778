"""Ask for a plan, or call it off."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts.audit import record
from jiafang.campaigns.models import Campaign, Duty, PlanRun
from jiafang.campaigns.services.locking import locked, must_run
from jiafang.campaigns.tasks import plan_campaign
from jiafang.campaigns.workflow import PLAN_RUN, step
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault, NotAllowed, NotReady

SHORTEST, LONGEST = 1, 3600


def request_plan(*, by: Actor, campaign: Campaign, seconds: int = 60, seed: int = 1) -> PlanRun:
    """Queue a plan of everybody who is due; what is agreed, done or moved by hand stays as it is."""
    require(by, "campaign.plan")
    if not SHORTEST <= seconds <= LONGEST:
        raise InputFault(_("用时应在 %(low)s 到 %(high)s 秒之间") % {"low": SHORTEST, "high": LONGEST}, place="seconds")
    with actor_transaction(by):
        campaign = locked(by, campaign)
        must_run(campaign, otherwise=_("活动启动以后才能排表"))
        if campaign.is_umbrella:
            raise NotReady(_("各校自己排表,请打开学校的活动"))
        if not Duty.unscoped.filter(campaign=campaign, state=Duty.State.DUE, group__isnull=False).exists():
            raise NotReady(_("没有要排的待访对象:都访过了,或还没有负责的人"))
        _end_stalled(campaign)
        if PlanRun.unscoped.filter(campaign=campaign, state__in=["queued", "running"]).exists():
            raise Conflict(_("正在排表,请等它排好,或先取消"))
        run = PlanRun.unscoped.create(
            campaign=campaign, requested_by_id=by.person_id, seconds_allowed=seconds, seed=seed
        )
        # The queue lives in this database: the job exists when, and only when, this transaction is committed.
        plan_campaign.defer(run_id=run.pk)
        record(by=by, action="plan.request", of=run, campaign=campaign.pk)
    return run


def cancel_plan(*, by: Actor, run: PlanRun) -> PlanRun:
    """Call a plan off; the worker hears it within a second, and nothing is changed."""
    require(by, "campaign.plan")
    with actor_transaction(by):
        if not scope(by, PlanRun).filter(pk=run.pk).exists():
            raise NotAllowed(f"plan run {run.pk}")
        claim(by, run, CHANGE)
        run = PlanRun.unscoped.select_for_update().get(pk=run.pk)
        if run.state == PlanRun.State.CANCELLED:
            return run
        step(PLAN_RUN, run, PlanRun.State.CANCELLED)
        run.finished_at = now()
        run.save(update_fields=["state", "finished_at"])
        record(by=by, action="plan.cancel", of=run)
    return run


def _end_stalled(campaign: Campaign) -> None:
    """A run whose worker has died does not stand in the way."""
    for run in PlanRun.unscoped.select_for_update().filter(campaign=campaign, state=PlanRun.State.RUNNING):
        if run.is_stalled:
            step(PLAN_RUN, run, PlanRun.State.FAILED)
            run.log, run.finished_at = _("上次排表中途断了"), now()
            run.save(update_fields=["state", "log", "finished_at"])
