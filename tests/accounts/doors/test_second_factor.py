"""A second factor for whoever answers for more than a class; no way around it."""

import time

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import reverse

from jiafang.accounts.models import DeviceSession, User
from jiafang.config.addresses import addresses
from jiafang.organization.models import Post
from jiafang.web.accounts.doors import OPEN_WITHOUT
from tests.accounts.doors.entering import (
    PASSWORD,
    app_code,
    enter,
    give_password,
    is_in,
    set_up_app,
    with_app,
)
from tests.factories import organization as made

pytestmark = pytest.mark.django_db
ABOVE_CLASS = ("administrator", "director", "cadre", "principal", "deputy", "moral deputy", "cohort lead", "counselor")
CLASS_SCOPE = ("homeroom teacher", "subject teacher", "guardian", "community partner")


def somebody(role: str):
    school_class = made.SchoolClassFactory()
    cohort = school_class.cohort
    kinds = Post.Kind
    return {
        "administrator": lambda: made.bureau_post(kinds.ADMINISTRATOR),
        "director": lambda: made.bureau_post(kinds.DIRECTOR),
        "cadre": lambda: made.bureau_post(kinds.CADRE),
        "community partner": lambda: made.bureau_post(kinds.COMMUNITY_PARTNER),
        "principal": lambda: made.school_post(kinds.PRINCIPAL, cohort.school),
        "deputy": lambda: made.school_post(kinds.DEPUTY_PRINCIPAL, cohort.school),
        "moral deputy": lambda: made.school_post(kinds.MORAL_DEPUTY, cohort.school),
        "counselor": lambda: made.school_post(kinds.COUNSELOR, cohort.school),
        "cohort lead": lambda: made.cohort_lead(cohort),
        "homeroom teacher": lambda: made.homeroom_teacher(school_class),
        "subject teacher": lambda: made.subject_teacher(school_class),
        "guardian": lambda: made.guardian_of(made.student(school_class)),
    }[role]()


@pytest.mark.parametrize("role", ABOVE_CLASS)
def test_above_class_scope_the_set_up_page_comes_first(client, role) -> None:
    assert give_password(client, somebody(role)).status_code == 302
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == reverse("second_factor")
    assert "先给账号加一道保护" in answer.content.decode()


@pytest.mark.parametrize("role", CLASS_SCOPE)
def test_within_class_scope_nobody_has_to(client, role) -> None:
    enter(client, somebody(role))


def test_a_teacher_who_also_leads_a_cohort_needs_it_in_whichever_capacity(client) -> None:
    lead = made.cohort_lead(made.GradeCohortFactory())
    made.homeroom_teacher(made.SchoolClassFactory(), lead)
    made.user_of(lead)
    teacher = made.actor_of(lead, "teacher")
    User.objects.filter(person=lead).update(capacity=teacher.capacity_key)
    give_password(client, lead)
    assert client.get(reverse("today")).headers["Location"] == reverse("second_factor")


def test_without_it_no_address_but_those_of_the_set_up_answers(client) -> None:
    """Default deny: every address of the house is asked for."""
    give_password(client, somebody("administrator"))
    asked = 0
    for one in addresses():
        if one.name in OPEN_WITHOUT or "<" in one.pattern or one.pattern.startswith("api/"):
            continue
        method = client.get if "GET" in one.methods else client.post
        answer = method(f"/{one.pattern}")
        assert answer.status_code == 302, one.name
        assert answer.headers["Location"] == reverse("second_factor"), one.name
        asked += 1
    assert asked > 20
    answer = client.get("/api/plan-runs/1")
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_setting_up_an_app_opens_the_house_and_the_next_sign_in_asks_for_its_code(client, monkeypatch) -> None:
    # No half minute ends between the two codes, however slow the machine is.
    moment = time.time()
    monkeypatch.setattr("time.time", lambda: moment)
    principal = somebody("principal")
    give_password(client, principal)
    secret, paper = set_up_app(client)
    assert len(paper) == 10
    assert is_in(client)
    other = Client()
    assert give_password(other, principal).headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(other)
    assert "验证码不对" in other.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    # The code with which the app was joined has been used.
    used = other.post(reverse("mfa_authenticate"), {"code": app_code(secret)})
    assert "已经用过了" in used.content.decode()
    assert other.post(reverse("mfa_authenticate"), {"code": app_code(secret, ago=-1)}).status_code == 302
    assert is_in(other)


def test_a_wrong_code_joins_no_app_and_a_foreign_secret_neither(client) -> None:
    give_password(client, somebody("cadre"))
    page = client.get(reverse("second_factor_app"))
    wrong = client.post(reverse("second_factor_app"), {"token": page.context["token"], "code": "123"})
    assert "验证码不对" in wrong.content.decode()
    assert wrong.context["secret"] == page.context["secret"]
    full_width = client.post(reverse("second_factor_app"), {"token": page.context["token"], "code": "１２３４５６"})
    assert "验证码不对" in full_width.content.decode()
    forged = client.post(reverse("second_factor_app"), {"token": "made:up", "code": "123456"})
    assert forged.context["secret"] != page.context["secret"]
    assert not Authenticator.objects.exists()


def test_secrets_lie_encrypted_in_the_database(client) -> None:
    give_password(client, somebody("cadre"))
    secret, _paper = set_up_app(client)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_a_code_on_paper_counts_once(client) -> None:
    principal = somebody("principal")
    give_password(client, principal)
    _secret, paper = set_up_app(client)
    for place, good in ((0, True), (0, False), (1, True)):
        other = Client()
        give_password(other, principal)
        other.post(reverse("mfa_authenticate"), {"code": paper[place]})
        assert is_in(other) is good


def test_a_new_activation_code_sets_a_password_but_does_not_go_past_the_second_factor(client) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    secret = with_app(teacher)
    office = Client()
    made.sign_in(office, made.bureau_post(Post.Kind.ADMINISTRATOR))
    made.confirm(office)
    page = office.post(reverse("person_account_open", args=[teacher.pk])).content.decode()
    code = page.split('data-label="激活码">')[1].split("<")[0]
    form = {"username": teacher.user.username, "code": code, "password": "linshui-4821"}
    assert client.post(reverse("account_activate"), form).headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": app_code(secret)})
    assert is_in(client)


def _reset(person, by=None) -> tuple[Client, str]:
    office = Client()
    made.sign_in(office, by or made.bureau_post(Post.Kind.ADMINISTRATOR))
    address = reverse("person_account_reset", args=[person.pk])
    assert office.post(address).headers["Location"].startswith(reverse("account_confirm"))
    office.post(reverse("account_confirm"), {"password": PASSWORD})
    answer = office.post(address)
    page = answer.content.decode()
    return office, page.split('data-label="激活码">')[1].split("<")[0] if answer.status_code == 200 else page


def test_a_lost_phone_is_reset_with_a_code_on_paper_and_everything_begins_anew(client) -> None:
    principal = somebody("principal")
    secret = with_app(principal)
    enter(client, principal, secret)
    _office, code = _reset(principal)
    assert not is_in(client)
    stranger = Client()
    assert give_password(stranger, principal).status_code == 200, "the old password must not open what lost its lock"
    form = {"username": principal.user.username, "code": code, "password": "linshui-4821"}
    fresh = Client()
    assert fresh.post(reverse("account_activate"), form).status_code == 302
    assert fresh.get("/").headers["Location"] == reverse("second_factor")
    set_up_app(fresh)
    assert is_in(fresh)


def test_nobody_resets_themselves_and_a_principal_nobody_above(client) -> None:
    administrator = made.bureau_post(Post.Kind.ADMINISTRATOR)
    assert "不能给自己重设" in _reset(administrator, by=administrator)[1]
    school = made.SchoolFactory()
    principal = made.school_post(Post.Kind.PRINCIPAL, school)
    deputy = made.school_post(Post.Kind.DEPUTY_PRINCIPAL, school)
    made.user_of(deputy)
    assert "请由教育局管理员办理" in _reset(deputy, by=principal)[1]
    cadre = made.guardian_of(made.student(made.SchoolClassFactory(cohort__school=school)))
    made.bureau_post(Post.Kind.CADRE, cadre)
    made.user_of(cadre)
    assert "请由教育局管理员办理" in _reset(cadre, by=principal)[1], "a cadre whose child goes to the school"
    teacher = made.employee(school)
    made.user_of(teacher)
    assert len(_reset(teacher, by=principal)[1]) == 11


def test_an_unlocked_phone_changes_no_door(client) -> None:
    """Adding and taking away ask for the password and the code again."""
    principal = somebody("principal")
    secret = with_app(principal)
    enter(client, principal, secret)
    for address in (reverse("second_factor_app"), reverse("second_factor_passkey")):
        assert client.get(address).headers["Location"].startswith(reverse("account_confirm"))
    factor = Authenticator.objects.get(user=principal.user, type="totp")
    assert client.post(reverse("second_factor_remove", args=[factor.pk])).status_code == 302
    assert client.post(reverse("second_factor_paper")).status_code == 302
    assert Authenticator.objects.filter(pk=factor.pk).exists()
    only_password = client.post(reverse("account_confirm"), {"password": PASSWORD})
    assert only_password.status_code == 200
    both = {"password": PASSWORD, "code": app_code(secret, ago=-1)}
    assert client.post(reverse("account_confirm"), both).status_code == 302
    assert client.get(reverse("second_factor_app")).status_code == 200


def test_whoever_must_have_one_keeps_the_last_and_a_teacher_may_go_without(client) -> None:
    principal, teacher = somebody("principal"), somebody("homeroom teacher")
    for person, left in ((principal, 1), (teacher, 0)):
        other = Client()
        secret = with_app(person)
        enter(other, person, secret)
        other.post(reverse("account_confirm"), {"password": PASSWORD, "code": app_code(secret, ago=-1)})
        factor = Authenticator.objects.get(user=person.user, type="totp")
        other.post(reverse("second_factor_remove", args=[factor.pk]))
        assert Authenticator.objects.filter(user=person.user).count() == left


@pytest.mark.parametrize("role", ["principal", "homeroom teacher"])
def test_taking_a_factor_away_ends_the_sessions_that_were_opened_with_it(client, role) -> None:
    """A lost phone whose app is taken away; for a teacher it may have been the only one."""
    person = somebody(role)
    secret = with_app(person)
    last = role == "homeroom teacher"
    if not last:
        Authenticator.objects.create(user=person.user, type="webauthn", data={"name": "钥匙", "credential": {}})
    lost, elsewhere = Client(), Client()
    enter(lost, person, secret, ago=1)
    enter(elsewhere, person, secret)
    if not last:
        DeviceSession.objects.filter(pk=elsewhere.session["device"]).update(second_factor="webauthn")
    enter(client, person, secret, ago=-1)
    made.confirm(client)
    factor = Authenticator.objects.get(user=person.user, type="totp")
    client.post(reverse("second_factor_remove", args=[factor.pk]))
    assert not Authenticator.objects.filter(pk=factor.pk).exists()
    assert not is_in(lost)
    assert is_in(client), "the one that has just confirmed"
    assert is_in(elsewhere) is not last, "opened with what remains"


def test_a_session_whose_passkey_is_gone_is_none_of_a_passkey_any_more(client) -> None:
    """Such a session may lie unused for a month instead of half a day."""
    person = somebody("principal")
    enter(client, person, with_app(person))
    DeviceSession.objects.filter(pk=client.session["device"]).update(second_factor="webauthn")
    passkey = Authenticator.objects.create(user=person.user, type="webauthn", data={"name": "钥匙", "credential": {}})
    made.confirm(client)
    client.post(reverse("second_factor_remove", args=[passkey.pk]))
    assert DeviceSession.objects.get(pk=client.session["device"]).second_factor == "totp"
    assert is_in(client)


def test_nobody_takes_away_what_is_somebody_elses(client) -> None:
    teacher, other = somebody("homeroom teacher"), somebody("homeroom teacher")
    with_app(other)
    factor = Authenticator.objects.get(user=other.user)
    enter(client, teacher)
    client.post(reverse("second_factor_remove", args=[factor.pk]))
    assert Authenticator.objects.filter(pk=factor.pk).exists()


def test_a_session_whose_owner_took_the_factor_away_sets_one_up_after_a_promotion(client) -> None:
    school = made.SchoolFactory()
    teacher = made.employee(school)
    secret = with_app(teacher)
    enter(client, teacher, secret)
    client.post(reverse("account_confirm"), {"password": PASSWORD, "code": app_code(secret, ago=-1)})
    factor = Authenticator.objects.get(user=teacher.user, type="totp")
    client.post(reverse("second_factor_remove", args=[factor.pk]))
    made.school_post(Post.Kind.PRINCIPAL, school, teacher)
    assert client.get(reverse("people_list")).headers["Location"] == reverse("second_factor")


def test_a_session_from_before_a_promotion_sets_it_up_before_it_goes_on(client) -> None:
    school = made.SchoolFactory()
    teacher = made.employee(school)
    enter(client, teacher)
    made.school_post(Post.Kind.PRINCIPAL, school, teacher)
    assert client.get(reverse("people_list")).headers["Location"] == reverse("second_factor")


def test_setting_one_up_ends_the_sessions_that_have_not_shown_it(client) -> None:
    teacher = somebody("homeroom teacher")
    enter(client, teacher)
    other = Client()
    enter(other, teacher)
    set_up_app(other)
    assert is_in(other)
    assert not is_in(client)


def test_outside_the_demonstration_no_page_shows_a_code(client) -> None:
    from jiafang.web.accounts.second_factor import code_hints

    assert not settings.DEMONSTRATION
    assert code_hints == []
    principal = somebody("principal")
    User.objects.filter(pk=made.user_of(principal).pk).update(username="principal")
    principal.user.refresh_from_db()
    made.DistrictFactory(demonstration=True)
    secret = with_app(principal)
    give_password(client, principal)
    page = client.get(reverse("mfa_authenticate")).content.decode()
    assert "演示" not in page
    assert not any(app_code(secret, ago=n) in page for n in (-1, 0, 1))


def test_the_door_leaves_its_trace(client) -> None:
    from jiafang.accounts.models import AuditEntry

    principal = somebody("principal")
    give_password(client, principal, "wrong")
    give_password(client, principal)
    set_up_app(client)
    client.post(reverse("account_logout"))
    entries = AuditEntry.objects.filter(object_kind="accounts.user", object_id=str(principal.user.pk)).order_by("pk")
    actions = list(entries.values_list("action", flat=True))
    assert actions == ["sign_in.failed", "sign_in", "second_factor.set"]
    device = DeviceSession.objects.get(user=principal.user)
    assert AuditEntry.objects.filter(action="sign_out", object_id=str(device.pk)).count() == 1
