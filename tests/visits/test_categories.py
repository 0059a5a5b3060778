"""The bureau's table of categories is what a record offers, what a phone is given and what a case comes under."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.access import Actor
from jiafang.campaigns.models import Tier
from jiafang.care.models import CaseFile, Category
from jiafang.care.services.categories import CategoryDraft, save_category
from jiafang.common.errors import InputFault
from jiafang.visits.body import ConcernDraft
from jiafang.visits.models import RaisedConcern
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write
from tests.factories.phones import PhoneOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(school: made.SmallSchool) -> Actor:
    return make.actor_of(school.homeroom[0], "teacher")


@pytest.fixture
def duty(campaign, child):
    return made.duty_of(campaign, child)


def a_category(name: str, *subjects: str, pk: int | None = None, active: bool = True) -> Category:
    by = make.actor_of(make.bureau_post("administrator"), "administrator")
    told = CategoryDraft(name=name, subjects=subjects, active=active, order=3)
    return save_category(by=by, told=told, category_id=pk)


def heard(duty, category: str) -> ConcernDraft:
    return ConcernDraft(uuid.uuid4(), duty.person_id, category, "green", "末班车没有了,走夜路回家")


def offered(client: Client, duty) -> list[str]:
    page = client.get(reverse("record_unplanned"), {"duty": duty.pk}, follow=True)
    return [label for _code, label in page.context["form"].concerns[0].fields["category"].choices][1:]


def test_a_category_of_the_bureau_is_offered_recorded_read_and_becomes_the_case(client, school, teacher, duty):
    own = a_category("上学路上", "student")
    make.sign_in(client, school.homeroom[0])
    assert "上学路上" in offered(client, duty)
    visit = write.record(teacher, [duty], concerns=[heard(duty, own.code)])
    assert CaseFile.unscoped.get().category == own
    assert "上学路上" in client.get(reverse("visit", args=[visit.pk])).content.decode()


def test_a_record_offers_what_can_be_about_those_met(client, school, duty):
    make.sign_in(client, school.homeroom[0])
    found = offered(client, duty)
    assert "学习" in found
    assert not {"办学条件", "教学"} & set(found)
    talk = made.duty_of(made.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER), school.homeroom[0])
    make.sign_in(client, school.principal, "principal")
    found = offered(client, talk)
    assert {"办学条件", "教学"} < set(found)
    assert "学习" not in found


def test_one_that_was_closed_since_is_offered_no_more_and_still_names_what_was_written(client, school, teacher, duty):
    own = a_category("上学路上", "student")
    visit = write.record(teacher, [duty], concerns=[heard(duty, own.code)])
    a_category("上学路上", "student", pk=own.pk, active=False)
    make.sign_in(client, school.homeroom[0])
    assert "上学路上" not in offered(client, duty)
    assert "上学路上" in client.get(reverse("visit", args=[visit.pk])).content.decode()
    form = client.get(reverse("visit_edit", args=[visit.pk])).context["form"].concerns[0]
    assert form["category"].value() == own.code
    assert (own.code, "上学路上") in form.fields["category"].choices


@pytest.mark.parametrize("why", ["closed", "about nobody met"])
def test_what_a_phone_wrote_under_one_that_no_longer_fits_is_kept_and_becomes_another_matter(teacher, duty, why):
    own = a_category("上学路上", "student")
    a_category("上学路上", "student" if why == "closed" else "teacher", pk=own.pk, active=why != "closed")
    write.record(teacher, [duty], concerns=[heard(duty, own.code)])
    assert RaisedConcern.unscoped.get().category == own.code
    assert CaseFile.unscoped.get().category.code == "other"


def test_a_code_that_the_table_has_never_had_is_refused(teacher, duty):
    with pytest.raises(InputFault) as refused:
        write.record(teacher, [duty], concerns=[heard(duty, "own_nowhere")])
    assert refused.value.place == "concerns"


@pytest.mark.parametrize(
    ("subjects", "about"),
    [(("student",), "school"), (("principal",), "principal"), (("principal", "school"), "school")],
)
def test_whom_a_difficulty_of_a_principal_is_about_follows_from_its_category(school, subjects, about):
    own = a_category("班车", *subjects)
    cadre = make.bureau_post("cadre")
    make.PairingFactory(cadre=cadre, school=school.school)
    director = make.actor_of(make.bureau_post("director"), "director")
    duty = made.duty_of(made.launched(director, None, Tier.BUREAU_PRINCIPAL), school.principal)
    write.record(make.actor_of(cadre, "cadre"), [duty], concerns=[heard(duty, own.code)])
    assert CaseFile.unscoped.get().subject_kind == about


@pytest.mark.django_db(transaction=True)
def test_a_phone_is_given_the_table_with_where_each_is_offered(school, teacher, duty):
    own = a_category("上学路上", "student")
    closed = a_category("旧类别", "student", active=False)
    phone = PhoneOf(school.homeroom[0], "teacher")
    told = phone.client.get(reverse("api:phone_bundle"), headers=phone.headers).json()
    rows = {row["code"]: row for row in told["categories"]}
    assert rows[own.code] == {"code": own.code, "label": "上学路上", "tiers": [Tier.TEACHER_FAMILY]}
    assert rows[closed.code]["tiers"] == []
    assert set(rows["conditions"]["tiers"]) == set(Tier) - {Tier.TEACHER_FAMILY}
