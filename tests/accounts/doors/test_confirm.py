"""Asking for the password again before an export."""

import time

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from jiafang.organization.models import Post
from jiafang.web.accounts.confirm import CONFIRMED_AT, VALID_SECONDS, confirmed, recently_confirmed
from tests.factories import organization as made

pytestmark = pytest.mark.django_db
PASSWORD = "jiafang-demo-8"


@pytest.fixture
def teacher(client):
    person = made.homeroom_teacher(made.SchoolClassFactory())
    made.sign_in(client, person)
    return person


def _asked(session, path="/export/?class=1", method="get", **headers):
    request = getattr(RequestFactory(), method)(path, headers=headers)
    request.session = session
    return confirmed(lambda request: HttpResponse("the file"))(request), request


def test_whoever_has_just_signed_in_is_asked_again_and_led_back(client, teacher) -> None:
    answer, _request = _asked(client.session)
    assert answer.headers["Location"] == reverse("account_confirm") + "?next=%2Fexport%2F%3Fclass%3D1"
    answer = client.post(reverse("account_confirm"), {"password": PASSWORD, "next": "/export/?class=1"})
    assert answer.headers["Location"] == "/export/?class=1"
    answer, request = _asked(client.session)
    assert answer.content == b"the file"
    assert recently_confirmed(request)


def test_a_wrong_password_confirms_nothing(client, teacher) -> None:
    page = client.post(reverse("account_confirm"), {"password": "wrong"}).content.decode()
    assert "密码不对" in page
    assert _asked(client.session)[0].status_code == 302


def test_a_confirmation_lasts_ten_minutes(client, teacher) -> None:
    session = client.session
    session[CONFIRMED_AT] = int(time.time()) - VALID_SECONDS + 5
    assert _asked(session)[0].status_code == 200
    session[CONFIRMED_AT] = int(time.time()) - VALID_SECONDS
    assert _asked(session)[0].status_code == 302


def test_a_form_that_was_sent_leads_back_to_its_page(client, teacher) -> None:
    answer, _request = _asked(client.session, method="post", Referer="http://testserver/people/?q=a")
    assert answer.headers["Location"].endswith("?next=%2Fpeople%2F%3Fq%3Da")
    answer, _request = _asked(client.session, method="post", Referer="https://elsewhere.example/x")
    assert answer.headers["Location"].endswith("?next=%2F")
    answer, _request = _asked(client.session, **{"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith(reverse("account_confirm"))


def test_the_way_back_never_leads_to_another_host(client) -> None:
    made.sign_in(client, made.bureau_post(Post.Kind.COMMUNITY_PARTNER))
    answer = client.post(reverse("account_confirm"), {"password": PASSWORD, "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"


def test_a_visitor_is_led_to_the_sign_in(client) -> None:
    assert client.get(reverse("account_confirm")).headers["Location"].startswith(reverse("account_login"))
