"""The list of notifications and the bell: what is shown to whom, what a click does, what it costs."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.access.actor import GUARDIAN, TEACHER
from jiafang.common.clock import now
from jiafang.notifications import kinds
from jiafang.notifications.models import Notification
from jiafang.organization.models import Person
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.notifications.telling import CODE, WORDS, place_of, tell
from tests.queries import query_count

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
LIST = "/notifications/"


@pytest.fixture
def school() -> made.SmallSchool:
    return made.small_school(classes=2, students=1)


@pytest.fixture
def teacher(school: made.SmallSchool) -> Person:
    return school.homeroom[0]


def page(client: Client, path: str = LIST) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def bell(text: str) -> str:
    """What the bell of a page says aloud."""
    return re.search(r'id="bell-top"[^>]* aria-label="([^"]*)"', text)[1]


def read(row: Notification) -> bool:
    return Notification.unscoped.get(pk=row.pk).read_at is not None


def test_nothing_yet(client: Client, teacher: Person):
    make.sign_in(client, teacher, TEACHER)
    text = page(client)
    assert "还没有提醒" in text
    assert bell(text) == "提醒"
    assert "全部标为已读" not in text


def test_by_day_the_newest_first_and_only_ones_own(client: Client, school: made.SmallSchool, teacher: Person):
    old = tell(teacher)
    Notification.unscoped.filter(pk=old.pk).update(created_at=now() - dt.timedelta(days=1))
    new = tell(teacher)
    foreign = tell(school.homeroom[1])
    make.sign_in(client, teacher, TEACHER)
    text = page(client)
    places = [text.index(words) for words in ("今天", f"/{new.pk}/open/", "昨天", f"/{old.pk}/open/")]
    assert places == sorted(places)
    assert text.count(f">{WORDS}</button>") == 2
    assert f"/{foreign.pk}/" not in text
    assert "/there/" not in text, "where it leads is told by opening it"


@pytest.mark.parametrize(
    ("count", "words"), [(1, "提醒,1 条未读"), (99, "提醒,99 条未读"), (120, "提醒,99 条以上未读")]
)
def test_the_bell_counts_on_every_page(client: Client, teacher: Person, count: int, words: str):
    for _ in range(count):
        tell(teacher)
    make.sign_in(client, teacher, TEACHER)
    for path in (LIST, "/today/", "/accounts/devices/", "/accounts/protection/"):
        assert bell(page(client, path)) == words


def test_a_page_outside_of_a_transaction_has_its_bell(client: Client, teacher: Person):
    tell(teacher)
    make.sign_in(client, teacher, TEACHER)
    assert bell(page(client, reverse("account_change_password"))) == "提醒,1 条未读"


def test_the_bell_costs_one_query_and_a_part_of_a_page_none(client: Client, teacher: Person, monkeypatch):
    make.sign_in(client, teacher, TEACHER)
    path = reverse("today")
    client.get(path)
    with_bell = query_count(lambda: client.get(path))
    monkeypatch.setattr("jiafang.web.shell.unread_count", lambda actor: 0)
    assert with_bell - query_count(lambda: client.get(path)) == 1


def test_the_page_costs_the_same_for_one_and_for_many(client: Client, teacher: Person):
    make.sign_in(client, teacher, TEACHER)
    tell(teacher)
    client.get(LIST)
    one = query_count(lambda: client.get(LIST))
    for _ in range(60):
        tell(teacher)
    assert query_count(lambda: client.get(LIST)) == one


def test_fifty_to_a_page(client: Client, teacher: Person):
    rows = [tell(teacher) for _ in range(53)]
    make.sign_in(client, teacher, TEACHER)
    assert page(client).count(f">{WORDS}</button>") == 50
    second = page(client, f"{LIST}?page=2")
    assert second.count(f">{WORDS}</button>") == 3
    assert f'name="newest" value="{rows[-1].pk}"' in second


def test_looking_marks_nothing_read_and_opening_is_no_link(client: Client, teacher: Person):
    row = tell(teacher)
    make.sign_in(client, teacher, TEACHER)
    page(client)
    for name in ("notification_open", "notification_read"):
        assert client.get(reverse(name, args=[row.pk])).status_code == 405
    assert client.get(reverse("notifications_read")).status_code == 405
    assert not read(row)


def test_opening_marks_it_read_and_leads_to_its_place(client: Client, teacher: Person):
    row, other = tell(teacher, 12), tell(teacher)
    make.sign_in(client, teacher, TEACHER)
    answer = client.post(reverse("notification_open", args=[row.pk]))
    assert (answer.status_code, answer["Location"]) == (302, place_of("12"))
    assert (read(row), read(other)) == (True, False)
    again = client.post(reverse("notification_open", args=[row.pk]))
    assert again["Location"] == place_of("12")


def test_without_a_script_one_goes_back_to_the_page_of_the_list(client: Client, teacher: Person):
    rows = [tell(teacher) for _ in range(52)]
    make.sign_in(client, teacher, TEACHER)
    answer = client.post(reverse("notification_read", args=[rows[0].pk]), {"page": "2"})
    assert answer["Location"] == f"{LIST}?page=2"
    answer = client.post(reverse("notifications_read"), {"page": "1", "newest": str(rows[-2].pk)})
    assert answer["Location"] == LIST
    assert [read(rows[n]) for n in (0, 50, 51)] == [True, True, False], "what came in meanwhile stays unread"
    for nonsense in ("", "x", "9" * 30):
        assert client.post(reverse("notifications_read"), {"page": nonsense, "newest": nonsense}).status_code == 302
    assert not read(rows[51])


def test_with_htmx_the_list_and_both_bells_come_anew(client: Client, teacher: Person):
    one, two = tell(teacher), tell(teacher)
    make.sign_in(client, teacher, TEACHER)
    part = client.post(reverse("notification_read", args=[one.pk]), **HTMX).content.decode()
    assert "<html" not in part
    assert bell(part) == "提醒,1 条未读"
    assert len(re.findall(r'id="bell-(?:side|top)"[^>]* hx-swap-oob="true"', part)) == 2
    # The button that had the focus is found again by its id, and says what has become of it.
    assert re.search(rf'<span[^>]* id="read-{one.pk}" tabindex="-1">已读<', part)
    part = client.post(reverse("notifications_read"), {"newest": two.pk}, **HTMX).content.decode()
    assert bell(part) == "提醒"
    assert re.search(r'id="read-all" tabindex="-1">都已读<', part)
    assert "hx-swap-oob" not in page(client)


def test_with_htmx_one_stays_on_the_page_of_the_list(client: Client, teacher: Person):
    rows = [tell(teacher) for _ in range(52)]
    make.sign_in(client, teacher, TEACHER)
    part = client.post(reverse("notification_read", args=[rows[0].pk]), {"page": "2"}, **HTMX).content.decode()
    assert part.count(f">{WORDS}</button>") == 2


def test_those_of_others_and_missing_ones_look_alike(client: Client, school: made.SmallSchool, teacher: Person):
    foreign = tell(school.homeroom[1])
    make.sign_in(client, teacher, TEACHER)
    for pk in (foreign.pk, foreign.pk + 1000):
        for name in ("notification_open", "notification_read"):
            assert client.post(reverse(name, args=[pk])).status_code == 404
    client.post(reverse("notifications_read"), {"newest": foreign.pk})
    assert not read(foreign)


def test_another_capacity_has_its_own_list(client: Client, school: made.SmallSchool, teacher: Person):
    make.guardian_of(school.students[1][0], teacher)
    tell(teacher, capacity_kind=GUARDIAN)
    make.sign_in(client, teacher, TEACHER)
    text = page(client)
    assert bell(text) == "提醒"
    assert "换个身份" in text
    make.sign_in(client, teacher, GUARDIAN)
    assert bell(page(client)) == "提醒,1 条未读"


def test_a_code_that_nobody_knows_is_shown_without_a_link(client: Client, teacher: Person):
    row = tell(teacher, code="gone.code")
    make.sign_in(client, teacher, TEACHER)
    text = page(client)
    assert "有新的事项" in text
    assert f"/{row.pk}/open/" not in text
    assert client.post(reverse("notification_open", args=[row.pk]))["Location"] == LIST
    assert read(row)


def test_a_place_that_is_missing_breaks_nothing(client: Client, teacher: Person):
    kinds.declare("test.named", "有新的安排", "family_file")
    kinds.declare("test.broken", "有新的答复", lambda object_id: reverse("person", args=[int(object_id)]))
    named, broken = tell(teacher, 5, code="test.named"), tell(teacher, "x", code="test.broken")
    nowhere = tell(teacher, "not-a-number", code="test.named")
    make.sign_in(client, teacher, TEACHER)
    text = page(client)
    assert "有新的答复" in text
    assert f"/{named.pk}/open/" in text
    assert f"/{broken.pk}/open/" not in text
    assert f"/{nowhere.pk}/open/" not in text
    answer = client.post(reverse("notification_open", args=[named.pk]))
    assert answer["Location"] == reverse("family_file", args=[5])


def test_a_code_is_entered_once():
    with pytest.raises(ValueError, match=CODE):
        kinds.declare(CODE, WORDS, place_of)


def test_a_stranger_is_sent_to_sign_in(client: Client):
    assert client.get(LIST)["Location"].startswith("/accounts/login/")
