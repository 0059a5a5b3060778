"""Somebody no longer visits with a group: others take the place, or the meeting is called off."""

from collections.abc import Collection

from django.db.utils import IntegrityError

from jiafang.access import savepoint
from jiafang.campaigns.models import Appointment, Campaign, Occupancy, Trip, VisitGroup
from jiafang.campaigns.services.busy import busy_times, occupy_call, occupy_trip
from jiafang.campaigns.services.release import cancel_appointments
from jiafang.campaigns.workflow import OPEN_APPOINTMENTS
from jiafang.common.clock import now


def change_crew(
    campaign: Campaign, group: VisitGroup, leaving: int, co_visitors: Collection[int], *, new_lead: int | None = None
) -> None:
    """Take a person out of the group's trips and calls ahead; with a new lead, the lead goes in their place."""
    ahead = Appointment.unscoped.filter(campaign=campaign, state__in=OPEN_APPOINTMENTS, starts_at__gte=now())
    trips = Trip.unscoped.filter(
        pk__in=ahead.filter(trip__groups=group, trip__crew=leaving).values("trip_id")
    ).prefetch_related("crew", "groups__co_visitors")
    for trip in trips:
        _change_trip(campaign, trip, group, leaving, co_visitors, new_lead)
    for call in ahead.filter(trip=None, group=group, visitors=leaving):
        free = new_lead is not None and not busy_times([new_lead], call.starts_at, call.ends_at, campaign=campaign)
        if not (free and new_lead is not None and _occupied(call, [new_lead])):
            cancel_appointments([call], cancelled_by=Appointment.CancelledBy.SCHOOL)


def _change_trip(
    campaign: Campaign,
    trip: Trip,
    group: VisitGroup,
    leaving: int,
    co_visitors: Collection[int],
    new_lead: int | None,
) -> None:
    others = [g for g in trip.groups.all() if g.pk != group.pk]
    if any(leaving == g.lead_id or leaving in {p.pk for p in g.co_visitors.all()} for g in others):
        return
    crew = [person.pk for person in trip.crew.all() if person.pk != leaving]
    if new_lead is not None and new_lead not in crew:
        crew.append(new_lead)
    needed = 2 if campaign.typed_rules.two_visitors_onsite else 1
    joining = [person for person in sorted(co_visitors) if person not in crew]
    asked = busy_times([*crew, *joining], trip.departs_at, trip.returns_at, campaign=campaign)
    taken = {busy.person_id for busy in asked if busy.trip_id != trip.pk}
    crew += [person for person in joining if person not in taken][: max(0, needed - len(crew))]
    stops = list(trip.stops.filter(state__in=OPEN_APPOINTMENTS))
    if len(crew) < needed or taken & set(crew) or not _occupied(trip, crew):
        cancel_appointments(stops, cancelled_by=Appointment.CancelledBy.SCHOOL)


def _occupied(thing: Trip | Appointment, visitors: Collection[int]) -> bool:
    """Set who goes, with their time taken when it is published; False when somebody is elsewhere at that time."""
    try:
        with savepoint():
            if isinstance(thing, Trip):
                published = thing.stops.filter(published=True).exists()
                thing.crew.set(visitors)
                for stop in thing.stops.filter(state__in=OPEN_APPOINTMENTS):
                    stop.visitors.set(visitors)
                old, new = Occupancy.unscoped.filter(trip=thing), occupy_trip(thing, visitors)
            else:
                published = thing.published
                thing.visitors.set(visitors)
                old, new = Occupancy.unscoped.filter(appointment=thing), occupy_call(thing, visitors)
            if published:
                old.delete()
                Occupancy.unscoped.bulk_create(new)
    except IntegrityError:
        return False
    return True
