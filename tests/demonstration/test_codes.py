"""The demonstration shows the codes of its invented accounts, and nothing else does."""

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.accounts.models import User
from jiafang.config.wiring import connect
from jiafang.demonstration.codes import code_to_show
from jiafang.demonstration.services.logins import LOGINS
from jiafang.organization.models import Post
from jiafang.web.accounts import second_factor
from tests.accounts.doors.entering import app_code, give_password, is_in, with_app
from tests.factories import organization as made

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_demonstration(settings, monkeypatch):
    settings.DEMONSTRATION = True
    monkeypatch.setattr(second_factor, "code_hints", [])
    connect()
    made.DistrictFactory(demonstration=True)


def invented(username: str = LOGINS["principal"].username):
    principal = made.school_post(Post.Kind.PRINCIPAL, made.SchoolFactory())
    with_app(principal)
    User.objects.filter(pk=principal.user.pk).update(username=username)
    principal.user.refresh_from_db()
    return principal


def test_one_more_tap_lets_a_visitor_in_again_and_again(in_demonstration) -> None:
    principal = invented()
    for _visit in range(3):
        browser = Client()
        give_password(browser, principal)
        page = browser.get(reverse("mfa_authenticate"))
        code = page.context["shown_code"]
        assert f"演示:现在的验证码 {code}" in page.content.decode()
        browser.post(reverse("mfa_authenticate"), {"code": code})
        assert is_in(browser)


def test_an_account_that_is_not_invented_gets_no_code_even_there(in_demonstration, client) -> None:
    principal = invented("somebody-real")
    give_password(client, principal)
    assert "演示" not in client.get(reverse("mfa_authenticate")).content.decode()


def test_without_the_demonstrations_district_there_is_no_code() -> None:
    assert code_to_show(invented().user) == ""


def test_without_its_setting_nothing_is_wired(settings, monkeypatch) -> None:
    monkeypatch.setattr(second_factor, "code_hints", [])
    assert settings.DEMONSTRATION is False
    connect()
    assert second_factor.code_hints == []


def test_the_code_shown_is_one_that_an_app_would_show(in_demonstration) -> None:
    principal = invented()
    secret = with_app(principal)
    assert code_to_show(principal.user) in {app_code(secret, ago=n) for n in (-1, 0, 1)}
