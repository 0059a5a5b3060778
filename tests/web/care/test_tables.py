"""The tables of care: categories with their rules, sections with their members; faults stand at their place."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.accounts.models import AuditEntry
from jiafang.care.models import BureauSection, CaseFile, Category, CategoryRule, Level, SectionMember, SubjectKind
from jiafang.care.services.categories import CategoryDraft, save_category
from jiafang.care.services.raise_case import Difficulty, raise_case
from jiafang.care.services.sections import add_member, end_member, save_section
from jiafang.common.clock import today
from jiafang.common.errors import InputFault, NotAllowed
from tests.care.working import Ground
from tests.factories import care
from tests.factories import organization as make
from tests.queries import query_count

pytestmark = pytest.mark.django_db
OWNERS = {
    "class": "homeroom_teacher",
    "cohort": "cohort_lead",
    "school": "principal",
    "section": "section",
    "director": "director",
}
TIERS = ("green", "yellow", "orange", "red")


@pytest.fixture
def ground() -> Ground:
    return Ground()


def typed(**changed: Any) -> dict[str, Any]:
    """What the form of a category sends."""
    told: dict[str, Any] = {"name": "交通", "subjects": ["student"], "order": "3", "active": "on"}
    for level, owner in OWNERS.items():
        told[f"{level}-owner"] = owner
        for tier, days in zip(TIERS, (20, 10, 3, 1), strict=True):
            told[f"{level}-days_{tier}"] = str(days)
    return told | changed


def signed_in(client: Client, kind: str = "administrator") -> None:
    make.sign_in(client, make.bureau_post(kind), kind)


@pytest.mark.parametrize("kind", ["administrator", "director"])
def test_a_category_with_its_rules_is_saved_whole_and_used_from_then_on(
    client: Client, ground: Ground, kind: str
) -> None:
    signed_in(client, kind)
    told = typed(**{"class-days_green": "12", "class-readers": ["counselor"]})
    assert client.post(reverse("care_category_new"), told).status_code == 302
    category = Category.objects.get(name="交通")
    assert category.rules.count() == len(Level)
    case = care.student_case(ground.teacher, ground.student, category=category.code)
    assert case.due == today() + dt.timedelta(days=12)
    assert case.readers.filter(person_id=ground.counselor.person_id).exists()
    assert AuditEntry.objects.filter(action="category.saved").exists()


def test_another_rule_leaves_running_cases_as_they_are(client: Client, ground: Ground) -> None:
    signed_in(client)
    category, due = ground.case.category, ground.case.due
    told = typed(name=category.name, subjects=category.subjects) | {f"class-days_{tier}": "1" for tier in TIERS}
    assert client.post(reverse("care_category", args=[category.pk]), told).status_code == 302
    assert ground.fresh().due == due
    assert CategoryRule.objects.get(category=category, level="class").days_green == 1


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"name": ""}, "id_name_error"),
        ({"name": "学习"}, "id_name_error"),
        ({"subjects": []}, "id_subjects_error"),
        ({"school-days_red": "9"}, "id_school-days_red_error"),
        ({"school-days_green": "0"}, "id_school-days_green_error"),
        ({"section-days_green": "999"}, "id_section-days_green_error"),
        ({"class-owner": "director"}, "id_class-owner_error"),
        ({"cohort-readers": ["nobody"]}, "id_cohort-readers_error"),
    ],
)
def test_a_fault_stands_at_its_place_and_nothing_is_saved(
    client: Client, ground: Ground, changed: dict[str, Any], where: str
) -> None:
    signed_in(client)
    before = (Category.objects.count(), CategoryRule.objects.count())
    answer = client.post(reverse("care_category_new"), typed(**changed))
    assert answer.status_code == 422
    assert f'id="{where}"' in answer.content.decode()
    assert (Category.objects.count(), CategoryRule.objects.count()) == before


def test_a_category_that_is_put_off_is_offered_no_more_and_its_cases_stay(client: Client, ground: Ground) -> None:
    signed_in(client)
    category = ground.case.category
    told = typed(name=category.name, subjects=category.subjects)
    del told["active"]
    assert client.post(reverse("care_category", args=[category.pk]), told).status_code == 302
    with pytest.raises(InputFault):
        care.student_case(ground.teacher, ground.student, category=category.code)
    assert CaseFile.unscoped.filter(pk=ground.case.pk).exists()


@pytest.mark.parametrize(
    ("changed", "where"),
    [({"active": ""}, "id_active_error"), ({"subjects": ["student", "school"]}, "id_subjects_error")],
)
def test_the_category_for_everything_else_stays_open_for_everybody(
    client: Client, ground: Ground, changed: dict[str, Any], where: str
) -> None:
    signed_in(client)
    other = Category.objects.get(code="other")
    told = typed(name="别的事", subjects=SubjectKind.values)
    answer = client.post(reverse("care_category", args=[other.pk]), told | changed)
    assert answer.status_code == 422
    assert f'id="{where}"' in answer.content.decode()
    assert Category.objects.get(code="other").name == "其他"
    assert client.post(reverse("care_category", args=[other.pk]), told).status_code == 302
    assert Category.objects.get(code="other").name == "别的事"


def test_nobody_else_comes_near_the_tables(client: Client, ground: Ground) -> None:
    section, _head = care.bureau_section()
    row = SectionMember.unscoped.get()
    paths = [
        reverse("care_tables"),
        reverse("care_category_new"),
        reverse("care_category", args=[ground.case.category_id]),
        reverse("care_section_new"),
        reverse("care_section", args=[section.pk]),
    ]
    for by in (ground.principal, ground.teacher, ground.cadre, ground.mother):
        make.sign_in(client, make.Person.unscoped.get(pk=by.person_id), by.kind)
        assert {client.get(path).status_code for path in paths} == {404}
        assert client.post(reverse("care_member_end", args=[row.pk])).status_code == 404
        with pytest.raises(NotAllowed):
            save_category(by=by, told=CategoryDraft(name="别的", subjects=("student",)))
        with pytest.raises(NotAllowed):
            add_member(by=by, section_id=section.pk, person_id=ground.cadre.person_id)
        with pytest.raises(NotAllowed):
            end_member(by=by, member_id=row.pk)
    row.refresh_from_db()
    assert row.end is None


def test_a_section_gets_its_people_and_one_head(client: Client, ground: Ground) -> None:
    signed_in(client)
    assert client.post(reverse("care_section_new"), {"name": "财务科", "active": "on"}).status_code == 302
    section = BureauSection.objects.get(name="财务科")
    second = make.bureau_post("cadre")
    until = today() + dt.timedelta(days=30)
    add = reverse("care_member_add", args=[section.pk])
    assert client.post(add, {"person": ground.cadre.person_id, "head": "on"}).status_code == 302
    assert client.post(add, {"person": second.pk, "head": "on", "end": until.isoformat()}).status_code == 302
    heads = SectionMember.unscoped.filter(section=section, head=True)
    assert [row.person_id for row in heads] == [second.pk]
    assert SectionMember.unscoped.get(person=second).end == until
    text = client.get(reverse("care_tables")).content.decode()
    assert f"{second.name}(负责人)" in text


@pytest.mark.parametrize(
    ("told", "where"),
    [({}, "id_person_error"), ({"end": "2020-01-01"}, "id_end_error")],
)
def test_a_member_is_refused_at_the_place_of_the_fault(
    client: Client, ground: Ground, told: dict[str, str], where: str
) -> None:
    signed_in(client)
    section = save_section(by=make.administrator(), name="财务科")
    person = {} if where == "id_person_error" else {"person": str(ground.cadre.person_id)}
    answer = client.post(reverse("care_member_add", args=[section.pk]), person | told)
    assert answer.status_code == 422
    assert f'id="{where}"' in answer.content.decode()
    assert not SectionMember.unscoped.exists()


def test_who_is_no_cadre_joins_no_section(ground: Ground) -> None:
    section = save_section(by=make.administrator(), name="财务科")
    with pytest.raises(InputFault) as fault:
        add_member(by=make.administrator(), section_id=section.pk, person_id=ground.teacher.person_id)
    assert fault.value.place == "person"


def test_what_a_member_owned_goes_to_another_one_of_the_section(ground: Ground) -> None:
    section, head = care.bureau_section()
    second = make.bureau_post("cadre")
    by = make.administrator()
    add_member(by=by, section_id=section.pk, person_id=second.pk)
    Category.objects.filter(code="conditions").update(section=section)
    told = Difficulty(category="conditions", text="锅炉坏了", subject_kind="school", school_id=ground.school.school.pk)
    case = raise_case(by=ground.principal, difficulty=told)
    assert case.owner_id == head.pk
    end_member(by=by, member_id=SectionMember.unscoped.get(person=head).pk)
    assert CaseFile.unscoped.get(pk=case.pk).owner_id == second.pk


def test_ten_more_rows_cost_as_many_queries(client: Client, ground: Ground) -> None:
    signed_in(client)
    by = make.administrator()

    def grown(at: int) -> None:
        save_category(by=by, told=CategoryDraft(name=f"类别{at}", subjects=("student",)))
        section = save_section(by=by, name=f"科室{at}")
        add_member(by=by, section_id=section.pk, person_id=ground.cadre.person_id)

    grown(0)
    client.get(reverse("care_tables"))
    few = query_count(lambda: client.get(reverse("care_tables")))
    for at in range(1, 11):
        grown(at)
    assert query_count(lambda: client.get(reverse("care_tables"))) == few
