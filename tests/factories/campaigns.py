"""Small schools and running campaigns, made through the services."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from jiafang import planner
from jiafang.access import Actor
from jiafang.campaigns.defaults import ShiftDraft
from jiafang.campaigns.from_planner import levels_json, moved_json, store_plan, unplaced_json
from jiafang.campaigns.models import Campaign, Duty, PlanRun, Shift, Tier
from jiafang.campaigns.services.create import create_campaign
from jiafang.campaigns.services.launch import launch_campaign
from jiafang.campaigns.services.plan import request_plan
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.campaigns.to_planner import planner_input
from jiafang.common.clock import now, today
from jiafang.organization.models import Person, School, SchoolClass
from tests.factories import organization as make
from tests.jobs import run_jobs


@dataclass
class SmallSchool:
    """A school of some classes in one cohort, each with a homeroom and a subject teacher and its students."""

    school: School
    classes: list[SchoolClass]
    homeroom: list[Person]
    subject: list[Person]
    students: list[list[Person]]
    principal: Person
    by: Actor = field(repr=False)


def small_school(*, classes: int = 2, students: int = 3, **school_fields: Any) -> SmallSchool:
    make.DistrictFactory()
    school = make.SchoolFactory(**school_fields)
    cohort = make.GradeCohortFactory(school=school)
    made = [make.SchoolClassFactory(cohort=cohort) for _ in range(classes)]
    principal = make.school_post("principal", school)
    return SmallSchool(
        school=school,
        classes=made,
        homeroom=[make.homeroom_teacher(c) for c in made],
        subject=[make.subject_teacher(c) for c in made],
        students=[[make.student(c) for _ in range(students)] for c in made],
        principal=principal,
        by=make.actor_of(principal, "principal"),
    )


def evenings(days: int = 6, first: int = 1) -> list[ShiftDraft]:
    """Evening shifts from tomorrow on."""
    return [
        ShiftDraft(today() + dt.timedelta(first + n), Shift.Kind.EVENING, dt.time(18, 30), dt.time(21, 0))
        for n in range(days)
    ]


def half_days(days: int = 6, first: int = 1) -> list[ShiftDraft]:
    """Afternoon shifts from tomorrow on."""
    return [
        ShiftDraft(today() + dt.timedelta(first + n), Shift.Kind.AFTERNOON, dt.time(14, 30), dt.time(17, 30))
        for n in range(days)
    ]


def campaign(by: Actor, school: School | None, tier: str = Tier.TEACHER_FAMILY, **fields: Any) -> Campaign:
    """A draft that begins today."""
    fields.setdefault("title", "秋季大家访")
    fields.setdefault("start", today())
    fields.setdefault("end", today() + dt.timedelta(20))
    fields.setdefault("shifts", evenings() if tier == Tier.TEACHER_FAMILY else half_days())
    return create_campaign(by=by, tier=tier, school=school, **fields)


def launched(by: Actor, school: School | None, tier: str = Tier.TEACHER_FAMILY, **fields: Any) -> Campaign:
    return launch_campaign(by=by, campaign=campaign(by, school, tier, **fields))


def planned(by: Actor, running: Campaign, seconds: int = 10) -> PlanRun:
    """Plan the campaign with a real worker; needs a transactional test."""
    run = request_plan(by=by, campaign=running, seconds=seconds)
    run_jobs()
    run.refresh_from_db()
    assert run.state == PlanRun.State.DONE, run.log
    return run


def planned_at_once(running: Campaign) -> PlanRun:
    """Planned by the real planner without the queue, for tests of what comes after; needs no committed data."""
    data = planner_input(running, moment=now())
    plan = planner.solve(data.problem, stop=planner.Stop(seconds=20), seed=1, keep=data.told)
    store_plan(running, data, plan)
    objective, bounds = levels_json(plan)
    return PlanRun.unscoped.create(
        campaign=running,
        state=PlanRun.State.DONE,
        started_at=now(),
        finished_at=now(),
        input_hash=data.hash,
        objective=objective,
        bounds=bounds,
        proven=list(plan.proven),
        unplaced=unplaced_json(data, plan),
        moved=moved_json(running, data, plan),
    )


def published(by: Actor, school: School | None, tier: str = Tier.TEACHER_FAMILY, **fields: Any) -> Campaign:
    """Launched, planned at once and published."""
    running = launched(by, school, tier, **fields)
    planned_at_once(running)
    return publish_timetable(by=by, campaign=running)


def duty_of(campaign: Campaign, person: Person) -> Duty:
    return Duty.unscoped.get(campaign=campaign, person=person, parent=None)
