"""Note that people were met; called by the record of a visit, inside its transaction."""

import datetime as dt
from collections.abc import Collection

from jiafang.access import Actor
from jiafang.accounts.audit import record_each
from jiafang.campaigns.models import Appointment, Duty
from jiafang.campaigns.services.release import release_duties
from jiafang.campaigns.workflow import APPOINTMENT, step


def mark_met(*, by: Actor, duties: Collection[Duty], on: dt.date, appointment: Appointment | None = None) -> None:
    """Duty → met, appointment → done; other meetings with the same people still ahead are called off.

    A record may come late: a duty that is void stays void, and one met before keeps its first day. The duties are as
    the caller has locked them.
    """
    met = [duty for duty in duties if duty.state in (Duty.State.DUE, Duty.State.DECLINED)]
    for duty in met:
        duty.state, duty.met_on = Duty.State.MET, on
    if met:
        Duty.unscoped.filter(pk__in=[duty.pk for duty in met]).update(state=Duty.State.MET, met_on=on)
    if appointment is not None:
        kept = Appointment.unscoped.select_for_update().get(pk=appointment.pk)
        step(APPOINTMENT, kept, Appointment.State.DONE)
        kept.cancelled_by, kept.superseded = "", False
        kept.save(update_fields=["state", "cancelled_by", "superseded"])
    release_duties([duty.pk for duty in met], besides=appointment.pk if appointment else None)
    record_each(by=by, action="duty.met", of=met)
