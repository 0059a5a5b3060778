"""What a phone is given to read: the own scope, in few queries, told anew only when it changed, and audited."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from jiafang.accounts.audit import Reading
from jiafang.accounts.models import AuditEntry
from jiafang.common.clock import today
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write
from tests.factories.phones import PhoneOf, visit_body
from tests.queries import query_count

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 46
LARGEST = 300 * 1024


def fetch(phone, etag=""):
    headers = phone.headers | ({"If-None-Match": etag} if etag else {})
    return phone.client.get(reverse("api:phone_bundle"), headers=headers)


def a_full_class(students):
    """A class as large as they come: two guardians each, a brother elsewhere, a tag, three calls behind them."""
    school = made.small_school(classes=1, students=students)
    campaign = made.launched(school.by, school.school, basis_name="关于开展大家访的通知")
    teacher = make.actor_of(school.homeroom[0], "teacher")
    other = make.SchoolClassFactory(cohort=school.classes[0].cohort)
    for child in school.students[0]:
        home = child.households.get().household
        home.address, home.preferred_times = "柳叶坡镇石岭村七组四十二号", "平时晚上七点以后"
        home.save()
        make.student(other, household=home)
        for relation in ("mother", "father"):
            parent = make.PersonFactory(phone="13700004242")
            make.guardian_of(child, parent, relation=relation, is_primary=relation == "mother")
        make.CareTagFactory(student=child, kind="left_behind")
        duty = made.duty_of(campaign, child)
        for words in ("孩子作业能自己安排," * 4, "妈妈在外务工,奶奶照看," * 4, "想多读课外书," * 4):
            write.record(teacher, [duty], finding=words, chips=["study_steady", "rhythm_good"])
        write.appointment(campaign, [child], day=today() + dt.timedelta(3))
    return school, campaign


@pytest.fixture
def small():
    return a_full_class(2)


def test_the_owner_finds_stops_people_homes_classes_and_own_records(small):
    school, campaign = small
    child = school.students[0][0]
    phone = PhoneOf(school.homeroom[0], "teacher")
    answer = fetch(phone)
    told = answer.json()
    assert (answer.status_code, told["format"], told["person"]["id"]) == (200, 1, school.homeroom[0].pk)
    person = told["people"][str(child.pk)]
    assert (person["name"], person["tags"], len(person["guardians"])) == (child.name, ["留守儿童"], 2)
    assert person["guardians"][0]["phone"] == "13700004242"
    assert [visit["line"][:8] for visit in person["last_visits"]] == ["学习自觉、作息规"] * 3
    home = told["households"][str(person["household"])]
    assert home["address"] == "柳叶坡镇石岭村七组四十二号"
    assert len(home["mates"]) == 1
    assert told["classes"][0]["tiles"] == [one["id"] for one in sorted(
        (told["people"][str(one.pk)] for one in school.students[0]), key=lambda one: (one["pinyin"], one["id"])
    )]  # fmt: skip
    stop = told["stops"][0]
    assert told["duties"][str(stop["duties"][0])]["person"] in {one.pk for one in school.students[0]}
    assert stop["visitors"] == [school.subject[0].name]
    assert told["campaigns"][str(campaign.pk)]["family"] is True
    record = told["records"][0]
    assert record["body"]["finding"].startswith("想多读课外书")
    assert record["body"]["people"] == [told["duties"][str(pk)]["person"] for pk in record["body"]["duties"]]
    assert {axis["code"] for axis in told["axes"]["teacher_family"]} == {"study", "life", "mind"}


def test_a_record_of_the_bundle_can_be_sent_back_corrected(small):
    school, _campaign = small
    phone = PhoneOf(school.homeroom[0], "teacher")
    record = fetch(phone).json()["records"][0]
    body = record["body"] | {"revision": 2, "base_revision": 1, "finding": "改一个字", "salt": uuid.uuid4().hex}
    assert phone.put_visit(uuid.UUID(record["visit"]), body).status_code == 200


def test_nothing_is_sent_or_audited_again_while_nothing_changed(small):
    school, campaign = small
    phone = PhoneOf(school.homeroom[0], "teacher")
    first = fetch(phone)
    assert AuditEntry.objects.filter(action=Reading.PHONE).count() == 1
    again = fetch(phone, first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert AuditEntry.objects.filter(action=Reading.PHONE).count() == 1
    phone.put_visit(uuid.uuid4(), visit_body([made.duty_of(campaign, school.students[0][0])]))
    assert fetch(phone, first["ETag"]).status_code == 200


def test_the_opening_names_everybody_of_whom_something_is_told(small):
    school, _campaign = small
    phone = PhoneOf(school.homeroom[0], "teacher")
    told = fetch(phone).json()
    named = set(AuditEntry.objects.get(action=Reading.PHONE).subjects)
    guardians = {one["person"] for person in told["people"].values() for one in person["guardians"]}
    assert {int(pk) for pk in told["people"]} | guardians <= named
    assert len(named) == 2 + 4 + 2


def test_a_restricted_tag_is_told_to_the_homeroom_teacher_and_not_to_who_comes_along(small):
    school, _campaign = small
    make.CareTagFactory(student=school.students[0][0], kind="psychological")
    lead = fetch(PhoneOf(school.homeroom[0], "teacher")).content.decode()
    along = fetch(PhoneOf(school.subject[0], "teacher"))
    word = make.CareTagFactory._meta.model.unscoped.get(kind__restricted=True).kind.name
    assert word in lead
    assert school.students[0][0].name in along.content.decode()
    assert word not in along.content.decode()


def test_a_capacity_that_is_not_held_is_given_nothing(small):
    school, _campaign = small
    phone = PhoneOf(school.homeroom[0], "teacher")
    phone.capacity = f"principal:{school.school.pk}"
    assert fetch(phone).status_code == 403
    phone.capacity = f"teacher:{school.school.pk}"
    make.Post.unscoped.filter(person=school.homeroom[0]).update(end=today())
    assert fetch(phone).status_code == 401


@pytest.mark.parametrize("kind", ["principal", "cohort_lead"])
def test_others_of_the_school_are_given_theirs(small, kind):
    school, _campaign = small
    person = school.principal if kind == "principal" else make.cohort_lead(school.classes[0].cohort)
    answer = fetch(PhoneOf(person, kind))
    assert answer.status_code == 200
    assert school.students[0][0].name not in answer.content.decode()


def test_the_size_of_the_class_costs_no_queries_and_fifty_fit_into_300_kb():
    small_one, _campaign = a_full_class(2)
    phone = PhoneOf(small_one.homeroom[0], "teacher")
    fetch(phone)
    few = query_count(lambda: fetch(phone))
    large, _campaign = a_full_class(50)
    of_large = PhoneOf(large.homeroom[0], "teacher")
    many = query_count(lambda: fetch(of_large))
    content = fetch(of_large).content
    print(f"bundle of 50: {len(content) / 1024:.0f} KB, {many} queries")
    assert few == many <= MOST_QUERIES
    assert len(content) <= LARGEST
