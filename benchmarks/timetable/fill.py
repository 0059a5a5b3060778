"""A school whose families live in villages around it, with a launched campaign that has not been planned yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

import psycopg
from django.conf import settings

from jiafang.access import Actor, actor_transaction, system
from jiafang.access.capacities import actors_of
from jiafang.accounts.models import User
from jiafang.campaigns.models import Campaign, Shift, Tier
from jiafang.campaigns.services.create import ShiftDraft, create_campaign
from jiafang.campaigns.services.launch import launch_campaign
from jiafang.common.clock import today
from jiafang.organization.models import (
    CareTag,
    CareTagKind,
    District,
    Enrollment,
    GradeCohort,
    Household,
    HouseholdMembership,
    Person,
    Post,
    School,
    SchoolClass,
    Stage,
    Village,
    first_year_of,
)

BY = system("benchmark")
STUDENTS, COHORTS, ONSITE, EVENINGS = 45, 3, 0.26, 28
LONG_AGO = dt.date(2020, 9, 1)


@dataclass(frozen=True)
class Measured:
    principal: User
    actor: Actor
    campaign: Campaign
    teacher: Person


def fill(classes: int) -> Measured:
    random = Random(1)
    with actor_transaction(BY):
        District.objects.create(code="350999", name="云溪县", bureau_name="云溪县教育局", lat=25.5, lon=118.2)
        school = School.unscoped.create(
            code="3509990001", name="云溪第1实验学校", stages=[Stage.JUNIOR.value], lat=25.5, lon=118.2
        )
        villages = [
            Village.objects.create(
                township="松坪乡",
                name=f"第{n}村",
                lat=25.5 + random.uniform(-0.045, 0.045),
                lon=118.2 + random.uniform(-0.045, 0.045),
            )
            for n in range(9)
        ]
        principal = _people(1)[0]
        Post.unscoped.create(person=principal, kind="principal", school=school, start=LONG_AGO)
        cohorts = [
            GradeCohort.unscoped.create(school=school, stage="junior", entry_year=first_year_of(today()) - n)
            for n in range(COHORTS)
        ]
        teachers = [_class(cohorts[n % COHORTS], n, villages, random) for n in range(classes)]
        user = User.objects.create_user(username="measured")
        principal.user = user
        principal.save(update_fields=["user"])
    with psycopg.connect(str(settings.DATABASE_OWNER_URL), autocommit=True) as owner:
        owner.execute("ANALYZE")
    with actor_transaction(BY):
        actor = next(found for found in actors_of(user.pk) if found.kind == "principal")
    shifts = [
        ShiftDraft(today() + dt.timedelta(days=1 + n), Shift.Kind.EVENING, dt.time(18, 30), dt.time(21))
        for n in range(EVENINGS)
    ]
    campaign = create_campaign(
        by=actor,
        tier=Tier.TEACHER_FAMILY,
        school=school,
        title="秋季大家访",
        start=today(),
        end=today() + dt.timedelta(days=EVENINGS + 2),
        shifts=shifts,
    )
    return Measured(user, actor, launch_campaign(by=actor, campaign=campaign), teachers[0])


def _people(count: int) -> list[Person]:
    return list(Person.unscoped.bulk_create([Person(name="陈雨桐", pinyin="x", initials="x") for _ in range(count)]))


def _class(cohort: GradeCohort, number: int, villages: list[Village], random: Random) -> Person:
    """A class with its homeroom teacher, four subject teachers and its families; the homeroom teacher."""
    place = SchoolClass.unscoped.create(cohort=cohort, number=number + 1, name=f"{number + 1}班")
    homeroom, *others = _people(5)
    posts = [Post(person=one, kind="employee", school=cohort.school, start=LONG_AGO) for one in (homeroom, *others)]
    here = {"school": cohort.school, "cohort": cohort, "school_class": place, "start": LONG_AGO}
    posts.append(Post(person=homeroom, kind="homeroom_teacher", **here))
    posts += [Post(person=one, kind="subject_teacher", subject=f"第{n}科", **here) for n, one in enumerate(others)]
    Post.unscoped.bulk_create(posts)
    students = _people(STUDENTS)
    Enrollment.unscoped.bulk_create([Enrollment(student=one, school_class=place, start=LONG_AGO) for one in students])
    homes = []
    for _ in students:
        village = random.choice(villages)
        assert village.lat is not None
        assert village.lon is not None
        homes.append(
            Household(village=village, lat=random.gauss(village.lat, 0.004), lon=random.gauss(village.lon, 0.004))
        )
    Household.unscoped.bulk_create(homes)
    HouseholdMembership.unscoped.bulk_create(
        [
            HouseholdMembership(household=home, person=one, start=LONG_AGO)
            for home, one in zip(homes, students, strict=True)
        ]
    )
    tagged = [one for one in students if random.random() < ONSITE]
    kind = CareTagKind.objects.filter(onsite=True).first() or CareTagKind.objects.create(
        code="hardship", name="困难家庭", onsite=True
    )
    CareTag.unscoped.bulk_create([CareTag(student=one, kind=kind, source="学校", since=LONG_AGO) for one in tagged])
    return homeroom
