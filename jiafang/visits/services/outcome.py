"""What became of an appointment that was no visit: missed, called off, declined, moved; or agreed with the family."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, claim, require, scope
from jiafang.accounts import audit
from jiafang.campaigns.models import Appointment, Campaign, Duty
from jiafang.campaigns.services.agree_time import agree_time
from jiafang.campaigns.services.confirm import note_agreed, note_called_off, note_declined
from jiafang.campaigns.services.locking import lock_campaign
from jiafang.campaigns.workflow import APPOINTMENT, OPEN_APPOINTMENTS, step
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.visits.limits import LATEST_RECORD
from jiafang.visits.scope import RECORD

State, CancelledBy = Appointment.State, Appointment.CancelledBy


class Outcome(models.TextChoices):
    MISSED = "missed"
    CANCELLED_BY_FAMILY = "cancelled_by_family"
    CANCELLED_BY_SCHOOL = "cancelled_by_school"
    DECLINED = "declined"
    MOVED = "moved"
    ARRANGED = "arranged"


def note_outcome(
    *, by: Actor, appointment: Appointment, outcome: str, moved_to: dt.datetime | None = None
) -> Appointment:
    """Note it; what is so already stays so, and what something else has overtaken is a Conflict."""
    with actor_transaction(by):
        return note_outcome_in(by=by, appointment=appointment, outcome=outcome, moved_to=moved_to)


def note_outcome_in(
    *, by: Actor, appointment: Appointment, outcome: str, moved_to: dt.datetime | None = None
) -> Appointment:
    """`note_outcome` inside a transaction of the actor that is already open."""
    require(by, "visit.record")
    if outcome not in Outcome.values:
        raise InputFault(_("请说明这次怎么样了"), place="outcome")
    if (outcome == Outcome.MOVED) != (moved_to is not None):
        raise InputFault(_("请写下说好的时间"), place="moved_to")
    if moved_to is not None and abs(moved_to - now()) > LATEST_RECORD:
        raise InputFault(_("请看看说好的日期"), place="moved_to")
    seen = scope(by, Appointment, RECORD).filter(pk=appointment.pk).first()
    if seen is None:
        raise NotAllowed("visit.record")
    claim(by, seen, RECORD)
    campaign = lock_campaign(seen.campaign_id)
    locked = Appointment.unscoped.select_for_update().get(pk=seen.pk)
    locked.campaign = campaign
    match outcome:
        case Outcome.MISSED:
            _missed(by, locked)
        case Outcome.CANCELLED_BY_FAMILY:
            _cancelled(by, locked, CancelledBy.FAMILY)
        case Outcome.CANCELLED_BY_SCHOOL:
            _cancelled(by, locked, CancelledBy.SCHOOL)
        case Outcome.DECLINED:
            _declined(by, locked)
        case Outcome.ARRANGED:
            _arranged(by, locked)
        case _:
            assert moved_to is not None  # checked above
            _moved(by, locked, moved_to)
    return locked


def _missed(by: Actor, appointment: Appointment) -> None:
    """Nobody was met: the appointment is over, the duty stays due."""
    if appointment.state == State.MISSED:
        return
    _must_be_open(appointment)
    step(APPOINTMENT, appointment, State.MISSED)
    appointment.save(update_fields=["state"])
    audit.record(by=by, action="appointment.missed", of=appointment)


def _cancelled(by: Actor, appointment: Appointment, who: str) -> None:
    if (appointment.state, appointment.cancelled_by) == (State.CANCELLED, who):
        return
    _must_be_open(appointment)
    note_called_off(by, appointment, who)
    appointment.refresh_from_db()


def _declined(by: Actor, appointment: Appointment) -> None:
    """The family would rather not; no harm comes of it, whatever had become of the appointment itself."""
    duties = list(Duty.unscoped.select_for_update().filter(appointments=appointment).order_by("pk"))
    due = [duty for duty in duties if duty.state == Duty.State.DUE]
    if not due and not any(duty.state == Duty.State.DECLINED for duty in duties):
        raise Conflict(_("这次已经记为访过了,或者不用再访了"))
    note_declined(by, due)
    appointment.refresh_from_db()
    if appointment.state in OPEN_APPOINTMENTS:
        # One whose time is over already is not released with those ahead.
        note_called_off(by, appointment, CancelledBy.FAMILY)
        appointment.refresh_from_db()


def _arranged(by: Actor, appointment: Appointment) -> None:
    if appointment.state == State.CONFIRMED:
        return
    _must_be_open(appointment)
    note_agreed(by, appointment)


def _moved(by: Actor, appointment: Appointment, moved_to: dt.datetime) -> None:
    moved_to = moved_to.replace(second=0, microsecond=0)
    if (appointment.state, appointment.starts_at) == (State.CONFIRMED, moved_to):
        return
    _must_be_open(appointment)
    if appointment.campaign.state == Campaign.State.CLOSED:
        raise Conflict(_("活动已经结束,安排表不能再改。见过面,直接记一笔就好。"))
    agree_time(by, appointment, moved_to)


def _must_be_open(appointment: Appointment) -> None:
    """Say in plain words what has overtaken the outcome."""
    if appointment.state in OPEN_APPOINTMENTS:
        return
    if appointment.state == State.DONE:
        raise Conflict(_("这次已经记为访过了"))
    if appointment.state == State.MISSED:
        raise Conflict(_("这次已经记为没见到了"))
    if appointment.cancelled_by == CancelledBy.FAMILY:
        raise Conflict(_("这次家长已经取消了"))
    raise Conflict(_("这次学校已经取消了,或换了别的安排"))
