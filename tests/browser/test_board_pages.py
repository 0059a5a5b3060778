"""Boards of cases in a real browser: by keyboard, by finger, without a script, and nothing for axe to find."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from jiafang.access import system
from jiafang.care.models import CaseAction, CaseFile
from jiafang.care.services.escalate import announce_due
from jiafang.care.services.keep_filter import keep_filter
from jiafang.care.services.refer import refer_case
from jiafang.common.clock import today
from tests.browser.conftest import SIZES, OpenPage
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CASES = [
    # tier, category, days until due, state
    ("red", "mind", 0, "open"),
    ("orange", "family", -3, "acting"),
    ("orange", "study", 2, "open"),
    ("orange", "life", 3, "acting"),
    ("orange", "safety", 9, "awaiting"),
    ("orange", "tutoring", 12, "open"),
]


@pytest.fixture
def school():
    director = make.bureau_post("director")
    school = made.small_school(students=len(CASES))
    school.director = director
    school.counselor = make.school_post("counselor", school.school)
    by = make.actor_of(school.homeroom[0], "teacher")
    for student, (tier, category, days, state) in zip(school.students[0], CASES, strict=True):
        case = care.student_case(by, student, alert_tier=tier, category=category)
        changes = {"due": today() + dt.timedelta(days), "state": state}
        if state == "awaiting":
            changes |= {"awaiting_since": case.raised_at, "result": "solved"}
        CaseFile.unscoped.filter(pk=case.pk).update(**changes)
        if state == "acting":
            CaseAction(case=case, kind="talk_with_guardian", on=today(), by_id=by.person_id, text="电话").save()
    first = CaseFile.unscoped.order_by("pk").first()
    refer_case(by=by, case_id=first.pk, to_person_id=school.counselor.pk, to_role="counselor", reason="请看看")
    announce_due(by=system("escalation"))
    keep_filter(by=by, name="紧急的", query="part=mine&tier=red")
    return school


def boxes(page):
    return page.locator("[data-board] input[name=case]")


def test_the_queue_of_referrals_by_keyboard(open_page: OpenPage, school, axe_faults):
    by = make.actor_of(school.homeroom[0], "teacher")
    second = CaseFile.unscoped.order_by("pk")[1]
    refer_case(by=by, case_id=second.pk, to_person_id=school.counselor.pk, to_role="counselor", reason="也请看看")
    page = open_page(school.counselor, "/cases/", kind="counselor")
    assert axe_faults(page) == []
    page.keyboard.press("j")
    expect(page.locator("[data-board-row] a.board-title").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("[data-board-row] a.board-title").nth(1)).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#board-keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="接不接?")).to_be_visible()


def test_by_keyboard(open_page: OpenPage, school):
    page = open_page(school.homeroom[0], "/cases/", kind="teacher")
    page.keyboard.press("j")
    expect(page.locator("[data-board-row] a").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("k")
    expect(page.locator("[data-board-count]")).to_have_text("已选 2 件")
    expect(boxes(page).nth(1)).to_be_checked()
    expect(boxes(page).nth(2)).to_be_checked()
    page.keyboard.press("?")
    dialog = page.locator("#board-keys")
    expect(dialog).to_be_visible()
    dialog.locator("[data-board-keys]").uncheck()
    page.keyboard.press("Escape")
    page.locator("[data-board-row] a").first.focus()
    page.keyboard.press("x")
    expect(boxes(page).first).not_to_be_checked()
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("[data-board-row] a").first).not_to_be_focused()
    page.locator("[data-board-row] a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*/")


@pytest.mark.parametrize("size", SIZES)
def test_several_at_once(open_page: OpenPage, school, size: str):
    page = open_page(school.principal, "/cases/", kind="principal", size=size)
    page.locator("[data-board-all]").click()
    expect(page.locator("[data-board-count]")).to_have_text(f"已选 {len(CASES)} 件")
    page.get_by_role("button", name="提醒负责人").click()
    expect(page.locator("main")).to_contain_text("5 件办好了,1 件没有")
    page.get_by_role("link", name="回到清单").click()
    page.wait_for_url("**/cases/")


@pytest.mark.parametrize("size", SIZES)
def test_nothing_for_axe_to_find(open_page: OpenPage, school, axe_faults, size: str):
    asked = [
        (school.homeroom[0], "teacher", "/cases/"),
        (school.homeroom[0], "teacher", "/cases/?tier=red"),
        (school.counselor, "counselor", "/cases/"),
        (school.principal, "principal", "/cases/"),
        (school.principal, "principal", "/cases/overview/"),
        (school.director, "director", "/cases/overview/"),
        (school.director, "director", "/cases/"),
    ]
    for who, kind, path in asked:
        page = open_page(who, path, kind=kind, size=size)
        assert axe_faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
