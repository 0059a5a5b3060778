"""Close a campaign.

Whoever was not met stays due, so that the coverage of a closed campaign says what happened: the denominator does not
shrink. Meetings still ahead are called off and drafts go, so that nobody is expected anywhere.
"""

from jiafang.access import Actor, actor_transaction, require
from jiafang.accounts.audit import record
from jiafang.campaigns.models import Appointment, Campaign, PlanRun
from jiafang.campaigns.services.locking import locked
from jiafang.campaigns.services.release import cancel_appointments
from jiafang.campaigns.workflow import CAMPAIGN, OPEN_APPOINTMENTS, PLAN_RUN, step
from jiafang.common.clock import now


def close_campaign(*, by: Actor, campaign: Campaign) -> Campaign:
    """Any state → closed; a campaign of the bureau closes those of the schools with it."""
    require(by, "campaign.launch")
    with actor_transaction(by):
        campaign = locked(by, campaign)
        _close(by, campaign)
        for child in Campaign.unscoped.select_for_update().filter(parent=campaign).order_by("pk"):
            if child.state != Campaign.State.CLOSED:
                _close(by, child)
    return campaign


def _close(by: Actor, campaign: Campaign) -> None:
    step(CAMPAIGN, campaign, Campaign.State.CLOSED)
    campaign.closed_at = now()
    campaign.save(update_fields=["state", "closed_at"])
    open_ones = Appointment.unscoped.filter(campaign=campaign, state__in=OPEN_APPOINTMENTS)
    ended = list(open_ones.filter(starts_at__gte=now()) | open_ones.filter(published=False))
    cancel_appointments(ended, cancelled_by=Appointment.CancelledBy.SCHOOL)
    for run in PlanRun.unscoped.select_for_update().filter(campaign=campaign, state__in=["queued", "running"]):
        step(PLAN_RUN, run, PlanRun.State.CANCELLED)
        run.finished_at = now()
        run.save(update_fields=["state", "finished_at"])
    record(by=by, action="campaign.close", of=campaign, called_off=len(ended))
