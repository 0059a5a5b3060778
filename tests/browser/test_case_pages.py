"""Raising a difficulty, working on a case and confirming it in a real browser, on a phone and at a desk."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from jiafang.care.models import CaseFile, MessageReceipt, Referral, Role, Side
from jiafang.care.services.act import add_action
from jiafang.care.services.propose import propose_result
from jiafang.care.services.refer import refer_case
from jiafang.care.services.say import say
from jiafang.common.clock import today
from jiafang.organization.models import Person
from tests.browser.conftest import OpenPage
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = ("phone", "desk")
# A folder for pictures to look at.
SHOTS = os.environ.get("JIAFANG_SHOTS", "")


@dataclass
class Parties:
    """A school whose homeroom teacher works on one case while a mother has raised another."""

    school: made.SmallSchool
    child: Person
    mother: Person
    counselor: Person
    cadre: Person
    director: Person
    case: CaseFile
    own: CaseFile
    boiler: CaseFile
    housing: CaseFile
    referral: Referral


@pytest.fixture
def parties() -> Parties:
    director = make.bureau_post("director")
    school = made.small_school(classes=2, students=12, name="云溪县双桥高级中学", stages=["senior"])
    child = school.students[0][0]
    mother = make.guardian_of(child)
    counselor = make.school_post("counselor", school.school)
    make.cohort_lead(school.classes[0].cohort)
    make.school_post("moral_deputy", school.school)
    _section, cadre = care.bureau_section()
    make.PairingFactory(cadre=cadre, school=school.school)
    teacher = make.actor_of(school.homeroom[0], "teacher")
    family = make.actor_of(mother, "guardian")
    case = care.student_case(
        teacher,
        child,
        category="mind",
        alert_tier="yellow",
        text="高三以来成绩一直不错,这两周上课坐不住、晚上睡不好。问了说爸妈对他期望很高,怕考砸。",
    )
    add_action(by=teacher, case_id=case.pk, kind="talk", on=today(), text="放学后聊了半小时,说压力主要来自家里")
    add_action(
        by=teacher,
        case_id=case.pk,
        kind="talk_with_guardian",
        on=today(),
        text="和妈妈约好:这个月不谈名次",
        shared=True,
    )
    referral = refer_case(
        by=teacher,
        case_id=case.pk,
        to_person_id=make.school_post("counselor", school.school).pk,
        to_role=Role.COUNSELOR,
        reason=f"{child.name},高三,最近焦虑、失眠,想请您聊一次",
    )
    own = care.student_case(
        family, child, category="family", text="孩子回家不说话,问什么都说没事。我们也不知道怎么开口。"
    )
    say(by=family, case_id=own.pk, text="老师,他最近在学校怎么样?", audience=[Side.SCHOOL])
    owner = make.actor_of(school.homeroom[0], "teacher")
    add_action(
        by=owner, case_id=own.pk, kind="guidance", on=today(), text="和他聊了聊,约好周末给家里打电话", shared=True
    )
    say(by=owner, case_id=own.pk, text="他说怕你们失望,不是不想说话。", audience=[Side.FAMILY])
    propose_result(by=owner, case_id=own.pk, result="solved", words="孩子愿意说了,周末一家人一起吃了饭。")
    cadre_actor = make.actor_of(cadre, "cadre")
    boiler = care.student_case(
        cadre_actor,
        child,
        subject_kind="school",
        person_id=None,
        school_id=school.school.pk,
        category="conditions",
        text="锅炉坏了,寄宿生三天没有热水",
        heard_from=school.principal.pk,
    )
    housing = care.student_case(
        teacher, school.homeroom[0], subject_kind="teacher", category="health", text="腰椎间盘突出,想少上晚自习"
    )
    return Parties(
        school=school,
        child=child,
        mother=mother,
        counselor=counselor,
        cadre=cadre,
        director=director,
        case=case,
        own=own,
        boiler=boiler,
        housing=housing,
        referral=referral,
    )


def pages(p: Parties) -> list[tuple[str, Person, str, str]]:
    """Who opens what, by the name of the picture."""
    case, own = (reverse("case", args=[one.pk]) for one in (p.case, p.own))
    teacher = p.school.homeroom[0]
    new = reverse("case_raise")
    return [
        ("raise-teacher", teacher, "teacher", f"{new}?person={p.child.pk}"),
        ("choose-teacher", teacher, "teacher", new),
        ("raise-self", teacher, "teacher", f"{new}?self=1"),
        ("own-teacher", teacher, "teacher", reverse("own_cases")),
        ("case-teacher", teacher, "teacher", case),
        ("case-teacher-own", teacher, "teacher", reverse("case", args=[p.housing.pk])),
        ("case-counselor", p.counselor, "counselor", case),
        ("referral", p.referral.to_person, "counselor", reverse("referral", args=[p.referral.pk])),
        ("raise-principal", p.school.principal, "principal", f"{new}?person={p.school.subject[0].pk}"),
        ("case-principal", p.school.principal, "principal", reverse("case", args=[p.housing.pk])),
        ("raise-cadre", p.cadre, "cadre", f"{new}?school={p.school.school.pk}"),
        ("case-cadre", p.cadre, "cadre", reverse("case", args=[p.boiler.pk])),
        ("choose-director", p.director, "director", new),
        ("family", p.mother, "guardian", reverse("family")),
        ("raise-family", p.mother, "guardian", new),
        ("own-family", p.mother, "guardian", reverse("own_cases")),
        ("case-family", p.mother, "guardian", own),
        ("sheet-teacher", teacher, "teacher", reverse("student_sheet", args=[p.child.pk])),
        ("school-cadre", p.cadre, "cadre", reverse("school", args=[p.school.school.pk])),
        ("today-teacher", teacher, "teacher", reverse("today")),
    ]


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_a_case_is_clean_and_not_wider_than_the_screen(
    parties: Parties, open_page: OpenPage, axe_faults: Callable[[Page], list[str]], size: str
) -> None:
    faults = []
    for name, person, kind, address in pages(parties):
        page = open_page(person, address, kind=kind, size=size)
        page.locator("h1").first.wait_for()
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{size}.png", full_page=True)
        faults += [f"{name}: {one}" for one in axe_faults(page)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{name}: wider than the screen")
        filled = page.locator("main .btn-primary:visible").count()
        if filled > 1:
            faults.append(f"{name}: {filled} filled buttons")
    assert not faults, "\n".join(faults)


def test_a_mother_reads_confirms_and_is_read(parties: Parties, open_page: OpenPage) -> None:
    page = open_page(parties.mother, reverse("own_cases"), kind="guardian", size="phone")
    page.get_by_role("link", name="看看办得怎么样").click()
    page.get_by_text("他说怕你们失望").scroll_into_view_if_needed()
    page.locator(".thread:not([hx-post])").wait_for()
    assert MessageReceipt.unscoped.filter(person=parties.mother).count() == 1
    page.get_by_role("button", name="已解决").click()
    page.get_by_text("谢谢,这件事办结了").wait_for()
    assert CaseFile.unscoped.get(pk=parties.own.pk).state == "closed"
    teacher = open_page(parties.school.homeroom[0], reverse("case", args=[parties.own.pk]), kind="teacher")
    teacher.get_by_text(f"已读:{parties.mother.name}").wait_for()
    teacher.locator(".thread:not([hx-post])").wait_for()


def test_what_was_typed_survives_a_fault(parties: Parties, open_page: OpenPage) -> None:
    page = open_page(
        parties.school.homeroom[0], f"{reverse('case_raise')}?person={parties.child.pk}", kind="teacher", size="phone"
    )
    page.get_by_label("是什么事").fill("这几天总说头疼")
    page.get_by_text("健康").click()
    page.get_by_role("button", name="记下,开始办").click()
    page.get_by_text("已记下").wait_for()
    page.get_by_label("经过").fill("问了家里,带去看了医生")
    page.get_by_label("哪一天").fill("")
    page.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
    page.get_by_role("button", name="记下", exact=True).click()
    page.locator(".field-error").first.wait_for()
    assert page.get_by_label("经过").input_value() == "问了家里,带去看了医生"
