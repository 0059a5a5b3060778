"""The doors as somebody meets them on a screen: setting up an app and a passkey, signing in with them."""

import os
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page

from jiafang.organization.models import Post
from tests.accounts.doors.entering import PASSWORD, app_code, with_app
from tests.browser.conftest import axe_faults, chromium, open_page
from tests.factories import organization as made

__all__ = ["axe_faults", "chromium", "open_page"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("JIAFANG_SHOTS")


def sign_in(page: Page, username: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def looked_at(page: Page, name: str, size: str, axe_faults) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}-{size}.png", full_page=True)
    assert axe_faults(page) == [], name
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, name


def with_passkeys(page: Page) -> None:
    """A phone whose owner puts a finger on it whenever it asks."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_principal_sets_up_an_app_on_the_first_day(open_page, axe_faults, size) -> None:
    principal = made.school_post(Post.Kind.PRINCIPAL, made.SchoolFactory())
    username = made.user_of(principal).username
    page = open_page(None, "/", size=size)
    sign_in(page, username)
    page.get_by_role("heading", name="先给账号加一道保护").wait_for()
    looked_at(page, "protect-first", size, axe_faults)
    page.get_by_role("link", name="用手机验证器").click()
    page.get_by_text("扫不了").click()
    secret = page.locator(".secret-text").inner_text().replace(" ", "")
    looked_at(page, "protect-app", size, axe_faults)
    drawn = page.locator(".square-code").evaluate("image => image.complete && image.naturalWidth > 0")
    assert drawn, "the content policy lets the square code be seen"
    page.get_by_label("手机上显示的 6 位数字").fill(app_code(secret))
    page.get_by_role("button", name="设置好了").click()
    page.get_by_role("heading", name="请把备用码抄下来").wait_for()
    looked_at(page, "protect-paper", size, axe_faults)
    page.get_by_role("link", name="抄好了").click()
    page.locator("main#main").wait_for()
    page.goto("/accounts/protection/")
    looked_at(page, "protection", size, axe_faults)
    page.goto("/accounts/devices/")
    looked_at(page, "devices", size, axe_faults)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_code_page_and_the_page_that_asks_again(open_page, axe_faults, size) -> None:
    principal = made.school_post(Post.Kind.PRINCIPAL, made.SchoolFactory())
    secret = with_app(principal)
    page = open_page(None, "/", size=size)
    sign_in(page, principal.user.username)
    page.get_by_role("heading", name="再确认一步").wait_for()
    looked_at(page, "second-step", size, axe_faults)
    page.get_by_label("验证码").fill(app_code(secret))
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("heading", name="再确认一步").wait_for(state="detached")
    page.goto("/accounts/confirm/?next=/accounts/devices/")
    looked_at(page, "confirm", size, axe_faults)


def test_a_passkey_is_made_and_opens_the_door_and_confirms(open_page, axe_faults, live_server) -> None:
    principal = made.school_post(Post.Kind.PRINCIPAL, made.SchoolFactory())
    username = made.user_of(principal).username
    here = live_server.url.replace("127.0.0.1", "localhost")
    page = open_page(None, here, size="phone")
    with_passkeys(page)
    sign_in(page, username)
    page.get_by_role("link", name="用指纹、人脸或安全密钥").click()
    page.get_by_role("button", name="开始").wait_for()
    looked_at(page, "protect-passkey", "phone", axe_faults)
    page.get_by_role("button", name="开始").click()
    page.get_by_role("heading", name="请把备用码抄下来").wait_for()
    passkey = Authenticator.objects.get(user=principal.user, type="webauthn")
    assert passkey.last_used_at is None
    page.context.clear_cookies()
    page.goto(here)
    sign_in(page, username)
    page.get_by_role("heading", name="再确认一步").wait_for()
    looked_at(page, "second-step-passkey", "phone", axe_faults)
    page.get_by_role("button", name="用指纹、人脸或安全密钥").click()
    page.get_by_role("heading", name="再确认一步").wait_for(state="detached")
    page.goto(f"{here}/accounts/devices/")
    page.get_by_text("就是这台").wait_for()
    passkey.refresh_from_db()
    assert passkey.last_used_at is not None
    assert principal.user.devices.latest("pk").second_factor == "webauthn"
    page.goto(f"{here}/accounts/confirm/?next=/accounts/protection/app/")
    page.get_by_text("用指纹、人脸或安全密钥确认").click()
    page.locator("#passkey-password").fill(PASSWORD)
    page.locator("form[data-passkey] button").click()
    page.get_by_role("heading", name="设置手机验证器").wait_for()
