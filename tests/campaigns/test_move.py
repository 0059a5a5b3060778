"""Moving by hand: conflicts are named before the drop; times are worked out anew."""

import datetime as dt

import pytest

from jiafang.campaigns.models import Appointment, Campaign, Occupancy, Trip
from jiafang.campaigns.services.availability import set_unavailable, set_windows
from jiafang.campaigns.services.confirm import confirm_appointment
from jiafang.campaigns.services.move import check_move, check_move_trip, move_appointment, move_trip
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.common.clock import at
from jiafang.common.errors import Conflict, NotAllowed
from jiafang.organization.models import Person
from tests.factories import campaigns as run
from tests.factories import organization as make

pytestmark = pytest.mark.django_db


class Published:
    """A published class with three families to be visited at home and one to be called."""

    def __init__(self) -> None:
        self.place = run.small_school(classes=1, students=1)
        self.teacher, self.companion = self.place.homeroom[0], self.place.subject[0]
        # One village, so that one trip is the best plan for all three.
        village = make.VillageFactory(lat=25.51, lon=118.21)
        self.visited = [
            make.student(self.place.classes[0], tags=("hardship",), household=make.HouseholdFactory(village=village))
            for _ in range(3)
        ]
        self.by = self.place.by
        self.campaign: Campaign = run.published(self.by, self.place.school)
        self.shifts = list(self.campaign.shifts.all())

    def meeting(self, child: Person) -> Appointment:
        return run.duty_of(self.campaign, child).appointments.get()

    def free_shift(self):
        return next(s for s in self.shifts if not Appointment.unscoped.filter(shift=s).exists())


def codes(conflicts) -> dict[str, bool]:
    return {conflict.code: conflict.hard for conflict in conflicts}


def test_a_free_evening_takes_a_visit_with_its_own_trip():
    found = Published()
    meeting, shift = found.meeting(found.visited[0]), found.free_shift()
    assert check_move(by=found.by, appointment=meeting, shift=shift) == []
    moved = move_appointment(by=found.by, appointment=meeting, shift=shift)
    assert (moved.shift, moved.moved_by_hand, moved.state) == (shift, True, Appointment.State.PROPOSED)
    assert moved.trip.departs_at == at(shift.date, shift.start)
    assert moved.trip.returns_at > moved.ends_at > moved.starts_at > moved.trip.departs_at
    taken = Occupancy.unscoped.filter(trip=moved.trip)
    assert {row.visitor for row in taken} == {found.teacher, found.companion}
    assert {row.during.lower for row in taken} == {moved.trip.departs_at}


def test_what_is_left_of_the_old_trip_is_shorter_and_an_empty_one_is_gone():
    found = Published()
    trip = found.meeting(found.visited[0]).trip
    stops = list(trip.stops.order_by("starts_at"))
    assert len(stops) == 3
    kept = {stop.pk: stop.starts_at for stop in stops[1:]}
    new_evening = found.free_shift()
    move_appointment(by=found.by, appointment=stops[0], shift=new_evening)
    before = trip.departs_at
    trip.refresh_from_db()
    assert trip.departs_at > before
    assert {stop.pk: stop.starts_at for stop in trip.stops.all()} == kept
    assert {row.during.lower for row in Occupancy.unscoped.filter(trip=trip)} == {trip.departs_at}
    for stop in stops[1:]:
        move_appointment(by=found.by, appointment=stop, shift=new_evening)
    assert not Trip.unscoped.filter(pk=trip.pk).exists()
    assert Appointment.unscoped.get(pk=stops[0].pk).trip.stops.count() == 3


def test_joining_the_trip_of_an_evening_keeps_the_times_that_were_promised():
    found = Published()
    one, two, three = (found.meeting(child) for child in found.visited)
    other = found.free_shift()
    move_appointment(by=found.by, appointment=one, shift=other)
    promised = confirm_appointment(by=found.by, appointment=Appointment.unscoped.get(pk=one.pk))
    moved = move_appointment(by=found.by, appointment=two, shift=other)
    promised.refresh_from_db()
    assert moved.trip == promised.trip
    assert promised.state == Appointment.State.CONFIRMED
    assert promised.starts_at == Appointment.unscoped.get(pk=one.pk).starts_at
    spans = sorted((stop.starts_at, stop.ends_at) for stop in moved.trip.stops.all())
    assert spans[0][1] < spans[1][0]
    assert three.trip_id == Appointment.unscoped.get(pk=three.pk).trip_id


def test_each_soft_conflict_is_named_and_may_be_overruled():
    found = Published()
    child = found.visited[0]
    meeting, shift = found.meeting(child), found.free_shift()
    set_unavailable(by=found.by, campaign=found.campaign, visitor=found.companion, shifts=[shift])
    duty = run.duty_of(found.campaign, child)
    set_windows(by=found.by, duty=duty, windows=[(found.meeting(child).shift, dt.time(18, 30), dt.time(20, 0))])
    duty.due = shift.date - dt.timedelta(1)
    duty.save()
    conflicts = check_move(by=found.by, appointment=meeting, shift=shift, starts_at=at(shift.date, dt.time(20, 50)))
    assert codes(conflicts) == {
        "after_due": False,
        "family_window": False,
        "shift_too_short": False,
        "co_visitor_missing": False,
    }
    assert all(conflict.words for conflict in conflicts)
    with pytest.raises(Conflict):
        move_appointment(by=found.by, appointment=meeting, shift=shift)
    moved = move_appointment(by=found.by, appointment=meeting, shift=shift, despite=True)
    assert list(moved.visitors.all()) == [found.teacher]


def test_nobody_is_moved_into_two_places_even_despite():
    found = Published()
    second = run.launched(found.by, found.place.school, title="第二轮", shifts=run.evenings(6))
    run.planned_at_once(second)
    publish_timetable(by=found.by, campaign=second)
    there = Appointment.unscoped.filter(campaign=second).first()
    shift = next(s for s in found.shifts if s.date == there.shift.date)
    meeting = next(a for a in map(found.meeting, found.visited) if a.shift != shift)
    start = (there.trip.departs_at if there.trip else there.starts_at) + dt.timedelta(minutes=5)
    conflicts = check_move(by=found.by, appointment=meeting, shift=shift, starts_at=start)
    assert codes(conflicts).get("visitor_busy") is True
    assert any(found.teacher.name in c.words and "第二轮" in c.words for c in conflicts)
    with pytest.raises(Conflict, match="第二轮"):
        move_appointment(by=found.by, appointment=meeting, shift=shift, starts_at=start, despite=True)


def test_a_time_that_is_over_and_a_meeting_that_is_over_cannot_move():
    found = Published()
    meeting, shift = found.meeting(found.visited[0]), found.free_shift()
    Appointment.unscoped.filter(pk=meeting.pk).update(state=Appointment.State.DONE)
    assert codes(check_move(by=found.by, appointment=meeting, shift=shift))["not_open"]
    Appointment.unscoped.filter(pk=meeting.pk).update(state=Appointment.State.PROPOSED)
    shift.date -= dt.timedelta(30)
    shift.save()
    assert codes(check_move(by=found.by, appointment=meeting, shift=shift))["past"]


def test_a_call_goes_to_the_first_free_minute_of_the_lead():
    found = Published()
    call = found.meeting(found.place.students[0][0])
    evening = move_appointment(by=found.by, appointment=found.meeting(found.visited[0]), shift=found.free_shift())
    moved = move_appointment(by=found.by, appointment=call, shift=evening.shift)
    trip = evening.trip
    assert moved.ends_at <= trip.departs_at or moved.starts_at >= trip.returns_at
    assert moved.starts_at >= at(evening.shift.date, evening.shift.start)


def test_a_family_to_be_visited_is_called_only_when_somebody_decides_so():
    found = Published()
    meeting, shift = found.meeting(found.visited[0]), found.free_shift()
    conflicts = check_move(by=found.by, appointment=meeting, shift=shift, channel="phone")
    assert codes(conflicts) == {"must_be_onsite": False}
    moved = move_appointment(by=found.by, appointment=meeting, shift=shift, channel="phone", despite=True)
    assert (moved.channel, moved.trip) == ("phone", None)
    assert list(moved.visitors.all()) == [found.teacher]
    back = move_appointment(by=found.by, appointment=moved, shift=shift, channel="onsite")
    assert back.trip is not None
    assert back.ends_at - back.starts_at == dt.timedelta(minutes=30)


def test_a_whole_trip_moves_in_its_order():
    found = Published()
    trip, shift = found.meeting(found.visited[0]).trip, found.free_shift()
    order = [stop.pk for stop in trip.stops.order_by("starts_at")]
    assert check_move_trip(by=found.by, trip=trip, shift=shift) == []
    moved = move_trip(by=found.by, trip=trip, shift=shift)
    assert [a.pk for a in Appointment.unscoped.filter(shift=shift).order_by("starts_at")] == order
    assert {a.moved_by_hand for a in moved} == {True}
    assert Occupancy.unscoped.filter(trip__shift=shift).count() == 2
    assert not Occupancy.unscoped.filter(trip__shift_id=trip.shift_id).exists() or trip.shift_id == shift.pk


def test_a_second_trip_of_the_group_in_one_evening_is_refused():
    found = Published()
    first = found.meeting(found.visited[0])
    shift = found.free_shift()
    move_appointment(by=found.by, appointment=first, shift=shift)
    rest = found.meeting(found.visited[1]).trip
    assert codes(check_move_trip(by=found.by, trip=rest, shift=shift))["two_trips"]


def test_what_was_moved_by_hand_stays_when_the_rest_is_planned_anew():
    found = Published()
    shift = found.free_shift()
    moved = move_appointment(by=found.by, appointment=found.meeting(found.visited[0]), shift=shift)
    run.planned_at_once(found.campaign)
    publish_timetable(by=found.by, campaign=found.campaign)
    kept = Appointment.unscoped.get(pk=moved.pk)
    assert (kept.shift, kept.starts_at, kept.published) == (shift, moved.starts_at, True)
    for child in (*found.visited, *found.place.students[0]):
        assert found.meeting(child)


def test_a_homeroom_teacher_moves_the_own_meetings_and_a_colleague_none():
    found = Published()
    meeting, shift = found.meeting(found.visited[0]), found.free_shift()
    lead = make.actor_of(found.teacher, "teacher")
    companion = make.actor_of(found.companion, "teacher")
    with pytest.raises(NotAllowed):
        move_appointment(by=companion, appointment=meeting, shift=shift)
    assert move_appointment(by=lead, appointment=meeting, shift=shift).shift == shift


def test_a_move_that_overruled_the_rules_does_not_stop_the_next_plan():
    found = Published()
    child, shift = found.visited[0], found.free_shift()
    set_unavailable(by=found.by, campaign=found.campaign, visitor=found.companion, shifts=[shift])
    set_unavailable(by=found.by, campaign=found.campaign, visitor=found.teacher, shifts=[shift])
    late = at(shift.date, dt.time(20, 55))
    moved = move_appointment(by=found.by, appointment=found.meeting(child), shift=shift, starts_at=late, despite=True)
    run.planned_at_once(found.campaign)
    publish_timetable(by=found.by, campaign=found.campaign)
    assert found.meeting(child).starts_at == moved.starts_at == late
