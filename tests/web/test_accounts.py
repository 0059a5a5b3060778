"""Signing in, activating an account, choosing a capacity."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.accounts.models import Activation, User
from jiafang.common.clock import today
from jiafang.organization.models import CorrectionRequest, Person, Post
from tests.factories import organization as made

pytestmark = pytest.mark.django_db
PASSWORD = "linshui-4821"


def _opened(person: Person) -> tuple[str, str]:
    """The user name and code that the school's principal is shown for a person."""
    office = Client()
    made.sign_in(office, made.bureau_post(Post.Kind.ADMINISTRATOR))
    made.confirm(office)
    page = office.post(reverse("person_account_open", args=[person.pk])).content.decode()
    cells = re.findall(r'<td class="num"[^>]*>([^<]+)</td>', page)
    return cells[0], cells[1]


def test_a_teacher_activates_the_account_once_and_signs_in(client) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    username, code = _opened(teacher)
    form = {"username": username, "code": code.lower(), "password": PASSWORD}
    assert client.post(reverse("account_activate"), form).headers["Location"] == "/"
    again = Client()
    assert "激活码不对" in again.post(reverse("account_activate"), form).content.decode()
    answer = again.post(reverse("account_login"), {"login": username, "password": PASSWORD})
    assert answer.status_code == 302


def test_a_wrong_code_and_an_unknown_name_are_told_alike(client) -> None:
    username, _code = _opened(made.homeroom_teacher(made.SchoolClassFactory()))
    wrong = {"code": "AAAAA-BBBBB", "password": PASSWORD}
    answers = [
        client.post(reverse("account_activate"), wrong | {"username": name}).content.decode()
        for name in (username, "nobody")
    ]
    assert all("用户名或激活码不对" in page for page in answers)


def test_after_twenty_wrong_codes_the_right_one_has_to_wait_an_hour(client) -> None:
    username, code = _opened(made.homeroom_teacher(made.SchoolClassFactory()))
    for _try in range(20):
        client.post(reverse("account_activate"), {"username": username, "code": "WRONG", "password": PASSWORD})
    right = {"username": username, "code": code, "password": PASSWORD}
    assert "试的次数太多了" in client.post(reverse("account_activate"), right).content.decode()


def test_a_weak_password_is_refused_and_the_code_stays_good(client) -> None:
    username, code = _opened(made.homeroom_teacher(made.SchoolClassFactory()))
    weak = {"username": username, "code": code, "password": "123"}
    assert client.post(reverse("account_activate"), weak).status_code == 200
    assert client.post(reverse("account_activate"), weak | {"password": PASSWORD}).status_code == 302


def test_a_principal_opens_accounts_for_the_whole_school_but_not_for_another(client) -> None:
    school, other = made.SchoolFactory(), made.SchoolFactory()
    teachers = [made.employee(school) for _n in range(3)]
    stranger = made.employee(other)
    made.sign_in(client, made.school_post(Post.Kind.PRINCIPAL, school), "principal")
    for name, pk in (("school_accounts_open", school.pk), ("person_account_open", teachers[0].pk)):
        asked = client.post(reverse(name, args=[pk])).headers["Location"]
        assert asked.startswith(reverse("account_confirm")), "codes are not for who finds the phone unlocked"
    made.confirm(client)
    page = client.post(reverse("school_accounts_open", args=[school.pk])).content.decode()
    assert all(teacher.name in page for teacher in teachers)
    assert User.objects.filter(person__in=teachers).count() == 3
    assert client.post(reverse("school_accounts_open", args=[other.pk])).status_code == 404
    assert client.post(reverse("person_account_open", args=[stranger.pk])).status_code == 404
    assert not User.objects.filter(person=stranger).exists()


def test_a_principal_cannot_take_over_the_sign_in_of_a_leader_a_counselor_or_a_cadre_with_a_child_there(client) -> None:
    """Whoever holds a code can act as the person, so this one is the bureau's to hand out."""
    cohort = made.GradeCohortFactory()
    child = made.student(made.SchoolClassFactory(cohort=cohort))
    cadre = made.guardian_of(child, made.bureau_post(Post.Kind.CADRE))
    principal = made.school_post(Post.Kind.PRINCIPAL, cohort.school)
    deputy = made.school_post(Post.Kind.DEPUTY_PRINCIPAL, cohort.school)
    counselor = made.school_post(Post.Kind.COUNSELOR, cohort.school)
    before = made.user_of(cadre).password
    made.user_of(principal)
    made.user_of(counselor)
    made.sign_in(client, deputy, "principal")
    made.confirm(client)
    # Whoever holds a counselor's code reads the cases that were referred to the counselor.
    for person in (cadre, principal, counselor):
        for name in ("person_account_open", "person_account_close", "person_account_reset"):
            assert client.post(reverse(name, args=[person.pk])).status_code == 409
    assert not Activation.objects.exists()
    assert User.objects.get(person=cadre).password == before
    assert len(_opened(counselor)) == 2, "the bureau can"


@pytest.mark.parametrize("name", ["person_account_open", "person_account_close", "person_account_reset"])
def test_a_principal_cannot_take_over_the_sign_in_of_a_family_with_a_child_elsewhere(client, name) -> None:
    here, elsewhere = made.SchoolClassFactory(), made.SchoolClassFactory()
    mother = made.guardian_of(made.student(here))
    made.guardian_of(made.student(elsewhere), mother)
    before = made.user_of(mother).password
    made.sign_in(client, made.school_post(Post.Kind.PRINCIPAL, here.cohort.school), "principal")
    made.confirm(client)
    assert client.post(reverse(name, args=[mother.pk])).status_code == 409
    assert not Activation.objects.exists()
    assert User.objects.get(person=mother).password == before


def test_a_closed_account_is_signed_out_at_the_next_request(client) -> None:
    school = made.SchoolFactory()
    teacher = made.employee(school)
    made.sign_in(client, teacher)
    assert client.get(reverse("people_list")).status_code == 200
    office = Client()
    made.sign_in(office, made.school_post(Post.Kind.PRINCIPAL, school), "principal")
    assert office.post(reverse("person_account_close", args=[teacher.pk])).status_code == 302
    assert client.get(reverse("people_list")).status_code == 302


def _close(person: Person) -> None:
    office = Client()
    made.sign_in(office, made.bureau_post(Post.Kind.ADMINISTRATOR))
    assert office.post(reverse("person_account_close", args=[person.pk])).status_code == 302


def test_a_new_code_reopens_a_closed_account_and_nothing_from_before_does(client) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    made.sign_in(client, teacher)
    username, code_before = _opened(teacher)
    _close(teacher)
    username, code = _opened(teacher)
    assert not User.objects.get(person=teacher).is_active, "closed until its owner comes with the code"
    form = {"username": username, "password": PASSWORD}
    fresh = Client()
    assert "激活码不对" in fresh.post(reverse("account_activate"), form | {"code": code_before}).content.decode()
    assert fresh.post(reverse("account_activate"), form | {"code": code}).headers["Location"] == "/"
    assert fresh.get(reverse("people_list")).status_code == 200
    assert client.get(reverse("people_list")).status_code == 302, "the session from before"
    answer = Client().post(reverse("account_login"), {"login": username, "password": "jiafang-demo-8"})
    assert answer.status_code == 200, "the password from before"


def test_closing_again_takes_back_the_code_that_would_reopen(client) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    made.user_of(teacher)
    _close(teacher)
    username, code = _opened(teacher)
    office = Client()
    made.sign_in(office, made.bureau_post(Post.Kind.ADMINISTRATOR))
    assert "收回激活码" in office.get(reverse("person", args=[teacher.pk])).content.decode()
    _close(teacher)
    assert not Activation.objects.exists()
    assert "收回激活码" not in office.get(reverse("person", args=[teacher.pk])).content.decode()
    form = {"username": username, "code": code, "password": PASSWORD}
    assert "激活码不对" in client.post(reverse("account_activate"), form).content.decode()
    assert not User.objects.get(person=teacher).is_active


def test_the_closed_account_of_somebody_who_has_left_stays_closed(client) -> None:
    teacher = made.homeroom_teacher(made.SchoolClassFactory())
    made.user_of(teacher)
    _close(teacher)
    Post.unscoped.filter(person=teacher).update(end=today())
    made.sign_in(client, made.bureau_post(Post.Kind.ADMINISTRATOR))
    made.confirm(client)
    answer = client.post(reverse("person_account_open", args=[teacher.pk]))
    assert answer.status_code == 409
    assert "已经离开" in answer.content.decode()
    assert not Activation.objects.exists()


def test_a_teacher_who_is_a_mother_acts_in_one_capacity_at_a_time(client) -> None:
    mother = made.homeroom_teacher(made.SchoolClassFactory())
    made.guardian_of(made.student(made.SchoolClassFactory(), name="谢清越"), mother)
    made.sign_in(client, mother, "teacher")
    assert "谢清越" not in client.get(reverse("people_list")).content.decode()
    assert client.post(reverse("switch_capacity"), {"capacity": "guardian:"}).status_code == 302
    assert client.get(reverse("people_list")).status_code == 404
    assert client.post(reverse("switch_capacity"), {"capacity": "administrator:"}).status_code == 302
    assert client.get(reverse("school_list")).status_code == 404


def test_switching_on_one_device_leaves_the_others_as_they_are(client) -> None:
    """What is begun on the phone is not suddenly answered as somebody else since the computer was switched."""
    mother = made.homeroom_teacher(made.SchoolClassFactory())
    made.guardian_of(made.student(made.SchoolClassFactory()), mother)
    phone, computer, later = client, Client(), Client()
    made.sign_in(phone, mother, "teacher")
    made.sign_in(computer, mother, "teacher")
    computer.post(reverse("switch_capacity"), {"capacity": "guardian:"})
    assert computer.get(reverse("people_list")).status_code == 404
    assert phone.get(reverse("people_list")).status_code == 200
    made.open_session(later, User.objects.get(person=mother))
    assert later.get(reverse("people_list")).status_code == 404, "a new sign-in begins as the last one chosen"
    later.post(reverse("switch_capacity"), {"capacity": made.actor_of(mother, "teacher").capacity_key})
    assert later.get(reverse("people_list")).status_code == 200
    assert computer.get(reverse("people_list")).status_code == 404


def test_a_form_from_before_the_switch_is_answered_as_missing(client) -> None:
    """Two tabs share a session: the one left behind sends the form of a capacity that is no longer taken."""
    child = made.student(made.SchoolClassFactory())
    school = made.SchoolFactory()
    mother = made.guardian_of(child, made.school_post(Post.Kind.PRINCIPAL, school))
    principal = made.sign_in(client, mother, "principal")
    made.confirm(client)
    teacher = made.employee(school)
    asked = {"student": child.pk, "about": "phone", "wrong": "甲", "right": "乙"}
    forms = {
        "guardian:": (reverse("family_data"), asked),
        principal.capacity_key: (reverse("person_account_open", args=[teacher.pk]), {}),
    }
    for capacity, left_behind in (("guardian:", principal.capacity_key), (principal.capacity_key, "guardian:")):
        client.post(reverse("switch_capacity"), {"capacity": capacity})
        address, data = forms[left_behind]
        assert client.post(address, data).status_code == 404
    assert not User.objects.filter(person=teacher).exists()
    assert not CorrectionRequest.unscoped.exists()
    assert client.post(*forms[principal.capacity_key]).status_code == 200


def test_pages_speak_english_on_request_and_chinese_by_default(client) -> None:
    assert 'lang="zh-hans"' in client.get(reverse("account_login"), headers={"Accept-Language": "en"}).content.decode()
    client.post(reverse("switch_language"), {"language": "en", "next": reverse("account_login")})
    assert '<html lang="en"' in client.get(reverse("account_login")).content.decode()


def test_nobody_signs_up(client) -> None:
    client.post(reverse("account_signup"), {"username": "stranger", "password1": PASSWORD})
    assert not User.objects.filter(username="stranger").exists()


def test_the_way_back_never_leads_to_another_host(client) -> None:
    answer = client.post(reverse("switch_language"), {"language": "en", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"
