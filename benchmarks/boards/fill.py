"""40 schools with their people, and open cases that the director, cadres, principals, counselors and owners read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import islice

import psycopg
from django.conf import settings

from jiafang.access import actor_transaction, system
from jiafang.access.capacities import actors_of
from jiafang.accounts.models import User
from jiafang.care.models import CaseAction, CaseFile, CaseReader, CaseStep, Category, Escalation
from jiafang.common.clock import now, today
from jiafang.organization.models import (
    District,
    Enrollment,
    GradeCohort,
    Pairing,
    Person,
    Post,
    School,
    SchoolClass,
    Stage,
    first_year_of,
)

BY = system("benchmark")
SCHOOLS, CLASSES, STUDENTS, PAIRED = 40, 6, 40, 5
BATCH = 2000
LONG_AGO = dt.date(2020, 9, 1)
TIERS = ("green", "green", "green", "yellow", "orange")
STATES = ("open", "assigned", "acting", "acting", "awaiting")


@dataclass(frozen=True)
class Measured:
    director: User
    cadre: User
    principal: User
    counselor: User
    teacher: User


@dataclass(frozen=True)
class SchoolOf:
    school: School
    principal: Person
    counselor: Person
    classes: list[tuple[SchoolClass, Person, list[Person]]]


def fill(cases: int) -> Measured:
    with actor_transaction(BY):
        District.objects.create(code="350999", name="云溪县", bureau_name="云溪县教育局", lat=25.5, lon=118.2)
        director = _people(1, "苏景行")[0]
        Post.unscoped.create(person=director, kind="director", start=LONG_AGO)
        cadres = _people(SCHOOLS // PAIRED, "林立言")
        Post.unscoped.bulk_create([Post(person=cadre, kind="cadre", start=LONG_AGO) for cadre in cadres])
        schools = [_school(number) for number in range(SCHOOLS)]
        Pairing.unscoped.bulk_create(
            [
                Pairing(cadre=cadres[number // PAIRED], school=one.school, start=LONG_AGO)
                for number, one in enumerate(schools)
            ]
        )
    places = [(one, *of_class) for one in schools for of_class in one.classes]
    numbers = iter(range(cases))
    while batch := list(islice(numbers, BATCH)):
        with actor_transaction(BY):
            _cases(batch, places, schools, cadres, director)
    with psycopg.connect(str(settings.DATABASE_OWNER_URL), autocommit=True) as owner:
        owner.execute("ANALYZE")
    with actor_transaction(BY):
        first = schools[0]
        return Measured(
            director=_account(director, "director"),
            cadre=_account(cadres[0], "cadre"),
            principal=_account(first.principal, "principal"),
            counselor=_account(first.counselor, "counselor"),
            teacher=_account(first.classes[0][1], "teacher"),
        )


def _people(count: int, name: str) -> list[Person]:
    return list(Person.unscoped.bulk_create([Person(name=name, pinyin="x", initials="x") for _ in range(count)]))


def _school(number: int) -> SchoolOf:
    school = School.unscoped.create(
        code=f"35{number:08d}", name=f"云溪第{number}实验学校", stages=[Stage.JUNIOR.value], lat=25.5, lon=118.2
    )
    cohort = GradeCohort.unscoped.create(school=school, stage="junior", entry_year=first_year_of(today()))
    principal, counselor, *homeroom = _people(2 + CLASSES, "陈雨桐")
    classes = []
    for n, teacher in enumerate(homeroom):
        school_class = SchoolClass.unscoped.create(cohort=cohort, number=n + 1, name=f"{n + 1}班")
        students = _people(STUDENTS, "黄嘉禾")
        Enrollment.unscoped.bulk_create(
            [Enrollment(student=one, school_class=school_class, start=LONG_AGO) for one in students]
        )
        classes.append((school_class, teacher, students))
    posts = [
        Post(person=principal, kind="principal", school=school, start=LONG_AGO),
        Post(person=counselor, kind="counselor", school=school, start=LONG_AGO),
        *[Post(person=one, kind="employee", school=school, start=LONG_AGO) for one in (principal, counselor)],
        *[Post(person=teacher, kind="employee", school=school, start=LONG_AGO) for teacher in homeroom],
        *[
            Post(person=teacher, kind="homeroom_teacher", school=school, cohort=cohort, school_class=c, start=LONG_AGO)
            for c, teacher, _students in classes
        ],
    ]
    Post.unscoped.bulk_create(posts)
    return SchoolOf(school, principal, counselor, classes)


def _cases(
    batch: list[int],
    places: list[tuple[SchoolOf, SchoolClass, Person, list[Person]]],
    schools: list[SchoolOf],
    cadres: list[Person],
    director: Person,
) -> None:
    categories = list(Category.objects.filter(subjects__contains=["student"]))
    made, readers = [], []
    for n in batch:
        school, school_class, teacher, students = places[n % len(places)]
        state = STATES[n % len(STATES)]
        made.append(
            CaseFile(
                subject_kind="student",
                person=students[n // len(places) % len(students)],
                school=school.school,
                school_class=school_class,
                category=categories[n % len(categories)],
                alert_tier=TIERS[n // 7 % len(TIERS)],
                level="class",
                state=state,
                text="最近上课老走神,晚上睡不好",
                raised_by=teacher,
                raised_as="teacher",
                confirmer=teacher,
                owner=teacher,
                owner_role="homeroom_teacher",
                due=today() + dt.timedelta(days=n % 40 - 5),
                on_this_level_since=now() - dt.timedelta(days=9),
                awaiting_since=now() if state == "awaiting" else None,
                result="solved" if state == "awaiting" else "",
            )
        )
    CaseFile.unscoped.bulk_create(made)
    for n, case in zip(batch, made, strict=True):
        number = (n % len(places)) // CLASSES
        school, school_class, teacher, _students = places[n % len(places)]
        at_school = {"side": "school", "school": school.school}
        readers += [
            CaseReader(case=case, person=teacher, kind="teacher", why="owner", school_class=school_class, **at_school),
            CaseReader(case=case, person=school.principal, kind="principal", why="role", **at_school),
            CaseReader(case=case, person=school.counselor, kind="counselor", why="role", **at_school),
            CaseReader(case=case, person=cadres[number // PAIRED], kind="cadre", side="bureau", why="named"),
            CaseReader(case=case, person=director, kind="director", side="bureau", why="named"),
        ]
    CaseReader.unscoped.bulk_create(readers)
    CaseStep.unscoped.bulk_create(
        [
            CaseStep(case=c, by_id=c.owner_id, verb="raise", to_state="open", to_level="class", to_owner_id=c.owner_id)
            for c in made
        ]
    )
    CaseAction.unscoped.bulk_create(
        [CaseAction(case=c, kind="talk", on=today(), by_id=c.owner_id, text="谈了一次") for c in made]
    )
    Escalation.unscoped.bulk_create(
        [
            Escalation(case=c, level="class", due=c.due, announced_at=now(), not_before=now() + dt.timedelta(days=2))
            for c in made
            if c.due <= today() + dt.timedelta(days=1) and c.state != "awaiting"
        ]
    )


def _account(person: Person, kind: str) -> User:
    """Comes in as this kind: who is a counselor is a teacher of the school too."""
    user = User.objects.create_user(username=f"measured{person.pk}")
    person.user = user
    person.save(update_fields=["user"])
    user.capacity = next(actor.capacity_key for actor in actors_of(user.pk) if actor.kind == kind)
    user.save(update_fields=["capacity"])
    return user
