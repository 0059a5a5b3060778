"""A small district in which everything that there can be several of is there the same number of times."""

import datetime as dt
import json
import uuid
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from jiafang.access import Actor
from jiafang.campaigns.defaults import default_rules
from jiafang.campaigns.models import Campaign, Duty, PlanRun, Shift, Tier, Unavailability
from jiafang.campaigns.services.availability import set_windows
from jiafang.campaigns.services.focus import set_focus
from jiafang.common.clock import today
from jiafang.organization.models import (
    GradeCohort,
    Guardianship,
    Person,
    Post,
    School,
    SchoolClass,
    Stage,
    first_year_of,
)
from jiafang.organization.services.roster.preview import check_import
from jiafang.organization.services.roster.upload import upload_roster
from jiafang.visits.models import Attachment, HeldItem, QuestionSet, Receipt, Visit
from jiafang.visits.services.calendar import issue_calendar_token
from tests.factories import campaigns as running
from tests.factories import organization as make
from tests.factories import visits as write
from tests.factories.phones import visit_body
from tests.notifications.telling import declare_once, tell
from tests.organization.roster.workbooks import ours, small_school
from tests.web.growing_care import grow_care

TAGS = ("left_behind", "single_parent", "by_water")
SUBJECTS = ("语文", "数学", "英语")


@dataclass
class Grown:
    """Who can ask, and the objects that addresses name, by the kinds of the scope test."""

    people: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))


def grow(count: int) -> Grown:
    """One or three of everything: schools, cohorts, classes, children, guardians, campaigns, meetings, records."""
    make.DistrictFactory()
    make.TermFactory()
    grown = Grown()
    grown.ids["village"] = [make.VillageFactory().pk for _ in range(count)]
    admin, director = make.bureau_post("administrator"), make.bureau_post("director")
    school = _school(grown, count)
    for _ in range(count - 1):
        other = make.SchoolFactory()
        _class(make.GradeCohortFactory(school=other), 1)
        make.school_post("principal", other)
    cadres = [make.bureau_post("cadre") for _ in range(count + 1)]  # nobody of the bureau goes alone
    for cadre in cadres:
        for each in School.unscoped.all():
            make.PairingFactory(school=each, cadre=cadre)
    grown.people |= {
        "administrator": admin,
        "director": director,
        "cadre": cadres[0],
        "community_partner": make.bureau_post("community_partner"),
    }
    grown.ids["tier"] = ["bureau_principal", "teacher_family", "principal_teacher", "bureau_teacher"]
    bureau, by = make.actor_of(admin, "administrator"), make.actor_of(grown.people["principal"], "principal")
    for _ in range(count):
        _campaigns(grown, bureau, by, school, count)
    for _ in range(count):
        row = upload_roster(by=bureau, files=[ours(small_school())])
        check_import(by=bureau, import_id=row.pk)
        grown.ids["roster_import"].append(row.pk)
    _questions(grown, school, admin, count)
    grown.ids["roster_group"], grown.ids["roster_change"] = ["students"], ["new"]
    for person in grown.people.values():
        person.refresh_from_db()
    _held(grown, count)
    declare_once()
    for person in grown.people.values():
        grown.ids["notification"] += [tell(person).pk for _ in range(count)]
    grow_care(grown.people, grown.ids, school, grown.ids["person"][0], count)
    grown.ids["calendar"] = [issue_calendar_token(by=make.actor_of(grown.people["teacher"], "teacher"))]
    return grown


def _questions(grown: Grown, school: School, by: Person, count: int) -> None:
    """Versions of what the school asks and of what the bureau asks, the last of which is in use."""
    for owner in (school, None):
        for version in range(1, count + 1):
            row = QuestionSet.unscoped.create(
                school=owner,
                tier=Tier.TEACHER_FAMILY,
                version=version,
                title="手机使用情况",
                state="published" if version == count else "retired",
                definition={"format": 1, "items": [], "order": [], "choices": {}},
                created_by=by,
            )
            grown.ids["question_set"].append(row.pk)


def _school(grown: Grown, count: int) -> School:
    """A school of several cohorts, the first of which has several classes."""
    school = make.SchoolFactory(stages=[Stage.JUNIOR.value])
    year = first_year_of(today())
    cohorts = [make.GradeCohortFactory(school=school, entry_year=year - n) for n in range(count)]
    classes = [_class(cohorts[0], count) for _ in range(count)] + [_class(each, count) for each in cohorts[1:]]
    teacher = make.homeroom_teacher(classes[0])
    for each in classes[1:]:
        make.homeroom_teacher(each)
        make.subject_teacher(each, teacher)
    lead = make.cohort_lead(cohorts[0])
    child = classes[0].enrollments.order_by("pk")[0].student
    home = child.households.get().household
    siblings = [make.student(classes[0], household=home, tags=TAGS[:count]) for _ in range(count)]
    mother = Guardianship.unscoped.get(student=child, is_primary=True).guardian
    for sibling in siblings:
        make.guardian_of(sibling, mother)
    grown.people |= {
        "principal": make.school_post("principal", school),
        "teacher": teacher,
        "cohort_lead": lead,
        "counselor": make.school_post("counselor", school),
        "guardian": mother,
    }
    grown.ids["person"] = [child.pk, teacher.pk, mother.pk]
    grown.ids["school"], grown.ids["class"] = [school.pk], [classes[0].pk]
    return school


def _class(cohort: GradeCohort, count: int) -> SchoolClass:
    made = make.SchoolClassFactory(cohort=cohort)
    for number in range(count):
        make.subject_teacher(made, subject=SUBJECTS[number])
        child = make.student(made, tags=TAGS[:count])
        for primary in [True, False, False][:count]:
            make.guardian_of(child, is_primary=primary)
    return made


def _campaigns(grown: Grown, bureau: Actor, by: Actor, school: School, count: int) -> None:
    """One campaign of each tier and state, with meetings and records."""
    family = running.launched(by, school, title="家访")
    draft = running.campaign(by, school, title="草稿")
    for cohort in GradeCohort.unscoped.filter(school=school):
        for campaign in (family, draft):
            set_focus(by=by, campaign=campaign, cohort=cohort, topics="适应初中")
    running.launched(bureau, None, title="全县大家访", shifts=None)
    principals = running.launched(bureau, None, Tier.BUREAU_PRINCIPAL, title="走访校长")
    everybody = replace(default_rules(tier=Tier.BUREAU_TEACHER, school=None), people_per_school=0)
    running.launched(bureau, None, Tier.BUREAU_TEACHER, title="走访教师", rules=everybody)
    talks = running.launched(by, school, Tier.PRINCIPAL_TEACHER, title="拉家常")
    for campaign in (family, principals, talks):
        _plan_run(grown, campaign, count)
    teacher = grown.people["teacher"]
    _meetings(grown, family, _of(family, teacher)[:count])
    for campaign in (principals, talks):
        group = campaign.groups.order_by("pk")[0]
        _meetings(grown, campaign, _of(campaign, group.lead)[:count])
    grown.ids["campaign"] += [
        family.pk,
        draft.pk,
        talks.pk,
        *Campaign.unscoped.filter(parent=None, school=None).values_list("pk", flat=True),
    ]
    duties = list(Duty.unscoped.filter(campaign=family, state="due", group__lead=teacher))
    shifts = list(Shift.unscoped.filter(campaign=family))[:count]
    for duty in duties:
        set_windows(by=by, duty=duty, windows=[(shift, shift.start, shift.end) for shift in shifts])
        grown.ids["duty"].append(duty.pk)
    for shift in shifts:
        Unavailability.unscoped.create(shift=shift, visitor=teacher)


def _of(campaign: Campaign, lead: Person) -> list[Duty]:
    return list(Duty.unscoped.filter(campaign=campaign, group__lead=lead).order_by("pk").select_related("person"))


def _meetings(grown: Grown, campaign: Campaign, duties: list[Duty]) -> None:
    """Each of them met last week, to be met today and again tomorrow."""
    group = duties[0].group
    assert group is not None
    for day in (today(), today() + dt.timedelta(days=1)):
        trip = write.trip(campaign, group, day)
        for number, duty in enumerate(duties):
            met = write.appointment(
                campaign, [duty.person], day=day, hour=dt.time(18, 20 * number), trip=trip, order=number
            )
            grown.ids["appointment"].append(met.pk)
    kind = next(kind for kind in ("teacher", "cadre", "director", "principal") if _holds(group.lead, kind))
    actor = make.actor_of(group.lead, kind)
    for duty in duties:
        visit = write.record(actor, [duty], finding="作业自己写")
        grown.ids["visit"].append(visit.pk)
        grown.ids["attachment"].append(_photo(visit))


def _held(grown: Grown, count: int) -> None:
    """Own records of a teacher that wait, and records of somebody who has left about the families of that teacher."""
    teacher = grown.people["teacher"]
    duties = list(Duty.unscoped.filter(campaign__title="家访", group__lead=teacher).order_by("pk"))[:count]
    writers = [make.school_post("counselor", make.SchoolFactory()) for _duty in duties]
    for duty, writer in zip(duties, writers, strict=True):
        for person, reason in ((teacher, "refused"), (writer, "out_of_reach")):
            grown.ids["held"].append(_held_by(person, duty, reason))


def _held_by(person: Person, duty: Duty, reason: str) -> int:
    content = json.dumps(visit_body([duty])).encode()
    receipt = Receipt.unscoped.create(
        sequence=Receipt.unscoped.count() + 1,
        kind="visit",
        item=uuid.uuid4(),
        hash="",
        person=person,
        epoch=uuid.uuid4(),
        held=True,
    )
    row = HeldItem(receipt=receipt, kind="visit", item=receipt.item, person=person, capacity="", reason=reason)
    row.duty_ids, row.content = [duty.pk], content
    row.save()
    return row.pk


def _photo(visit: Visit) -> uuid.UUID:
    row = Attachment(visit=visit, kind="photo", content=b"photo", content_type="image/jpeg", size=5)
    row.added_by_id = visit.recorded_by_id
    row.save(force_insert=True)
    return row.pk


def _holds(person: Person, kind: str) -> bool:
    kinds = {"teacher": [Post.Kind.HOMEROOM_TEACHER]}.get(kind, [kind])
    return Post.unscoped.filter(person=person, kind__in=kinds, end=None).exists()


MOVED = {"date": "2026-10-12", "kind": "evening", "channel": "phone"}


def _plan_run(grown: Grown, campaign: Campaign, count: int) -> None:
    duties = Duty.unscoped.filter(campaign=campaign).order_by("pk").values_list("pk", flat=True)[:count]
    run = PlanRun.unscoped.create(
        campaign=campaign,
        state=PlanRun.State.DONE,
        objective={"unvisited": 1, "lateness": 0, "travel_minutes": 30},
        bounds={"unvisited": 1, "lateness": 0, "travel_minutes": 18},
        unplaced=[{"duty_ids": [pk], "code": "no_window", "params": {}} for pk in duties],
        moved=[{"duty_ids": [pk], "code": "made_room", "was": MOVED, "now": MOVED} for pk in duties],
    )
    grown.ids["plan_run"].append(run.pk)
