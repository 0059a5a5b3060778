"""The visit after the visit: a duty of its own, outside the denominator."""

import datetime as dt

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.campaigns.models import ChannelRule, Duty
from jiafang.visits.models import Visit

WITHIN = dt.timedelta(days=14)


def keep_follow_ups(*, by: Actor, visit: Visit, duties: list[Duty], on: dt.date, revised: bool) -> None:
    """Open a follow-up for each person if the record asks for one; take back what it no longer asks for."""
    if not visit.follow_up and not revised:
        return
    roots = {duty.parent_id or duty.pk: duty for duty in duties}
    waiting = Duty.unscoped.filter(parent_id__in=roots, state=Duty.State.DUE).exclude(
        pk__in=[duty.pk for duty in duties]
    )
    if not visit.follow_up:
        # Only one that nobody has arranged yet; a first record that asks for none leaves those of others alone.
        for duty in waiting.filter(appointments=None):
            audit.record(by=by, action="follow_up.withdraw", of=duty, visit=str(visit.pk))
            duty.delete()
        return
    open_already = set(waiting.values_list("parent_id", flat=True))
    for root_id, duty in roots.items():
        if root_id in open_already or duty.state == Duty.State.VOID:
            continue
        follow_up = Duty.unscoped.create(
            campaign_id=duty.campaign_id,
            person_id=duty.person_id,
            parent_id=root_id,
            group_id=duty.group_id,
            school_id=duty.school_id,
            cohort_id=duty.cohort_id,
            school_class_id=duty.school_class_id,
            household_id=duty.household_id,
            channel=ChannelRule.ANY,
            weight=duty.weight,
            due=on + WITHIN,
        )
        audit.record(by=by, action="follow_up.open", of=follow_up, visit=str(visit.pk))
