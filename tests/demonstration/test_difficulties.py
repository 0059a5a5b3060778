"""The difficulties of the demonstration: every role that signs in finds something, and each stage is there."""

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.access import Actor
from jiafang.accounts.models import User
from jiafang.care.models import CaseFile, CaseStep, Escalation, Measure, Progress, Referral, Resource
from jiafang.common.clock import today
from jiafang.demonstration.district import generate
from jiafang.demonstration.numbers import INVENTED_MOBILE_PREFIX
from jiafang.demonstration.services.difficulties import CHILDREN, bring_difficulties
from jiafang.demonstration.services.logins import LOGINS, open_logins
from jiafang.demonstration.services.settle import settle
from jiafang.insight.models import Sign
from jiafang.organization.models import Person, Post, SchoolClass
from tests.factories import organization as make

pytestmark = pytest.mark.django_db(transaction=True)
State = CaseFile.State


def a_class_with_its_school() -> SchoolClass:
    """Two classes of a cohort, everybody who works for them, and another school."""
    around = make.SchoolClassFactory()
    school = around.cohort.school
    beside = make.SchoolClassFactory(cohort=around.cohort)
    for each in (around, beside):
        make.homeroom_teacher(each)
    make.subject_teacher(around)
    make.cohort_lead(around.cohort)
    for kind in (Post.Kind.PRINCIPAL, Post.Kind.MORAL_DEPUTY, Post.Kind.COUNSELOR):
        make.school_post(kind, school)
    make.school_post(Post.Kind.PRINCIPAL, make.SchoolFactory())
    make.bureau_post(Post.Kind.DIRECTOR)
    make.bureau_post(Post.Kind.COMMUNITY_PARTNER)
    make.bureau_post(Post.Kind.CADRE)
    make.PairingFactory(cadre=make.bureau_post(Post.Kind.CADRE), school=school)
    make.guardian_of(make.student(beside))
    for _child in range(CHILDREN + 1):
        make.guardian_of(make.student(around))
    related = make.student(around)
    make.guardian_of(related)
    make.guardian_of(related, make.school_post(Post.Kind.PRINCIPAL, make.SchoolFactory()), is_primary=False)
    return around


@pytest.fixture
def people() -> dict[str, Person]:
    administrator: Actor = settle(demo=generate("small", seed=1, today=today()))
    around = a_class_with_its_school()
    people = open_logins(by=administrator, around=around)
    bring_difficulties(by=administrator, around=around, people=people)
    return people


def page_for(role: str, people: dict[str, Person], name: str, query: str = "") -> str:
    browser, login = Client(), LOGINS[role]
    make.sign_in(browser, Person.unscoped.get(pk=people[role].pk), login.capacity)
    assert User.objects.get(username=login.username).person.pk == people[role].pk
    answer = browser.get(f"{reverse(name)}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_board_has_something_to_look_at(people) -> None:
    for role in ("director", "cadre", "principal", "cohort_lead", "homeroom_teacher", "counselor"):
        assert 'class="board-row' in page_for(role, people, "case_board", "?part=all"), role
    assert reverse("referral", args=[Referral.unscoped.get(state="asked").pk]) in page_for(
        "counselor", people, "case_board", "?part=asked"
    )
    assert "超期" in page_for("principal", people, "case_board", "?part=all")
    assert "转到上一级" in page_for("principal", people, "case_board", "?part=all")
    for role, own in (("guardian", "学习"), ("guardian", "健康"), ("subject_teacher", "生活")):
        assert own in page_for(role, people, "own_cases")
    signs = page_for("homeroom_teacher", people, "early_signs")
    for student in Sign.unscoped.values_list("student_id", flat=True):
        assert reverse("student_sheet", args=[student]) in signs


def test_there_is_one_at_every_stage(people) -> None:
    assert {State.OPEN, State.ACTING, State.AWAITING, State.CLOSED} == set(
        CaseFile.unscoped.values_list("state", flat=True)
    )
    assert set(Referral.unscoped.values_list("state", flat=True)) == {"asked", "accepted"}
    assert CaseFile.unscoped.get(subject_kind="teacher").section is not None


def test_what_is_over_shows_how_it_was_before_and_after(people) -> None:
    over = CaseFile.unscoped.get(state=State.CLOSED)
    moods = Measure.unscoped.filter(case=over, who="student").order_by("on")
    marks = Progress.unscoped.filter(person=over.person, kind="mark").order_by("on")
    assert [row.mood for row in moods] == ["1", "4"]
    assert [mark.value for mark in marks] == ["58", "66", "79"]
    assert over.confirmer_id != over.owner_id


def test_the_boiler_climbed_by_the_rule_and_another_case_is_announced(people) -> None:
    boiler = CaseFile.unscoped.get(subject_kind="school", alert_tier="orange")
    assert (boiler.level, boiler.owner_id) == ("director", people["director"].pk)
    assert CaseStep.unscoped.get(case=boiler, verb="escalate").by_id is None
    assert Escalation.unscoped.get(case=boiler).done_at is not None
    waiting = Escalation.unscoped.get(done_at=None).case
    assert waiting.due < today()


def test_signs_point_to_few_and_every_number_is_invented(people) -> None:
    assert {*Sign.unscoped.values_list("kind", "state")} == {("falling_marks", "open")}
    assert Sign.unscoped.count() == 2
    entered = Resource.objects.filter(name__contains="演示")
    assert entered.count() == 3
    assert all(row.phone.startswith(INVENTED_MOBILE_PREFIX) for row in entered)
