"""The visit after the visit: a duty of its own, outside the denominator."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, Q

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.campaigns.models import ChannelRule, Duty
from jiafang.common.clock import today
from jiafang.visits.models import Visit

WITHIN = dt.timedelta(days=14)
# A record that comes late asks for no visit that is overdue already.
AT_LEAST = dt.timedelta(days=3)

_REOPENED = ["state", "void_reason", "due", "group", "weight", "school", "cohort", "school_class", "household"]


def keep_follow_ups(*, by: Actor, visit: Visit, duties: list[Duty], on: dt.date, asked_before: bool) -> None:
    """Open a follow-up for each person if the record now asks for one; take back what it no longer asks for."""
    if visit.follow_up == asked_before:
        return
    roots = {duty.parent_id or duty.pk: duty for duty in duties}
    others = Duty.unscoped.filter(parent_id__in=roots).exclude(pk__in=[duty.pk for duty in duties])
    waiting = others.filter(state=Duty.State.DUE)
    if not visit.follow_up:
        # Only one that nobody has arranged yet.
        wanted = _asked_by_others(visit, roots)
        unwanted = list(waiting.filter(appointments=None).exclude(parent_id__in=wanted))
        for duty in unwanted:
            duty.state, duty.void_reason = Duty.State.VOID, Duty.VoidReason.WITHDRAWN
        Duty.unscoped.bulk_update(unwanted, ["state", "void_reason"])
        audit.record_each(by=by, action="follow_up.withdraw", of=unwanted, visit=str(visit.pk))
        return
    open_already = set(waiting.values_list("parent_id", flat=True))
    # A phone may name a follow-up that was withdrawn: its row has stayed, and is taken up again.
    withdrawn = others.filter(state=Duty.State.VOID, void_reason=Duty.VoidReason.WITHDRAWN).order_by("pk")
    again = {duty.parent_id: duty for duty in withdrawn}
    due = max(on + WITHIN, today() + AT_LEAST)
    opened = []
    for root_id, duty in roots.items():
        if root_id in open_already or duty.state == Duty.State.VOID:
            continue
        follow_up = again.get(root_id) or Duty(parent_id=root_id, campaign_id=duty.campaign_id, channel=ChannelRule.ANY)
        follow_up.state, follow_up.void_reason, follow_up.due = Duty.State.DUE, "", due
        _put_where(follow_up, duty)
        opened.append(follow_up)
    Duty.unscoped.bulk_create([duty for duty in opened if duty.pk is None])
    Duty.unscoped.bulk_update([duty for duty in opened if duty.parent_id in again], _REOPENED)
    audit.record_each(by=by, action="follow_up.open", of=opened, visit=str(visit.pk))


def _put_where(follow_up: Duty, duty: Duty) -> None:
    """With those who answer for the person today."""
    follow_up.person_id, follow_up.group_id, follow_up.weight = duty.person_id, duty.group_id, duty.weight
    follow_up.school_id, follow_up.cohort_id = duty.school_id, duty.cohort_id
    follow_up.school_class_id, follow_up.household_id = duty.school_class_id, duty.household_id


def _asked_by_others(visit: Visit, roots: Iterable[int]) -> set[int]:
    """Of these first duties those that another record wants to be followed up, and nobody has done so since."""
    rows = (
        Visit.duties.through.objects.filter(Q(duty__in=roots) | Q(duty__parent__in=roots))
        .exclude(visit=visit)
        .values_list(F("duty__parent"), F("duty"), F("visit__started_at"), F("visit__follow_up"))
    )
    asked: dict[int, dt.datetime] = {}
    done: dict[int, dt.datetime] = {}
    for parent, duty, started_at, follow_up in rows:
        root = parent or duty
        if follow_up:
            asked[root] = max(started_at, asked.get(root, started_at))
        if parent is not None:
            done[root] = max(started_at, done.get(root, started_at))
    return {root for root, at in asked.items() if root not in done or done[root] <= at}
