"""What could not be taken as it was is kept whole, seen by whom it concerns, and settled by a person."""

import datetime as dt
import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.accounts.audit import Reading
from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Duty
from jiafang.common.clock import now, today
from jiafang.organization.models import Person, Post
from jiafang.visits.models import HeldItem, Receipt, Visit
from tests.factories import organization as make
from tests.factories.phones import PhoneOf, is_signed, visit_body

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "爸爸在外打工,周末才打电话"


def signed_in(person, kind):
    client = Client()
    make.sign_in(client, person, kind)
    return client


def put_out_of_reach(house, **fields):
    """A record of the old homeroom teacher that comes after the student has moved to the other class."""
    duty = house.duty()
    house.transfer(house.school.students[0][0])
    item, content = uuid.uuid4(), json.dumps(visit_body([duty], finding=TEXT, **fields)).encode()
    answer = house.phone.put_visit(item, content)
    assert answer.status_code == 202
    return item, content, duty, answer.json()


@pytest.mark.parametrize(
    ("years", "status"), [(-10, 422), (-1.1, 422), (-0.9, 200), (0, 200), (0.001, 422), (10, 422), (100000, 422)]
)
def test_a_clock_that_is_wrong_by_years_loses_nothing(house, years, status):
    wrong = "+99999-01-01T00:00:00Z" if years > 1000 else (now() + dt.timedelta(days=365 * years)).isoformat()
    body = visit_body([house.duty()], started_at=wrong, written_at=wrong, finding=TEXT)
    answer = house.phone.put_visit(uuid.uuid4(), body)
    assert answer.status_code == status
    if status == 422:
        told = answer.json()
        assert (told["reason"], told["place"], told["receipt"]["held"]) == ("refused", "started_at", True)
        assert is_signed(told["receipt"], house.phone.hello())
        assert TEXT in json.loads(HeldItem.unscoped.get().content)["finding"]
    else:
        assert HeldItem.unscoped.count() == 0


def test_a_refused_record_does_not_stand_in_the_way_of_the_next(house):
    assert house.phone.put_visit(uuid.uuid4(), visit_body([house.duty()], chips=["no_such"])).status_code == 422
    assert house.phone.put_visit(uuid.uuid4(), visit_body([house.duty()])).status_code == 200


def test_a_record_about_a_student_who_moved_is_held_and_seen_by_the_new_teacher(house):
    _item, _content, duty, told = put_out_of_reach(house)
    assert (told["status"], told["reason"]) == ("held", "out_of_reach")
    assert Visit.unscoped.count() == 0
    new = signed_in(house.school.homeroom[1], "teacher")
    page = new.get(reverse("held_list")).content.decode()
    assert duty.person.name in page
    row = HeldItem.unscoped.get()
    opened = new.get(reverse("held_item", args=[row.pk])).content.decode()
    assert TEXT in opened
    entry = AuditEntry.objects.filter(action=Reading.HELD).latest("id")
    assert (entry.person_id, entry.subjects) == (house.school.homeroom[1].pk, [duty.person_id])


def test_accepted_it_is_a_record_of_who_wrote_it_and_the_phone_hears_of_it(house):
    item, content, duty, told = put_out_of_reach(house)
    row = HeldItem.unscoped.get()
    new = signed_in(house.school.homeroom[1], "teacher")
    assert new.post(reverse("held_accept", args=[row.pk])).status_code == 302
    visit = Visit.unscoped.get()
    assert (visit.pk, visit.finding, visit.recorded_by) == (item, TEXT, house.school.homeroom[0])
    assert list(visit.visitors.all()) == [house.school.homeroom[0]]
    duty.refresh_from_db()
    assert duty.state == Duty.State.MET
    again = house.phone.put_visit(item, content)
    receipt = again.json()["receipt"]
    assert (again.status_code, receipt["held"]) == (200, False)
    assert receipt["sequence"] == told["receipt"]["sequence"]
    assert is_signed(receipt, house.phone.hello())
    settled = AuditEntry.objects.get(action="held.taken")
    assert settled.person_id == house.school.homeroom[1].pk


def test_the_cohort_lead_and_the_principal_may_accept_nobody_else_sees_it(house):
    put_out_of_reach(house)
    row = HeldItem.unscoped.get()
    lead = make.cohort_lead(house.school.classes[0].cohort)
    admin = make.bureau_post("administrator")
    for person, kind, status in (
        (lead, "cohort_lead", 200),
        (house.school.principal, "principal", 200),
        (house.school.subject[0], "teacher", 404),
        (house.school.subject[1], "teacher", 404),
        (make.bureau_post("director"), "director", 404),
        (admin, "administrator", 404),
        (make.guardian_of(house.school.students[0][0], is_primary=True), "guardian", 404),
    ):
        client = signed_in(person, kind)
        assert client.get(reverse("held_item", args=[row.pk])).status_code == status, kind
        for name in ("held_accept", "held_leave", "held_again", "held_dismiss", "held_merge", "held_correct"):
            if status == 404:
                assert client.post(reverse(name, args=[row.pk])).status_code == 404, (kind, name)
    assert HeldItem.unscoped.get().state == "open"
    assert signed_in(house.school.principal, "principal").post(reverse("held_accept", args=[row.pk])).status_code == 302
    assert Visit.unscoped.get().recorded_by == house.school.homeroom[0]


def test_a_parent_who_answers_for_the_class_at_school_does_not_decide_about_the_own_child(house):
    make.guardian_of(house.school.students[0][0], house.school.homeroom[1])
    put_out_of_reach(house)
    row = HeldItem.unscoped.get()
    new = signed_in(house.school.homeroom[1], "teacher")
    assert new.get(reverse("held_item", args=[row.pk])).status_code == 404
    assert new.post(reverse("held_accept", args=[row.pk])).status_code == 404
    assert Visit.unscoped.count() == 0


def test_what_is_left_stays_with_its_writer(house):
    item, content, _duty, _told = put_out_of_reach(house)
    row = HeldItem.unscoped.get()
    new = signed_in(house.school.homeroom[1], "teacher")
    new.post(reverse("held_leave", args=[row.pk]))
    assert new.get(reverse("held_item", args=[row.pk])).status_code == 404
    again = house.phone.put_visit(item, content)
    assert (again.status_code, again.json()["receipt"]["held"]) == (202, True)
    assert "没有收下" in again.json()["message"]
    own = house.phone.client
    assert TEXT in own.get(reverse("held_item", args=[row.pk])).content.decode()
    own.post(reverse("held_dismiss", args=[row.pk]))
    assert house.phone.put_visit(item, content).json()["receipt"]["held"] is False


def test_the_administrator_sees_who_when_and_why_and_no_text(house):
    put_out_of_reach(house)
    page = signed_in(make.bureau_post("administrator"), "administrator").get(reverse("held_list")).content.decode()
    assert house.school.homeroom[0].name in page
    assert "学生或任务已不在写的人名下" in page
    for secret in (TEXT, "study_steady", "学习自觉", house.school.students[0][0].name):
        assert secret not in page


def test_nobody_lets_somebody_write_over_the_record_of_another(house):
    duty, other = house.duty(), house.duty(0, 1)
    theirs = PhoneOf(house.school.homeroom[1], "teacher")
    item = uuid.uuid4()
    assert theirs.put_visit(item, visit_body([other], finding="别人的")).status_code == 200
    house.transfer(duty.person)
    assert house.phone.put_visit(item, visit_body([duty], finding=TEXT, base_revision=1)).status_code == 202
    row = HeldItem.unscoped.get()
    theirs.client.post(reverse("held_accept", args=[row.pk]))
    assert Visit.unscoped.get().finding == "别人的"
    assert HeldItem.unscoped.get().state == "open"


def test_a_post_that_ended_meanwhile_leaves_the_record_held(house):
    school, duty = house.school, house.duty()
    person = school.homeroom[0]
    make.school_post("principal", make.SchoolFactory(), person)
    Post.unscoped.filter(person=person, school=school.school).update(end=today())
    phone = PhoneOf(person, "principal")
    phone.capacity = house.phone.capacity
    item, content = uuid.uuid4(), json.dumps(visit_body([duty], finding=TEXT)).encode()
    for _again in range(2):
        answer = phone.put_visit(item, content)
        assert answer.json().get("reason") == "out_of_reach", answer.content.decode()
    row = HeldItem.unscoped.get()
    assert (row.person, row.capacity, row.school) == (person, house.phone.capacity, school.school)
    assert signed_in(school.principal, "principal").get(reverse("held_item", args=[row.pk])).status_code == 200


def test_whoever_has_no_post_at_all_any_more_is_not_turned_away(house):
    duty, person = house.duty(), house.school.homeroom[0]
    client = Client()
    make.guardian_of(house.school.students[1][0], person)
    Post.unscoped.filter(person=person).update(end=today())
    phone = PhoneOf(person, "guardian", client=client)
    phone.capacity = house.phone.capacity
    assert phone.put_visit(uuid.uuid4(), visit_body([duty])).status_code == 202
    assert phone.hello()["capacities"] == []


def test_a_capacity_that_one_never_had_is_refused_and_nothing_is_kept(house):
    for capacity in (f"principal:{house.school.school.pk}", "director:", "guardian:", "administrator:", "", "x" * 99):
        house.phone.capacity = capacity
        assert house.phone.put_visit(uuid.uuid4(), visit_body([house.duty()])).status_code == 403
    parent = make.guardian_of(house.school.students[0][0])
    phone = PhoneOf(parent, "guardian")
    phone.capacity = f"teacher:{house.school.school.pk}"
    assert phone.put_visit(uuid.uuid4(), visit_body([house.duty()])).status_code == 403
    assert Receipt.unscoped.count() == 0


def test_a_phone_of_somebody_else_is_told_so_and_nothing_is_kept(house):
    other = PhoneOf(house.school.homeroom[1], "teacher")
    other.client = house.phone.client
    answer = other.put_visit(uuid.uuid4(), visit_body([house.duty()]))
    assert (answer.status_code, answer.json()["status"]) == (409, "other_person")
    assert Receipt.unscoped.count() == 0


def test_after_the_session_has_ended_a_phone_has_to_sign_in(house):
    house.phone.client.logout()
    assert house.phone.put_visit(uuid.uuid4(), visit_body([house.duty()])).status_code == 401


def test_a_refused_record_is_mended_on_its_page(house):
    duty = house.duty()
    future = (now() + dt.timedelta(days=4000)).isoformat()
    item = uuid.uuid4()
    house.phone.put_visit(item, visit_body([duty], started_at=future, finding=TEXT))
    row, client = HeldItem.unscoped.get(), house.phone.client
    page = client.get(reverse("held_item", args=[row.pk])).content.decode()
    assert TEXT in page
    typed = {"day": today().isoformat(), "time": "00:00", "finding": TEXT, "guardian_opinion": "谢谢老师"}
    wrong = client.post(reverse("held_correct", args=[row.pk]), typed | {"day": "2036-01-01"})
    assert wrong.status_code == 422
    assert "时间还没到" in wrong.content.decode()
    assert client.post(reverse("held_correct", args=[row.pk]), typed).status_code == 302
    visit = Visit.unscoped.get()
    assert (visit.pk, visit.finding, visit.guardian_opinion) == (item, TEXT, "谢谢老师")
    assert HeldItem.unscoped.get().state == "replaced"


def test_a_conflict_is_merged_on_its_page_and_a_third_version_is_not_overlooked(house):
    duty, item = house.duty(), uuid.uuid4()
    phone, client = house.phone, house.phone.client
    concern = {"id": str(uuid.uuid4()), "person": duty.person_id, "category": "study", "alert_tier": "green"}
    concern |= {"text": "想补数学", "follow_up": True}
    phone.put_visit(item, visit_body([duty]))
    phone.put_visit(item, visit_body([duty], revision=2, base_revision=1, finding="电脑上改的"))
    phone.put_visit(item, visit_body([duty], revision=2, base_revision=1, finding=TEXT, concerns=[concern]))
    row = HeldItem.unscoped.get()
    page = client.get(reverse("held_item", args=[row.pk])).content.decode()
    assert TEXT in page
    assert "电脑上改的" in page
    typed = {"onto": "2", "finding": f"电脑上改的,{TEXT}", "guardian_opinion": "", "rest_from": "current"}
    phone.put_visit(item, visit_body([duty], revision=3, base_revision=2, finding="又改了一次"))
    assert HeldItem.unscoped.get().state == "replaced"
    phone.put_visit(item, visit_body([duty], revision=3, base_revision=2, finding=TEXT, concerns=[concern]))
    row = HeldItem.unscoped.get(state="open")
    late = client.post(reverse("held_merge", args=[row.pk]), typed)
    assert late.status_code == 409
    assert Visit.unscoped.get().finding == "又改了一次"
    assert client.post(reverse("held_merge", args=[row.pk]), typed | {"onto": "3"}).status_code == 302
    visit = Visit.unscoped.get()
    assert (visit.revision, visit.finding) == (4, f"电脑上改的,{TEXT}")
    assert [one.text for one in visit.concerns.all()] == ["想补数学"]


def test_an_edit_settles_what_was_held_before_it_and_never_what_came_after(house):
    duty, item = house.duty(), uuid.uuid4()
    house.phone.put_visit(item, visit_body([duty], revision=2, base_revision=1, chips=["no_such"], finding=TEXT))
    house.phone.put_visit(item, visit_body([duty], revision=1, base_revision=0))
    assert HeldItem.unscoped.get().state == "open"
    house.phone.put_visit(item, visit_body([duty], revision=3, base_revision=1, finding="改好了"))
    assert HeldItem.unscoped.get().state == "replaced"


def test_a_waiting_item_is_counted_on_the_page_of_the_day_and_only_then(house):
    client = house.phone.client
    assert reverse("held_list") not in client.get(reverse("today")).content.decode()
    house.phone.put_visit(uuid.uuid4(), visit_body([house.duty()], chips=["no_such"]))
    assert reverse("held_list") in client.get(reverse("today")).content.decode()


def test_what_is_held_can_be_tried_again_as_it_is(house):
    child = Person.unscoped.get(pk=house.school.students[0][0].pk)
    _item, _content, duty, _told = put_out_of_reach(house)
    row, client = HeldItem.unscoped.get(), house.phone.client
    client.post(reverse("held_again", args=[row.pk]))
    assert HeldItem.unscoped.get().state == "open"
    Duty.unscoped.filter(person=child).update(school_class=house.school.classes[0])
    client.post(reverse("held_again", args=[row.pk]))
    assert HeldItem.unscoped.get().state == "taken"
    assert Visit.unscoped.get().duties.get() == duty
