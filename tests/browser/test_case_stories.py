"""The stories that cases exist for, walked by everybody in them, each in a browser of their own."""

import datetime as dt
import io

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pypdf import PdfReader

from jiafang.access import system
from jiafang.care.models import CaseFile, CaseTally, Category
from jiafang.care.services.escalate import announce_due, escalate_overdue
from jiafang.organization.models import Person
from tests.browser.conftest import OpenPage
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def verb(page: Page, title: str, fields: dict[str, str], button: str, *, tick: str = "", pick: str = "") -> None:
    """Open the part of the page with that title, fill it in and send it."""
    part = page.locator("section.case-next, details", has=page.get_by_text(title, exact=True)).first
    if part.evaluate("part => part.tagName === 'DETAILS' && !part.open"):
        part.locator("summary").first.click()
    for label, value in fields.items():
        field = part.get_by_label(label).first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    if pick:
        part.get_by_text(pick).first.click()
    if tick:
        part.get_by_text(tick).first.click()
    part.get_by_role("button", name=button, exact=True).first.click()
    page.locator("[data-toasts] *, .toast, .messages").first.wait_for()


def noted(page: Page, here: str, title: str, fields: dict[str, str], *choices: str) -> None:
    """One of the short forms beside the case, whose choices are buttons."""
    page.goto(here)
    part = page.locator("#outcome details", has=page.get_by_text(title, exact=True)).first
    part.locator("summary").first.click()
    for choice in choices:
        part.get_by_text(choice, exact=True).first.click()
    for label, value in fields.items():
        part.get_by_label(label).first.fill(value)
    part.get_by_role("button", name="记下", exact=True).click()
    page.locator("[data-toasts] *, .toast, .messages").first.wait_for()


def raised() -> int:
    return sum(CaseTally.unscoped.values_list("count", flat=True))


def test_a_good_student_in_the_last_year_finds_calm_again(open_page: OpenPage) -> None:
    director = make.bureau_post("director")
    school = made.small_school(classes=2, students=3, name="云溪县双桥高级中学", stages=["senior"])
    child, teacher = school.students[0][0], school.homeroom[0]
    mother = make.guardian_of(child)
    stranger = make.guardian_of(school.students[0][1])
    counselor = make.school_post("counselor", school.school)
    cadre = make.bureau_post("cadre")
    make.PairingFactory(cadre=cadre, school=school.school)
    before = raised()

    page = open_page(teacher, reverse("student_sheet", args=[child.pk]), kind="teacher")
    page.goto(f"{reverse('case_raise')}?person={child.pk}")
    page.get_by_label("是什么事").fill("一直很好的学生,这两周坐立不安")
    page.locator("label", has_text="学习").first.click()
    page.get_by_role("button", name="记下,开始办").click()
    page.get_by_text("已记下").wait_for()
    case = CaseFile.unscoped.get()
    here = reverse("case", args=[case.pk])
    for text in ("第一次谈心,不肯多说", "第二次谈心,说怕辜负爸妈:原因是家里的压力"):
        verb(page, "记下做了什么", {"做了什么": "谈心谈话", "经过": text}, "记下")
        page.goto(here)
    for who, mood in (("学生", "很焦虑"), ("家长", "焦虑")):
        noted(page, here, "记当时的样子", {}, who, mood)
    month = dt.date.today() - dt.timedelta(days=30)
    for value, on in (("78", month), ("91", dt.date.today())):
        fields = {"名称": "数学月考", "数值": value, "日期": on.isoformat()}
        noted(page, here, "记成绩或出勤", fields, "成绩")
    page.goto(here)
    for kind, text in (("家访/回访", "到家里坐了一个小时"), ("商定措施", "和爸妈约好:这个月不谈名次")):
        verb(page, "记下做了什么", {"做了什么": kind, "经过": text}, "记下", tick="家长也能看到这一条")
        page.goto(here)
    verb(page, "转介", {"为什么转介": "高三,焦虑、失眠,想请您聊聊"}, "请他(她)接", pick="")
    referred = open_page(counselor, reverse("case_board"), kind="counselor")
    referred.goto(reverse("referral", args=[case.referrals.get().pk]))
    referred.get_by_role("button", name="接下", exact=True).click()
    referred.get_by_text("已接下,能看到整件事了").wait_for()
    referred.goto(here)
    verb(referred, "记下做了什么", {"做了什么": "心理辅导", "经过": "教了放松的办法,睡得好些"}, "记下")
    page.goto(here)
    verb(page, "记下做了什么", {"做了什么": "家访/回访", "经过": "再去一次,一家人有说有笑"}, "记下")
    case.measures.update(on=month)  # what was noted a month ago
    for who, mood in (("学生", "平静"), ("家长", "很平静")):
        noted(page, here, "记当时的样子", {}, who, mood)
    page.goto(here)
    verb(page, "办好了,请对方确认", {"结果": "睡得好了,成绩也回来了"}, "请确认")

    family = open_page(mother, here, kind="guardian", size="phone")
    assert "第二次谈心" not in family.locator("main").inner_text()
    assert "和爸妈约好" in family.locator("main").inner_text()
    family.get_by_role("button", name="已解决").click()
    family.get_by_text("谢谢,这件事办结了").wait_for()
    case.refresh_from_db()
    assert (case.state, case.result, case.closed_by_silence) == ("closed", "solved", False)

    answer = page.request.get(reverse("case_plan_pdf", args=[case.pk]))
    paper = PdfReader(io.BytesIO(answer.body()))
    assert len(paper.pages) == 2
    assert "从很焦虑到平静" in "".join(one.extract_text() for one in paper.pages).replace("\n", "")
    outsiders: list[tuple[Person, str]] = [
        (school.homeroom[1], "teacher"),
        (school.subject[0], "teacher"),
        (cadre, "cadre"),
        (stranger, "guardian"),
    ]
    for person, kind in outsiders:
        looking = open_page(person, "/", kind=kind)
        assert looking.request.get(here).status == 404
    assert raised() == before + 1
    above = open_page(director, reverse("case_overview"), kind="director")
    assert child.name not in above.locator("main").inner_text()


def test_a_teachers_housing_is_decided_by_a_section_and_confirmed_by_the_teacher(open_page: OpenPage) -> None:
    make.bureau_post("director")
    section, head = care.bureau_section("人事科")
    school = made.small_school()
    teacher = school.homeroom[0]
    page = open_page(school.principal, f"{reverse('case_raise')}?person={teacher.pk}", kind="principal")
    page.get_by_label("是什么事").fill("宿舍漏雨,住不下去")
    page.locator("label", has_text="生活").first.click()
    page.get_by_text("自己告诉我的").click()
    page.get_by_role("button", name="记下,开始办").click()
    page.get_by_text("已记下").wait_for()
    case = CaseFile.unscoped.get()
    here = reverse("case", args=[case.pk])
    assert case.confirmer_id == teacher.pk
    verb(
        page, "往上报", {"为什么要往上报": "学校没有房子", "报给哪个科室": section.name}, "往上报", tick="提请局里研究"
    )
    decides = open_page(head, here, kind="cadre")
    due = (dt.date.today() + dt.timedelta(days=7)).isoformat()
    verb(decides, "定下怎么办,交下去办", {"期限": due, "决定怎么办": "调一间周转房"}, "交下去办")
    case.refresh_from_db()
    assert case.level == "school"
    page.goto(here)
    verb(page, "办好了,请对方确认", {"结果": "已经搬进去了"}, "请确认")
    told = open_page(teacher, here, kind="teacher", size="phone")
    told.get_by_role("button", name="已解决").click()
    told.get_by_text("谢谢,这件事办结了").wait_for()
    case.refresh_from_db()
    assert case.state == "closed"


def test_a_broken_boiler_told_to_a_cadre_is_late_once_climbs_and_is_mended(open_page: OpenPage) -> None:
    director = make.bureau_post("director")
    section, head = care.bureau_section("计财科")
    school = made.small_school()
    cadre = make.bureau_post("cadre")
    make.PairingFactory(cadre=cadre, school=school.school)
    Category.objects.filter(code="conditions").update(section=section)
    by = make.actor_of(cadre, "cadre")
    case = care.student_case(
        by, school.students[0][0], subject_kind="school", person_id=None, school_id=school.school.pk,
        category="conditions", text="锅炉坏了,寄宿生没有热水", heard_from=school.principal.pk,
    )  # fmt: skip
    here = reverse("case", args=[case.pk])
    page = open_page(head, here, kind="cadre")
    assert "锅炉坏了" in page.locator("main").inner_text()
    machine = system("escalation")
    CaseFile.unscoped.filter(pk=case.pk).update(due=dt.date.today() - dt.timedelta(days=3))
    assert announce_due(by=machine) == 1
    assert escalate_overdue(by=machine) == 0  # announced before it happens
    page.reload()
    assert "转到上一级" in page.locator("main").inner_text()
    case.escalations.update(not_before=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert (escalate_overdue(by=machine), escalate_overdue(by=machine)) == (1, 0)
    case.refresh_from_db()
    assert case.owner_id == director.pk
    above = open_page(director, here, kind="director")
    verb(above, "记下做了什么", {"做了什么": "研究决定", "经过": "拨款,三天内换新锅炉"}, "记下")
    above.goto(here)
    verb(above, "办好了,请对方确认", {"结果": "新锅炉已经烧上热水"}, "请确认")
    told = open_page(school.principal, here, kind="principal")
    told.get_by_role("button", name="已解决").click()
    told.get_by_text("谢谢,这件事办结了").wait_for()
    case.refresh_from_db()
    assert case.state == "closed"
