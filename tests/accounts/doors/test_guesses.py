"""How often somebody may guess: per account and device, whatever the address."""

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jiafang.accounts.hashers import PasswordHasher
from jiafang.accounts.models import Guesses, User
from jiafang.accounts.services import guesses
from jiafang.accounts.services.second_factor import verify_code
from jiafang.organization.models import Post
from tests.accounts.doors.entering import PASSWORD, app_code, enter, give_password, guesses_of, is_in, with_app
from tests.factories import organization as made

TOO_MANY = "试的次数太多了"


def at_once(count: int, ask: Callable[[int], object], *, threads: int = 16) -> list[object]:
    """Many requests on as many connections as threads."""

    def one(number: int) -> object:
        try:
            return ask(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def evaluated(monkeypatch) -> list[str]:
    """Every password that was compared with the stored one."""
    compared: list[str] = []
    real = User.check_password

    def counting(self: User, raw: str) -> bool:
        compared.append(raw)
        return real(self, raw)

    monkeypatch.setattr(User, "check_password", counting)
    return compared


def _attack(user: User, count: int) -> list[object]:
    def guess(number: int) -> str:
        address = f"10.{number % 250}.{number // 250}.7"
        form = {"login": user.username, "password": f"guess-{number}"}
        return Client(REMOTE_ADDR=address).post(reverse("account_login"), form).content.decode()

    return at_once(count, guess)


def _at_most_twenty(evaluated: list[str], count: int) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    phone = Client()
    enter(phone, teacher)
    phone.post(reverse("account_logout"))
    evaluated.clear()
    pages = _attack(teacher.user, count)
    assert len(evaluated) == guesses.MOST_PER_HOUR
    assert sum(TOO_MANY in str(page) for page in pages) == count - guesses.MOST_PER_HOUR
    # A stranger with the right password waits; the owner's own phone does not.
    assert TOO_MANY in give_password(Client(), teacher).content.decode()
    enter(phone, teacher)


@pytest.mark.django_db(transaction=True)
def test_guesses_from_changing_addresses_at_once_are_looked_at_twenty_times(evaluated) -> None:
    _at_most_twenty(evaluated, 100)


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
def test_two_thousand_guesses_from_changing_addresses_at_once_are_looked_at_twenty_times(evaluated) -> None:
    _at_most_twenty(evaluated, 2000)


def _one_accepted(count: int) -> None:
    principal = made.school_post(Post.Kind.PRINCIPAL, made.SchoolFactory())
    secret = with_app(principal)
    user, code = principal.user, app_code(secret)
    accepted = at_once(count, lambda _number: verify_code(user=user, code=code) is not None)
    assert accepted.count(True) == 1
    # Through the door itself, each on a sign-in of its own.
    browsers = [Client() for _n in range(15)]
    for browser in browsers:
        give_password(browser, principal)
    fresh = app_code(secret, ago=-1)
    at_once(len(browsers), lambda n: browsers[n].post(reverse("mfa_authenticate"), {"code": fresh}).status_code)
    assert [is_in(browser) for browser in browsers].count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_of_parallel_replays_of_one_code_one_is_accepted() -> None:
    _one_accepted(50)


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
def test_of_a_thousand_parallel_replays_of_one_code_one_is_accepted() -> None:
    _one_accepted(1000)


@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_of_one_paper_code_one_is_accepted() -> None:
    from jiafang.accounts.services.second_factor import renew_paper_codes

    principal = made.school_post(Post.Kind.PRINCIPAL, made.SchoolFactory())
    with_app(principal)
    code = renew_paper_codes(user=principal.user)[0]
    accepted = at_once(30, lambda _number: verify_code(user=principal.user, code=code) is not None)
    assert accepted.count(True) == 1


@pytest.mark.django_db
def test_the_hour_slides(client, monkeypatch) -> None:
    user = made.user_of(made.homeroom_teacher(made.SchoolClassFactory()))
    real = timezone.now
    for minutes, count in ((0, 10), (50, 10)):
        monkeypatch.setattr(timezone, "now", lambda m=minutes: real() + dt.timedelta(minutes=m))
        assert not any(TOO_MANY in page for page in guesses_of(client, user, count))
    assert TOO_MANY in guesses_of(client, user, 1)[0]
    monkeypatch.setattr(timezone, "now", lambda: real() + dt.timedelta(minutes=61))
    pages = guesses_of(client, user, 11)
    assert [TOO_MANY in page for page in pages] == [False] * 10 + [True]


@pytest.mark.django_db
def test_another_spelling_of_a_name_is_the_same_account(client) -> None:
    user = made.user_of(made.homeroom_teacher(made.SchoolClassFactory()))
    for n in range(guesses.MOST_PER_HOUR):
        name = user.username.upper() if n % 2 else f" {user.username} "
        client.post(reverse("account_login"), {"login": name, "password": "wrong"})
    assert TOO_MANY in guesses_of(client, user, 1)[0]


@pytest.mark.django_db
def test_the_page_for_a_new_password_is_no_second_place_to_guess(client) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    enter(client, teacher)
    form = {"password1": "linshui-4821", "password2": "linshui-4821"}
    address = reverse("account_change_password")
    for n in range(guesses.MOST_PER_HOUR):
        assert client.post(address, form | {"oldpassword": f"wrong-{n}"}).status_code == 200
    assert TOO_MANY in client.post(address, form | {"oldpassword": PASSWORD}).content.decode()


@pytest.mark.django_db
def test_a_right_password_costs_no_guess(client) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    for _time in range(guesses.MOST_PER_HOUR + 5):
        enter(Client(), teacher)


@pytest.mark.django_db
def test_codes_of_the_app_and_of_the_paper_are_guessed_twenty_times_together(client) -> None:
    principal = made.school_post(Post.Kind.PRINCIPAL, made.SchoolFactory())
    secret = with_app(principal)
    phone = Client()
    enter(phone, principal, secret)
    phone.post(reverse("account_logout"))
    give_password(client, principal)
    for number in range(guesses.MOST_PER_HOUR):
        code = f"{number:06}" if number % 2 else f"{number:08}"
        assert TOO_MANY not in client.post(reverse("mfa_authenticate"), {"code": code}).content.decode()
    assert TOO_MANY in client.post(reverse("mfa_authenticate"), {"code": app_code(secret, ago=-1)}).content.decode()
    enter(phone, principal, secret, ago=-1)


@pytest.mark.django_db
def test_a_device_that_was_thrown_out_is_a_stranger_again(client) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    lost = Client()
    enter(lost, teacher)
    enter(client, teacher)
    client.post(reverse("device_end_others"))
    guesses_of(Client(), teacher.user, guesses.MOST_PER_HOUR)
    assert TOO_MANY in give_password(lost, teacher).content.decode()
    client.post(reverse("account_logout"))
    enter(client, teacher)


@pytest.mark.django_db
def test_whoever_came_in_with_the_old_password_on_many_devices_guesses_the_new_one_no_oftener(
    client, evaluated
) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    thieves = [Client() for _n in range(3)]
    for thief in [*thieves, client]:
        enter(thief, teacher)
    new = "linshui-4821"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), form).status_code == 302
    evaluated.clear()
    for thief in thieves:
        guesses_of(thief, teacher.user, guesses.MOST_PER_HOUR)
    assert len(evaluated) == guesses.MOST_PER_HOUR
    client.post(reverse("account_logout"))
    assert give_password(client, teacher, new).status_code == 302, "where it was typed is no stranger"


@pytest.mark.django_db
def test_a_device_known_to_one_account_is_a_stranger_to_another(client) -> None:
    enter(client, made.homeroom_teacher(made.SchoolClassFactory()))
    client.post(reverse("account_logout"))
    other = made.homeroom_teacher(made.SchoolClassFactory())
    guesses_of(Client(), made.user_of(other), guesses.MOST_PER_HOUR)
    assert TOO_MANY in give_password(client, other).content.decode()


@pytest.mark.django_db
def test_a_name_that_does_not_exist_is_told_and_counted_like_one_that_does(client) -> None:
    user = made.user_of(made.homeroom_teacher(made.SchoolClassFactory()))

    def words(name: str) -> list[str]:
        form = {"login": name, "password": "wrong"}
        return [client.post(reverse("account_login"), form).context["form"].errors.as_text() for _n in range(21)]

    assert words(user.username) == words("nobody")


@pytest.mark.django_db
def test_a_name_that_does_not_exist_costs_the_time_of_a_hash(client, settings) -> None:
    settings.PASSWORD_HASHERS = ["jiafang.accounts.hashers.PasswordHasher"]
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    made.user_of(teacher)

    def seconds(name: str) -> float:
        took = []
        for _time in range(5):
            began = time.process_time()
            client.post(reverse("account_login"), {"login": name, "password": "wrong"})
            took.append(time.process_time() - began)
        return sorted(took)[2]

    assert 0.5 < seconds("nobody") / seconds(teacher.user.username) < 2


@pytest.mark.django_db
def test_passwords_hashed_before_still_open_and_are_hashed_anew(client, settings) -> None:
    old = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    settings.PASSWORD_HASHERS = [old]
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    made.user_of(teacher)
    settings.PASSWORD_HASHERS = ["jiafang.accounts.hashers.PasswordHasher", old]
    enter(client, teacher)
    stored = User.objects.get(person=teacher).password
    assert stored.startswith(PasswordHasher.algorithm)
    assert check_password(PASSWORD, stored)


@pytest.mark.django_db
def test_old_counts_are_forgotten(client, monkeypatch) -> None:
    user = made.user_of(made.homeroom_teacher(made.SchoolClassFactory()))
    guesses_of(client, user, 1)
    assert guesses.forget_old_guesses() == 0
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + dt.timedelta(hours=3))
    assert guesses.forget_old_guesses() == 1
    assert not Guesses.objects.exists()
