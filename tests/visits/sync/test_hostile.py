"""Whatever is sent, nothing breaks: what cannot be a record is held as it came, what is too much is not taken."""

import io
import itertools
import json
import uuid

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiafang.visits.models import HeldItem, Receipt, Visit
from tests.factories.phones import outcome_body, visit_body

pytestmark = pytest.mark.django_db(transaction=True)
DEEP = b"[" * 100_000 + b"]" * 100_000
HOSTILE = {
    "nothing": b"",
    "no json": b"\x00\xff\xfe not json",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "deep": DEEP,
    "deep inside": b'{"format":1,"answers":' + DEEP + b"}",
    "a long number": b'{"format":' + b"9" * 10_000 + b"}",
    "no number": b'{"format":NaN}',
    "cut": b'{"format":1,"salt":"',
    "another format": b'{"format":2}',
    "utf-16": json.dumps({"format": 1}).encode("utf-16"),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_record_is_held_as_it_came(house, content):
    for put in (house.phone.put_visit, house.phone.put_outcome):
        answer = put(uuid.uuid4(), content)
        assert (answer.status_code, answer.json()["reason"]) == (422, "refused")
        assert bytes(HeldItem.unscoped.latest("pk").content) == content
    page = house.phone.client.get(reverse("held_item", args=[HeldItem.unscoped.latest("pk").pk]))
    assert page.status_code == 200


WRONG = [
    None, True, 0, -1, 2**31, 2**63 - 1, 2**63, 2**64, 1.5, 1e308, "", "x" * 2001, "\x00", "\ud800", "😀",
    [], {}, [None], [[]], [{}], {"a": None}, ["\x00"], [2**63],
    "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00Z", "2026-11-24T10:00:00",
]  # fmt: skip


def spoilt(body, wrong):
    """The record with one of its fields holding something else, for each of them."""
    person = body["people"][0]
    concern = {"id": str(uuid.uuid4()), "person": person, "category": "study", "alert_tier": "green"}
    body["notes"] = [{"person": person, "axis": "study", "text": "话"}]
    body["concerns"] = [concern | {"text": "事", "follow_up": True}]
    body["answers"] = [{"set": 1, "version": 1, "values": {"q": "a"}}]
    for name in body:
        yield body | {name: wrong(name)}
    for name in ("participants", "notes", "concerns", "answers"):
        for field in body[name][0]:
            yield body | {name: [body[name][0] | {field: wrong(f"{name}.{field}")}]}


def is_answered(house, body):
    answer = house.phone.put_visit(uuid.uuid4(), json.dumps(body).encode())
    assert answer.status_code in (200, 202, 409, 422), body
    assert answer.json()["receipt"]["held"] is (answer.status_code != 200)


def test_any_field_may_hold_something_else(house):
    turn = itertools.cycle(WRONG)
    for body in spoilt(visit_body([house.duty()]), lambda _name: next(turn)):
        is_answered(house, body)


@pytest.mark.nightly
@pytest.mark.parametrize("wrong", WRONG, ids=[f"{number}" for number in range(len(WRONG))])
def test_any_field_may_hold_anything(house, wrong):
    for body in spoilt(visit_body([house.duty()]), lambda _name: wrong):
        is_answered(house, body)


def test_other_peoples_ids_in_a_record_are_refused_or_out_of_reach(house):
    own, foreign = house.duty(), house.duty(0, 1)
    item = uuid.uuid4()
    assert house.phone.put_visit(item, visit_body([own, foreign])).status_code == 202
    note = [{"person": foreign.person_id, "axis": "", "text": "不该写"}]
    assert house.phone.put_visit(uuid.uuid4(), visit_body([own], notes=note)).status_code == 422
    assert Visit.unscoped.count() == 0


def test_what_is_too_large_is_not_taken_and_not_kept(house):
    answer = house.phone.put_visit(uuid.uuid4(), b"{" + b" " * 256 * 1024)
    assert answer.status_code == 413
    assert Receipt.unscoped.count() == 0


def test_a_cut_body_is_not_taken_and_not_kept(house):
    content = json.dumps(visit_body([house.duty()])).encode()
    path = reverse("api:phone_visit", args=[uuid.uuid4()])
    for length in (0, 1, len(content) // 2, len(content) - 1):
        came = {"wsgi.input": io.BytesIO(content[:length])}
        answer = house.phone.client.generic(
            "PUT", path, content, content_type="application/json", headers=house.phone.headers, **came
        )
        assert answer.status_code == 400
    assert Receipt.unscoped.count() == 0


def test_without_the_token_of_a_page_nothing_is_taken(house):
    house.phone.client.handler.enforce_csrf_checks = True
    assert house.phone.put_visit(uuid.uuid4(), visit_body([house.duty()])).status_code == 403
    token = house.phone.hello()["csrf"]
    answer = house.phone.client.put(
        reverse("api:phone_visit", args=[uuid.uuid4()]),
        json.dumps(visit_body([house.duty()])),
        content_type="application/json",
        headers=house.phone.headers | {"X-CSRFToken": token},
    )
    assert answer.status_code == 200


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(data=st.data())
def test_a_record_with_anything_anywhere_is_taken_or_held(house, data):
    body = visit_body([house.duty()])
    for name in data.draw(st.sets(st.sampled_from(sorted(body)), min_size=1, max_size=4)):
        body[name] = data.draw(ANYTHING)
    answer = house.phone.put_visit(uuid.uuid4(), json.dumps(body).encode())
    assert answer.status_code in (200, 202, 409, 422)


def test_an_outcome_of_a_meeting_that_is_not_ones_own_is_held(house):
    class Nowhere:
        pk = 2**62

    answer = house.phone.put_outcome(uuid.uuid4(), outcome_body(Nowhere, "missed"))
    assert (answer.status_code, answer.json()["reason"]) == (202, "out_of_reach")
    answer = house.phone.put_outcome(uuid.uuid4(), outcome_body(Nowhere, "no such outcome"))
    assert answer.status_code == 422
