"""Coverage pages, the class as tiles and the unseen list."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Duty, Tier
from jiafang.common.clock import at, today
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db


def _queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_director_sees_tiers_and_schools_but_no_family(client, school):
    campaign = made.launched(school.by, school.school)
    Duty.unscoped.filter(campaign=campaign).update(due=today() - dt.timedelta(days=1))
    write.record(make.actor_of(school.homeroom[0], "teacher"), [made.duty_of(campaign, school.students[0][0])])
    make.sign_in(client, make.bureau_post("director"))
    pages = [
        client.get(reverse("overview")).content.decode(),
        client.get(reverse("overview_tier", args=["teacher_family"])).content.decode(),
        client.get(reverse("overview_school", args=["teacher_family", school.school.pk])).content.decode(),
        client.get(reverse("unseen")).content.decode(),
    ]
    for page in pages:
        assert school.school.name in page
        assert not any(child.name in page for row in school.students for child in row)
        assert "/tiles/" not in page
    assert "已逾期 5" in pages[0]
    assert "1 / 6" in pages[1]


def test_overview_costs_the_same_for_one_school_and_three(client):
    make.sign_in(client, make.bureau_post("director"))
    addresses = [reverse("overview"), reverse("overview_tier", args=["teacher_family"]), reverse("unseen")]
    costs = []
    for count in (1, 2):
        for _school in range(count):
            one = made.small_school()
            campaign = made.launched(one.by, one.school)
            write.record(make.actor_of(one.homeroom[0], "teacher"), [made.duty_of(campaign, one.students[0][0])])
        costs.append([_queries(client, address) for address in addresses])
    assert costs[0] == costs[1]


def test_a_principal_goes_down_to_class_and_names(client, school):
    made.launched(school.by, school.school)
    make.sign_in(client, school.principal)
    page = client.get(reverse("overview")).content.decode()
    assert reverse("class_tiles", args=[school.classes[0].pk]) in page
    other = made.small_school()
    assert client.get(reverse("overview_school", args=["teacher_family", other.school.pk])).status_code == 404
    assert client.get(reverse("overview_tier", args=["teacher_family"])).status_code == 404


def test_a_tier_that_does_not_exist_is_missing(client):
    make.sign_in(client, make.bureau_post("director"))
    assert client.get(reverse("overview_tier", args=["moon"])).status_code == 404


def test_nothing_running_says_what_to_do(client):
    make.sign_in(client, make.bureau_post("director"))
    assert "还没有正在进行的家访活动" in client.get(reverse("overview")).content.decode()


def test_tiles_show_how_each_student_stands(client, school):
    campaign = made.launched(school.by, school.school)
    met, overdue, declined = school.students[0]
    fresh = make.student(school.classes[0], name="苏若水")
    teacher = make.actor_of(school.homeroom[0], "teacher")
    write.record(teacher, [made.duty_of(campaign, met)], started_at=at(today() - dt.timedelta(days=12), dt.time(12)))
    Duty.unscoped.filter(person=overdue).update(due=today() - dt.timedelta(days=1))
    Duty.unscoped.filter(person=declined).update(state="declined")
    make.sign_in(client, school.homeroom[0])
    answer = client.get(reverse("my_class"), follow=True)
    tiles = {tile.name: (tile.tone, tile.note) for tile in answer.context["tiles"]}
    assert tiles[met.name] == ("met", "12 天")
    assert tiles[overdue.name][0] == "overdue"
    assert tiles[declined.name][0] == "declined"
    assert tiles[fresh.name] == ("unseen", "")


def test_tiles_cost_the_same_for_one_student_and_three(client):
    school = made.small_school(classes=1, students=1)
    made.launched(school.by, school.school)
    make.sign_in(client, school.homeroom[0])
    address = reverse("class_tiles", args=[school.classes[0].pk])
    first = _queries(client, address)
    for _child in range(2):
        make.student(school.classes[0], tags=("left_behind",))
    assert _queries(client, address) == first


def test_only_those_who_answer_for_the_class_see_its_tiles(client, school):
    address = reverse("class_tiles", args=[school.classes[0].pk])
    mother = make.guardian_of(school.students[0][0])
    lead = make.cohort_lead(school.classes[0].cohort)
    seen = {
        school.homeroom[0]: 200,
        school.homeroom[1]: 404,
        school.subject[0]: 404,
        lead: 200,
        school.principal: 200,
        mother: 404,
    }
    for person, status in seen.items():
        make.sign_in(client, person)
        assert client.get(address).status_code == status


def test_a_teacher_without_a_class_is_told_so(client, school):
    make.sign_in(client, school.subject[0])
    assert "没有带班" in client.get(reverse("my_class")).content.decode()


def test_a_student_sheet_is_for_those_who_answer_and_is_audited(client, school):
    campaign = made.launched(school.by, school.school)
    child = school.students[0][0]
    mother = make.guardian_of(child)
    address = reverse("student_sheet", args=[child.pk])
    make.sign_in(client, school.homeroom[0])
    page = client.get(address).content.decode()
    assert mother.phone in page
    assert f"?duty={made.duty_of(campaign, child).pk}" in page
    assert AuditEntry.objects.filter(action="student.sheet", subjects__contains=[child.pk]).count() == 1
    for person in (school.homeroom[1], school.subject[0], mother):
        make.sign_in(client, person)
        assert client.get(address).status_code == 404


def test_the_unseen_list_names_only_the_own_class(client, school):
    make.sign_in(client, school.homeroom[0])
    page = client.get(reverse("unseen"), {"days": "30"}).content.decode()
    assert all(child.name in page for child in school.students[0])
    assert not any(child.name in page for child in school.students[1])
    other = client.get(reverse("unseen"), {"class": school.classes[1].pk})
    assert other.status_code == 404
    assert client.get(reverse("unseen"), {"days": "abc", "class": "x" * 40}).status_code == 200


def test_the_unseen_list_costs_the_same_for_one_and_three(client):
    school = made.small_school(classes=1, students=1)
    make.sign_in(client, school.homeroom[0])
    first = _queries(client, reverse("unseen"))
    for _child in range(2):
        make.student(school.classes[0])
    assert _queries(client, reverse("unseen")) == first


def test_other_tiers_have_their_own_denominator(client, school):
    made.launched(school.by, school.school)
    made.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER)
    make.sign_in(client, school.principal)
    tiers = {tier.tier: tier.total for tier, _url in client.get(reverse("overview")).context["tiers"]}
    assert tiers[Tier.TEACHER_FAMILY] == 6
    assert tiers[Tier.PRINCIPAL_TEACHER] == 4
