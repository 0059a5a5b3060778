"""The first administrator comes from the machine itself."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from jiafang.accounts.models import AuditEntry
from jiafang.organization.models import CareTagKind, Person, Post
from tests.factories import organization as made

pytestmark = pytest.mark.django_db
PASSWORD = "shan-gao-lu-yuan-9"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    """What comes through the pipe as a password."""
    return lambda words: monkeypatch.setattr("sys.stdin", io.StringIO(f"{words}\n"))


def test_the_new_administrator_can_sign_in_and_an_audit_entry_says_so(typed, client: Client) -> None:
    typed(PASSWORD)
    call_command("create_admin", "qinlingsong", "--name", "秦岭松", stdout=io.StringIO())
    assert client.login(username="qinlingsong", password=PASSWORD)
    person = Person.unscoped.get(name="秦岭松")
    assert person.pinyin == "qinlingsong"
    assert list(person.posts.values_list("kind", "end")) == [(Post.Kind.ADMINISTRATOR, None)]
    assert AuditEntry.objects.filter(action="administration.entrusted").count() == 1


def test_a_new_district_knows_the_tags_that_mean_a_visit_at_home_and_those_that_few_may_read(typed) -> None:
    typed(PASSWORD)
    call_command("create_admin", "qinlingsong", "--name", "秦岭松", stdout=io.StringIO())
    kinds = dict(CareTagKind.objects.values_list("code", "onsite"))
    assert kinds["left_behind"]
    assert not kinds["transferred_in"]
    assert CareTagKind.objects.get(code="psychological").restricted


def test_somebody_of_the_roster_becomes_administrator_without_a_second_person(typed) -> None:
    clerk = made.PostFactory(kind=Post.Kind.EMPLOYEE, school=None, staff_number="J7").person
    typed(PASSWORD)
    call_command("create_admin", "clerk", "--staff-number", "J7", stdout=io.StringIO())
    assert Person.unscoped.count() == 1
    assert clerk.posts.filter(kind=Post.Kind.ADMINISTRATOR, end=None).exists()


@pytest.mark.parametrize(
    ("arguments", "password"),
    [
        (["one", "--name", "秦岭松"], "12345"),
        (["one", "--staff-number", "J404"], PASSWORD),
        (["one"], PASSWORD),
        (["taken", "--name", "秦岭松"], PASSWORD),
    ],
)
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(typed, arguments: list[str], password: str) -> None:
    made.User.objects.create_user("taken")
    typed(password)
    with pytest.raises(CommandError):
        call_command("create_admin", *arguments, stdout=io.StringIO())
    assert not Person.unscoped.exists()
    assert made.User.objects.count() == 1
