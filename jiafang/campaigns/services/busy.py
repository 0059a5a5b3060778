"""Who is taken when: by the published timetables of every campaign, and by the one being worked on."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from psycopg.types.range import TimestamptzRange

from jiafang.campaigns.models import Appointment, Campaign, Occupancy, Trip
from jiafang.campaigns.services.release import TAKING_TIME


@dataclass(frozen=True)
class Busy:
    """One person's time that is taken by a trip or a meeting without a way."""

    person_id: int
    name: str
    start: dt.datetime
    end: dt.datetime
    campaign_id: int
    campaign_title: str
    trip_id: int | None
    appointment_id: int | None

    def overlaps(self, start: dt.datetime, end: dt.datetime) -> bool:
        return self.start < end and start < self.end


def busy_times(people: Collection[int], start: dt.datetime, end: dt.datetime, *, campaign: Campaign) -> list[Busy]:
    """Everything that takes these people's time between two moments; three queries."""
    elsewhere = (
        Occupancy.unscoped.filter(visitor_id__in=people, during__overlap=TimestamptzRange(start, end))
        .exclude(Q(trip__campaign=campaign) | Q(appointment__campaign=campaign))
        .values_list(
            "visitor_id",
            "visitor__name",
            "during",
            "trip__campaign_id",
            "trip__campaign__title",
            "appointment__campaign_id",
            "appointment__campaign__title",
            "trip_id",
            "appointment_id",
        )
    )
    taken = [
        Busy(person, name, during.lower, during.upper, of_trip or of_call, trip_title or call_title, trip, call)
        for person, name, during, of_trip, trip_title, of_call, call_title, trip, call in elsewhere
    ]
    within = {"departs_at__lt": end, "returns_at__gt": start}
    going = Appointment.unscoped.filter(campaign=campaign, superseded=False, state__in=TAKING_TIME)
    trips = Trip.crew.through.objects.filter(
        person_id__in=people,
        trip__campaign=campaign,
        trip__in=going.filter(trip__isnull=False).values("trip_id"),
        **{f"trip__{name}": value for name, value in within.items()},
    ).values_list("person_id", "person__name", "trip__departs_at", "trip__returns_at", "trip_id")
    taken += [
        Busy(person, name, departs, returns, campaign.pk, campaign.title, trip, None)
        for person, name, departs, returns, trip in trips
    ]
    calls = Appointment.visitors.through.objects.filter(
        person_id__in=people,
        appointment__in=going.filter(trip=None, starts_at__lt=end, ends_at__gt=start).values("pk"),
    ).values_list("person_id", "person__name", "appointment__starts_at", "appointment__ends_at", "appointment_id")
    taken += [
        Busy(person, name, starts, ends, campaign.pk, campaign.title, None, call)
        for person, name, starts, ends, call in calls
    ]
    return taken


def occupy_trip(trip: Trip, crew: Collection[int]) -> list[Occupancy]:
    """Unsaved rows for a crew that is away from departure to return."""
    during = TimestamptzRange(trip.departs_at, trip.returns_at)
    return [Occupancy(visitor_id=p, visitor_range=_only(p), during=during, trip=trip) for p in sorted(crew)]


def occupy_call(appointment: Appointment, visitors: Collection[int]) -> list[Occupancy]:
    """Unsaved rows for a meeting without a way."""
    during = TimestamptzRange(appointment.starts_at, appointment.ends_at)
    return [
        Occupancy(visitor_id=p, visitor_range=_only(p), during=during, appointment=appointment)
        for p in sorted(visitors)
    ]


def _only(person_id: int) -> tuple[int, int]:
    # int8range(n, n + 1) holds the one number n.
    return (person_id, person_id + 1)
