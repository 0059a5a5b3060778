"""The server dies between any two statements, or its answer is lost: the same bytes again are one record."""

import json
import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Duty
from jiafang.visits.models import HeldItem, LastContact, Participant, Receipt, Visit
from tests.factories import campaigns as made
from tests.factories.phones import PhoneOf, visit_body
from tests.visits.sync.conftest import House

pytestmark = pytest.mark.django_db(transaction=True)
KILLED, LIVED = 9, 0


@pytest.fixture
def large() -> House:
    school = made.small_school(classes=1, students=70)
    campaign = made.launched(school.by, school.school)
    return House(school, campaign, PhoneOf(school.homeroom[0], "teacher"))


class Executioner:
    """Ends the process hard before its n-th step; a commit is two steps, so that it dies before and after it."""

    def __init__(self, last: int) -> None:
        self.left = last

    def step(self) -> None:
        if self.left == 0:
            os._exit(KILLED)
        self.left -= 1

    def __call__(self, execute, sql, params, many, context):
        self.step()
        return execute(sql, params, many, context)

    def commit(self, really: Callable[[], None]) -> Callable[[], None]:
        def committed() -> None:
            self.step()
            really()
            self.step()

        return committed


def served_and_killed(phone: PhoneOf, item: uuid.UUID, content: bytes, last: int) -> bool:
    """Whether a process of its own died at this step while it served the request."""
    pid = os.fork()
    if pid == 0:
        try:
            connection.connection = None  # the parent's; closing it would end the parent's session
            connection.ensure_connection()
            executioner = Executioner(last)
            connection._commit = executioner.commit(connection._commit)
            with connection.execute_wrapper(executioner):
                phone.put_visit(item, content)
        finally:
            os._exit(LIVED)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == KILLED


def died_everywhere(large: House, steps: Callable[[int], bool], **fields: object) -> int:
    """Die at each chosen step, then send the same bytes again; return how many steps there were."""
    children = large.school.students[0]
    for last in range(len(children)):
        if not steps(last):
            continue
        duty = made.duty_of(large.campaign, children[last])
        item, content = uuid.uuid4(), json.dumps(visit_body([duty], follow_up=True, **fields)).encode()
        died = served_and_killed(large.phone, item, content, last)
        given = list(Receipt.unscoped.filter(item=item))
        answer = large.phone.put_visit(item, content)
        assert answer.status_code == 200
        receipt = Receipt.unscoped.get(item=item)
        assert not given or given[0].sequence == receipt.sequence
        assert answer.json()["receipt"]["sequence"] == receipt.sequence
        duty.refresh_from_db()
        assert duty.state == Duty.State.MET
        assert Visit.unscoped.get(pk=item).revision == 1
        assert Participant.unscoped.filter(visit_id=item).count() == 1
        assert Duty.unscoped.filter(parent=duty).count() == 1
        assert LastContact.unscoped.get(person=duty.person).visit_id == item
        assert AuditEntry.objects.filter(action="visit.record", object_id=str(item)).count() == 1
        if not died:
            return last
    raise AssertionError("there are more steps than students")


def test_a_server_that_dies_at_some_steps_leaves_one_record(large):
    assert died_everywhere(large, lambda last: last % 8 == 0 or last == len(large.school.students[0]) - 1) > 30


@pytest.mark.nightly
def test_a_server_that_dies_at_any_step_leaves_one_record(large):
    steps = died_everywhere(large, lambda last: True)
    print(f"died at each of {steps} steps")
    assert steps > 30


def test_a_server_that_dies_while_it_holds_something_holds_it_once(house):
    for last in range(0, 60, 9):
        item = uuid.uuid4()
        content = json.dumps(visit_body([house.duty()], chips=["no_such"])).encode()
        died = served_and_killed(house.phone, item, content, last)
        answers = {house.phone.put_visit(item, content).status_code for _again in range(2)}
        assert answers == {422}
        assert HeldItem.unscoped.filter(item=item).count() == Receipt.unscoped.filter(item=item).count() == 1
        assert AuditEntry.objects.filter(action="held.keep", details__item=str(item)).count() == 1
        if not died:
            break


def at_once(work: Callable[[int], object], times: int) -> list:
    def alone(number: int) -> object:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as threads:
        return list(threads.map(alone, range(times)))


def another_window(phone: PhoneOf) -> PhoneOf:
    """The same session on a connection of its own."""
    window = PhoneOf.__new__(PhoneOf)
    window.client, window.actor, window.person, window.capacity = Client(), phone.actor, phone.person, phone.capacity
    window.client.cookies = phone.client.cookies
    return window


@pytest.mark.parametrize("fields", [{}, {"chips": ["no_such"]}], ids=["taken", "held"])
def test_fifty_at_once_are_one_row(house, fields):
    item, content = uuid.uuid4(), json.dumps(visit_body([house.duty()], follow_up=True, **fields)).encode()
    answers = at_once(lambda _number: another_window(house.phone).put_visit(item, content), 50)
    assert {answer.status_code for answer in answers} == {422 if fields else 200}
    assert len({json.dumps(answer.json()["receipt"]) for answer in answers}) == 1
    assert Receipt.unscoped.count() == 1
    assert Visit.unscoped.count() + HeldItem.unscoped.count() == 1
    assert AuditEntry.objects.filter(action__in=["visit.record", "held.keep"]).count() == 1


def test_edits_at_once_upon_one_revision_are_one_revision_and_the_rest_is_held(house):
    duty, item = house.duty(), uuid.uuid4()
    house.phone.put_visit(item, visit_body([duty]))
    edits = [visit_body([duty], revision=2, base_revision=1, finding=f"改法{number}") for number in range(12)]
    answers = at_once(lambda number: another_window(house.phone).put_visit(item, edits[number]), 12)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
    assert Visit.unscoped.get().revision == 2
    kept = {json.loads(row.content)["finding"] for row in HeldItem.unscoped.all()} | {Visit.unscoped.get().finding}
    assert kept == {f"改法{number}" for number in range(12)}


def test_receipts_of_many_at_once_have_no_gap_and_no_double(large):
    duties = [made.duty_of(large.campaign, child) for child in large.school.students[0][:24]]
    at_once(lambda number: another_window(large.phone).put_visit(uuid.uuid4(), visit_body([duties[number]])), 24)
    assert sorted(Receipt.unscoped.values_list("sequence", flat=True)) == list(range(1, 25))
