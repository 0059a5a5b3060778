"""What changed while a telephone was offline: a record of somebody who had the duty is taken all the same."""

import datetime as dt
import uuid

import pytest
from django.utils.timezone import localdate

from jiafang.access import CHANGE, reading, scope
from jiafang.campaigns.models import Appointment, Campaign, Duty
from jiafang.campaigns.services.close import close_campaign
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.common.clock import now, today
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.organization.models import Enrollment, Guardianship, Post
from jiafang.organization.services.move import leave, move_student
from jiafang.visits.body import ParticipantDraft
from jiafang.visits.models import LastContact, Visit
from jiafang.visits.selectors.agenda import open_duties
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write
from tests.fence import as_in_production

pytestmark = pytest.mark.django_db


def yesterday() -> dt.date:
    return today() - dt.timedelta(days=1)


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


@pytest.fixture
def duty(school, campaign):
    return made.duty_of(campaign, school.students[0][0])


def test_a_record_for_a_campaign_that_was_closed_meanwhile_is_taken_and_counts(school, campaign, teacher, duty):
    appointment = write.appointment(campaign, [duty.person])
    close_campaign(by=school.by, campaign=Campaign.unscoped.get(pk=campaign.pk))
    visit = write.record(teacher, [duty], appointment=appointment)
    duty.refresh_from_db()
    assert (duty.state, visit.appointment) == (Duty.State.MET, appointment)


def test_a_follow_up_outlives_its_campaign(school, campaign, teacher, duty):
    close_campaign(by=school.by, campaign=campaign)
    write.record(teacher, [duty], follow_up=True)
    with reading(teacher):
        assert [row.parent_id for row in open_duties(teacher)] == [duty.pk]


def test_a_record_about_a_student_who_has_left_meanwhile_is_taken_and_the_duty_stays_void(
    school, campaign, teacher, duty
):
    leave(by=make.administrator(), student=duty.person, on=today(), reason=Enrollment.Reason.LEFT)
    duty.refresh_from_db()
    assert duty.state == Duty.State.VOID
    visit = write.record(teacher, [duty], follow_up=True)
    duty.refresh_from_db()
    assert duty.state == Duty.State.VOID
    assert not Duty.unscoped.filter(parent=duty).exists()
    assert LastContact.unscoped.get(person=duty.person).visit == visit


def test_a_second_record_of_a_duty_that_a_colleague_has_met_is_taken_and_the_first_day_stays(
    school, campaign, teacher, duty
):
    first = now() - dt.timedelta(days=5)
    write.record(make.actor_of(school.subject[0], "teacher"), [duty], started_at=first)
    write.record(teacher, [duty])
    duty.refresh_from_db()
    assert duty.met_on == localdate(first)
    assert Visit.unscoped.filter(duties=duty).count() == 2


def test_a_record_of_a_student_of_another_class_by_now_is_out_of_reach(school, campaign, teacher, duty):
    move_student(by=make.administrator(), student=duty.person, to=school.classes[1], on=today())
    with pytest.raises(NotAllowed):
        write.record(teacher, [duty])
    assert not Visit.unscoped.exists()


def test_an_appointment_that_a_new_timetable_has_replaced_counts_as_none(school):
    campaign = made.published(school.by, school.school)
    teacher = make.actor_of(school.homeroom[0], "teacher")
    duty = made.duty_of(campaign, school.students[0][0])
    known = duty.appointments.get()
    made.planned_at_once(campaign)
    publish_timetable(by=school.by, campaign=campaign)
    assert not Appointment.unscoped.filter(pk=known.pk).exists()
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago(), "appointment": known}
    visit = write.record(teacher, [duty], **same)
    assert visit.appointment is None
    assert write.record(teacher, [duty], **same).revision == 1
    duty.refresh_from_db()
    assert duty.state == Duty.State.MET


def test_an_appointment_that_was_given_to_a_colleague_is_left_to_the_colleague(school, campaign, teacher, duty):
    appointment = write.appointment(campaign, [duty.person], day=yesterday(), visitors=[school.subject[0]])
    visit = write.record(teacher, [duty], appointment=appointment)
    appointment.refresh_from_db()
    assert (visit.appointment, appointment.state) == (None, Appointment.State.PROPOSED)
    assert list(visit.visitors.all()) == [school.homeroom[0]]


def test_an_appointment_with_others_is_not_done_by_this_record(school, campaign, teacher, duty):
    appointment = write.appointment(campaign, [school.students[0][1]], day=yesterday())
    write.record(teacher, [duty], appointment=appointment)
    appointment.refresh_from_db()
    assert appointment.state == Appointment.State.PROPOSED


def test_a_guardian_who_was_there_while_that_was_allowed_may_be_named_and_one_of_long_ago_not(teacher, duty):
    guardian = make.guardian_of(duty.person)
    named = [ParticipantDraft(relation="母亲", channel="phone", person_id=guardian.pk)]
    Guardianship.unscoped.filter(guardian=guardian).update(revoked_on=today())
    write.record(teacher, [duty], participants=named, started_at=now() - dt.timedelta(days=1))
    Guardianship.unscoped.filter(guardian=guardian).update(revoked_on=today() - dt.timedelta(days=9))
    with pytest.raises(InputFault):
        write.record(teacher, [duty], participants=named)


def test_who_no_longer_teaches_the_class_may_still_correct_an_own_record(school, campaign, teacher, duty):
    visit = write.record(teacher, [duty])
    move_student(by=make.administrator(), student=duty.person, to=school.classes[1], on=today())
    assert write.record(teacher, [duty], visit_id=visit.pk, finding="改一个错字", base_revision=1).revision == 2
    with reading(teacher):
        assert scope(teacher, Visit, CHANGE).count() == 1


def test_who_has_left_the_school_no_longer_sees_the_meeting_and_still_writes_down_and_corrects_it(
    school, campaign, teacher, duty
):
    met = write.appointment(campaign, [duty.person], day=yesterday())
    still_to_come = write.appointment(campaign, [school.students[0][1]], day=today())
    visit = write.record(teacher, [duty], appointment=met)
    Post.unscoped.filter(person_id=teacher.person_id).update(end=today())
    make.employee(make.SchoolFactory(), school.homeroom[0])
    left = make.actor_of(school.homeroom[0], "teacher")
    with as_in_production(), reading(left):
        assert not Appointment.unscoped.exists()
        assert not scope(left, Appointment).exists()
    other = made.duty_of(campaign, school.students[0][1])
    assert duty.campaign == other.campaign == campaign
    with as_in_production():
        corrected = write.record(
            left, [duty], visit_id=visit.pk, finding="改一个错字", base_revision=1, appointment=met
        )
        late = write.record(left, [other], appointment=still_to_come)
    assert (corrected.revision, corrected.appointment_id) == (2, met.pk)
    assert late.appointment is None
    assert Duty.unscoped.get(pk=other.pk).state == Duty.State.MET
