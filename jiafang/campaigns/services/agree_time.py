"""The family and the visitor have agreed on another time: the meeting is held then, and that is a promise."""

import datetime as dt

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jiafang.access import Actor
from jiafang.accounts.audit import record
from jiafang.campaigns.models import Appointment, Campaign, Shift, Unavailability, VisitGroup
from jiafang.campaigns.services.confirm import note_agreed
from jiafang.campaigns.services.move import carry_out, refuse
from jiafang.campaigns.services.proposal import propose_stop
from jiafang.campaigns.services.release import release_duties
from jiafang.common.clock import at
from jiafang.common.errors import Conflict, InputFault

EARLIEST, LATEST = dt.time(6), dt.time(22)
NOON, EVENING = dt.time(12), dt.time(18)


def agree_time(by: Actor, appointment: Appointment, starts_at: dt.datetime) -> None:
    """Move an open appointment, claimed and locked with its campaign by the caller; Conflict where it fits nowhere."""
    local = localtime(starts_at).replace(second=0, microsecond=0)
    if not EARLIEST <= local.time() <= LATEST:
        raise InputFault(_("说好的时间应在早上六点到晚上十点之间"), place="moved_to")
    campaign = appointment.campaign
    if not campaign.start <= local.date() <= campaign.end:
        raise Conflict(_("说好的日子不在这次活动的日期里,安排表放不下。到时见过面,直接记一笔就好。"))
    # A promise outweighs a draft that would put these people elsewhere.
    appointment.superseded = False
    appointment.save(update_fields=["superseded"])
    release_duties(list(appointment.duties.values_list("pk", flat=True)), besides=appointment.pk)
    shift, opened = _shift_at(campaign, local, appointment.ends_at - appointment.starts_at)
    proposal = propose_stop(campaign, appointment, shift, starts_at=local, on_site=appointment.trip_id is not None)
    refuse(proposal, despite=True)
    carry_out(proposal)
    if opened:
        _close_to_the_planner(campaign, shift)
    record(by=by, action="appointment.move", of=appointment, shift=shift.pk)
    appointment.refresh_from_db()
    note_agreed(by, appointment)


def _shift_at(campaign: Campaign, local: dt.datetime, length: dt.timedelta) -> tuple[Shift, bool]:
    """The shift of the campaign in which this is, and whether it was opened for it."""
    time = local.time()
    # One that is called off only counts where no other holds the time.
    shifts = {shift.kind: shift for shift in campaign.shifts.filter(date=local.date()).order_by("called_off", "start")}
    for shift in shifts.values():
        if shift.start <= time < shift.end:
            return shift, False
    kind = Shift.Kind.MORNING if time < NOON else Shift.Kind.AFTERNOON if time < EVENING else Shift.Kind.EVENING
    if kind in shifts:
        return shifts[kind], False
    end = min(local + length, at(local.date(), dt.time(23, 59)))
    opened = Shift.unscoped.create(
        campaign=campaign, date=local.date(), kind=kind, start=time, end=localtime(end).time()
    )
    return opened, True


def _close_to_the_planner(campaign: Campaign, shift: Shift) -> None:
    """A shift that was opened for one promise is not offered to others."""
    groups = VisitGroup.unscoped.filter(campaign=campaign)
    visitors = set(groups.values_list("lead_id", flat=True))
    visitors |= set(
        VisitGroup.co_visitors.through.objects.filter(visitgroup__in=groups).values_list("person", flat=True)
    )
    Unavailability.unscoped.bulk_create(Unavailability(shift=shift, visitor_id=pk) for pk in sorted(visitors))
