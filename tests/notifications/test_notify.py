"""Telling people once: who may write, what the database refuses to hold, many at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.db.utils import IntegrityError, ProgrammingError

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, system
from jiafang.common.errors import NotAllowed
from jiafang.notifications.models import Notification
from jiafang.notifications.services.notify import notify
from jiafang.organization.models import Person
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.fence import as_in_production
from tests.waiting import apart, somebody_waits_for_us, wait_until


def told(by: Actor, *people: Person, **said: object) -> int:
    words = {"code": "case.due", "object_kind": "case", "object_id": 7} | said
    return notify(by=by, people=[person.pk for person in people], **words)


@pytest.mark.django_db
def test_the_machine_tells_each_of_the_people():
    one, other = make.PersonFactory(), make.PersonFactory()
    machine = system("overdue")
    with actor_transaction(machine):
        assert told(machine, one, other, other, capacity_kind="teacher") == 2
        assert told(machine) == 0
    rows = Notification.unscoped.order_by("person_id").values_list(
        "person_id", "capacity_kind", "school_id", "code", "object_kind", "object_id", "once", "read_at"
    )
    same = ("teacher", None, "case.due", "case", "7", "", None)
    assert list(rows) == [(one.pk, *same), (other.pk, *same)]


@pytest.mark.django_db
def test_who_was_told_under_the_same_key_is_not_told_again():
    one, other = make.PersonFactory(), make.PersonFactory()
    machine = system("overdue")
    with actor_transaction(machine):
        assert told(machine, one, once="case:7:due") == 1
        assert told(machine, one, other, once="case:7:due") == 1
        assert told(machine, one, other, once="case:8:due") == 2
        assert told(machine, one) + told(machine, one) == 2, "without a key each time is a new one"
    assert Notification.unscoped.filter(person=one, once="case:7:due").count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_writers_at_the_same_moment_tell_each_once():
    people = [make.PersonFactory().pk for _ in range(6)]
    machine = system("overdue")
    start = Barrier(20)

    def write(n: int) -> int:
        try:
            start.wait()
            with actor_transaction(machine):
                # Each names them in another order; nobody waits in a circle.
                turned = people[n % 6 :] + people[: n % 6]
                said = {"code": "case.due", "object_kind": "case", "object_id": 7}
                return notify(by=machine, people=turned, once="case:7:due", **said)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        new = list(threads.map(write, range(20)))
    assert sum(new) == 6
    assert sorted(Notification.unscoped.values_list("person_id", flat=True)) == people


@pytest.mark.django_db(transaction=True)
def test_two_writers_wait_for_each_other_and_not_in_a_circle():
    first, second = make.PersonFactory(), make.PersonFactory()
    machine = system("overdue")

    def turned() -> None:
        with actor_transaction(machine):
            told(machine, second, first, once="case:7:due")

    other = Thread(target=apart, args=(turned,))
    with actor_transaction(machine):
        told(machine, first, once="case:7:due")
        other.start()
        wait_until(somebody_waits_for_us)
        # The other began with the first as well, so it holds nobody whom this one still has to tell.
        assert told(machine, second, once="case:7:due") == 1
    other.join()
    assert Notification.unscoped.count() == 2


@pytest.mark.django_db
def test_a_use_case_tells_others_after_its_claim_and_not_before():
    school = made.small_school(classes=1, students=1)
    principal = make.actor_of(school.principal, "principal")
    with as_in_production():
        with pytest.raises(ProgrammingError, match="row-level security"), actor_transaction(principal):
            told(principal, school.homeroom[0])
        with actor_transaction(principal):
            claim(principal, school.students[0][0], CHANGE)
            assert told(principal, school.homeroom[0], once="case:7") == 1
            assert told(principal, school.homeroom[0], once="case:7") == 0
    assert Notification.unscoped.get().person == school.homeroom[0]


@pytest.mark.django_db
def test_it_joins_a_transaction_and_goes_with_it():
    one = make.PersonFactory()
    machine = system("overdue")
    with pytest.raises(RuntimeError, match="within the transaction"):
        told(machine, one)
    with pytest.raises(NotAllowed), actor_transaction(machine):
        told(machine, one) and require(None, "what comes after fails")
    assert not Notification.unscoped.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["code", "object_kind", "object_id", "once"])
@pytest.mark.parametrize("text", ["王小明", "two words", "a\nb", "x王"])
def test_the_database_takes_no_text(field: str, text: str):
    one = make.PersonFactory()
    machine = system("overdue")
    with pytest.raises(IntegrityError, match="notification_holds_no_text"), actor_transaction(machine):
        told(machine, one, **{field: text})
