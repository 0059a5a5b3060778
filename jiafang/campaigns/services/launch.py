"""Launch a campaign: who visits whom is set, or each school gets its own campaign to accept."""

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require
from jiafang.accounts.audit import record
from jiafang.campaigns.defaults import default_rules, shifts_of_schools
from jiafang.campaigns.models import Campaign, Shift, Tier
from jiafang.campaigns.services.create import new_shifts
from jiafang.campaigns.services.locking import locked
from jiafang.campaigns.services.reconcile import reconcile
from jiafang.campaigns.workflow import CAMPAIGN, step
from jiafang.common.clock import now, today
from jiafang.common.errors import NotReady
from jiafang.organization.models import School


def launch_campaign(*, by: Actor, campaign: Campaign) -> Campaign:
    """Draft → launched. A school accepts the bureau's campaign by launching its own part of it."""
    require(by, "campaign.launch")
    with actor_transaction(by):
        campaign = locked(by, campaign)
        step(CAMPAIGN, campaign, Campaign.State.LAUNCHED)
        if campaign.end < today():
            raise NotReady(_("活动的结束日期已经过了,请先改日期"))
        campaign.launched_at = now()
        campaign.save(update_fields=["state", "launched_at"])
        if campaign.is_umbrella:
            record(by=by, action="campaign.launch", of=campaign, schools=_open_children(campaign))
            return campaign
        if not campaign.shifts.exists():
            raise NotReady(_("还没有可以家访的时段,请先选好时段"))
        made = reconcile(campaign)
        if not made.created:
            raise NotReady(_("名册里还没有要访的人,请先导入名册"))
        record(by=by, action="campaign.launch", of=campaign, duties=made.created)
    return campaign


def _open_children(umbrella: Campaign) -> int:
    """One draft in every school, with the shifts and rules that suit the school; five queries in all."""
    schools = School.unscoped.all()
    if umbrella.tier == Tier.TEACHER_FAMILY:
        schools = schools.filter(cohorts__classes__isnull=False).distinct()
    listed = list(schools)
    if not listed:
        raise NotReady(_("还没有学校,请先导入名册"))
    children = Campaign.unscoped.bulk_create(
        [
            Campaign(
                parent=umbrella,
                tier=umbrella.tier,
                school=school,
                term_id=umbrella.term_id,
                title=umbrella.title,
                tone=umbrella.tone,
                basis_number=umbrella.basis_number,
                basis_name=umbrella.basis_name,
                party_building=umbrella.party_building,
                start=umbrella.start,
                end=umbrella.end,
                rules=umbrella.rules or default_rules(tier=umbrella.tier, school=school).to_json(),
                created_by_id=umbrella.created_by_id,
            )
            for school in listed
        ],
        batch_size=500,
    )
    drafts = shifts_of_schools(tier=umbrella.tier, schools=listed, start=umbrella.start, end=umbrella.end)
    shifts = [shift for child in children for shift in new_shifts(child, drafts[child.school_id])]
    Shift.unscoped.bulk_create(shifts, batch_size=2000)
    return len(children)
