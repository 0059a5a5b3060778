"""What a family sees of its own visits, and its four answers."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiafang.campaigns.models import Appointment, Duty, FamilyWindow, Shift
from jiafang.campaigns.services.edit import set_shifts
from jiafang.campaigns.services.focus import set_focus
from jiafang.common.clock import today
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db
TOMORROW = dt.timedelta(days=1)


@pytest.fixture
def mother(child):
    return make.guardian_of(child)


@pytest.fixture
def appointment(campaign, child):
    return write.appointment(campaign, [child], day=today() + TOMORROW, hour=dt.time(9, 40), kind=Shift.Kind.MORNING)


def _address(appointment) -> str:
    return reverse("family_appointment", args=[appointment.pk])


def test_a_family_sees_a_window_and_never_a_minute(client, school, campaign, child, mother, appointment):
    cohort = school.classes[0].cohort
    set_focus(by=school.by, campaign=campaign, cohort=cohort, topics="怎么陪孩子写作业", talking_points="家里谁管作业")
    make.sign_in(client, mother)
    for address in (reverse("family"), _address(appointment)):
        page = client.get(address).content.decode()
        assert "上午" in page
        assert "9:40" not in page
        assert "家里谁管作业" not in page
        assert school.homeroom[0].name in page
    assert "怎么陪孩子写作业" in page
    assert "班主任" in page


def test_saying_yes(client, mother, appointment):
    make.sign_in(client, mother)
    page = client.post(_address(appointment), {"answer": "agreed"}, follow=True).content.decode()
    assert "约好了" in page
    appointment.refresh_from_db()
    assert (appointment.state, appointment.answer) == (Appointment.State.CONFIRMED, "agreed")


def test_another_time_reaches_the_teacher_and_the_next_plan(client, school, campaign, child, mother, appointment):
    shift = Shift.unscoped.filter(campaign=campaign, kind=Shift.Kind.EVENING).last()
    make.sign_in(client, mother)
    typed = {"answer": "other_time", "time-shifts": [shift.pk], "time-note": "晚饭后最好"}
    assert client.post(_address(appointment), typed).status_code == 302
    appointment.refresh_from_db()
    assert "晚上" in appointment.answer_note
    assert FamilyWindow.unscoped.get().shift == shift
    make.sign_in(client, school.homeroom[0])
    page = client.get(reverse("today")).content.decode()
    assert "家长想换个时间" in page
    assert "晚饭后最好" in page


def test_another_channel(client, mother, appointment):
    make.sign_in(client, mother)
    typed = {"answer": "other_channel", "channel-channel": "video"}
    assert client.post(_address(appointment), typed).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.answer, appointment.answer_note) == ("other_channel", "视频")


def test_declining_has_no_consequence_and_can_be_taken_back(client, campaign, child, mother, appointment):
    make.sign_in(client, mother)
    page = client.post(_address(appointment), {"answer": "declined"}, follow=True).content.decode()
    assert "没关系,不影响孩子在校的任何安排" in page
    duty = made.duty_of(campaign, child)
    assert duty.state == Duty.State.DECLINED
    assert reverse("family_reopen", args=[duty.pk]) in client.get(reverse("family")).content.decode()
    client.post(reverse("family_reopen", args=[duty.pk]))
    duty.refresh_from_db()
    assert duty.state == Duty.State.DUE


BAD = {
    "no time given": {"answer": "other_time"},
    "a window of nobody": {"answer": "other_time", "time-shifts": ["999999"]},
    "no channel": {"answer": "other_channel"},
    "an unknown channel": {"answer": "other_channel", "channel-channel": "pigeon"},
    "too many words": {"answer": "declined", "decline-note": "好" * 400},
}


@pytest.mark.parametrize("fault", BAD)
def test_a_faulty_answer_changes_nothing_and_says_so(client, mother, appointment, fault):
    make.sign_in(client, mother)
    answer = client.post(_address(appointment), BAD[fault])
    assert answer.status_code == 422
    assert "还没有保存" in answer.content.decode()
    appointment.refresh_from_db()
    assert (appointment.state, appointment.answer) == (Appointment.State.PROPOSED, "")


def test_an_answer_nobody_offered_is_missing(client, mother, appointment):
    make.sign_in(client, mother)
    assert client.post(_address(appointment), {"answer": "maybe"}).status_code == 404


def test_what_the_school_calls_off_is_said_until_there_is_another_time(client, school, campaign, child, mother):
    told = write.appointment(campaign, [child], day=today() + TOMORROW, hour=dt.time(19))
    later = made.evenings(3, first=4)
    set_shifts(by=school.by, campaign=campaign, shifts=later, despite=True)
    make.sign_in(client, mother)
    for address in (reverse("family"), _address(told)):
        page = client.get(address).content.decode()
        assert "学校取消了,会另约时间" in page
        assert "这个时间可以" not in page
        assert "老师来之前会和您说" not in page
    write.appointment(campaign, [child], day=today() + 4 * TOMORROW, hour=dt.time(19))
    page = client.get(reverse("family")).content.decode()
    assert "学校取消了" not in page
    assert "等您说一声" in page


def test_drafts_are_not_shown(client, campaign, child, mother):
    draft = write.appointment(campaign, [child], day=today() + TOMORROW, published=False)
    make.sign_in(client, mother)
    assert client.get(_address(draft)).status_code == 404
    assert "近期还没有安排" in client.get(reverse("family")).content.decode()


def test_another_parent_sees_and_answers_nothing(client, school, campaign, appointment, child):
    other = make.guardian_of(school.students[0][1])
    make.sign_in(client, other)
    page = client.get(reverse("family")).content.decode()
    assert child.name not in page
    assert school.students[0][1].name in page
    assert client.get(_address(appointment)).status_code == 404
    assert client.post(_address(appointment), {"answer": "declined"}).status_code == 404
    assert client.post(reverse("family_reopen", args=[made.duty_of(campaign, child).pk])).status_code == 404


def test_a_sibling_of_another_guardian_is_not_named(client, school, campaign, child, mother):
    brother = school.students[0][1]
    make.guardian_of(brother)
    both = write.appointment(campaign, [child, brother], day=today() + TOMORROW)
    make.sign_in(client, mother)
    page = client.get(_address(both)).content.decode()
    assert child.name in page
    assert brother.name not in page


def test_a_teacher_at_home_is_a_parent_and_at_work_a_teacher(client, school, campaign, child, appointment):
    colleague = school.homeroom[1]
    make.guardian_of(child, colleague)
    make.sign_in(client, colleague, "guardian")
    assert client.get(_address(appointment)).status_code == 200
    assert client.get(reverse("today")).status_code == 404
    make.sign_in(client, colleague, "teacher")
    assert client.get(_address(appointment)).status_code == 404
    assert client.get(reverse("brief", args=[appointment.pk])).status_code == 404
    assert child.name not in client.get(reverse("today")).content.decode()


def test_a_revoked_guardian_sees_nothing_any_more(client, child, mother, appointment):
    sister = make.student(make.SchoolClassFactory())
    make.guardian_of(sister, mother)
    make.sign_in(client, mother)
    assert client.get(_address(appointment)).status_code == 200
    mother.wards.filter(student=child).update(revoked_on=today())
    assert client.get(_address(appointment)).headers["Location"].startswith(reverse("account_login"))
    make.sign_in(client, mother)
    assert client.get(_address(appointment)).status_code == 404


def test_the_list_costs_the_same_for_one_visit_and_three(client, school, campaign):
    mother = make.PersonFactory()
    costs = []
    for number, child in enumerate(school.students[0]):
        make.guardian_of(child, mother)
        write.appointment(campaign, [child], day=today() + TOMORROW * (number + 1))
        make.sign_in(client, mother)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("family")).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[2]
