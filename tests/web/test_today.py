"""The day of a visitor and the brief before a visit."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Appointment, Channel, Duty, Tier
from jiafang.campaigns.services.focus import set_focus
from jiafang.campaigns.services.reconcile import reconcile
from jiafang.common.clock import at, today
from jiafang.organization.models import Post
from jiafang.visits.body import ConcernDraft
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db


def _page(client, name="today", *args) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_teacher_sees_tonight_with_one_tap_to_call(client, school, campaign):
    child = school.students[0][0]
    mother = make.guardian_of(child)
    write.appointment(campaign, [child], approximate=True)
    make.sign_in(client, school.homeroom[0])
    page = _page(client)
    assert "今日家访" in page
    assert child.name in page
    assert f'href="tel:{mother.phone}"' in page
    assert "大概位置" in page
    assert "还没和家长约" in page


def test_a_draft_and_another_class_are_not_shown(client, school, campaign):
    draft, other = school.students[0][0], school.students[1][0]
    write.appointment(campaign, [draft], published=False)
    write.appointment(campaign, [other])
    make.sign_in(client, school.homeroom[0])
    page = _page(client)
    assert reverse("record_unplanned") in page
    assert "这两周还没有家访安排" in page
    assert draft.name not in page
    make.sign_in(client, school.homeroom[1])
    assert "18:40" in _page(client)


def test_the_page_costs_the_same_for_one_row_and_three(client, school, campaign):
    make.sign_in(client, school.homeroom[0])
    for number, child in enumerate(school.students[0]):
        make.guardian_of(child)
        make.CareTagFactory(student=child)
        write.appointment(campaign, [child], hour=dt.time(18, 10 * number))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            _page(client)
        if number == 0:
            first = len(queries)
    assert len(queries) == first


def test_agreed_with_the_family_in_one_tap(client, school, campaign):
    appointment = write.appointment(campaign, [school.students[0][0]], day=today() + dt.timedelta(days=1))
    make.sign_in(client, school.homeroom[0])
    answer = client.post(reverse("arranged", args=[appointment.pk]), follow=True)
    assert "已和家长约好" in answer.content.decode()
    appointment.refresh_from_db()
    assert appointment.state == Appointment.State.CONFIRMED


def test_nobody_met_is_written_down_and_the_duty_stays_due(client, school, campaign):
    child = school.students[0][0]
    appointment = write.appointment(campaign, [child])
    make.sign_in(client, school.homeroom[0])
    assert client.post(reverse("missed", args=[appointment.pk]), follow=True).status_code == 200
    appointment.refresh_from_db()
    assert appointment.state == Appointment.State.MISSED
    assert made.duty_of(campaign, child).state == Duty.State.DUE


@pytest.mark.parametrize("who", ["family", "school"])
def test_called_off_by_either_side_stays_due(client, school, campaign, who):
    child = school.students[0][0]
    appointment = write.appointment(campaign, [child])
    make.sign_in(client, school.homeroom[0])
    client.post(reverse("called_off", args=[appointment.pk]), {"by": who})
    appointment.refresh_from_db()
    assert (appointment.state, appointment.cancelled_by) == (Appointment.State.CANCELLED, who)
    assert made.duty_of(campaign, child).state == Duty.State.DUE


def test_called_off_by_nobody_known_is_refused(client, school, campaign):
    appointment = write.appointment(campaign, [school.students[0][0]])
    make.sign_in(client, school.homeroom[0])
    assert client.post(reverse("called_off", args=[appointment.pk]), {"by": "猫"}).status_code == 404


def test_a_family_that_declines_keeps_its_peace(client, school, campaign):
    child = school.students[0][0]
    appointment = write.appointment(campaign, [child], day=today() + dt.timedelta(days=1))
    make.sign_in(client, school.homeroom[0])
    page = client.post(reverse("declined", args=[appointment.pk]), follow=True).content.decode()
    assert "不影响孩子在校的任何安排" in page
    assert made.duty_of(campaign, child).state == Duty.State.DECLINED


def test_whoever_visits_by_appointment_alone_may_note_that_a_family_declines(client, school, campaign):
    child = school.students[0][0]
    appointment = write.appointment(campaign, [child], day=today() + dt.timedelta(days=1))
    appointment.visitors.add(school.homeroom[1])
    make.sign_in(client, school.homeroom[1])
    assert client.post(reverse("declined", args=[appointment.pk])).status_code == 302
    assert made.duty_of(campaign, child).state == Duty.State.DECLINED


def test_another_time_that_was_agreed_is_written_down_from_the_brief(client, school, campaign):
    child, day = school.students[0][0], today() + dt.timedelta(days=2)
    appointment = write.appointment(campaign, [child], day=day, channel="phone")
    make.sign_in(client, school.homeroom[0])
    assert "说好换个时间" in client.get(reverse("brief", args=[appointment.pk])).content.decode()
    typed = {"day": day.isoformat(), "time": "20:10", "next": "brief"}
    answer = client.post(reverse("moved", args=[appointment.pk]), typed, follow=True)
    assert "20:10,已约好" in answer.content.decode()
    appointment.refresh_from_db()
    assert (appointment.starts_at, appointment.state) == (at(day, dt.time(20, 10)), Appointment.State.CONFIRMED)


@pytest.mark.parametrize("time", ["", "25:00", "03:00", "20:10+08:00"])
def test_a_time_that_is_none_moves_nothing(client, school, campaign, time):
    day = today() + dt.timedelta(days=2)
    appointment = write.appointment(campaign, [school.students[0][0]], day=day, channel="phone")
    make.sign_in(client, school.homeroom[0])
    client.post(reverse("moved", args=[appointment.pk]), {"day": day.isoformat(), "time": time})
    kept = Appointment.unscoped.get(pk=appointment.pk)
    assert (kept.starts_at, kept.state) == (appointment.starts_at, Appointment.State.PROPOSED)


@pytest.mark.parametrize("name", ["arranged", "moved", "missed", "called_off", "declined"])
def test_a_colleague_cannot_change_the_appointment_of_another_class(client, school, campaign, name):
    appointment = write.appointment(campaign, [school.students[0][0]])
    make.sign_in(client, school.homeroom[1])
    posted = {"by": "school", "day": today().isoformat(), "time": "20:10"}
    assert client.post(reverse(name, args=[appointment.pk]), posted).status_code == 404
    appointment.refresh_from_db()
    assert appointment.state == Appointment.State.PROPOSED


def test_the_brief_tells_what_is_still_to_be_worried_about_to_those_who_may_read_it(client, school, campaign):
    child = school.students[0][0]
    appointment = write.appointment(campaign, [child])
    concerns = [
        ConcernDraft(uuid.uuid4(), child.pk, "mind", "yellow", "晚上睡不着"),
        ConcernDraft(uuid.uuid4(), child.pk, "study", "green", "已经补上了", follow_up=False),
    ]
    write.record(make.actor_of(school.homeroom[0], "teacher"), [made.duty_of(campaign, child)], concerns=concerns)
    for teacher, told in ((school.homeroom[0], True), (school.subject[0], False)):
        make.sign_in(client, teacher)
        page = client.get(reverse("brief", args=[appointment.pk])).content.decode()
        assert ("晚上睡不着" in page, "已经补上了" in page) == (told, False)
    make.sign_in(client, school.homeroom[0])
    assert "晚上睡不着" in client.get(reverse("student_sheet", args=[child.pk])).content.decode()


def test_the_brief_tells_about_the_family_and_is_audited(client, school, campaign):
    home = make.HouseholdFactory(preferred_times="晚饭后")
    child = make.student(school.classes[0], household=home, name="林若水", tags=("single_parent",))
    make.HouseholdMembershipFactory(household=home, person=make.PersonFactory(name="林奶奶"))
    reconcile(campaign)
    mother = make.guardian_of(child, make.PersonFactory(name="许文澜"))
    set_focus(
        by=school.by, campaign=campaign, cohort=school.classes[0].cohort, topics="期中以后", talking_points="先夸后问"
    )
    appointment = write.appointment(campaign, [child])
    write.record(make.actor_of(school.homeroom[0], "teacher"), [made.duty_of(campaign, child)], finding="爱打篮球")
    make.sign_in(client, school.homeroom[0])
    page = _page(client, "brief", appointment.pk)
    for words in ("林若水", "单亲家庭", "许文澜", mother.phone, "林奶奶", "爱打篮球", "期中以后", "先夸后问", "晚饭后"):
        assert words in page
    assert AuditEntry.objects.filter(action="brief.read", subjects__contains=[child.pk]).count() == 1


def test_a_co_visitor_reads_the_brief_without_restricted_tags_or_notes_of_others(client, school, campaign):
    child = school.students[0][0]
    make.CareTagFactory(student=child, kind="single_parent")
    make.CareTagFactory(student=child, kind="left_behind")
    write.record(make.actor_of(school.homeroom[0], "teacher"), [made.duty_of(campaign, child)], finding="父母刚分开")
    appointment = write.appointment(campaign, [child])
    make.sign_in(client, school.subject[0])
    page = _page(client, "brief", appointment.pk)
    assert "留守儿童" in page
    assert "单亲家庭" not in page
    assert "父母刚分开" not in page


def test_nobody_else_opens_the_brief(client, school, campaign):
    child = school.students[0][0]
    mother = make.guardian_of(child)
    appointment = write.appointment(campaign, [child])
    address = reverse("brief", args=[appointment.pk])
    for person in (school.homeroom[1], school.principal, mother):
        make.sign_in(client, person)
        assert client.get(address).status_code == 404
    assert not AuditEntry.objects.filter(action="brief.read").exists()


@pytest.mark.parametrize(("ago", "status"), [(14, 200), (15, 404), (-14, 200), (-15, 404)])
def test_the_brief_of_who_came_along_is_closed_two_weeks_after_the_visit(client, school, campaign, ago, status):
    child, colleague = school.students[0][0], make.employee(school.school)
    day = today() - dt.timedelta(days=ago)
    stop = write.appointment(campaign, [child], day=day, visitors=[school.homeroom[0], colleague])
    duty = Duty.unscoped.filter(campaign=campaign, person=child)
    duty.update(state="met", met_on=today() - dt.timedelta(days=30))  # on an earlier visit
    make.sign_in(client, colleague)
    assert client.get(reverse("brief", args=[stop.pk])).status_code == status
    duty.update(state="due", met_on=None)
    assert client.get(reverse("brief", args=[stop.pk])).status_code == 200
    campaign.state = "closed"
    campaign.save()
    assert client.get(reverse("brief", args=[stop.pk])).status_code == status


def test_who_has_left_the_school_opens_no_brief_of_it_and_still_reads_what_they_wrote(client, school, campaign):
    child, colleague = school.students[0][0], make.employee(school.school)
    mother = make.guardian_of(child)
    stop = write.appointment(campaign, [child], visitors=[school.homeroom[0], colleague])
    by = make.actor_of(colleague, "teacher")
    visit = write.record(by, [made.duty_of(campaign, child)], appointment=stop, finding="爱打篮球")
    brief, record = (reverse(name, args=[stop.pk]) for name in ("brief", "record"))
    make.sign_in(client, colleague)
    assert mother.phone in _page(client, "brief", stop.pk)
    Post.unscoped.filter(person=colleague).update(end=today())
    make.employee(make.SchoolFactory(), colleague)
    make.sign_in(client, colleague)
    assert client.get(brief).status_code == 404
    assert mother.name not in client.get(record, follow=True).content.decode()
    assert child.name not in _page(client)
    page = _page(client, "visit", visit.pk)
    assert "爱打篮球" in page
    assert mother.phone not in page


def test_a_principal_talks_with_teachers_in_the_same_way(client, school):
    campaign = made.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER)
    write.appointment(campaign, [school.homeroom[0]], channel=Channel.AT_SCHOOL)
    make.sign_in(client, school.principal, "principal")
    page = _page(client)
    assert "今日走访" in page
    assert school.homeroom[0].name in page
    make.sign_in(client, school.homeroom[0])
    assert client.get(reverse("record", args=[Appointment.unscoped.get().pk])).status_code == 404
