"""A roster in the database: new, the same again, moved, leaving."""

import datetime as dt
from typing import Any

import pytest

from jiafang.access import Actor
from jiafang.organization.models import (
    CareTag,
    Enrollment,
    Guardianship,
    HouseholdMembership,
    Person,
    Post,
    RosterFile,
    RosterImport,
    SchoolClass,
)
from jiafang.organization.roster.schema import Kind
from jiafang.organization.services.roster import import_files
from tests.organization.roster.workbooks import OTHER_SCHOOL, SCHOOL, ours, registry, small_school

pytestmark = pytest.mark.django_db(transaction=True)


def counts(roster_import: RosterImport) -> dict[str, int]:
    found: dict[str, int] = roster_import.preview["report"]["counts"]
    return {key: count for key, count in found.items() if not key.endswith("unchanged")}


def brought_in(importer: Actor, tables: dict, **options: Any) -> RosterImport:
    return import_files(by=importer, files=[ours(tables)], school_year=2026, **options)


def test_a_first_import_brings_everybody_in(importer: Actor) -> None:
    done = brought_in(importer, small_school())
    assert done.state == RosterImport.State.COMMITTED
    assert counts(done)["students.new"] == 3
    student = Person.unscoped.get(name="陈一帆")
    assert student.pinyin == "chenyifan"
    assert student.birth_date == dt.date(2012, 9, 15)
    assert str(Enrollment.unscoped.get(student=student, end=None).school_class) == "1班"
    assert [tag.kind.name for tag in CareTag.unscoped.filter(student=student)] == ["留守儿童"]
    assert not RosterFile.unscoped.exists()


def test_a_teacher_who_is_a_parent_is_one_person(importer: Actor) -> None:
    brought_in(importer, small_school())
    teacher = Person.unscoped.get(name="陈致远")
    assert teacher.phone == "13800000012"
    assert {post.kind for post in Post.unscoped.filter(person=teacher)} >= {"employee", "principal", "homeroom_teacher"}
    assert Guardianship.unscoped.filter(guardian=teacher, is_primary=True).count() == 2


def test_the_same_file_twice_changes_nothing(importer: Actor) -> None:
    brought_in(importer, small_school())
    people, posts = Person.unscoped.count(), Post.unscoped.count()
    again = brought_in(importer, small_school())
    assert counts(again) == {}
    assert again.preview["empty"]
    assert (Person.unscoped.count(), Post.unscoped.count()) == (people, posts)


def test_siblings_share_a_household_only_when_accepted(importer: Actor) -> None:
    brought_in(importer, small_school())
    homes = HouseholdMembership.unscoped.filter(person__name__in=["陈一帆", "陈一诺"], end=None)
    assert len({home.household_id for home in homes}) == 2
    accepted = brought_in(importer, small_school(), choices={"siblings": ["guardian"]})
    assert accepted.preview["report"]["siblings"][0]["names"] == ["陈一帆", "陈一诺"]
    assert len({home.household_id for home in homes.all()}) == 1
    again = brought_in(importer, small_school(), choices={"siblings": ["guardian"]})
    assert again.preview["empty"]


@pytest.mark.parametrize("phone", ["13800000012", "13800000099"])
def test_a_guardianship_that_was_revoked_is_told_of_and_not_begun_again(importer: Actor, phone: str) -> None:
    brought_in(importer, small_school())
    Guardianship.unscoped.filter(guardian__name="陈致远", student__name="陈一帆").update(
        revoked_on=dt.date(2026, 9, 2), is_primary=False
    )
    tables = small_school()
    tables[Kind.GUARDIANS] = [
        {**row, "phone": phone} if row["name"] == "陈致远" else row for row in tables[Kind.GUARDIANS]
    ]
    people = Person.unscoped.count()
    done = brought_in(importer, tables)
    rows = Guardianship.unscoped.filter(guardian__name="陈致远", student__name="陈一帆")
    assert [row.revoked_on for row in rows] == [dt.date(2026, 9, 2)]
    assert Person.unscoped.count() == people
    assert not Guardianship.unscoped.filter(student__name="陈一帆", revoked_on=None).exists()
    assert done.preview["fault_codes"]["guardian_revoked"] == 1
    rows.update(revoked_on=None)  # by hand, on the child's page
    assert "guardian_revoked" not in brought_in(importer, tables).preview["fault_codes"]
    assert rows.get().is_primary


def moved(name: str, **to: str) -> dict:
    tables = small_school()
    tables[Kind.STUDENTS] = [
        {**row, **to} if row["name"] == name else row  # one child stands in another class
        for row in tables[Kind.STUDENTS]
    ]
    return tables


def test_a_transfer_keeps_its_history(importer: Actor) -> None:
    brought_in(importer, small_school())
    done = brought_in(importer, moved("陈一帆", school=OTHER_SCHOOL))
    assert counts(done) == {"students.moved": 1}
    before, after = Enrollment.unscoped.filter(student__name="陈一帆").order_by("id")
    assert (before.end_reason, before.end is not None, after.end) == ("transferred", True, None)
    assert after.school_class.cohort.school.code == OTHER_SCHOOL


def test_who_is_missing_leaves_only_when_the_list_is_said_to_be_whole(importer: Actor) -> None:
    brought_in(importer, small_school())
    tables = small_school()
    tables[Kind.STUDENTS] = tables[Kind.STUDENTS][:2]
    tables[Kind.GUARDIANS] = tables[Kind.GUARDIANS][:2]
    done = brought_in(importer, tables)
    assert done.preview["report"]["absent"][0]["students"] == 1
    assert Enrollment.unscoped.filter(student__name="许嘉禾", end=None).exists()
    done = brought_in(importer, tables, choices={"students_complete": [SCHOOL]})
    assert counts(done) == {"students.leaving": 1}
    assert Enrollment.unscoped.get(student__name="许嘉禾").end_reason == "left"


def test_the_roll_over_moves_nobody_by_hand(importer: Actor) -> None:
    """Cohorts move up by themselves; the finished one graduates, classes are mixed, new children come."""
    brought_in(importer, small_school())
    tables = moved("陈一诺", class_name="1班")
    tables[Kind.COHORTS] = [*tables[Kind.COHORTS], {"school": SCHOOL, "stage": "初中", "entry_year": "2027"}]
    new = {"school": SCHOOL, "stage": "初中", "entry_year": "2027", "class_name": "1班"}
    tables[Kind.CLASSES] = [*tables[Kind.CLASSES], new]
    child = {**new, "name": "叶雨桐", "registry_number": registry("20150101", 31), "birth_date": "2015-01-01"}
    tables[Kind.STUDENTS] = [child]
    tables[Kind.GUARDIANS] = []
    done = import_files(by=importer, files=[ours(tables)], kind=RosterImport.Kind.ROLL_OVER, school_year=2027)
    assert counts(done)["students.graduated"] == 3
    assert counts(done)["students.new"] == 1
    assert set(Enrollment.unscoped.filter(end_reason="graduated").values_list("student__name", flat=True)) == {
        "陈一帆",
        "陈一诺",
        "许嘉禾",
    }
    assert not Post.unscoped.filter(kind="homeroom_teacher", end=None).exists()


def test_re_mixed_classes_say_so(importer: Actor) -> None:
    brought_in(importer, small_school())
    import_files(
        by=importer, files=[ours(moved("陈一诺", class_name="1班"))], kind=RosterImport.Kind.ROLL_OVER, school_year=2026
    )
    assert Enrollment.unscoped.get(student__name="陈一诺", end__isnull=False).end_reason == "remixed"


def test_an_import_never_makes_an_administrator(importer: Actor) -> None:
    tables = small_school()
    tables[Kind.STAFF] = [
        *tables[Kind.STAFF],
        {"school": SCHOOL, "number": "T9", "name": "洪景行", "posts": "系统管理员", "phone": "13800000077"},
    ]
    done = brought_in(importer, tables)
    assert "administrator_not_granted" in done.preview["fault_codes"]
    assert not Post.unscoped.filter(kind="administrator").exists()


def test_a_changed_telephone_is_a_change_and_nothing_else(importer: Actor) -> None:
    brought_in(importer, small_school())
    tables = small_school()
    tables[Kind.GUARDIANS] = [*tables[Kind.GUARDIANS][:2], {**tables[Kind.GUARDIANS][2], "phone": "13800000098"}]
    done = brought_in(importer, tables)
    assert counts(done) == {"guardians.changed": 1}
    assert Person.unscoped.get(name="许若水").phone == "13800000098"


def test_classes_keep_their_number(importer: Actor) -> None:
    brought_in(importer, small_school())
    assert sorted(SchoolClass.unscoped.values_list("name", "number")) == [("1班", 1), ("1班", 1), ("2班", 2)]
