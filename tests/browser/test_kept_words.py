"""What somebody typed and did not send is in the tab for them alone: whoever signs in next finds nothing of it."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SEEN = "看到、听到了什么"
SECRET = "手臂上有旧伤"


def stored(page: Page) -> str:
    """What the tab holds of forms."""
    return str(page.evaluate("Object.entries(sessionStorage).filter(([name]) => name.includes('form')).join()"))


@pytest.fixture
def school() -> made.SmallSchool:
    make.bureau_post("director")
    return made.small_school()


def test_who_signs_in_next_finds_nothing_of_what_was_typed(open_page: Any, school: made.SmallSchool) -> None:
    teacher, colleague = school.homeroom[:2]
    child = school.students[0][0]
    page = open_page(teacher, f"/cases/new/?person={child.pk}")
    page.get_by_label("是什么事").fill("夜里不敢回家")
    assert "夜里不敢回家" in stored(page)
    page.goto("/report/")
    page.get_by_label(SEEN).fill(SECRET)
    assert SECRET not in stored(page)
    page.locator(".account-side summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="登录佳访")).to_be_visible()
    assert stored(page) == ""
    page.get_by_label("用户名").fill(make.user_of(colleague).username)
    page.get_by_label("密码", exact=True).fill("jiafang-demo-8")
    page.get_by_role("button", name="登录", exact=True).click()
    page.goto("/report/")
    expect(page.get_by_label(SEEN)).to_have_value("")


def test_a_tab_that_another_one_signed_in_over_is_emptied(
    open_page: Any, live_server: Any, school: made.SmallSchool
) -> None:
    teacher, colleague = school.homeroom[:2]
    page = open_page(teacher, "/cases/new/?self=1")
    page.get_by_label("是什么事").fill("家里老人病了")
    client = Client()
    make.sign_in(client, colleague)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page.reload()
    expect(page.get_by_label("是什么事")).to_have_value("")
    assert stored(page) == ""


def test_half_a_message_is_still_there_after_a_reload(open_page: Any, school: made.SmallSchool) -> None:
    case = care.student_case(make.actor_of(school.homeroom[0], "teacher"), school.students[0][0])
    page = open_page(school.homeroom[0], f"/cases/{case.pk}/")
    page.get_by_label("想说的话").fill("明天我去家里看看")
    page.reload()
    expect(page.get_by_label("想说的话")).to_have_value("明天我去家里看看")
