"""Publish the timetable: visitors and families see it, and the visitors' time is taken."""

from collections.abc import Iterable

from django.db.utils import IntegrityError
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require, savepoint
from jiafang.accounts.audit import record
from jiafang.campaigns.models import Appointment, Campaign, Duty, Occupancy, Trip
from jiafang.campaigns.services.busy import Busy, busy_times, occupy_call, occupy_trip
from jiafang.campaigns.services.locking import locked
from jiafang.campaigns.services.release import TAKING_TIME, cancel_appointments, settle_trips
from jiafang.campaigns.workflow import CAMPAIGN, OPEN_APPOINTMENTS, step
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, NotReady


def publish_timetable(*, by: Actor, campaign: Campaign) -> Campaign:
    """The draft becomes what holds; whoever would be in two places is named, and then nothing changes."""
    require(by, "campaign.publish")
    with actor_transaction(by):
        campaign = locked(by, campaign)
        step(CAMPAIGN, campaign, Campaign.State.PUBLISHED)
        current = Appointment.unscoped.filter(campaign=campaign, superseded=False)
        if not current.filter(state__in=OPEN_APPOINTMENTS).exists():
            raise NotReady(_("还没有安排表,请先自动排表"))
        replaced = _drop_superseded(campaign)
        current.filter(published=False).update(published=True)
        _occupy(campaign)
        campaign.published_at = now()
        campaign.save(update_fields=["state", "published_at"])
        record(by=by, action="campaign.publish", of=campaign, replaced=replaced)
    return campaign


def _drop_superseded(campaign: Campaign) -> int:
    """Remove what the draft replaces; who was told of a meeting and has none any more sees that it is cancelled."""
    old = Appointment.unscoped.filter(campaign=campaign, superseded=True)
    current = Appointment.unscoped.filter(campaign=campaign, superseded=False, state__in=TAKING_TIME)
    met = Appointment.duties.through.objects.filter(appointment__in=current).values("duty_id")
    replaced = Appointment.duties.through.objects.filter(duty_id__in=met).values("appointment_id")
    told = old.filter(state__in=OPEN_APPOINTMENTS, duties__state=Duty.State.DUE)
    lost = list(told.exclude(pk__in=replaced).distinct())
    cancel_appointments(lost, cancelled_by=Appointment.CancelledBy.SCHOOL)
    trips = set(old.filter(trip__isnull=False).values_list("trip_id", flat=True))
    count, _rows = old.delete()
    settle_trips(trips)
    return count


def _occupy(campaign: Campaign) -> None:
    """Write anew who will be where when; the database refuses two places at once. What is over stays as it was."""
    moment = now()
    Occupancy.unscoped.filter(trip__campaign=campaign, trip__returns_at__gt=moment).delete()
    Occupancy.unscoped.filter(appointment__campaign=campaign, appointment__ends_at__gt=moment).delete()
    taking = Appointment.unscoped.filter(campaign=campaign, state__in=TAKING_TIME)
    going = taking.filter(trip__returns_at__gt=moment)
    trips = Trip.unscoped.filter(pk__in=going.values("trip_id")).prefetch_related("crew")
    calls = taking.filter(trip=None, ends_at__gt=moment).prefetch_related("visitors")
    rows = [row for trip in trips for row in occupy_trip(trip, [person.pk for person in trip.crew.all()])]
    rows += [row for call in calls for row in occupy_call(call, [person.pk for person in call.visitors.all()])]
    try:
        with savepoint():
            Occupancy.unscoped.bulk_create(rows, batch_size=1000)
    except IntegrityError as error:
        raise Conflict(_two_places(campaign, rows)) from error


def _two_places(campaign: Campaign, rows: list[Occupancy]) -> str:
    """Name the first few who would be in two places, and when."""
    spans = [row.during for row in rows]
    taken = busy_times(
        {row.visitor_id for row in rows},
        min(span.lower for span in spans),
        max(span.upper for span in spans),
        campaign=campaign,
    )
    words = list(dict.fromkeys(_collisions(taken)))[:5]
    return _("有人会同时在两处,请先挪开:%(who)s") % {"who": "；".join(words)}


def _collisions(taken: list[Busy]) -> Iterable[str]:
    by_person: dict[int, list[Busy]] = {}
    for busy in sorted(taken, key=lambda b: (b.person_id, b.start)):
        earlier = by_person.setdefault(busy.person_id, [])
        for other in earlier:
            if other.overlaps(busy.start, busy.end):
                yield _("%(name)s %(when)s(“%(one)s”和“%(other)s”)") % {
                    "name": busy.name,
                    "when": f"{localtime(busy.start):%m-%d %H:%M}",
                    "one": other.campaign_title,
                    "other": busy.campaign_title,
                }
        earlier.append(busy)
