"""A family, and everybody about themself, sees who opened the file; the administrator sees it of anybody."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from jiafang.accounts import audit
from jiafang.accounts.audit import Reading
from jiafang.organization.models import Person
from tests.factories import organization as make
from tests.queries import query_count

pytestmark = pytest.mark.django_db


class Family:
    """A child with a mother and a homeroom teacher, in a class with another child."""

    def __init__(self) -> None:
        make.DistrictFactory()
        make.TermFactory()
        self.school = make.SchoolFactory()
        school_class = make.SchoolClassFactory(cohort=make.GradeCohortFactory(school=self.school))
        self.teacher = make.homeroom_teacher(school_class)
        self.child, self.other = make.student(school_class), make.student(school_class)
        self.mother, self.other_mother = make.guardian_of(self.child), make.guardian_of(self.other)
        self.admin = make.bureau_post("administrator")
        self.cadre = make.bureau_post("cadre")


@pytest.fixture
def family() -> Family:
    return Family()


def opens(person: Person, kind: str, reading: Reading | str, *students: Person) -> None:
    by = make.actor_of(person, kind)
    about = [student.pk for student in students]
    if isinstance(reading, Reading):
        audit.opened(by=by, reading=reading, students=about)
    else:
        audit.record(by=by, action=reading, of=None, subjects=about)


def page(client: Client, who: Person, kind: str, about: Person) -> str:
    make.sign_in(client, who, kind)
    return client.get(reverse("opened", args=[about.pk])).content.decode()


def status(client: Client, who: Person, kind: str, about: Person) -> int:
    make.sign_in(client, who, kind)
    return client.get(reverse("opened", args=[about.pk])).status_code


def test_a_mother_reads_who_opened_her_childs_file_in_which_role_and_what_for(client: Client, family: Family) -> None:
    opens(family.teacher, "teacher", Reading.BRIEF, family.child)
    opens(family.cadre, "cadre", Reading.EXPORT, family.child, family.other)
    text = page(client, family.mother, "guardian", family.child)
    for words in (family.teacher.name, f"教师 · {family.school.name}", "家访前了解情况", "今天"):
        assert words in text
    for words in (family.cadre.name, "教育局干部", "导出了家访安排表"):
        assert words in text
    assert family.other.name not in text


def test_everybody_is_told_whom_to_ask_about_an_opening(client: Client, family: Family) -> None:
    assert "请告诉班主任或学校" in page(client, family.mother, "guardian", family.child)
    own = page(client, family.teacher, "teacher", family.teacher)
    assert "请告诉学校或教育局" in own
    assert "班主任或学校" not in own
    assert "请告诉" not in page(client, family.admin, "administrator", family.child)


def test_what_is_no_opening_or_sealed_is_not_told_to_a_family(client: Client, family: Family) -> None:
    opens(family.teacher, "teacher", "sealed_report.read", family.child)
    opens(family.admin, "administrator", "person.corrected", family.child)
    text = page(client, family.mother, "guardian", family.child)
    assert "还没有人打开过" in text
    assert family.teacher.name not in text


def test_others_files_look_like_missing_ones(client: Client, family: Family) -> None:
    opens(family.teacher, "teacher", Reading.FILE, family.child, family.other, family.teacher)
    for about in (family.other, family.teacher, family.other_mother):
        assert status(client, family.mother, "guardian", about) == 404
    for about in (family.child, family.mother, family.admin):
        assert status(client, family.teacher, "teacher", about) == 404


def test_a_revoked_guardian_sees_nothing_any_more(client: Client, family: Family) -> None:
    make.guardian_of(family.other, family.mother, is_primary=False)
    assert status(client, family.mother, "guardian", family.child) == 200
    family.child.guardianships.filter(guardian=family.mother).update(revoked_on=dt.date(2020, 1, 1))
    assert status(client, family.mother, "guardian", family.child) == 404


def test_everybody_reads_who_opened_the_own_file(client: Client, family: Family) -> None:
    opens(family.admin, "administrator", Reading.PERSON, family.teacher)
    opens(family.teacher, "teacher", Reading.PERSON, family.teacher)
    text = page(client, family.teacher, "teacher", family.teacher)
    assert "谁看过我的档案" in text
    assert text.count("打开了个人信息") == 1, "looking at oneself is no opening"
    assert "教育局管理员" in text


def test_the_administrator_reads_it_of_every_child(client: Client, family: Family) -> None:
    opens(family.teacher, "teacher", Reading.FILE, family.other)
    assert family.teacher.name in page(client, family.admin, "administrator", family.other)


def test_the_same_on_one_day_is_one_line(client: Client, family: Family) -> None:
    for _time in range(6):
        opens(family.teacher, "teacher", Reading.CLASS, family.child, family.other)
    text = page(client, family.mother, "guardian", family.child)
    assert text.count("看了班级名单") == 1
    assert "共 6 次" in text


def test_the_page_costs_the_same_for_one_opening_and_many(client: Client, family: Family) -> None:
    make.sign_in(client, family.mother, "guardian")
    address = reverse("opened", args=[family.child.pk])
    counts = []
    for person, kind in ((family.teacher, "teacher"), (family.cadre, "cadre"), (family.admin, "administrator")):
        opens(person, kind, Reading.FILE, family.child)
        counts.append(query_count(lambda: client.get(address)))
    assert len(set(counts)) == 1, counts


def test_the_database_knows_the_same_openings_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT fence.openings()")
        assert set(cursor.fetchone()[0]) == set(Reading.values)


def test_the_ways_to_the_page_are_there(client: Client, family: Family) -> None:
    make.sign_in(client, family.mother, "guardian")
    home = client.get(reverse("family")).content.decode()
    assert reverse("opened", args=[family.child.pk]) in home
    assert reverse("opened", args=[family.mother.pk]) in home
    make.sign_in(client, family.admin, "administrator")
    file = client.get(reverse("person", args=[family.child.pk])).content.decode()
    assert reverse("opened", args=[family.child.pk]) in file
