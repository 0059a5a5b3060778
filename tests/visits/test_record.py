"""A record is saved once, revised instead of overwritten, and moves what depends on it."""

import datetime as dt
import uuid

import pytest
from django.utils.timezone import localdate

from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Appointment, Channel, ChannelRule, Duty
from jiafang.common.clock import now, today
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.insight.coverage import campaign_coverage
from jiafang.visits.body import ParticipantDraft
from jiafang.visits.models import LastContact, Visit, VisitRevision
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(school):
    return make.actor_of(school.homeroom[0], "teacher")


@pytest.fixture
def duty(school, campaign):
    return made.duty_of(campaign, school.students[0][0])


def test_a_record_answers_the_duty_and_moves_coverage(school, campaign, teacher, duty):
    before = campaign_coverage(school.by, campaign)
    visit = write.record(teacher, [duty], chips=["study_steady"])
    duty.refresh_from_db()
    after = campaign_coverage(school.by, campaign)
    assert (duty.state, duty.met_on) == (Duty.State.MET, localdate(visit.started_at))
    assert (before.met, after.met, after.total) == (0, 1, before.total)
    assert LastContact.unscoped.get(person=duty.person).on == duty.met_on
    assert AuditEntry.objects.filter(action="visit.record", object_id=str(visit.pk)).count() == 1


def test_the_same_id_and_body_again_is_the_same_record(teacher, duty):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    first = write.record(teacher, [duty], **same)
    again = write.record(teacher, [duty], **same)
    assert first.pk == again.pk
    assert (again.revision, Visit.unscoped.count()) == (1, 1)
    assert AuditEntry.objects.filter(action="visit.record").count() == 1


def test_another_body_is_the_next_revision_and_the_earlier_one_is_kept(teacher, duty):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(teacher, [duty], finding="听错了", **same)
    visit = write.record(teacher, [duty], finding="孩子喜欢画画", guardian_opinion="多表扬", **same)
    kept = VisitRevision.unscoped.get(visit=visit)
    assert (visit.revision, visit.finding) == (2, "孩子喜欢画画")
    assert "听错了" in kept.body
    assert "孩子喜欢画画" not in kept.body


def test_a_revision_of_something_older_is_refused(teacher, duty):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(teacher, [duty], **same)
    write.record(teacher, [duty], finding="第二次", base_revision=1, **same)
    with pytest.raises(Conflict):
        write.record(teacher, [duty], finding="第三次", base_revision=1, **same)


def test_a_record_cannot_be_turned_to_another_student(school, campaign, teacher, duty):
    visit_id = uuid.uuid4()
    write.record(teacher, [duty], visit_id=visit_id)
    with pytest.raises(Conflict):
        write.record(teacher, [made.duty_of(campaign, school.students[0][1])], visit_id=visit_id)


def test_somebody_else_cannot_write_over_a_record(school, campaign, teacher, duty):
    visit_id = uuid.uuid4()
    write.record(teacher, [duty], visit_id=visit_id)
    other = make.actor_of(school.homeroom[1], "teacher")
    with pytest.raises(NotAllowed):
        write.record(other, [made.duty_of(campaign, school.students[1][0])], visit_id=visit_id)


def test_a_colleague_of_another_class_cannot_record_the_duty(school, duty):
    with pytest.raises(NotAllowed):
        write.record(make.actor_of(school.homeroom[1], "teacher"), [duty])
    duty.refresh_from_db()
    assert duty.state == Duty.State.DUE


def test_an_appointment_is_done_and_its_visitors_are_in_the_record(school, campaign, teacher, duty):
    appointment = write.appointment(campaign, [duty.person])
    visit = write.record(teacher, [duty], appointment=appointment, channel=Channel.ONSITE)
    appointment.refresh_from_db()
    assert appointment.state == Appointment.State.DONE
    assert set(visit.visitors.all()) == {school.homeroom[0], school.subject[0]}


def test_one_visit_covers_brothers_and_sisters(school, campaign, teacher):
    duties = [made.duty_of(campaign, child) for child in school.students[0][:2]]
    write.record(teacher, duties)
    assert set(Duty.unscoped.filter(pk__in=[d.pk for d in duties]).values_list("state", flat=True)) == {"met"}


def test_a_call_does_not_answer_a_duty_on_site(teacher, duty):
    Duty.unscoped.filter(pk=duty.pk).update(channel=ChannelRule.ONSITE)
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(teacher, [duty], channel=Channel.PHONE, **same)
    duty.refresh_from_db()
    assert duty.state == Duty.State.DUE
    write.record(teacher, [duty], channel=Channel.ONSITE, **same)
    duty.refresh_from_db()
    assert duty.state == Duty.State.MET
    write.record(teacher, [duty], channel=Channel.AT_SCHOOL, **same)
    duty.refresh_from_db()
    assert (duty.state, duty.met_on) == (Duty.State.DUE, None)


def test_a_corrected_date_moves_the_day_of_meeting_and_of_the_last_contact(teacher, duty):
    visit_id = uuid.uuid4()
    earlier = now() - dt.timedelta(days=3)
    write.record(teacher, [duty], visit_id=visit_id)
    write.record(teacher, [duty], visit_id=visit_id, started_at=earlier)
    duty.refresh_from_db()
    assert duty.met_on == localdate(earlier)
    assert LastContact.unscoped.get(person=duty.person).on == localdate(earlier)


def test_a_follow_up_is_a_duty_of_its_own_outside_the_denominator(school, campaign, teacher, duty):
    total = campaign_coverage(school.by, campaign).total
    write.record(teacher, [duty], follow_up=True)
    follow_up = Duty.unscoped.get(parent=duty)
    assert follow_up.state == Duty.State.DUE
    coverage = campaign_coverage(school.by, campaign)
    assert (coverage.total, coverage.met) == (total, 1)
    write.record(teacher, [follow_up], follow_up=True)
    assert Duty.unscoped.filter(parent=duty).count() == 2
    assert not Duty.unscoped.filter(parent=follow_up).exists()


def test_a_follow_up_no_longer_asked_for_is_taken_back(teacher, duty):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(teacher, [duty], follow_up=True, **same)
    follow_up = Duty.unscoped.get(parent=duty)
    write.record(teacher, [duty], follow_up=False, **same)
    withdrawn = Duty.unscoped.get(parent=duty)
    assert (withdrawn.pk, withdrawn.state, withdrawn.void_reason) == (follow_up.pk, "void", "withdrawn")


def test_a_follow_up_asked_for_again_is_the_same_one(teacher, duty):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    for wanted in (True, False, True):
        write.record(teacher, [duty], follow_up=wanted, **same)
    assert Duty.unscoped.get(parent=duty).state == Duty.State.DUE


def test_a_correction_opens_no_second_follow_up_once_the_first_was_made(teacher, duty):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago(), "follow_up": True}
    write.record(teacher, [duty], **same)
    write.record(teacher, [Duty.unscoped.get(parent=duty)])
    write.record(teacher, [duty], finding="改一个错字", **same)
    assert Duty.unscoped.get(parent=duty).state == Duty.State.MET


def test_a_follow_up_that_another_record_asks_for_stays(school, campaign, teacher, duty):
    colleague = make.actor_of(school.subject[0], "teacher")
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(teacher, [duty], follow_up=True)
    write.record(colleague, [duty], follow_up=True, **same)
    write.record(colleague, [duty], follow_up=False, **same)
    assert Duty.unscoped.get(parent=duty).state == Duty.State.DUE


def test_a_withdrawn_follow_up_can_still_be_recorded_from_a_phone_that_knows_of_it(teacher, duty):
    same = {"visit_id": uuid.uuid4(), "started_at": write.an_hour_ago()}
    write.record(teacher, [duty], follow_up=True, **same)
    follow_up = Duty.unscoped.get(parent=duty)
    write.record(teacher, [duty], follow_up=False, **same)
    late = write.record(teacher, [follow_up], finding="路上又碰见了")
    follow_up.refresh_from_db()
    assert list(late.duties.all()) == [follow_up]
    assert follow_up.state == Duty.State.VOID
    assert LastContact.unscoped.get(person=duty.person).visit == late


def test_a_record_that_comes_late_asks_for_no_visit_that_is_overdue_already(teacher, duty):
    write.record(teacher, [duty], started_at=now() - dt.timedelta(days=60), follow_up=True)
    assert Duty.unscoped.get(parent=duty).due > today()


BAD = {
    "channel": {"channel": "鸽子"},
    "started_at": {"started_at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)},
    "finding": {"finding": "  "},
    "chips": {"chips": ["no_such_chip"]},
    "participants": {"participants": []},
    "guardian_opinion": {"guardian_opinion": "好" * 2001},
    "ended_at": {"ended_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
}


@pytest.mark.parametrize("place", BAD)
def test_what_cannot_be_a_record_is_refused_at_its_place(campaign, teacher, duty, place):
    with pytest.raises(InputFault) as fault:
        write.record(teacher, [duty], campaign=campaign, **BAD[place])
    assert fault.value.place == place
    assert not Visit.unscoped.exists()


def test_a_record_about_nobody_is_refused(campaign, teacher):
    with pytest.raises(InputFault) as fault:
        write.record(teacher, [], campaign=campaign)
    assert fault.value.place == "duties"


def test_a_visit_of_years_ago_is_refused(teacher, duty):
    with pytest.raises(InputFault):
        write.record(teacher, [duty], started_at=dt.datetime(1999, 1, 1, tzinfo=dt.UTC))


def test_a_stranger_cannot_be_named_as_having_been_there(school, teacher, duty):
    guardian = make.guardian_of(duty.person)
    stranger = make.guardian_of(school.students[1][0])
    present = [ParticipantDraft(relation="母亲", channel=Channel.PHONE, person_id=guardian.pk)]
    write.record(teacher, [duty], participants=present)
    with pytest.raises(InputFault):
        write.record(
            teacher,
            [duty],
            participants=[ParticipantDraft(relation="母亲", channel=Channel.PHONE, person_id=stranger.pk)],
        )


def test_the_texts_are_stored_encrypted(teacher, duty):
    from django.db import connection

    visit = write.record(teacher, [duty], finding="家里刚添了妹妹", guardian_opinion="作业少一点")
    with connection.cursor() as cursor:
        cursor.execute("SELECT finding, guardian_opinion FROM visits_visit WHERE id = %s", [visit.pk])
        stored = b"".join(bytes(column) for column in cursor.fetchone())
    assert "妹妹".encode() not in stored
    assert Visit.unscoped.get(pk=visit.pk).finding == "家里刚添了妹妹"
