"""Beside a case: its list and trends, the line of time, where help is found, the tables; on a phone and at a desk."""

import os
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from jiafang.care.first_resources import ensure_resources
from jiafang.care.models import AlertTier, Category, ChecklistTick
from jiafang.care.services.resources import Help, save_resource
from jiafang.care.services.sections import add_member, save_section
from jiafang.organization.models import Person
from tests.browser.conftest import OpenPage
from tests.care.working import Ground
from tests.factories import organization as make
from tests.web.care.test_timeline import visited, worked_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("JIAFANG_SHOTS", "")
AxeFaults = Callable[[Page], list[str]]


@pytest.fixture
def ground() -> Ground:
    ensure_resources()
    ground = Ground()
    worked_on(ground)
    visited(ground)
    own = Help(
        kind="counselor", name="心育小屋", phone="0595-12345678", hours="周一至周五 16:30 以后", about="可以先预约"
    )
    save_resource(by=ground.principal, told=own)
    return ground


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/care-{name}.png", full_page=True)


def person(actor_id: int) -> Person:
    return Person.unscoped.get(pk=actor_id)


def stays_within(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_line_of_time_is_read_and_its_list_is_ticked(
    ground: Ground, open_page: OpenPage, axe_faults: AxeFaults, size: str
) -> None:
    teacher = person(ground.teacher.person_id)
    page = open_page(teacher, reverse("case_timeline", args=[ground.case.pk]), kind="teacher", size=size)
    assert axe_faults(page) == []
    assert stays_within(page)
    assert page.locator(".care-day").count() >= 3
    assert page.locator(".care-curve").is_visible() == (size == "desk")
    shot(page, f"timeline-{size}")
    page.goto(reverse("case", args=[ground.case.pk]))
    assert axe_faults(page) == []
    page.locator(".care-tick-button").first.click()
    page.locator(".care-tick.is-done").first.wait_for()
    assert ChecklistTick.unscoped.filter(case=ground.case, tier=AlertTier.YELLOW).count() == 1
    shot(page, f"case-{size}")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_whom_to_call_stands_first_for_a_guardian(
    ground: Ground, open_page: OpenPage, axe_faults: AxeFaults, size: str
) -> None:
    page = open_page(person(ground.mother.person_id), reverse("resources"), kind="guardian", size=size)
    assert axe_faults(page) == []
    assert stays_within(page)
    first = page.locator("a[href^='tel:']").first
    assert first.get_attribute("href") in ("tel:120", "tel:110")
    assert page.get_by_role("link", name="0595-12345678").get_attribute("href") == "tel:0595-12345678"
    shot(page, f"resources-{size}")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_tables_are_kept_by_an_administrator(
    ground: Ground, open_page: OpenPage, axe_faults: AxeFaults, size: str
) -> None:
    by = make.administrator()
    section = save_section(by=by, name="基教科", duties="学校管理、招生、德育")
    add_member(by=by, section_id=section.pk, person_id=ground.cadre.person_id, head=True)
    category = Category.objects.get(code="life")
    page = open_page(person(by.person_id), reverse("care_tables"), kind="administrator", size=size)
    for name, path in (
        ("tables", reverse("care_tables")),
        ("category", reverse("care_category", args=[category.pk])),
        ("section", reverse("care_section", args=[section.pk])),
        ("resource", reverse("resource_new")),
    ):
        page.goto(path)
        assert axe_faults(page) == [], name
        assert stays_within(page), name
        shot(page, f"{name}-{size}")
