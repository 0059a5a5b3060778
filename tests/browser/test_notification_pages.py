"""Notifications in a real browser: read by keyboard without loading the page anew, opened by a click on the line."""

import pytest
from playwright.sync_api import expect

from jiafang.notifications import kinds
from jiafang.notifications.models import Notification
from tests.browser.conftest import SIZES, OpenPage
from tests.factories import campaigns as made
from tests.notifications.telling import tell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CODE = "test.leads_home"


@pytest.fixture(autouse=True)
def a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds._kinds, CODE, kinds.Kind(CODE, "有一件事等您确认", lambda object_id: "/today/"))


@pytest.mark.parametrize("size", SIZES)
def test_read_and_open(open_page: OpenPage, size: str):
    teacher = made.small_school(classes=1, students=1).homeroom[0]
    rows = [tell(teacher, code=CODE) for _ in range(3)]
    page = open_page(teacher, "/today/", kind="teacher", size=size)
    bell = page.locator("#bell-top" if size == "phone" else "#bell-side")
    expect(bell).to_contain_text("3")
    bell.click()
    page.evaluate("document.body.dataset.same = 'yes'")

    page.locator(f"#read-{rows[0].pk}").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"span#read-{rows[0].pk}")).to_have_text("已读")
    # Whoever works by keyboard stays where they were.
    expect(page.locator(f"span#read-{rows[0].pk}")).to_be_focused()
    expect(bell).to_contain_text("2")
    page.locator("#read-all").click()
    expect(page.locator("span#read-all")).to_have_text("都已读")
    expect(bell).not_to_contain_text("2")
    assert page.evaluate("document.body.dataset.same") == "yes", "the page was loaded anew"
    assert not Notification.unscoped.filter(read_at=None).exists()

    new = tell(teacher, code=CODE)
    page.reload()
    # The whole line leads to its place, the time too.
    page.locator("li.told", has=page.locator(f"#read-{new.pk}")).locator(".told-words .num").click(force=True)
    page.wait_for_url("**/today/")
    assert not Notification.unscoped.filter(read_at=None).exists()
