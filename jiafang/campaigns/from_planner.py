"""From a plan to trips and appointments: a draft beside what is published, until it is published itself."""

from collections.abc import Iterable
from typing import Any

from jiafang.campaigns.minutes import moment_at
from jiafang.campaigns.models import Appointment, Campaign, Channel, Duty, Shift, Trip
from jiafang.campaigns.services.release import settle_trips
from jiafang.campaigns.tiers import facts_of
from jiafang.campaigns.to_planner import Plan, PlannedCall, PlannedTrip, PlannerInput

BATCH = 1000


def store_plan(campaign: Campaign, data: PlannerInput, plan: Plan) -> int:
    """Replace every draft that is not kept; published meetings ahead are marked superseded. How many were made."""
    _clear_the_way(campaign, data)
    fixed = set(data.problem.fixed)
    trips = [trip for trip in plan.trips if trip not in fixed]
    calls = [call for call in plan.calls if call not in fixed]
    writer = _Writer(campaign, data)
    writer.write(trips, calls)
    return writer.made


def unplaced_json(data: PlannerInput, plan: Plan) -> list[dict[str, Any]]:
    """Who could not be placed, each with a code and parameters to be put into words."""
    return [
        {
            "duty_ids": list(data.duties_of[item.party]),
            "code": item.reason.code,
            "params": dict(item.reason.params),
            "words": item.reason.chinese,
        }
        for item in plan.unplaced
    ]


def moved_json(campaign: Campaign, data: PlannerInput, plan: Plan) -> list[dict[str, Any]]:
    """Who was told of another shift or channel, each with both (date, part of the day, channel) and a code for why."""
    talk = facts_of(campaign).talk

    def where(shift_id: str, onsite: bool) -> dict[str, str]:
        shift = data.shifts[shift_id]
        channel = Channel.ONSITE if onsite else talk
        return {"date": shift.date.isoformat(), "kind": shift.kind, "channel": channel.value}

    return [
        {
            "duty_ids": list(data.duties_of[item.party]),
            "code": item.code,
            "was": where(*item.was),
            "now": where(*item.now),
        }
        for item in plan.moved
    ]


def levels_json(plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """Objective and bounds by level."""
    objective = {level: getattr(plan.objective, level) for level in plan.levels}
    return objective, {level: getattr(plan.bounds, level) for level in plan.levels}


def _clear_the_way(campaign: Campaign, data: PlannerInput) -> None:
    loose = Appointment.unscoped.filter(campaign=campaign, state=Appointment.State.PROPOSED, superseded=False).exclude(
        pk__in=data.kept
    )
    drafts = loose.filter(published=False)
    trip_ids = set(drafts.filter(trip__isnull=False).values_list("trip_id", flat=True))
    drafts.delete()
    settle_trips(trip_ids)
    ahead = [shift.pk for shift in data.shifts.values()]
    loose.filter(published=True, shift_id__in=ahead).update(superseded=True)


class _Writer:
    def __init__(self, campaign: Campaign, data: PlannerInput) -> None:
        self.campaign = campaign
        self.data = data
        self.talk = facts_of(campaign).talk
        self.made = 0
        duties = [pk for members in data.duties_of.values() for pk in members]
        self.group_of = dict(Duty.unscoped.filter(pk__in=duties).values_list("pk", "group_id"))

    def write(self, trips: Iterable[PlannedTrip], calls: Iterable[PlannedCall]) -> None:
        """Everything in bulk: the number of statements does not grow with the school."""
        planned = list(trips)
        rows = Trip.unscoped.bulk_create([self._trip(trip) for trip in planned], batch_size=BATCH)
        appointments: list[tuple[Appointment, str, tuple[str, ...]]] = []
        for row, trip in zip(rows, planned, strict=True):
            for order, stop in enumerate(trip.stops):
                appointment = self._appointment(row.shift, stop.party, stop.start, stop.end, Channel.ONSITE)
                appointment.trip, appointment.order = row, order
                appointments.append((appointment, stop.party, trip.visitors))
        for call in calls:
            shift = self.data.shifts[call.shift]
            appointment = self._appointment(shift, call.party, call.start, call.end, self.talk)
            appointment.group_id = _pk(call.group)
            appointments.append((appointment, call.party, (call.visitor,)))
        Appointment.unscoped.bulk_create([appointment for appointment, _, _ in appointments], batch_size=BATCH)
        self.made = len(appointments)
        _link(Trip.groups.through, "trip_id", "visitgroup_id", _pairs(rows, planned, "groups"))
        _link(Trip.crew.through, "trip_id", "person_id", _pairs(rows, planned, "visitors"))
        _link(
            Appointment.duties.through,
            "appointment_id",
            "duty_id",
            [(a.pk, duty) for a, party, _ in appointments for duty in self.data.duties_of[party]],
        )
        _link(
            Appointment.visitors.through,
            "appointment_id",
            "person_id",
            [(a.pk, _pk(visitor)) for a, _, visitors in appointments for visitor in visitors],
        )

    def _trip(self, trip: PlannedTrip) -> Trip:
        shift = self.data.shifts[trip.shift]
        return Trip(
            campaign=self.campaign,
            shift=shift,
            departs_at=moment_at(shift.date, trip.depart),
            returns_at=moment_at(shift.date, trip.back),
        )

    def _appointment(self, shift: Shift, party: str, start: int, end: int, channel: Channel) -> Appointment:
        place = self.data.place_of[party]
        return Appointment(
            campaign=self.campaign,
            shift=shift,
            group_id=self.group_of[self.data.duties_of[party][0]],
            channel=channel,
            starts_at=moment_at(shift.date, start),
            ends_at=moment_at(shift.date, end),
            place=place.words,
            approximate=place.approximate,
            lat=place.lat,
            lon=place.lon,
        )


def _pairs(rows: list[Trip], planned: list[PlannedTrip], names: str) -> list[tuple[int, int]]:
    return [(row.pk, _pk(key)) for row, trip in zip(rows, planned, strict=True) for key in getattr(trip, names)]


def _link(through: type[Any], one: str, other: str, pairs: list[tuple[int, int]]) -> None:
    through.objects.bulk_create([through(**{one: a, other: b}) for a, b in pairs], batch_size=2 * BATCH)


def _pk(key: str) -> int:
    return int(key[1:])
