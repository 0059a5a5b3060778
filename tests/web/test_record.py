"""The short form of a record."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jiafang.campaigns.models import Channel, Duty, Tier
from jiafang.visits.models import Visit
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return made.small_school()


@pytest.fixture
def campaign(school):
    return made.launched(school.by, school.school)


@pytest.fixture
def child(school):
    return school.students[0][0]


@pytest.fixture
def mother(child):
    return make.guardian_of(child)


@pytest.fixture
def appointment(campaign, child, mother):
    return write.appointment(campaign, [child])


def _typed(duty: Duty, person, **changes) -> dict[str, object]:
    local = timezone.localtime(write.an_hour_ago())
    return {
        "visit_id": str(uuid.uuid4()),
        "duties": [duty.pk],
        "channel": Channel.ONSITE,
        "people": [f"p{person.pk}"],
        "day": local.date().isoformat(),
        "time": local.strftime("%H:%M"),
        "chips": ["study_steady"],
        "finding": "",
        "follow_up": "no",
        "form_seconds": "31",
    } | changes


def test_what_is_known_is_filled_in_already(client, school, appointment, mother, child):
    make.sign_in(client, school.homeroom[0])
    form = client.get(reverse("record", args=[appointment.pk])).context["form"]
    assert form["channel"].value() == Channel.ONSITE
    assert form["people"].value() == [f"p{mother.pk}"]
    assert form["duties"].value() == [made.duty_of(appointment.campaign, child).pk]
    assert form["follow_up"].value() is None


def test_a_record_is_saved_and_the_teacher_is_told_so(client, school, campaign, appointment, mother, child):
    make.sign_in(client, school.homeroom[0])
    duty = made.duty_of(campaign, child)
    answer = client.post(reverse("record", args=[appointment.pk]), _typed(duty, mother), follow=True)
    assert "已上传,可放心" in answer.content.decode()
    visit = Visit.unscoped.get()
    assert (visit.form_seconds, visit.chips, visit.appointment) == (31, ["study_steady"], appointment)
    assert visit.participants.get().person == mother
    duty.refresh_from_db()
    assert duty.state == Duty.State.MET


def test_sending_the_same_form_twice_makes_one_record(client, school, campaign, appointment, mother, child):
    make.sign_in(client, school.homeroom[0])
    typed = _typed(made.duty_of(campaign, child), mother)
    for _again in range(2):
        assert client.post(reverse("record", args=[appointment.pk]), typed).status_code == 302
    assert Visit.unscoped.get().revision == 1


BAD = {
    "nothing found": ({"chips": [], "finding": ""}, "请点一两项,或写一句话"),
    "no follow-up said": ({"follow_up": ""}, "请选要不要回访"),
    "nobody there": ({"people": []}, "请选谁在场"),
    "no time": ({"time": "25:99"}, "time"),
    "the future": ({"day": "2999-01-01"}, "时间还没到"),
    "an unknown chip": ({"chips": ["nonsense"]}, "nonsense"),
    "an unknown channel": ({"channel": "pigeon"}, "pigeon"),
    "a stranger": ({"people": ["p999999"]}, "p999999"),
    "another one unnamed": ({"people": ["other"]}, "请写清是孩子的什么人"),
    "another duty": ({"duties": ["999999"]}, "999999"),
    "no id": ({"visit_id": "not-an-id"}, "还没有保存"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_faulty_form_says_what_and_keeps_what_was_typed(client, school, campaign, appointment, mother, child, fault):
    make.sign_in(client, school.homeroom[0])
    changes, words = BAD[fault]
    typed = _typed(made.duty_of(campaign, child), mother, guardian_opinion="多表扬孩子", **changes)
    answer = client.post(reverse("record", args=[appointment.pk]), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "多表扬孩子" in page
    assert "还没有保存,您填的都还在" in page
    assert not Visit.unscoped.exists()


def test_a_recorded_appointment_leads_to_its_record(client, school, campaign, appointment, child):
    visit = write.record(
        make.actor_of(school.homeroom[0], "teacher"), [made.duty_of(campaign, child)], appointment=appointment
    )
    make.sign_in(client, school.homeroom[0])
    answer = client.get(reverse("record", args=[appointment.pk]))
    assert answer.headers["Location"] == reverse("visit", args=[visit.pk])


def test_correcting_keeps_the_earlier_words(client, school, campaign, appointment, mother, child):
    duty = made.duty_of(campaign, child)
    make.sign_in(client, school.homeroom[0])
    client.post(reverse("record", args=[appointment.pk]), _typed(duty, mother, finding="写错了"))
    visit = Visit.unscoped.get()
    form = client.get(reverse("visit_edit", args=[visit.pk])).context["form"]
    assert form["finding"].value() == "写错了"
    typed = _typed(duty, mother, finding="写对了", base_revision="1")
    page = client.post(reverse("visit_edit", args=[visit.pk]), typed, follow=True).content.decode()
    assert "写对了" in page
    assert "改之前的内容都留着" in page
    stale = client.post(reverse("visit_edit", args=[visit.pk]), typed | {"finding": "又改"})
    assert stale.status_code == 409
    assert "又改" in stale.content.decode()
    visit.refresh_from_db()
    assert (visit.revision, visit.finding) == (2, "写对了")


def test_an_unplanned_call_is_recorded_from_the_duty(client, school, campaign, mother, child):
    make.sign_in(client, school.homeroom[0])
    duty = made.duty_of(campaign, child)
    with_id = client.get(reverse("record_unplanned"), {"duty": duty.pk}).headers["Location"]
    form = client.get(with_id).context["form"]
    typed = _typed(duty, mother, visit_id=str(form["visit_id"].value()), channel=Channel.PHONE)
    assert client.post(with_id, typed).status_code == 302
    duty.refresh_from_db()
    assert duty.state == Duty.State.MET


def test_an_unplanned_record_of_nobody_within_reach_is_missing(client, school, campaign):
    make.sign_in(client, school.homeroom[0])
    for wanted in (made.duty_of(campaign, school.students[1][0]).pk, 999999, 0):
        assert client.get(reverse("record_unplanned"), {"duty": wanted, "id": str(uuid.uuid4())}).status_code == 404


def test_signs_that_no_name_has_find_nobody_and_break_no_page(client, school, campaign, child):
    make.sign_in(client, school.homeroom[0])
    page = client.get(reverse("record_unplanned"), {"q": f"\x00{child.name}"})
    assert page.status_code == 200
    assert child.name in page.content.decode()


def test_the_list_of_those_to_be_recorded_costs_the_same_for_one_and_three(client, school):
    campaign = made.launched(school.by, school.school)
    make.sign_in(client, school.homeroom[0])
    counts = []
    for left in (1, 3):
        Duty.unscoped.filter(campaign=campaign).update(state=Duty.State.DECLINED)
        pks = Duty.unscoped.filter(campaign=campaign, school_class=school.classes[0]).values("pk")[:left]
        Duty.unscoped.filter(pk__in=list(pks.values_list("pk", flat=True))).update(state=Duty.State.DUE)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("record_unplanned"))
        assert len(page.context["found"]) == left
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_record_is_read_by_those_who_answer_for_the_family_and_by_nobody_else(
    client, school, campaign, appointment, mother, child
):
    visit = write.record(
        make.actor_of(school.homeroom[0], "teacher"), [made.duty_of(campaign, child)], finding="悄悄话"
    )
    address = reverse("visit", args=[visit.pk])
    readers = {
        school.homeroom[0]: 200,
        school.principal: 200,
        school.homeroom[1]: 404,
        school.subject[1]: 404,
        mother: 404,
    }
    for person, status in readers.items():
        make.sign_in(client, person)
        assert client.get(address).status_code == status
    make.sign_in(client, school.principal)
    assert client.get(reverse("visit_edit", args=[visit.pk])).status_code == 404


def test_a_teacher_does_not_read_records_about_an_own_child_as_staff(client, school, campaign, child):
    colleague = school.homeroom[0]
    make.GuardianshipFactory(student=child, guardian=school.principal)
    visit = write.record(make.actor_of(colleague, "teacher"), [made.duty_of(campaign, child)], finding="悄悄话")
    for kind in ("principal", "guardian"):
        make.sign_in(client, school.principal, kind)
        assert client.get(reverse("visit", args=[visit.pk])).status_code == 404


def test_the_words_fit_the_tier(client, school):
    campaign = made.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER)
    appointment = write.appointment(campaign, [school.homeroom[0]], channel=Channel.AT_SCHOOL)
    make.sign_in(client, school.principal, "principal")
    page = client.get(reverse("record", args=[appointment.pk])).content.decode()
    assert "拉家常记录" in page
    assert "课多事杂" in page
    assert "作业拖拉" not in page
