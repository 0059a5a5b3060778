"""Take people out of the timetable: their meetings are cancelled and the visitors' time is free again."""

from collections.abc import Collection

from jiafang.campaigns.models import Appointment, Duty, Occupancy, Trip
from jiafang.campaigns.workflow import OPEN_APPOINTMENTS
from jiafang.common.clock import now

TAKING_TIME = (
    Appointment.State.PROPOSED,
    Appointment.State.CONFIRMED,
    Appointment.State.DONE,
    Appointment.State.MISSED,
)


def release_duties(
    duty_ids: Collection[int], *, cancelled_by: str = Appointment.CancelledBy.SCHOOL, besides: int | None = None
) -> int:
    """Take these duties out of every meeting still ahead (but for `besides`); how many meetings were cancelled.

    A meeting that others of the family remain in goes on with them. Runs in the caller's transaction.
    """
    if not duty_ids:
        return 0
    gone = set(duty_ids)
    ahead = Appointment.unscoped.filter(
        state__in=OPEN_APPOINTMENTS,
        starts_at__gte=now(),
        pk__in=Appointment.duties.through.objects.filter(duty_id__in=gone).values("appointment_id"),
    )
    if besides is not None:
        ahead = ahead.exclude(pk=besides)
    cancelled = []
    for appointment in ahead.prefetch_related("duties"):
        if all(duty.pk in gone for duty in appointment.duties.all()):
            cancelled.append(appointment)
        else:
            appointment.duties.remove(*gone)
    cancel_appointments(cancelled, cancelled_by=cancelled_by)
    return len(cancelled)


def cancel_appointments(appointments: Collection[Appointment], *, cancelled_by: str) -> None:
    """Cancel meetings that were published, remove those that were drafts, and free the visitors."""
    if not appointments:
        return
    trip_ids = {a.trip_id for a in appointments if a.trip_id is not None}
    published = [a.pk for a in appointments if a.published]
    Appointment.unscoped.filter(pk__in=published).update(
        state=Appointment.State.CANCELLED, cancelled_by=cancelled_by, superseded=False
    )
    Occupancy.unscoped.filter(appointment_id__in=published).delete()
    Appointment.unscoped.filter(pk__in=[a.pk for a in appointments if not a.published]).delete()
    settle_trips(trip_ids)


def settle_trips(trip_ids: Collection[int]) -> None:
    """A trip on which nobody is met any more takes nobody's time; without any stop it goes."""
    if not trip_ids:
        return
    going = Appointment.unscoped.filter(trip_id__in=trip_ids, state__in=TAKING_TIME).values("trip_id")
    Occupancy.unscoped.filter(trip_id__in=trip_ids).exclude(trip_id__in=going).delete()
    Trip.unscoped.filter(pk__in=trip_ids, stops=None).delete()


def void_duties(duties: Collection[Duty], reasons: dict[int, str], otherwise: str) -> int:
    """Void duties, each with the reason of its person; their meetings ahead are cancelled by the school."""
    for duty in duties:
        duty.state = Duty.State.VOID
        duty.void_reason = reasons.get(duty.person_id, otherwise)
    Duty.unscoped.bulk_update(duties, ["state", "void_reason"], batch_size=500)
    return release_duties([duty.pk for duty in duties])
