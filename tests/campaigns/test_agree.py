"""What is agreed with families, what is met, and how a campaign ends."""

import datetime as dt
from threading import Thread

import pytest
from django.db import transaction

from jiafang.access import actor_transaction, system
from jiafang.campaigns.models import Appointment, Campaign, Duty, Occupancy, PlanRun, Shift
from jiafang.campaigns.rules import Rules
from jiafang.campaigns.services.availability import set_unavailable, set_windows
from jiafang.campaigns.services.close import close_campaign
from jiafang.campaigns.services.confirm import (
    answer_appointment,
    cancel_appointment,
    confirm_appointment,
    decline,
    reopen,
)
from jiafang.campaigns.services.edit import Disturbed, edit_campaign, set_shifts
from jiafang.campaigns.services.meet import mark_met
from jiafang.campaigns.services.move import move_appointment
from jiafang.campaigns.services.plan import request_plan
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.campaigns.services.run_plan import run_plan
from jiafang.campaigns.workflow import OPEN_APPOINTMENTS
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault, NotAllowed, NotReady
from tests.factories import campaigns as run
from tests.factories import organization as make
from tests.waiting import apart, somebody_waits_for_us, wait_until

pytestmark = pytest.mark.django_db


class Running:
    """A published class of two families; each has a guardian who may answer."""

    def __init__(self) -> None:
        self.place = run.small_school(classes=1, students=2)
        self.by = self.place.by
        self.lead = make.actor_of(self.place.homeroom[0], "teacher")
        self.child, self.other = self.place.students[0]
        self.parent = make.actor_of(make.guardian_of(self.child), "guardian")
        self.neighbor = make.actor_of(make.guardian_of(self.other), "guardian")
        self.campaign: Campaign = run.published(self.by, self.place.school)

    @property
    def duty(self) -> Duty:
        return run.duty_of(self.campaign, self.child)

    @property
    def meeting(self) -> Appointment:
        return self.duty.appointments.latest("pk")


def test_one_tap_says_that_it_is_agreed_with_the_family():
    found = Running()
    assert confirm_appointment(by=found.lead, appointment=found.meeting).state == Appointment.State.CONFIRMED


def test_a_draft_cannot_be_agreed_and_strangers_agree_to_nothing():
    found = Running()
    with pytest.raises(NotAllowed):
        confirm_appointment(
            by=make.actor_of(run.small_school(classes=1).homeroom[0], "teacher"), appointment=found.meeting
        )
    Appointment.unscoped.update(published=False)
    with pytest.raises(NotReady):
        confirm_appointment(by=found.by, appointment=found.meeting)


def test_agreeing_to_what_a_draft_would_replace_keeps_the_promise():
    found = Running()
    promised = found.meeting
    run.planned_at_once(found.campaign)
    promised.refresh_from_db()
    assert promised.superseded
    confirm_appointment(by=found.lead, appointment=promised)
    publish_timetable(by=found.by, campaign=found.campaign)
    assert found.duty.appointments.get() == promised


def test_a_called_off_meeting_frees_the_visitors_and_leaves_the_duty_due():
    found = Running()
    meeting = cancel_appointment(by=found.lead, appointment=found.meeting, cancelled_by="family")
    meeting.refresh_from_db()
    assert (meeting.state, meeting.cancelled_by) == (Appointment.State.CANCELLED, "family")
    assert found.duty.state == Duty.State.DUE
    assert not Occupancy.unscoped.filter(appointment=meeting).exists()
    with pytest.raises(Conflict):
        confirm_appointment(by=found.lead, appointment=meeting)


def test_a_family_agrees_asks_for_another_time_or_rather_not_without_penalty():
    found = Running()
    agreed = answer_appointment(by=found.parent, appointment=found.meeting, answer="agreed")
    assert (agreed.state, agreed.answer) == (Appointment.State.CONFIRMED, "agreed")
    asked = answer_appointment(by=found.parent, appointment=agreed, answer="other_time", note="周日下午")
    assert (asked.state, asked.answer_note) == (Appointment.State.PROPOSED, "周日下午")
    answer_appointment(by=found.parent, appointment=asked, answer="declined")
    assert found.duty.state == Duty.State.DECLINED
    assert found.meeting.state == Appointment.State.CANCELLED
    assert found.meeting.cancelled_by == "family"
    assert run.duty_of(found.campaign, found.other).appointments.get().state == Appointment.State.PROPOSED
    assert reopen(by=found.parent, duty=found.duty).state == Duty.State.DUE


def test_an_answer_needs_an_own_child_and_words_for_another_time():
    found = Running()
    with pytest.raises(NotAllowed):
        answer_appointment(by=found.neighbor, appointment=found.meeting, answer="agreed")
    with pytest.raises(NotAllowed):
        answer_appointment(by=found.lead, appointment=found.meeting, answer="agreed")
    with pytest.raises(InputFault) as fault:
        answer_appointment(by=found.parent, appointment=found.meeting, answer="other_time", note=" ")
    assert fault.value.place == "note"


def test_the_homeroom_teacher_notes_that_a_family_would_rather_not():
    found = Running()
    assert decline(by=found.lead, duty=found.duty).state == Duty.State.DECLINED
    assert found.meeting.cancelled_by == "family"
    with pytest.raises(NotAllowed):
        decline(by=found.neighbor, duty=found.duty)


def test_who_was_met_is_met_once_and_other_meetings_with_them_are_called_off():
    found = Running()
    first = found.meeting
    with actor_transaction(system("records")):
        mark_met(by=found.lead, duties=[found.duty], on=today())
    first.refresh_from_db()
    assert (found.duty.state, found.duty.met_on) == (Duty.State.MET, today())
    assert first.state == Appointment.State.CANCELLED
    with actor_transaction(system("records")):
        mark_met(by=found.lead, duties=[found.duty], on=today() + dt.timedelta(1), appointment=first)
    first.refresh_from_db()
    assert found.duty.met_on == today()
    assert first.state == Appointment.State.DONE


def test_closing_keeps_who_was_not_met_in_the_count_and_calls_off_what_is_ahead():
    found = Running()
    closed = close_campaign(by=found.by, campaign=found.campaign)
    assert closed.state == Campaign.State.CLOSED
    assert found.duty.state == Duty.State.DUE
    assert found.meeting.state == Appointment.State.CANCELLED
    assert not Occupancy.unscoped.exists()
    for service in (close_campaign, request_plan, publish_timetable):
        with pytest.raises((Conflict, NotReady)):
            service(by=found.by, campaign=closed)


def test_the_bureau_closes_the_campaigns_of_the_schools_with_its_own():
    run.small_school(classes=1, students=1)
    director = make.actor_of(make.bureau_post("director"), "director")
    umbrella = run.launched(director, None)
    close_campaign(by=director, campaign=umbrella)
    assert {c.state for c in umbrella.children.all()} == {Campaign.State.CLOSED}


@pytest.mark.django_db(transaction=True)
def test_a_plan_of_a_roster_that_changed_meanwhile_is_not_taken():
    found = Running()
    before = {a.pk for a in Appointment.unscoped.all()}
    stale = request_plan(by=found.by, campaign=found.campaign)

    worker = Thread(target=apart, args=[lambda: run_plan(run_id=stale.pk)])
    with transaction.atomic():
        # The worker reads and computes, then waits for this row before it writes.
        Campaign.unscoped.select_for_update().get(pk=found.campaign.pk)
        worker.start()
        wait_until(somebody_waits_for_us)
        Duty.unscoped.filter(pk=found.duty.pk).update(state=Duty.State.DECLINED)
    worker.join()
    stale.refresh_from_db()
    assert stale.state == PlanRun.State.STALE
    assert "重新排表" in stale.log
    assert {a.pk for a in Appointment.unscoped.all()} == before


def test_dates_rules_and_shifts_change_within_what_was_promised():
    found = Running()
    later = found.campaign.end + dt.timedelta(10)
    edit_campaign(by=found.by, campaign=found.campaign, end=later, rules=Rules(max_stops_per_trip=2))
    assert found.duty.due == later
    with pytest.raises(InputFault) as fault:
        edit_campaign(by=found.by, campaign=found.campaign, rules=Rules(max_stops_per_trip=0))
    assert fault.value.place == "max_stops_per_trip"
    promised = found.meeting.shift
    set_shifts(by=found.by, campaign=found.campaign, shifts=run.evenings(8))
    assert found.campaign.shifts.count() == 8
    assert found.campaign.shifts.filter(pk=promised.pk).exists()


def called_off(found: Running, *evenings: Shift, despite: bool = True) -> Disturbed:
    dates = {evening.date for evening in evenings}
    rest = [draft for draft in run.evenings() if draft.date not in dates]
    return set_shifts(by=found.by, campaign=found.campaign, shifts=rest, despite=despite)


def open_meetings(found: Running, duty: Duty) -> list[Appointment]:
    return list(duty.appointments.filter(state__in=OPEN_APPOINTMENTS))


def drafted_elsewhere(found: Running) -> Shift:
    """The evening of a draft in which nobody has the time that was told."""
    elsewhere = found.campaign.shifts.exclude(pk=found.meeting.shift_id).first()
    run.planned_at_once(found.campaign)
    Appointment.unscoped.filter(published=False).update(shift=elsewhere)
    return elsewhere


def test_an_evening_that_families_were_told_of_is_called_off_and_only_they_get_another():
    found = Running()
    confirm_appointment(by=found.lead, appointment=found.meeting)
    evening, other = found.meeting.shift, run.duty_of(found.campaign, found.other)
    other_evening = found.campaign.shifts.exclude(pk=evening.pk).last()
    Appointment.unscoped.filter(duties=other).update(shift=other_evening)
    with pytest.raises(InputFault) as fault:
        called_off(found, evening, despite=False)
    assert fault.value.place == "despite"
    assert f"{evening.date:%m-%d} 晚上" in fault.value.message
    assert found.meeting.state == Appointment.State.CONFIRMED
    assert called_off(found, evening) == Disturbed(called_off=1)
    # At once everybody sees it, and nobody takes the evening again.
    assert (found.meeting.state, found.meeting.cancelled_by) == (Appointment.State.CANCELLED, "school")
    assert not Occupancy.unscoped.filter(appointment=found.meeting).exists()
    with pytest.raises(Conflict):
        answer_appointment(by=found.parent, appointment=found.meeting, answer="agreed")
    evening.refresh_from_db()
    with pytest.raises(Conflict):
        move_appointment(by=found.by, appointment=open_meetings(found, other)[0], shift=evening, despite=True)
    plan = run.planned_at_once(found.campaign)
    assert [(entry["code"], entry["duty_ids"]) for entry in plan.moved] == [("evening_cancelled", [found.duty.pk])]
    publish_timetable(by=found.by, campaign=found.campaign)
    assert [meeting.shift != evening for meeting in open_meetings(found, found.duty)] == [True]
    assert [meeting.shift for meeting in open_meetings(found, other)] == [other_evening]
    # What ended is no promise any more once there is another.
    assert run.planned_at_once(found.campaign).moved == []


def test_dates_that_would_leave_out_an_evening_with_promises_are_refused_with_a_way_out():
    found = Running()
    with pytest.raises(InputFault, match="规则和时段") as fault:
        edit_campaign(by=found.by, campaign=found.campaign, end=found.campaign.start)
    assert fault.value.place == "end"
    assert found.meeting.state == Appointment.State.PROPOSED


def test_a_draft_that_used_an_evening_goes_with_it_and_what_families_were_told_holds():
    found = Running()
    told = found.meeting
    elsewhere = drafted_elsewhere(found)
    assert called_off(found, elsewhere) == Disturbed(drafts=2)
    assert not Appointment.unscoped.filter(published=False).exists()
    told.refresh_from_db()
    assert not told.superseded
    publish_timetable(by=found.by, campaign=found.campaign)
    assert open_meetings(found, found.duty) == [told]


def test_whose_evening_is_called_off_beside_a_draft_that_has_another_gets_that_one():
    found = Running()
    told = found.meeting
    elsewhere = drafted_elsewhere(found)
    assert called_off(found, told.shift) == Disturbed(called_off=2)
    publish_timetable(by=found.by, campaign=found.campaign)
    assert [meeting.shift for meeting in open_meetings(found, found.duty)] == [elsewhere]


def test_a_called_off_evening_that_is_wanted_again_is_offered_again_with_what_was_said_of_it():
    found = Running()
    evening = found.meeting.shift
    set_unavailable(by=found.lead, campaign=found.campaign, visitor=found.place.homeroom[0], shifts=[evening])
    called_off(found, evening)
    set_unavailable(by=found.lead, campaign=found.campaign, visitor=found.place.homeroom[0], shifts=[])
    assert called_off(found) == Disturbed()
    evening.refresh_from_db()
    assert not evening.called_off
    assert evening.unavailabilities.get().visitor == found.place.homeroom[0]
    run.planned_at_once(found.campaign)
    publish_timetable(by=found.by, campaign=found.campaign)
    assert [meeting.shift != evening for meeting in open_meetings(found, found.duty)] == [True]


def test_a_called_off_evening_that_is_over_keeps_nobody_from_changing_the_others():
    found = Running()
    evening = found.meeting.shift
    called_off(found, evening)
    Shift.unscoped.filter(pk=evening.pk).update(date=today() - dt.timedelta(1))
    assert called_off(found, found.campaign.shifts.last()) == Disturbed()
    plan = run.planned_at_once(found.campaign)
    assert plan.unplaced == []


def test_a_family_that_named_one_evening_is_not_free_in_every_other_when_that_one_is_called_off():
    found = Running()
    only = found.campaign.shifts.last()
    set_windows(by=found.by, duty=found.duty, windows=[(only, dt.time(18, 30), dt.time(20))])
    called_off(found, only)
    plan = run.planned_at_once(found.campaign)
    assert [entry["duty_ids"] for entry in plan.unplaced] == [[found.duty.pk]]
    # It was told of an evening that the new plan has no room for: that is not forgotten without a word.
    told = found.meeting
    publish_timetable(by=found.by, campaign=found.campaign)
    told.refresh_from_db()
    assert (told.state, told.cancelled_by) == (Appointment.State.CANCELLED, "school")


def test_an_evening_that_has_begun_is_history_and_stays():
    found = Running()
    Shift.unscoped.filter(pk=found.meeting.shift_id).update(date=today() - dt.timedelta(1))
    assert called_off(found) == Disturbed()
    assert not found.meeting.shift.called_off
    assert found.meeting.state == Appointment.State.PROPOSED
