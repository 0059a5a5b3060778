"""The short forms beside a case: what is taken leads back to it, what is not comes again with the fault in place."""

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.access import reading
from jiafang.accounts.models import AuditEntry
from jiafang.care.first_resources import ensure_resources
from jiafang.care.models import ChecklistTick, Measure, Progress
from jiafang.care.services.measure import measure
from jiafang.care.services.raise_tier import change_tier
from jiafang.web.care.tools import tools_context
from tests.care.working import Ground
from tests.factories import care
from tests.factories import organization as make
from tests.queries import query_count

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(client: Client) -> Ground:
    ensure_resources()
    ground = Ground()
    make.sign_in(client, ground.school.homeroom[0], "teacher")
    return ground


def post(client: Client, ground: Ground, name: str, **told: str):
    return client.post(reverse(name, args=[ground.case.pk]), told)


def test_each_form_goes_back_to_its_part_of_the_case(client: Client, ground: Ground) -> None:
    page = reverse("case", args=[ground.case.pk])
    for name, part, told in (
        ("case_tick", "protocol", {"tier": "green", "item": "talked"}),
        ("case_tier", "protocol", {"tier": "yellow", "words": "整夜不睡"}),
        ("case_measure", "outcome", {"who": "student", "mood": "2", "on": "2020-10-08"}),
        ("case_track", "outcome", {"kind": "mark", "label": "数学", "value": "98", "on": "2020-10-08"}),
    ):
        answer = post(client, ground, name, **told)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{page}#{part}"), name
    assert ground.fresh().alert_tier == "yellow"
    assert ChecklistTick.unscoped.count() == Measure.unscoped.count() == Progress.unscoped.count() == 1
    post(client, ground, "case_tick", tier="green", item="talked", undo="1")
    assert not ChecklistTick.unscoped.exists()


@pytest.mark.parametrize(
    ("name", "told", "where"),
    [
        ("case_tier", {"tier": "red", "words": ""}, "id_words_error"),
        ("case_tier", {"tier": "purple", "words": "看到了"}, "id_tier_error"),
        ("case_measure", {"who": "student", "mood": "7", "on": "2020-10-08"}, "id_mood_error"),
        ("case_measure", {"who": "student", "mood": "1", "on": "2999-01-01"}, "id_on_error"),
        ("case_track", {"kind": "mark", "label": "数学", "value": "很好", "on": "2020-10-08"}, "id_value_error"),
    ],
)
def test_a_fault_stands_at_its_field_and_what_was_typed_is_kept(
    client: Client, ground: Ground, name: str, told: dict[str, str], where: str
) -> None:
    answer = post(client, ground, name, **told)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'id="{where}"' in text
    if told.get("label"):
        assert f'value="{told["label"]}"' in text
    assert not Measure.unscoped.exists()
    assert not Progress.unscoped.exists()
    assert ground.fresh().alert_tier == "green"


def test_who_does_not_read_the_case_finds_no_form(client: Client, ground: Ground) -> None:
    for person, kind in (
        (ground.school.homeroom[1], "teacher"),
        (ground.school.principal, "principal"),
        (make.Person.unscoped.get(pk=ground.cadre.person_id), "cadre"),
        (make.Person.unscoped.get(pk=ground.mother.person_id), "guardian"),
    ):
        make.sign_in(client, person, kind)
        for name in ("case_tick", "case_tier", "case_measure", "case_track"):
            assert post(client, ground, name, tier="red", words="看到了").status_code == 404, (kind, name)
    assert ground.fresh().alert_tier == "green"


def test_a_homeroom_teacher_enters_marks_before_there_is_any_matter(client: Client, ground: Ground) -> None:
    child, own = ground.school.students[0][1:3]
    make.guardian_of(own, guardian=ground.school.homeroom[0])
    told = {"kind": "mark", "label": "数学月考", "on": "2020-10-08"}
    sheet, track = reverse("student_sheet", args=[child.pk]), reverse("student_track", args=[child.pk])
    assert f'action="{track}"' in client.get(sheet).content.decode()
    assert client.post(track, told | {"value": "91"}).url == f"{sheet}#progress"
    page = client.post(track, told | {"value": "72", "on": "2020-11-08"}, follow=True).content.decode()
    assert "数学月考:从91到72" in page
    refused = client.post(track, told | {"value": "很好"})
    assert refused.status_code == 422
    assert child.name in refused.content.decode()
    assert client.post(reverse("student_track", args=[own.pk]), told | {"value": "100"}).status_code == 404
    assert "数学月考" not in client.get(reverse("student_sheet", args=[own.pk])).content.decode()
    make.sign_in(client, ground.school.homeroom[1], "teacher")
    assert client.post(track, told | {"value": "100"}).status_code == 404
    assert Progress.unscoped.count() == 2


def test_an_urgent_case_shows_whom_to_call_and_a_calm_one_does_not(client: Client, ground: Ground) -> None:
    with reading(ground.teacher):
        assert tools_context(ground.teacher, ground.case)["calling"] is None
    mother = make.Person.unscoped.get(pk=ground.mother.person_id)
    mother.phone = "13900000001"
    mother.save()
    page = reverse("case", args=[ground.case.pk])
    assert "13900000001" not in client.get(page).content.decode()
    change_tier(by=ground.teacher, case_id=ground.case.pk, tier="red", words="说不想活了")
    text = client.get(page).content.decode()
    assert 'href="tel:120"' in text
    assert 'href="tel:110"' in text
    assert "有大人寸步不离" in text
    # Before the text, the thread and the steps.
    assert text.index('href="tel:120"') < text.index('href="tel:13900000001"') < text.index("是什么事")
    assert f'href="{reverse("student_sheet", args=[ground.student.pk])}"' in text
    assert ground.mother.person_id in AuditEntry.objects.filter(action="case.opened").latest("pk").subjects
    # The counselor reads the case and no sheet: whom to call for help, and no family's number.
    make.sign_in(client, make.Person.unscoped.get(pk=ground.counselor.person_id), "counselor")
    text = client.get(page).content.decode()
    assert 'href="tel:120"' in text
    assert "13900000001" not in text
    assert reverse("student_sheet", args=[ground.student.pk]) not in text


def test_a_lower_tier_is_offered_to_the_owner_alone(ground: Ground) -> None:
    change_tier(by=ground.teacher, case_id=ground.case.pk, tier="orange", words="看到了")
    case = ground.fresh()
    offered = {}
    for by in (ground.teacher, ground.counselor):
        with reading(by):
            form = tools_context(by, case)["protocol"]["tier_form"]
            offered[by.kind] = [value for value, _label in form.fields["tier"].choices]
    assert offered == {"teacher": ["green", "yellow", "red"], "counselor": ["red"]}


def test_more_ticks_and_measures_cost_as_many_queries(client: Client, ground: Ground) -> None:
    post(client, ground, "case_tick", tier="green", item="talked")
    measure(by=ground.teacher, case_id=ground.case.pk, who="student", mood="1")

    def cost() -> int:
        with reading(ground.teacher):
            return query_count(lambda: tools_context(ground.teacher, ground.case))

    cost()
    few = cost()
    for item in ("family_spoken", "next_talk"):
        post(client, ground, "case_tick", tier="green", item=item)
    measure(by=ground.teacher, case_id=ground.case.pk, who="guardian", mood="2")
    assert cost() == few


def test_a_boiler_calls_no_ambulance_before_it_is_of_the_most_urgent(client: Client, ground: Ground) -> None:
    told = {"subject_kind": "school", "person_id": None, "school_id": ground.school.school.pk, "category": "conditions"}
    boiler = care.student_case(ground.principal, ground.student, text="锅炉坏了", **told)
    page = reverse("case", args=[boiler.pk])
    make.sign_in(client, ground.school.principal, "principal")
    for tier, shown in (("orange", False), ("red", True)):
        change_tier(by=ground.principal, case_id=boiler.pk, tier=tier, words="冷")
        assert ('href="tel:120"' in client.get(page).content.decode()) is shown, tier
