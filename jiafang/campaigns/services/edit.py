"""Change what a campaign is about, its dates, rules and shifts."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require
from jiafang.accounts.audit import record
from jiafang.campaigns.defaults import ShiftDraft
from jiafang.campaigns.models import Appointment, Campaign, CohortFocus, Duty, FamilyWindow, Shift, Trip
from jiafang.campaigns.rules import Rules
from jiafang.campaigns.services.create import check_basis_file, check_dates, new_shifts
from jiafang.campaigns.services.locking import locked, must_run
from jiafang.campaigns.services.reconcile import reconcile
from jiafang.campaigns.workflow import OPEN_APPOINTMENTS, RUNNING_STATES
from jiafang.common.clock import at, now
from jiafang.common.errors import Conflict, InputFault

EDITABLE = frozenset(
    {
        "title",
        "term",
        "tone",
        "basis_number",
        "basis_name",
        "basis_file",
        "basis_file_name",
        "party_building",
        "start",
        "end",
        "rules",
    }
)
NOT_CLOSED = (Campaign.State.DRAFT, Campaign.State.LAUNCHED, Campaign.State.PUBLISHED)


def edit_campaign(*, by: Actor, campaign: Campaign, **fields: Any) -> Campaign:
    """Change some of `EDITABLE`; a later end moves the due date of those who have none of their own."""
    require(by, "campaign.create")
    unknown = fields.keys() - EDITABLE
    if unknown:
        raise InputFault(_("这一项不能改"), place=sorted(unknown)[0])
    with actor_transaction(by):
        campaign = locked(by, campaign)
        must_run(campaign, NOT_CLOSED, otherwise=_("活动已结束,不能再改"))
        old_end = campaign.end
        for name, value in fields.items():
            if name == "rules":
                value = _rules_json(value)
            setattr(campaign, name, value)
        _check(campaign, fields)
        campaign.save(update_fields=list(fields))
        if campaign.state in RUNNING_STATES and not campaign.is_umbrella:
            if campaign.end != old_end:
                _move_due(campaign)
            if "rules" in fields:
                reconcile(campaign)
        record(by=by, action="campaign.edit", of=campaign, fields=sorted(fields))
    return campaign


def set_shifts(*, by: Actor, campaign: Campaign, shifts: Sequence[ShiftDraft]) -> None:
    """Make the shifts exactly these; one that families were told of is called off, and the next plan moves them."""
    require(by, "campaign.create")
    with actor_transaction(by):
        campaign = locked(by, campaign)
        must_run(campaign, NOT_CLOSED, otherwise=_("活动已结束,不能再改"))
        if campaign.is_umbrella:
            raise InputFault(_("时段由各校自己定"), place="shifts")
        wanted = {(shift.date, str(shift.kind)): shift for shift in new_shifts(campaign, shifts)}
        existing = {(shift.date, shift.kind): shift for shift in campaign.shifts.all()}
        _remove(campaign, [shift for key, shift in existing.items() if key not in wanted])
        changed = []
        for key, shift in existing.items():
            new = wanted.get(key)
            if new is not None and (shift.called_off or (new.start, new.end) != (shift.start, shift.end)):
                shift.start, shift.end, shift.called_off = new.start, new.end, False
                changed.append(shift)
        Shift.unscoped.bulk_update(changed, ["start", "end", "called_off"])
        Shift.unscoped.bulk_create([shift for key, shift in wanted.items() if key not in existing])
        record(by=by, action="campaign.shifts", of=campaign, shifts=len(wanted))


def _rules_json(rules: Rules) -> dict[str, Any]:
    rules.check()
    return rules.to_json()


def _check(campaign: Campaign, fields: dict[str, Any]) -> None:
    if not campaign.title.strip():
        raise InputFault(_("请填写活动名称"), place="title")
    check_dates(campaign.start, campaign.end)
    if "basis_file" in fields:
        check_basis_file(fields["basis_file"])
    if campaign.parent is not None and campaign.end > campaign.parent.end:
        words = _("教育局要求在 %(end)s 前完成") % {"end": campaign.parent.end}
        raise InputFault(words, place="end")
    outside = campaign.shifts.exclude(date__range=(campaign.start, campaign.end))
    if {"start", "end"} & fields.keys():
        _remove(campaign, list(outside))


def _remove(campaign: Campaign, shifts: list[Shift]) -> None:
    """Remove shifts that nobody knows of; call off those that families were told of, or themselves spoke of.

    Drafts in them go. A family that can only be met in such a shift is not thereby free in every other.
    """
    open_in_them = Appointment.unscoped.filter(shift__in=shifts, state__in=OPEN_APPOINTMENTS)
    begun = {shift.pk for shift in shifts if at(shift.date, shift.start) <= now()}
    late = open_in_them.filter(published=True, shift__in=begun).select_related("shift").first()
    if late is not None:
        raise Conflict(_("%(shift)s 已经开始,里面还有没记下的家访,不能取消") % {"shift": late.shift})
    open_in_them.filter(published=False).delete()
    Trip.unscoped.filter(shift__in=shifts, stops=None).delete()
    known = set(Appointment.unscoped.filter(shift__in=shifts).values_list("shift_id", flat=True))
    known |= set(FamilyWindow.unscoped.filter(shift__in=shifts).values_list("shift_id", flat=True))
    removed = Shift.unscoped.filter(pk__in=[shift.pk for shift in shifts])
    removed.filter(pk__in=known).update(called_off=True)
    removed.exclude(pk__in=known).delete()


def _move_due(campaign: Campaign) -> None:
    own = CohortFocus.unscoped.filter(campaign=campaign, due__isnull=False)
    Duty.unscoped.filter(campaign=campaign, parent=None, state=Duty.State.DUE).exclude(
        cohort_id__in=own.values("cohort_id")
    ).update(due=campaign.end)
