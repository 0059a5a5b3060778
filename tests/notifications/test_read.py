"""Marking as read: one's own, in the capacity at hand, once; and what is kept and for how long."""

import datetime as dt

import pytest

from jiafang.access import CHANGE, actor_transaction, claim, reading, scope, system
from jiafang.access.actor import CADRE, GUARDIAN, PRINCIPAL, TEACHER
from jiafang.common.clock import now
from jiafang.common.errors import NotAllowed
from jiafang.notifications.models import Notification
from jiafang.notifications.selectors import MOST_COUNTED, unread_count
from jiafang.notifications.services.read import mark_all_read, mark_read
from jiafang.organization.services.erase_person import erase_person
from jiafang.retention.services.purge import purge
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.fence import as_in_production, without_the_first_fence, without_the_second_fence
from tests.notifications.telling import tell
from tests.queries import query_count

pytestmark = pytest.mark.django_db


def read_at(row: Notification) -> dt.datetime | None:
    return Notification.unscoped.get(pk=row.pk).read_at


def unread(actor) -> int:
    with reading(actor):
        return unread_count(actor)


def test_one_is_read_once_and_keeps_its_moment():
    school = made.small_school(classes=1, students=1)
    teacher = make.actor_of(school.homeroom[0], TEACHER)
    one, other = tell(school.homeroom[0]), tell(school.homeroom[0])
    with as_in_production():
        first = mark_read(by=teacher, notification_id=one.pk).read_at
        again = mark_read(by=teacher, notification_id=one.pk).read_at
    assert first is not None
    assert again == first == read_at(one)
    assert read_at(other) is None
    assert unread(teacher) == 1


def test_those_of_others_are_as_good_as_missing():
    school = made.small_school(classes=2, students=1)
    mine, theirs = (make.actor_of(person, TEACHER) for person in school.homeroom)
    row = tell(school.homeroom[0])
    with as_in_production():
        for pk in (row.pk, row.pk + 1000):
            with pytest.raises(NotAllowed):
                mark_read(by=theirs, notification_id=pk)
        assert mark_all_read(by=theirs, up_to=row.pk) == 0
    assert read_at(row) is None
    assert (unread(mine), unread(theirs)) == (1, 0)


def test_the_database_alone_keeps_those_of_others():
    school = made.small_school(classes=2, students=1)
    theirs = make.actor_of(school.homeroom[1], TEACHER)
    row = tell(school.homeroom[0])
    with as_in_production(), without_the_first_fence():
        with reading(theirs):
            assert not scope(theirs, Notification).exists()
        with pytest.raises(NotAllowed), actor_transaction(theirs):
            claim(theirs, row, CHANGE)
        with actor_transaction(theirs):
            assert Notification.unscoped.filter(pk=row.pk).update(read_at=now()) == 0


def test_all_are_those_that_were_on_the_page():
    school = made.small_school(classes=1, students=1)
    teacher = make.actor_of(school.homeroom[0], TEACHER)
    rows = [tell(school.homeroom[0]) for _ in range(3)]
    assert mark_all_read(by=teacher, up_to=rows[1].pk) == 2
    assert read_at(rows[2]) is None
    assert mark_all_read(by=teacher, up_to=rows[2].pk) == 1
    assert mark_all_read(by=teacher, up_to=rows[2].pk) == 0


def test_each_capacity_has_its_own_and_those_of_any():
    school = made.small_school(classes=1, students=1)
    other = made.small_school(classes=1, students=1)
    person, child = school.homeroom[0], other.students[0][0]
    make.guardian_of(child, person)
    teacher, guardian = make.actor_of(person, TEACHER), make.actor_of(person, GUARDIAN)
    told = {
        "any": tell(person),
        "any, of a school": tell(person, school_id=other.school.pk),
        "teacher": tell(person, capacity_kind=TEACHER),
        "teacher here": tell(person, capacity_kind=TEACHER, school_id=school.school.pk),
        "teacher elsewhere": tell(person, capacity_kind=TEACHER, school_id=other.school.pk),
        "guardian": tell(person, capacity_kind=GUARDIAN, school_id=other.school.pk),
        "principal": tell(person, capacity_kind=PRINCIPAL),
    }

    def seen(actor) -> set[str]:
        with as_in_production(), reading(actor):
            found = set(scope(actor, Notification).values_list("pk", flat=True))
        return {name for name, row in told.items() if row.pk in found}

    both = {"any", "any, of a school"}
    assert seen(teacher) == both | {"teacher", "teacher here"}
    assert seen(guardian) == both | {"guardian"}
    for one_fence_down in (without_the_first_fence, without_the_second_fence):
        with one_fence_down():
            assert seen(teacher) == both | {"teacher", "teacher here"}
            assert seen(guardian) == both | {"guardian"}
    mark_all_read(by=guardian, up_to=max(row.pk for row in told.values()))
    assert {name for name, row in told.items() if read_at(row)} == both | {"guardian"}


def test_whoever_acts_for_no_school_is_told_of_every_one():
    school = made.small_school(classes=1, students=1)
    person = make.bureau_post("cadre")
    tell(person, capacity_kind=CADRE, school_id=school.school.pk)
    assert unread(make.actor_of(person, CADRE)) == 1


def test_counting_is_one_query_and_ends_at_a_hundred():
    person = make.bureau_post("cadre")
    cadre = make.actor_of(person, CADRE)
    for _ in range(MOST_COUNTED + 5):
        tell(person)
    with reading(cadre):
        assert query_count(lambda: unread_count(cadre)) == 1
        assert unread_count(cadre) == MOST_COUNTED


def test_the_rows_of_an_erased_person_go_and_those_of_others_stay():
    school = made.small_school(classes=1, students=1)
    mother = make.guardian_of(school.students[0][0])
    tell(mother)
    kept = tell(school.homeroom[0])
    erase_person(by=make.administrator(), person_id=mother.pk)
    assert list(Notification.unscoped.values_list("pk", flat=True)) == [kept.pk]


def test_what_was_read_goes_after_180_days_and_what_was_not_stays():
    person = make.PersonFactory()
    old, recent, unread_one = tell(person), tell(person), tell(person)
    days = dt.timedelta(days=1)
    Notification.unscoped.filter(pk=old.pk).update(read_at=now() - 181 * days)
    Notification.unscoped.filter(pk=recent.pk).update(read_at=now() - 179 * days)
    Notification.unscoped.filter(pk=unread_one.pk).update(created_at=now() - 400 * days)
    run = purge(by=system("retention"))
    assert {r["rule"]: r["removed"] for r in run.results if r["removed"]} == {"notifications": 1}
    assert set(Notification.unscoped.values_list("pk", flat=True)) == {recent.pk, unread_one.pk}
