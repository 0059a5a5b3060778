"""Change what a campaign is about, its dates, rules and shifts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require
from jiafang.accounts.audit import record, record_each
from jiafang.campaigns.defaults import ShiftDraft
from jiafang.campaigns.models import Appointment, Campaign, CohortFocus, Duty, FamilyWindow, Shift, Trip
from jiafang.campaigns.rules import Rules
from jiafang.campaigns.services.create import check_basis_file, check_dates, new_shifts
from jiafang.campaigns.services.locking import locked, must_run
from jiafang.campaigns.services.reconcile import reconcile
from jiafang.campaigns.services.release import cancel_appointments
from jiafang.campaigns.workflow import OPEN_APPOINTMENTS, RUNNING_STATES
from jiafang.common.clock import at, now
from jiafang.common.errors import InputFault

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
        _check(by, campaign, fields)
        campaign.save(update_fields=list(fields))
        if campaign.state in RUNNING_STATES and not campaign.is_umbrella:
            if campaign.end != old_end:
                _move_due(campaign)
            if "rules" in fields:
                reconcile(campaign)
        record(by=by, action="campaign.edit", of=campaign, fields=sorted(fields))
    return campaign


@dataclass(frozen=True, slots=True)
class Disturbed:
    """What a change of the shifts has done to the timetable."""

    called_off: int = 0
    """Meetings that people had been told of."""
    drafts: int = 0
    """Meetings of a draft that are gone."""


UNDISTURBED = Disturbed()


def set_shifts(*, by: Actor, campaign: Campaign, shifts: Sequence[ShiftDraft], despite: bool = False) -> Disturbed:
    """Make the shifts exactly these.

    `despite` calls off the meetings that people were told of in a shift that goes; otherwise InputFault says how many.
    """
    require(by, "campaign.create")
    with actor_transaction(by):
        campaign = locked(by, campaign)
        must_run(campaign, NOT_CLOSED, otherwise=_("活动已结束,不能再改"))
        if campaign.is_umbrella:
            raise InputFault(_("时段由各校自己定"), place="shifts")
        wanted = {(shift.date, str(shift.kind)): shift for shift in new_shifts(campaign, shifts)}
        existing = {(shift.date, shift.kind): shift for shift in campaign.shifts.all()}
        gone = [shift for key, shift in existing.items() if key not in wanted]
        disturbed = _remove(by, campaign, gone, despite=despite)
        changed = []
        for key, shift in existing.items():
            new = wanted.get(key)
            if new is not None and (shift.called_off or (new.start, new.end) != (shift.start, shift.end)):
                shift.start, shift.end, shift.called_off = new.start, new.end, False
                changed.append(shift)
        Shift.unscoped.bulk_update(changed, ["start", "end", "called_off"])
        Shift.unscoped.bulk_create([shift for key, shift in wanted.items() if key not in existing])
        record(by=by, action="campaign.shifts", of=campaign, shifts=len(wanted))
    return disturbed


def _rules_json(rules: Rules) -> dict[str, Any]:
    rules.check()
    return rules.to_json()


def _check(by: Actor, campaign: Campaign, fields: dict[str, Any]) -> None:
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
        try:
            _remove(by, campaign, list(outside))
        except InputFault as fault:
            words = _("%(why)s。要缩短日期,请先在“规则和时段”里取消这些时段") % {"why": fault.message}
            raise InputFault(words, place="end") from fault


def _remove(by: Actor, campaign: Campaign, shifts: list[Shift], *, despite: bool = False) -> Disturbed:
    """Remove shifts that nobody knows of; call off those that people were told of, or spoke of themselves.

    A shift that has begun is history and stays, unless the campaign has not: then there is nothing that could have
    happened in it. A family that can only be met in a shift that goes is not thereby free in every other.
    """
    prepared = campaign.state == Campaign.State.DRAFT
    going = [s for s in shifts if not s.called_off and (prepared or at(s.date, s.start) > now())]
    open_in_them = Appointment.unscoped.filter(shift__in=going, state__in=OPEN_APPOINTMENTS)
    told = list(open_in_them.filter(published=True).select_related("shift").order_by("shift__date", "pk"))
    if told and not despite:
        words = _("%(count)s 次家访已经告诉大家在这些时段:%(shifts)s")
        when = (f"{meeting.shift.date:%m-%d} {meeting.shift.get_kind_display()}" for meeting in told)
        named = "、".join(dict.fromkeys(when))
        raise InputFault(words % {"count": len(told), "shifts": named}, place="despite")
    drafts = _drop_drafts(campaign, open_in_them.filter(published=False))
    cancel_appointments(told, cancelled_by=Appointment.CancelledBy.SCHOOL)
    record_each(by=by, action="appointment.cancel", of=told)
    Trip.unscoped.filter(shift__in=going, stops=None).delete()
    known = set(Appointment.unscoped.filter(shift__in=going).values_list("shift_id", flat=True))
    known |= set(FamilyWindow.unscoped.filter(shift__in=going).values_list("shift_id", flat=True))
    removed = Shift.unscoped.filter(pk__in=[shift.pk for shift in going])
    removed.filter(pk__in=known).update(called_off=True)
    removed.exclude(pk__in=known).delete()
    return Disturbed(len(told), drafts)


def _drop_drafts(campaign: Campaign, drafts: QuerySet[Appointment]) -> int:
    """Remove the drafts; all of the campaign's where some stand for a published meeting, which holds again."""
    whose = Appointment.duties.through.objects.filter(appointment__in=drafts).values("duty_id")
    superseded = Appointment.unscoped.filter(campaign=campaign, superseded=True)
    if superseded.filter(duties__in=whose).exists():
        drafts = Appointment.unscoped.filter(campaign=campaign, published=False, state__in=OPEN_APPOINTMENTS)
        superseded.update(superseded=False)
    gone = list(drafts)
    cancel_appointments(gone, cancelled_by=Appointment.CancelledBy.SCHOOL)
    return len(gone)


def _move_due(campaign: Campaign) -> None:
    own = CohortFocus.unscoped.filter(campaign=campaign, due__isnull=False)
    Duty.unscoped.filter(campaign=campaign, parent=None, state=Duty.State.DUE).exclude(
        cohort_id__in=own.values("cohort_id")
    ).update(due=campaign.end)
