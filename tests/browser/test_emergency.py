"""The emergency page in one tap: on the site, and on a phone without a line or a list."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from jiafang.care.models import MandatoryReport
from tests.browser import phone_evening as phone
from tests.browser.phone_evening import Pockets, without_line
from tests.factories import campaigns as made
from tests.factories import organization as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pockets(chromium: Browser, live_server: Any, tmp_path: Path) -> Iterator[Pockets]:
    found = Pockets(chromium, live_server.url, tmp_path)
    yield found
    found.close()
    assert found.complaints == []


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_from_a_page_in_one_tap_to_the_number_and_sealed(open_page: Any, axe_faults: Any, tmp_path: Path, size: str):
    make.bureau_post("director")
    school = made.small_school()
    page = open_page(school.homeroom[0], "/today/", size=size)
    page.get_by_role("link", name="紧急情况·强制报告").locator("visible=true").click()
    assert page.get_by_role("link", name="报警 110").get_attribute("href") == "tel:110"
    assert axe_faults(page) == []
    page.screenshot(path=tmp_path / "report.png", full_page=True)
    page.get_by_label("涉及哪个孩子").fill("某同学")
    page.get_by_label("看到、听到了什么").fill("手臂上有旧伤")
    page.get_by_role("button", name="封存并送出").click()
    expect(page.get_by_text("已封存")).to_be_visible()
    assert axe_faults(page) == []
    page.screenshot(path=tmp_path / "sealed.png", full_page=True)
    assert MandatoryReport.unscoped.get().seen == "手臂上有旧伤"


def test_whoever_has_no_page_of_their_own_finds_it_too_and_reads_what_it_is(open_page: Any):
    partner = make.bureau_post("community_partner")
    page = open_page(partner, "/", size="phone")
    page.get_by_role("heading", name="现在没有您的事").wait_for()
    link = page.get_by_role("link", name="紧急情况·强制报告").locator("visible=true")
    expect(link.locator(".emergency-word")).to_have_text("紧急")
    expect(link.locator(".emergency-word")).to_be_visible()
    link.click()
    expect(page.get_by_role("link", name="报警 110")).to_be_visible()


def test_on_a_phone_without_a_line_it_says_whom_to_call(pockets: Pockets, axe_faults: Any, tmp_path: Path):
    evening = phone.build()
    page = pockets.open(evening.teacher)
    page.goto("/phone/")
    page.get_by_role("heading", name="今日家访").wait_for()
    page.evaluate("navigator.serviceWorker.ready")
    without_line(page)
    page.get_by_role("link", name="紧急情况·强制报告").locator("visible=true").tap()
    page.get_by_role("heading", level=1, name="紧急情况·强制报告").wait_for()
    assert page.get_by_role("link", name="报警 110").get_attribute("href") == "tel:110"
    assert axe_faults(page) == []
    page.screenshot(path=tmp_path / "phone.png", full_page=True)
