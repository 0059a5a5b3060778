"""Setting up: the ground for the import, and one sign-in for each role."""

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from jiafang.access import may
from jiafang.access.capacities import actors_of
from jiafang.accounts.models import User
from jiafang.demonstration.district import generate
from jiafang.demonstration.services.logins import LOGINS, PASSWORD, open_logins
from jiafang.demonstration.services.settle import settle
from jiafang.organization.models import District, Person, Post, SchoolClass, Term, Village
from tests.factories.organization import (
    PairingFactory,
    SchoolClassFactory,
    bureau_post,
    class_post,
    cohort_lead,
    guardian_of,
    homeroom_teacher,
    school_post,
    student,
    subject_teacher,
)

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = dt.date(2026, 11, 23)


def school_with_everybody() -> SchoolClass:
    """A class with its school and bureau, and people who must not be taken for those of a role."""
    school_class = SchoolClassFactory()
    school = school_class.cohort.school
    bureau_post(Post.Kind.DIRECTOR)
    bureau_post(Post.Kind.COMMUNITY_PARTNER)
    bureau_post(Post.Kind.CADRE)
    PairingFactory(cadre=bureau_post(Post.Kind.CADRE, name_of("林敬之")), school=school)
    school_post(Post.Kind.PRINCIPAL, school)
    school_post(Post.Kind.COUNSELOR, school)
    lead = cohort_lead(school_class.cohort)
    class_post(Post.Kind.SUBJECT_TEACHER, school_class, lead, subject="英语")
    homeroom_teacher(school_class, name_of("陈守拙"))
    elsewhere = homeroom_teacher(SchoolClassFactory(cohort=school_class.cohort))
    class_post(Post.Kind.SUBJECT_TEACHER, school_class, elsewhere, subject="数学")
    subject_teacher(school_class, name_of("黄见微"))
    mother = guardian_of(student(school_class))
    guardian_of(student(school_class), name_of("苏向晚"))
    guardian_of(student(SchoolClassFactory()), Person.unscoped.get(name="苏向晚"))
    assert mother.wards.count() == 1
    return school_class


def name_of(name: str) -> Person:
    return Person.unscoped.create(name=name)


def test_the_ground_is_laid_and_its_administrator_may_import() -> None:
    administrator = settle(demo=generate("small", seed=1, today=TODAY))
    assert may(administrator, "roster.import")
    district = District.objects.get()
    assert district.demonstration
    assert Village.objects.filter(lat=None).count() == 0
    assert Term.objects.filter(start__lte=TODAY, end__gte=TODAY).count() == 1


def test_every_role_gets_a_sign_in_that_works_and_acts_in_that_role() -> None:
    administrator = settle(demo=generate("small", seed=1, today=TODAY))
    open_logins(by=administrator, around=school_with_everybody())
    for login in LOGINS.values():
        assert Client().login(username=login.username, password=PASSWORD), login
        user = User.objects.get(username=login.username)
        assert login.capacity in {actor.kind for actor in actors_of(user.pk)}


def test_the_people_of_the_roles_have_to_do_with_the_class() -> None:
    administrator = settle(demo=generate("small", seed=1, today=TODAY))
    people = open_logins(by=administrator, around=school_with_everybody())
    assert people["homeroom_teacher"].name == "陈守拙"
    assert people["cadre"].name == "林敬之"
    assert people["subject_teacher"].name == "黄见微"
    assert people["guardian"].name == "苏向晚"


def test_the_command_shows_every_sign_in() -> None:
    administrator = settle(demo=generate("small", seed=1, today=TODAY))
    open_logins(by=administrator, around=school_with_everybody())
    table, records = io.StringIO(), io.StringIO()
    call_command("demo_logins", stdout=table)
    call_command("demo_logins", "--json", stdout=records)
    shown = json.loads(records.getvalue())
    assert {record["key"] for record in shown} == set(LOGINS)
    for record in shown:
        assert any(record["user"] in line and record["password"] in line for line in table.getvalue().splitlines())
        assert Client().login(username=record["user"], password=record["password"])


def test_without_a_demonstration_the_command_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="demo-fill"):
        call_command("demo_logins")
