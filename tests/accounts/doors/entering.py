"""Coming in through the real doors: the sign-in page, the code page, an authenticator app."""

import re
import time

from django.test import Client
from django.urls import reverse

from jiafang.accounts.models import User
from jiafang.accounts.services.second_factor import SECONDS, code_at, keep_app, new_secret
from jiafang.organization.models import Person
from tests.factories import organization as made

PASSWORD = "jiafang-demo-8"


def with_app(person: Person) -> str:
    """The person has an authenticator app; its secret."""
    secret = new_secret()
    keep_app(user=made.user_of(person), secret=secret)
    return secret


def app_code(secret: str, *, ago: int = 0) -> str:
    return code_at(secret, int(time.time()) // SECONDS - ago)


class App:
    """An authenticator app whose owner never types a code twice, and has codes on paper for a day in a hurry."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.paper: list[str] = []
        self._typed: set[int] = set()

    def code(self) -> str:
        here = int(time.time()) // SECONDS
        step = next((step for step in (here, here + 1, here - 1) if step not in self._typed), None)
        if step is None:
            return self.paper.pop()
        self._typed.add(step)
        return code_at(self.secret, step)


def give_password(client: Client, person: Person, password: str = PASSWORD, **more: str):
    form = {"login": made.user_of(person).username, "password": password}
    return client.post(reverse("account_login"), form, **more)


def enter(client: Client, person: Person, secret: str = "", *, ago: int = 0) -> None:
    """Sign in with the password, and with a code of the app where there is one."""
    answer = give_password(client, person)
    assert answer.status_code == 302, answer.content.decode()
    if secret:
        assert answer.headers["Location"] == reverse("mfa_authenticate")
        answer = client.post(reverse("mfa_authenticate"), {"code": app_code(secret, ago=ago)})
        assert answer.status_code == 302, answer.content.decode()
    assert is_in(client)


def is_in(client: Client) -> bool:
    """Whether the session still opens the page of one's own devices."""
    return client.get(reverse("device_list")).status_code == 200


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """Join an app on the page for it; the secret and the codes on paper."""
    page = client.get(reverse("second_factor_app"))
    secret = page.context["secret"].replace(" ", "")
    form = {"token": page.context["token"], "code": app_code(secret)}
    answer = client.post(reverse("second_factor_app"), form)
    return secret, re.findall(r"<li>(\d{4} \d{4})</li>", answer.content.decode())


def guesses_of(client: Client, user: User, count: int) -> list[str]:
    return [
        client.post(reverse("account_login"), {"login": user.username, "password": f"wrong-{n}"}).content.decode()
        for n in range(count)
    ]
