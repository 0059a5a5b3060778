"""Sessions of devices: they last, and end at once."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jiafang.accounts.models import DeviceSession
from jiafang.common.clock import today
from jiafang.organization.models import Guardianship, Post
from tests.accounts.doors.entering import PASSWORD, app_code, enter, give_password, is_in, with_app
from tests.factories import organization as made

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "linshui-4821"
PHONE = "Mozilla/5.0 (Linux; Android 14; HarmonyOS) AppleWebKit/537.36 Chrome/120.0 Mobile MicroMessenger/8.0"


class Credentials:
    """Everything by which somebody is in: a page, a fragment, the API, a calendar address, an activation code."""

    def __init__(self, person) -> None:
        self.person = person
        self.browser = Client()
        secret = with_app(person) if person.posts.exclude(school=None).filter(kind="principal").exists() else ""
        enter(self.browser, person, secret)
        made.confirm(self.browser)
        self.feed = self.browser.post(reverse("calendar_subscribe")).context["address"]

    def alive(self) -> dict[str, bool]:
        return {
            "page": is_in(self.browser),
            "fragment": self.browser.get(reverse("device_list"), headers={"HX-Request": "true"}).status_code == 200,
            "api": self.browser.get("/api/plan-runs/1").status_code != 401,
            "calendar": Client().get(self.feed).status_code == 200,
        }


def _dead(credentials: Credentials) -> None:
    # The API first: a page would have cleared the cookie away.
    assert credentials.browser.get("/api/plan-runs/1").status_code == 401
    assert not any(credentials.alive().values()), credentials.alive()


@pytest.fixture
def teacher():
    return made.homeroom_teacher(made.SchoolClassFactory())


def test_every_credential_of_a_teacher_transferred_is_dead_at_the_next_request(teacher) -> None:
    credentials = Credentials(teacher)
    assert all(credentials.alive().values())
    post = Post.unscoped.get(person=teacher, kind=Post.Kind.HOMEROOM_TEACHER)
    other = made.SchoolClassFactory(cohort=post.cohort)
    administrator = made.administrator()
    from jiafang.organization.services.appoint import appoint_homeroom_teacher

    replacement = made.employee(post.school)
    appoint_homeroom_teacher(by=administrator, school_class=post.school_class, teacher=replacement, on=today())
    appoint_homeroom_teacher(by=administrator, school_class=other, teacher=teacher, on=today())
    _dead(credentials)
    enter(credentials.browser, teacher)


def test_every_credential_of_a_post_ended_is_dead_at_the_next_request() -> None:
    principal = made.school_post(Post.Kind.PRINCIPAL, made.SchoolFactory())
    credentials = Credentials(principal)
    assert all(credentials.alive().values())
    Post.unscoped.filter(person=principal, kind=Post.Kind.PRINCIPAL).update(end=today())
    _dead(credentials)


def test_every_credential_of_a_guardian_revoked_is_dead_at_the_next_request() -> None:
    """Also where another child remains."""
    child, sibling = made.student(made.SchoolClassFactory()), made.student(made.SchoolClassFactory())
    mother = made.guardian_of(child)
    made.guardian_of(sibling, mother)
    credentials = Credentials(mother)
    assert all(credentials.alive().values())
    office = Client()
    made.sign_in(office, made.bureau_post(Post.Kind.ADMINISTRATOR))
    link = Guardianship.unscoped.get(guardian=mother, student=child)
    assert office.post(reverse("guardianship_revoke", args=[link.pk])).status_code == 302
    _dead(credentials)


def test_every_other_credential_is_dead_after_a_new_password(teacher) -> None:
    credentials = Credentials(teacher)
    here = Client()
    enter(here, teacher)
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert here.post(reverse("account_change_password"), form).status_code == 302
    assert is_in(here), "the device on which it was typed goes on"
    _dead(credentials)
    assert give_password(Client(), teacher).status_code == 200
    assert give_password(Client(), teacher, NEW_PASSWORD).status_code == 302


def test_every_credential_of_an_account_locked_by_the_office_is_dead(teacher) -> None:
    credentials = Credentials(teacher)
    office = Client()
    made.sign_in(office, made.bureau_post(Post.Kind.ADMINISTRATOR))
    office.post(reverse("person_account_close", args=[teacher.pk]))
    _dead(credentials)


@pytest.mark.parametrize("change", ["transferred", "locked"])
def test_an_activation_code_ends_with_the_standing_for_which_it_was_given(client, teacher, change) -> None:
    office = Client()
    made.sign_in(office, made.bureau_post(Post.Kind.ADMINISTRATOR))
    made.confirm(office)
    page = office.post(reverse("person_account_open", args=[teacher.pk])).content.decode()
    username, code = (cell.split("<")[0] for cell in page.split('data-label="')[1:3])
    username, code = username.split(">")[1], code.split(">")[1]
    if change == "transferred":
        Post.unscoped.filter(person=teacher, kind=Post.Kind.HOMEROOM_TEACHER).update(end=today())
    else:
        office.post(reverse("person_account_close", args=[teacher.pk]))
    form = {"username": username, "code": code, "password": NEW_PASSWORD}
    assert "激活码不对" in client.post(reverse("account_activate"), form).content.decode()


def test_a_fragment_of_a_dead_session_sends_the_whole_page_to_the_sign_in(teacher) -> None:
    credentials = Credentials(teacher)
    DeviceSession.objects.update(ended_at=timezone.now())
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/people/?q=a"}
    answer = credentials.browser.get(reverse("people_list"), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=%2Fpeople%2F%3Fq%3Da"


def test_a_new_post_ends_nothing(teacher) -> None:
    credentials = Credentials(teacher)
    made.subject_teacher(made.SchoolClassFactory(), teacher)
    assert all(credentials.alive().values())


def test_to_lose_again_what_was_gained_after_signing_in_ends_the_session(client, teacher) -> None:
    enter(client, teacher)
    made.subject_teacher(made.SchoolClassFactory(), teacher)
    assert is_in(client)
    Post.unscoped.filter(person=teacher, kind=Post.Kind.SUBJECT_TEACHER).update(end=today())
    assert not is_in(client)


def test_a_sign_in_half_done_does_not_outlive_the_password_with_which_it_began(client, teacher) -> None:
    secret = with_app(teacher)
    assert give_password(client, teacher).headers["Location"] == reverse("mfa_authenticate")
    here = Client()
    enter(here, teacher, secret, ago=1)
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert here.post(reverse("account_change_password"), form).status_code == 302
    answer = client.post(reverse("mfa_authenticate"), {"code": app_code(secret)})
    assert answer.headers["Location"] == reverse("account_login")
    assert not is_in(client)
    give_password(client, teacher, NEW_PASSWORD)
    assert client.post(reverse("mfa_authenticate"), {"code": app_code(secret)}).status_code == 302
    assert is_in(client), "the code was not used up by the refusal"


def test_who_finds_a_phone_takes_no_calendar_address_with_them(client, teacher) -> None:
    """It would go on when the phone is thrown out."""
    enter(client, teacher)
    answer = client.post(reverse("calendar_subscribe"))
    assert answer.headers["Location"].startswith(reverse("account_confirm"))
    teacher.user.refresh_from_db()
    assert not teacher.user.calendar_token
    made.confirm(client)
    assert client.post(reverse("calendar_subscribe")).context["address"]


def test_devices_are_listed_by_names_their_owner_knows(client, teacher) -> None:
    enter(client, teacher)
    phone = Client()
    give_password(phone, teacher, headers={"User-Agent": PHONE})
    page = client.get(reverse("device_list")).content.decode()
    assert "鸿蒙手机 · 微信" in page
    assert page.count("就是这台") == 1


def test_one_device_is_thrown_out_and_all_others_at_once(client, teacher) -> None:
    enter(client, teacher)
    here = DeviceSession.objects.get(user=teacher.user)
    phones = [Client() for _n in range(3)]
    for phone in phones:
        enter(phone, teacher)
    first = DeviceSession.objects.exclude(pk=here.pk).order_by("pk")[0]
    client.post(reverse("device_end", args=[first.pk]))
    assert [is_in(phone) for phone in phones] == [False, True, True]
    client.post(reverse("device_end_others"))
    assert [is_in(phone) for phone in phones] == [False, False, False]
    assert is_in(client)


def test_nobody_throws_out_the_device_of_another(client, teacher) -> None:
    other = Client()
    enter(other, made.homeroom_teacher(made.SchoolClassFactory()))
    enter(client, teacher)
    for device in DeviceSession.objects.all():
        client.post(reverse("device_end", args=[device.pk]))
    assert is_in(other)


def _left_alone(days: float) -> None:
    DeviceSession.objects.update(last_seen_at=timezone.now() - dt.timedelta(days=days))


@pytest.mark.parametrize(("days", "lives"), [(89, True), (91, False)])
def test_the_phone_of_a_teacher_stays_signed_in_for_months(client, teacher, days, lives) -> None:
    enter(client, teacher)
    _left_alone(days)
    assert is_in(client) is lives


@pytest.mark.parametrize(
    ("factor", "hours", "lives"),
    [("totp", 11, True), ("totp", 13, False), ("webauthn", 24 * 29, True), ("webauthn", 24 * 31, False)],
)
def test_above_class_scope_an_unused_device_is_signed_out_sooner(client, factor, hours, lives) -> None:
    made.sign_in(client, made.bureau_post(Post.Kind.DIRECTOR))
    DeviceSession.objects.update(second_factor=factor)
    _left_alone(hours / 24)
    assert is_in(client) is lives


def test_use_is_noted_once_an_hour_and_makes_the_months_begin_anew(client, teacher) -> None:
    enter(client, teacher)
    _left_alone(2)
    answer = client.get(reverse("device_list"))
    assert "sessionid" in answer.cookies
    seen = DeviceSession.objects.get().last_seen_at
    assert timezone.now() - seen < dt.timedelta(minutes=1)
    assert "sessionid" not in client.get(reverse("device_list")).cookies
    assert DeviceSession.objects.get().last_seen_at == seen


def test_signing_out_ends_the_device(client, teacher) -> None:
    enter(client, teacher)
    stolen = client.cookies["sessionid"].value
    client.post(reverse("account_logout"))
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert not is_in(thief)
    assert DeviceSession.objects.get().ended_why == "sign_out"
