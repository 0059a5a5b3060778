"""Say what the visits to one cohort are about, and by when they are to be made."""

import datetime as dt

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require
from jiafang.access.actor import COHORT_LEAD
from jiafang.accounts.audit import record
from jiafang.campaigns.models import Campaign, CohortFocus, Duty
from jiafang.campaigns.services.locking import locked, must_run
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.organization.models import GradeCohort


def set_focus(
    *,
    by: Actor,
    campaign: Campaign,
    cohort: GradeCohort,
    topics: str,
    talking_points: str = "",
    notices: str = "",
    due: dt.date | None = None,
) -> CohortFocus:
    """Set the focus of a cohort; a new due date moves that of its open duties."""
    require(by, "campaign.focus")
    if by.kind == COHORT_LEAD and cohort.pk not in by.capacity.cohort_ids:
        raise NotAllowed("focus of another cohort")
    with actor_transaction(by):
        campaign = locked(by, campaign)
        if cohort.school_id != campaign.school_id:
            raise NotAllowed("focus of another school")
        must_run(
            campaign,
            (Campaign.State.DRAFT, Campaign.State.LAUNCHED, Campaign.State.PUBLISHED),
            otherwise=_("活动已结束,不能再改工作重点"),
        )
        if not topics.strip():
            raise InputFault(_("请写下本年段的家访重点"), place="topics")
        if due is not None and not campaign.start <= due <= campaign.end:
            raise InputFault(_("完成日期应在活动日期内"), place="due")
        focus, _created = CohortFocus.unscoped.update_or_create(
            campaign=campaign,
            cohort=cohort,
            defaults={"topics": topics, "talking_points": talking_points, "notices": notices, "due": due},
        )
        Duty.unscoped.filter(campaign=campaign, cohort=cohort, parent=None, state=Duty.State.DUE).update(
            due=due or campaign.end
        )
        record(by=by, action="campaign.focus", of=campaign, cohort=cohort.pk)
    return focus
