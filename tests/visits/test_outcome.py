"""What became of an appointment that was no visit, and what phones say about it late or twice."""

import datetime as dt

import pytest

from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Appointment, Campaign, Duty, Occupancy, Shift, Unavailability
from jiafang.campaigns.services.close import close_campaign
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.common.clock import at, today
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.visits.services.outcome import Outcome, note_outcome
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db

SIMPLE = [outcome for outcome in Outcome if outcome != Outcome.MOVED]


class Agreed:
    """A published class of two families, each with one appointment."""

    def __init__(self) -> None:
        self.place = made.small_school(classes=1, students=2)
        self.lead = make.actor_of(self.place.homeroom[0], "teacher")
        self.child, self.other = self.place.students[0]
        self.campaign: Campaign = made.published(self.place.by, self.place.school)

    @property
    def duty(self) -> Duty:
        return made.duty_of(self.campaign, self.child)

    @property
    def meeting(self) -> Appointment:
        return self.duty.appointments.get(published=True)

    def note(self, outcome: str, **fields) -> Appointment:
        return note_outcome(by=self.lead, appointment=self.meeting, outcome=outcome, **fields)

    def at(self, days: int, hour: int, minute: int = 0) -> dt.datetime:
        return at(today() + dt.timedelta(days), dt.time(hour, minute))


@pytest.fixture
def agreed():
    return Agreed()


# What is left: (state of the appointment, cancelled by, state of the duty).
LEFT = {
    Outcome.MISSED: ("missed", "", "due"),
    Outcome.CANCELLED_BY_FAMILY: ("cancelled", "family", "due"),
    Outcome.CANCELLED_BY_SCHOOL: ("cancelled", "school", "due"),
    Outcome.DECLINED: ("cancelled", "family", "declined"),
    Outcome.ARRANGED: ("confirmed", "", "due"),
}


@pytest.mark.parametrize("outcome", SIMPLE)
def test_each_outcome_leaves_the_appointment_and_the_duty_as_it_says_and_twice_is_as_once(agreed, outcome):
    agreed.note(outcome)
    entries = AuditEntry.objects.count()
    again = agreed.note(outcome)
    assert (again.state, again.cancelled_by, agreed.duty.state) == LEFT[outcome]
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("outcome", Outcome)
def test_nothing_is_noted_about_the_appointments_of_others(agreed, outcome):
    stranger = make.actor_of(
        make.homeroom_teacher(make.SchoolClassFactory(cohort=agreed.place.classes[0].cohort)), "teacher"
    )
    moved_to = agreed.at(1, 19) if outcome == Outcome.MOVED else None
    with pytest.raises(NotAllowed):
        note_outcome(by=stranger, appointment=agreed.meeting, outcome=outcome, moved_to=moved_to)
    assert (agreed.meeting.state, agreed.duty.state) == ("proposed", "due")


@pytest.mark.parametrize("outcome", [Outcome.MISSED, Outcome.CANCELLED_BY_FAMILY, Outcome.ARRANGED, Outcome.DECLINED])
def test_what_was_visited_meanwhile_was_visited(agreed, outcome):
    write.record(agreed.lead, [agreed.duty], appointment=agreed.meeting)
    with pytest.raises(Conflict, match="已经记为访过了"):
        agreed.note(outcome)
    assert agreed.meeting.state == Appointment.State.DONE


def test_who_called_it_off_first_is_told_in_words(agreed):
    agreed.note(Outcome.CANCELLED_BY_FAMILY)
    with pytest.raises(Conflict, match="家长已经取消了"):
        agreed.note(Outcome.CANCELLED_BY_SCHOOL)
    with pytest.raises(Conflict, match="家长已经取消了"):
        agreed.note(Outcome.MISSED)


def test_a_family_may_decline_after_the_school_has_called_off(agreed):
    agreed.note(Outcome.CANCELLED_BY_SCHOOL)
    assert agreed.note(Outcome.DECLINED).cancelled_by == "school"
    assert agreed.duty.state == Duty.State.DECLINED


def test_a_family_that_declines_a_meeting_of_yesterday_is_expected_no_more(agreed):
    meeting = agreed.meeting
    Appointment.unscoped.filter(pk=meeting.pk).update(starts_at=agreed.at(-1, 19), ends_at=agreed.at(-1, 20))
    assert agreed.note(Outcome.DECLINED).state == Appointment.State.CANCELLED


def test_a_record_may_follow_whatever_was_noted(agreed):
    agreed.note(Outcome.MISSED)
    write.record(agreed.lead, [agreed.duty], appointment=agreed.meeting)
    assert (agreed.meeting.state, agreed.duty.state) == (Appointment.State.DONE, Duty.State.MET)


def test_an_unknown_outcome_and_a_move_without_a_time_are_refused(agreed):
    for fields, place in (({"outcome": "abducted"}, "outcome"), ({"outcome": "moved"}, "moved_to")):
        with pytest.raises(InputFault) as fault:
            agreed.note(**fields)
        assert fault.value.place == place
    with pytest.raises(InputFault):
        agreed.note("moved", moved_to=agreed.at(1, 3))


def free_evening(found: Agreed) -> Shift:
    return next(s for s in found.campaign.shifts.all() if not Appointment.unscoped.filter(shift=s).exists())


def test_the_same_appointment_moves_to_the_time_agreed_and_is_a_promise(agreed):
    meeting, shift = agreed.meeting, free_evening(agreed)
    moved_to = at(shift.date, dt.time(19, 30))
    moved = agreed.note(Outcome.MOVED, moved_to=moved_to)
    assert (moved.pk, moved.starts_at, moved.shift, moved.state) == (meeting.pk, moved_to, shift, "confirmed")
    assert moved.ends_at - moved.starts_at == meeting.ends_at - meeting.starts_at
    taken = Occupancy.unscoped.filter(during__contains=moved_to).values_list("visitor_id", flat=True)
    assert agreed.lead.person_id in taken
    assert not Occupancy.unscoped.filter(during__contains=meeting.starts_at, appointment=meeting).exists()
    entries = AuditEntry.objects.count()
    agreed.note(Outcome.MOVED, moved_to=moved_to)
    assert AuditEntry.objects.count() == entries


def test_a_day_without_a_shift_is_opened_for_this_promise_alone(agreed):
    # Evenings were laid out from tomorrow on; the family would rather have a morning.
    moved = agreed.note(Outcome.MOVED, moved_to=agreed.at(2, 9, 30))
    assert (moved.shift.kind, moved.shift.date) == (Shift.Kind.MORNING, today() + dt.timedelta(2))
    away = Unavailability.unscoped.filter(shift=moved.shift).values_list("visitor_id", flat=True)
    assert set(away) == {agreed.place.homeroom[0].pk, agreed.place.subject[0].pk}


def test_a_time_at_which_the_visitor_is_elsewhere_stays_free_of_the_meeting(agreed):
    before = agreed.meeting.starts_at
    elsewhere = made.campaign(agreed.place.by, agreed.place.school, title="走访", shifts=made.half_days())
    moved_to = agreed.at(1, 15)
    Occupancy.unscoped.create(
        visitor=agreed.place.homeroom[0],
        visitor_range=(agreed.place.homeroom[0].pk, agreed.place.homeroom[0].pk + 1),
        during=(moved_to - dt.timedelta(minutes=30), moved_to + dt.timedelta(hours=1)),
        appointment=_taken(elsewhere, agreed, moved_to),
    )
    with pytest.raises(Conflict, match="走访"):
        agreed.note(Outcome.MOVED, moved_to=moved_to)
    assert agreed.meeting.starts_at == before
    assert agreed.meeting.state == Appointment.State.PROPOSED


def _taken(campaign: Campaign, found: Agreed, starts: dt.datetime) -> Appointment:
    return Appointment.unscoped.create(
        campaign=campaign,
        shift=campaign.shifts.first(),
        group=found.duty.group,
        channel="phone",
        starts_at=starts,
        ends_at=starts + dt.timedelta(minutes=30),
        published=True,
    )


def test_a_promise_outweighs_a_draft_that_is_not_published(agreed):
    made.planned_at_once(agreed.campaign)
    shift = free_evening(agreed)
    moved = agreed.note(Outcome.MOVED, moved_to=at(shift.date, dt.time(19)))
    assert (moved.superseded, agreed.duty.appointments.count()) == (False, 1)
    publish_timetable(by=agreed.place.by, campaign=agreed.campaign)
    assert agreed.meeting.starts_at == at(shift.date, dt.time(19))


def test_after_the_campaign_there_is_no_other_time_but_what_was_missed_is_noted(agreed):
    meeting = agreed.meeting
    Appointment.unscoped.filter(pk=meeting.pk).update(starts_at=agreed.at(-1, 19), ends_at=agreed.at(-1, 20))
    close_campaign(by=agreed.place.by, campaign=agreed.campaign)
    with pytest.raises(Conflict, match="活动已经结束"):
        agreed.note(Outcome.MOVED, moved_to=agreed.at(3, 19))
    assert agreed.note(Outcome.MISSED).state == Appointment.State.MISSED


def test_a_day_after_the_last_of_the_campaign_is_no_day_of_the_timetable(agreed):
    with pytest.raises(Conflict, match="活动的日期"):
        agreed.note(Outcome.MOVED, moved_to=agreed.at(40, 19))
