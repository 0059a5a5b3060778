"""Nobody was met: the appointment is over, the duty stays due."""

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, claim, require, scope
from jiafang.accounts import audit
from jiafang.campaigns.models import Appointment
from jiafang.common.errors import Conflict, NotAllowed
from jiafang.visits.scope import RECORD


def record_missed(*, by: Actor, appointment: Appointment) -> Appointment:
    """Note that the visitor came or called and met nobody."""
    require(by, "visit.record")
    with actor_transaction(by):
        claim(by, appointment, RECORD)
        locked = (
            Appointment.unscoped.select_for_update()
            .filter(pk__in=scope(by, Appointment, RECORD).filter(pk=appointment.pk).values("pk"))
            .first()
        )
        if locked is None:
            raise NotAllowed("visit.record")
        if locked.state == Appointment.State.MISSED:
            return locked
        if locked.state not in (Appointment.State.PROPOSED, Appointment.State.CONFIRMED):
            raise Conflict(_("这次安排已经办完或取消了"))
        locked.state = Appointment.State.MISSED
        locked.save(update_fields=["state"])
        audit.record(by=by, action="appointment.missed", of=locked)
        return locked
