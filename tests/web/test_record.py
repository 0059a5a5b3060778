"""The short form of a record."""

import datetime as dt
import uuid
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jiafang.campaigns.models import Channel, Duty, Tier
from jiafang.common.clock import today
from jiafang.visits.body import ConcernDraft, NoteDraft, ParticipantDraft, body_of
from jiafang.visits.models import RaisedConcern, Visit, VisitRevision
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write
from tests.queries import query_count

pytestmark = pytest.mark.django_db


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


def test_own_words_on_an_axis_a_worry_and_a_father_by_video_are_recorded(
    client, school, campaign, appointment, mother, child
):
    father = make.guardian_of(child, relation="father", is_primary=False)
    make.sign_in(client, school.homeroom[0])
    typed = _typed(
        made.duty_of(campaign, child),
        mother,
        people=[f"p{mother.pk}", f"p{father.pk}"],
        **{f"channel-p{father.pk}": "video", f"note-{child.pk}-mind": "怕黑"},
        **_worry(child, text="晚上睡不着", category="mind", alert_tier="yellow", follow_up="on"),
    )
    page = client.post(reverse("record", args=[appointment.pk]), typed, follow=True).content.decode()
    visit = Visit.unscoped.get()
    assert {who.person: who.channel for who in visit.participants.all()} == {mother: "onsite", father: "video"}
    assert [(note.axis, note.text) for note in visit.notes.all()] == [("mind", "怕黑")]
    concern = visit.concerns.get()
    assert (concern.category, concern.alert_tier, concern.follow_up) == ("mind", "yellow", True)
    assert "怕黑" in page
    assert "晚上睡不着" in page
    assert "·视频" in page


def _worry(person, number: int = 0, **fields: str) -> dict[str, object]:
    fields = {"concern_id": str(uuid.uuid4()), "person": str(person.pk)} | fields
    return {f"concern-{number}-{name}": value for name, value in fields.items()}


def test_a_worry_without_a_category_is_asked_for_one_and_its_words_are_kept(
    client, school, campaign, appointment, mother, child
):
    make.sign_in(client, school.homeroom[0])
    typed = _typed(made.duty_of(campaign, child), mother, **_worry(child, text="晚上睡不着"))
    answer = client.post(reverse("record", args=[appointment.pk]), typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请选这件事是哪一类" in page
    assert "晚上睡不着" in page


def test_correcting_shows_what_was_written_about_each_and_loses_none_of_it(
    client, school, campaign, appointment, mother, child
):
    sibling = school.students[0][1]
    duties = [made.duty_of(campaign, one) for one in (child, sibling)]
    concern = ConcernDraft(uuid.uuid4(), sibling.pk, "life", "orange", "常常不吃早饭")
    saved = write.record(
        make.actor_of(school.homeroom[0], "teacher"),
        duties,
        channel=Channel.ONSITE,
        ended_at=write.an_hour_ago() + dt.timedelta(minutes=20),
        participants=[
            ParticipantDraft("姑妈", Channel.VIDEO),
            ParticipantDraft("母亲", Channel.ONSITE, mother.pk),
            ParticipantDraft("邻居", Channel.ONSITE),
        ],
        notes=[NoteDraft(child.pk, "mind", "怕黑"), NoteDraft(sibling.pk, "", "爱唱歌")],
        concerns=[concern],
    )
    make.sign_in(client, school.homeroom[0])
    url = reverse("visit_edit", args=[saved.pk])
    sent = as_a_browser_sends_it(client.get(url).context["form"]) | {"finding": "改一个字"}
    assert client.post(url, sent).status_code == 302
    before, after = body_of(saved), body_of(Visit.unscoped.get())
    assert after.finding == "改一个字"
    kept = ("participants", "notes", "concerns", "ended_at", "channel", "duty_ids")
    assert {name: getattr(after, name) for name in kept} == {name: getattr(before, name) for name in kept}


def test_a_worry_whose_words_are_taken_away_is_withdrawn(client, school, campaign, appointment, mother, child):
    concern = ConcernDraft(uuid.uuid4(), child.pk, "life", "orange", "记错了")
    teacher = make.actor_of(school.homeroom[0], "teacher")
    saved = write.record(teacher, [made.duty_of(campaign, child)], concerns=[concern])
    make.sign_in(client, school.homeroom[0])
    url = reverse("visit_edit", args=[saved.pk])
    sent = as_a_browser_sends_it(client.get(url).context["form"]) | {"concern-0-text": ""}
    client.post(url, sent)
    assert not RaisedConcern.unscoped.exists()
    assert "记错了" in VisitRevision.unscoped.get().body


def as_a_browser_sends_it(form) -> dict[str, object]:
    """Every control of the page with the value that it shows."""
    forms = [form, *form.concerns]
    shown = {one.add_prefix(name): one[name].value() for one in forms for name in one.fields}
    return {name: value for name, value in shown.items() if value not in (None, False, "")}


def test_a_whole_teachers_room_is_recorded_from_one_of_them(client, school):
    talks = made.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER)
    make.sign_in(client, school.principal, "principal")
    duties = list(Duty.unscoped.filter(campaign=talks).exclude(person=school.principal).order_by("pk")[:3])
    address = client.get(reverse("record_unplanned"), {"duty": duties[0].pk}).headers["Location"]
    form = client.get(address).context["form"]
    assert form["duties"].value() == [duties[0].pk]
    assert form["people"].value() == ["met"]
    typed = _typed(
        duties[0],
        duties[0].person,
        visit_id=str(form["visit_id"].value()),
        duties=[duty.pk for duty in duties],
        people=["met"],
        channel=Channel.AT_SCHOOL,
        chips=["teaching_smooth"],
        **{f"note-{duty.person_id}-": f"和{duty.person.name}聊了" for duty in duties},
    )
    assert client.post(address, typed).status_code == 302
    visit = Visit.unscoped.get()
    assert {who.person_id for who in visit.participants.all()} == {duty.person_id for duty in duties}
    assert visit.notes.count() == 3
    page = client.get(reverse("visit", args=[visit.pk])).content.decode()
    assert all(f"和{duty.person.name}聊了" in page for duty in duties)


def test_the_page_of_a_record_costs_the_same_whether_one_is_met_or_three(client, school, campaign):
    make.sign_in(client, school.homeroom[0])
    teacher = make.actor_of(school.homeroom[0], "teacher")
    counts = []
    for size in (1, 3):
        people = school.students[0][:size]
        saved = write.record(
            teacher,
            [made.duty_of(campaign, one) for one in people],
            notes=[NoteDraft(one.pk, axis, "都好") for one in people for axis in ("study", "mind")],
            concerns=[ConcernDraft(uuid.uuid4(), one.pk, "life", "green", "不吃早饭") for one in people],
        )
        pages = [reverse("visit", args=[saved.pk]), reverse("visit_edit", args=[saved.pk])]
        for page in pages:
            client.get(page)
        counts.append([query_count(partial(client.get, page)) for page in pages])
    assert counts[0] == counts[1]


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
    held = make.GuardianshipFactory(student=child, guardian=school.principal)
    visit = write.record(make.actor_of(colleague, "teacher"), [made.duty_of(campaign, child)], finding="悄悄话")
    for kind in ("principal", "guardian"):
        make.sign_in(client, school.principal, kind)
        assert client.get(reverse("visit", args=[visit.pk])).status_code == 404
    held.revoked_on = today()
    held.save()
    make.sign_in(client, school.principal, "principal")
    assert client.get(reverse("visit", args=[visit.pk])).status_code == 404


def test_the_words_fit_the_tier(client, school):
    campaign = made.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER)
    appointment = write.appointment(campaign, [school.homeroom[0]], channel=Channel.AT_SCHOOL)
    make.sign_in(client, school.principal, "principal")
    page = client.get(reverse("record", args=[appointment.pk])).content.decode()
    assert "拉家常记录" in page
    assert "课多事杂" in page
    assert "作业拖拉" not in page
