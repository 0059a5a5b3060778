"""Campaigns on every tier, in every state, with drafts, appointments and records about the people of the world."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

from jiafang.access.models import Grant
from jiafang.campaigns import models
from jiafang.campaigns.models import Tier
from jiafang.campaigns.rules import Rules
from jiafang.common.clock import at, today
from jiafang.organization.models import Household
from jiafang.visits.models import (
    Attachment,
    HeldItem,
    LastContact,
    Note,
    Participant,
    RaisedConcern,
    Receipt,
    Visit,
    VisitRevision,
)
from jiafang.visits.services.calendar import issue_calendar_token
from tests.factories import organization as make
from tests.oracle.build_questions import build_questions
from tests.oracle.facts import Appointment, Campaign, Duty, Group, Held, World
from tests.oracle.facts import Visit as VisitFact

EVENING = dt.time(18, 30)


def build_campaigns(world: World) -> None:
    umbrella = campaign(world, "umbrella", Tier.TEACHER_FAMILY, None, "launched")
    campaign(world, "families one", Tier.TEACHER_FAMILY, "one", "published", umbrella)
    campaign(world, "families two", Tier.TEACHER_FAMILY, "two", "launched", umbrella)
    campaign(world, "draft one", Tier.TEACHER_FAMILY, "one", "draft")
    campaign(world, "principals", Tier.BUREAU_PRINCIPAL, None, "published")
    campaign(world, "teachers", Tier.BUREAU_TEACHER, None, "launched")
    campaign(world, "talks one", Tier.PRINCIPAL_TEACHER, "one", "published")
    for name, cohort in (("families one", "k1"), ("families one", "k2"), ("families two", "k3")):
        _focus(world, name, cohort)
    _families(world)
    _bureau_and_talks(world)
    _accompanied(world)
    _held_items(world)
    _not_at_hand(world)
    _times(world)
    _else(world)
    for name in ("families one", "families two", "principals"):
        _plan_run(world, name)
    build_questions(world)

    world.others["tier"] = [*Tier.values, "nonsense"]
    for name, kind in (("homeroom 1a", "teacher"), ("mother a", "guardian"), ("director", "director")):
        actor = make.actor_of(world.rows["person", world.people[name]], kind)
        world.owner_of_token[issue_calendar_token(by=actor)] = name


def _families(world: World) -> None:
    group(world, "1a", "families one", "homeroom 1a", "subject", school_class="1a")
    group(world, "1b", "families one", "homeroom 1b", school_class="1b")
    group(world, "3a", "families two", "moved away", "subject two", school_class="3a")
    for child, of in (
        ("a1", "1a"),
        ("a3", "1a"),
        ("b1", "1b"),
        ("b2", "1b"),
        ("a2", "3a"),
        ("d1", "3a"),
        ("moved", "3a"),
    ):
        duty(world, child, of)
    # Class 2a has no homeroom teacher: its duty waits for the cohort lead, whom this cohort does not have either.
    duty(world, "c1", None, campaign_name="families one", school_class="2a")
    appointment(world, "a1 tonight", "1a", ["a1"], also="clerk")  # who is in no group
    appointment(world, "b2 confirmed", "1b", ["b2"], state="confirmed", order=1)
    appointment(world, "a3 done", "1a", ["a3"], state="done", day=-2)
    appointment(world, "b2 done", "1b", ["b2"], state="done", day=-3)
    appointment(world, "b1 draft", "1b", ["b1"], published=False, order=2)
    appointment(world, "a2 draft", "3a", ["a2"], published=False)
    appointment(world, "d1 done", "3a", ["d1"], state="done", day=-1)
    visit(world, "d1 done", "moved away")
    visit(world, "a3 done", "homeroom 1a")
    visit(world, "b2 done", "homeroom 1b")


def _bureau_and_talks(world: World) -> None:
    group(world, "bureau", "principals", "director", "cadre two")
    group(world, "cadre", "teachers", "cadre one", "cadre two")
    group(world, "talks", "talks one", "principal one", "moral deputy")
    met_by = {
        "bureau": ["principal one", "principal two"],
        "cadre": ["homeroom 1a", "subject two", "homeroom 3b"],
        "talks": ["homeroom 1b", "subject", "counselor"],
    }
    for of, who in ((of, who) for of, people in met_by.items() for who in people):
        duty(world, who, of)
    appointment(world, "principal one met", "bureau", ["principal one"], state="done", day=-1)
    appointment(world, "principal two draft", "bureau", ["principal two"], published=False)
    appointment(world, "teacher draft", "cadre", ["homeroom 1a"], published=False)
    appointment(world, "talk tonight", "talks", ["subject"], order=3)
    appointment(world, "talk done", "talks", ["homeroom 1b"], state="done", day=-1)
    appointment(world, "teacher met", "cadre", ["homeroom 3b"], state="done", day=-1, order=4)
    visit(world, "principal one met", "director")
    visit(world, "talk done", "principal one")
    # Who belongs to the group and did not come reads the record, but nothing that was confided.
    visit(world, "teacher met", "cadre one", alone=True)


def _accompanied(world: World) -> None:
    """Somebody of every capacity comes along to a family, and colleagues meet a colleague."""
    along = ("lead k1", "principal one", "cadre one", "director", "community_partner")
    group(world, "accompanied", "families one", "counselor", *along, school_class="2a")
    duty(world, "c2", "accompanied")
    appointment(world, "c2 tonight", "accompanied", ["c2"], order=4)
    appointment(world, "c2 done", "accompanied", ["c2"], state="done", day=-2, order=2)
    visit(world, "c2 done", "counselor")
    group(world, "3b", "families two", "homeroom 3b", school_class="3b")
    duty(world, "e1", "3b")
    appointment(world, "e1 done", "3b", ["e1"], state="done", day=-2, order=3)
    visit(world, "e1 done", "homeroom 3b")
    group(world, "colleagues", "talks one", "lead k1", "counselor", "homeroom 1a")
    duty(world, "clerk", "colleagues")


def _not_at_hand(world: World) -> None:
    """What was done long ago, what is left of a campaign that is over, and who has left the school they visit for."""
    campaign(world, "over", Tier.TEACHER_FAMILY, "one", "closed")
    group(world, "over", "over", "subject", "lead k1", "counselor", "cadre one", "moved away", school_class="2a")
    for child in ("a3", "b1", "b2", "c1"):
        duty(world, child, "over")
    appointment(world, "b2 long ago", "over", ["b2"], state="done", day=-20)
    visit(world, "b2 long ago", "subject")
    appointment(world, "b1 long ago", "over", ["b1"], state="done", day=-20, order=1)
    _follow_up(world, "b1", "over")
    appointment(world, "a3 missed", "over", ["a3"], state="missed", day=-2, order=5)
    appointment(world, "b1 tonight", "1b", ["b1"], order=5, also="moved away")


def _follow_up(world: World, who: str, name: str) -> None:
    """Asked for by a record, and still to be done."""
    before = world.duties[world.others[f"duty of {who} in {world.others[name][0]}"][0]]
    row = models.Duty.unscoped.create(
        parent_id=before.pk,
        campaign_id=before.campaign,
        person_id=before.person,
        group_id=before.group,
        school_class_id=before.school_class,
        cohort_id=before.cohort,
        due=today(),
    )
    world.duties[row.pk] = replace(before, pk=row.pk, due=True, met_on=None, follow_up=True)


def _held_items(world: World) -> None:
    """Something of everybody who writes, and of two others about each meeting and each family."""
    for who in ("director", "cadre one", "principal one", "lead k1", "homeroom 1a", "counselor"):
        held(world, who)
    of_records = [visit.duties for visit in world.visits.values()]
    of_families = [frozenset({duty.pk}) for duty in world.duties.values() if duty.school_class]
    for duties in of_records + of_families:
        held(world, "counselor", duties)
    held(world, "homeroom 1a", frozenset().union(*of_records))


def _times(world: World) -> None:
    """When families can come and visitors cannot."""
    for who, name in (
        ("a1", "families one"),
        ("c2", "families one"),
        ("d1", "families two"),
        ("e1", "families two"),
        ("homeroom 1a", "teachers"),
        ("principal one", "principals"),
        ("clerk", "talks one"),
    ):
        models.FamilyWindow.unscoped.create(
            duty_id=world.others[f"duty of {who} in {world.others[name][0]}"][0],
            shift=world.rows["shift", (name, 0)],
            earliest=dt.time(18, 30),
            latest=dt.time(19, 0),
        )
    for who, name in (
        ("homeroom 1a", "families one"),
        ("counselor", "families one"),
        ("cadre one", "teachers"),
        ("moved away", "families two"),
        ("director", "principals"),
    ):
        models.Unavailability.unscoped.create(visitor_id=world.people[who], shift=world.rows["shift", (name, 0)])


def _else(world: World) -> None:
    """Tables that no page shows as they are."""
    met = world.appointments[world.others["c2 tonight"][0]]
    when = models.Appointment.unscoped.get(pk=met.pk)
    models.Occupancy.unscoped.create(
        visitor_id=world.people["counselor"],
        visitor_range=(world.people["counselor"], world.people["counselor"] + 1),
        during=(when.starts_at, when.ends_at),
        appointment=when,
    )
    Grant.unscoped.create(person_id=world.people["clerk"], object_kind="visits.visit", object_id="-", why="-")


def _hidden(world: World, kind: str, fields: list[str], row: Any, words: str = "") -> None:
    """Put a token of its own into each text field of a row."""
    for field in fields:
        token = world.word()
        setattr(row, field, f"{words}{token}")
        world.hide(token, kind, field, row.pk)
    row.save()


def campaign(world: World, name: str, tier: str, school: str | None, state: str, parent: int | None = None) -> int:
    row = models.Campaign.unscoped.create(
        tier=tier,
        school_id=school and world.schools[school],
        parent_id=parent,
        title="-",
        start=today() - dt.timedelta(7),
        end=today() + dt.timedelta(20),
        rules=Rules().to_json(),
        state=state,
        basis_file=b"%PDF-1.4 basis",
        basis_file_name="basis.pdf",
    )
    _hidden(world, "campaign", ["title", "tone", "basis_number", "basis_name"], row)
    world.campaigns[row.pk] = Campaign(row.pk, tier, row.school_id, state, parent)
    world.others[name] = [row.pk]
    for n, kind in (
        (0, "evening"),
        (2, "evening"),
        (-1, "evening"),
        (-2, "evening"),
        (-3, "evening"),
        (-20, "evening"),
    ):
        shift = models.Shift.unscoped.create(
            campaign=row, date=today() + dt.timedelta(n), kind=kind, start=EVENING, end=dt.time(21, 0)
        )
        world.rows["shift", (name, n)] = shift
        if n in (0, 2):  # enough to ask for
            world.others["shift"].append(shift.pk)
        world.campaign_of_shift[shift.pk] = row.pk
    roads = models.RoadTable.unscoped.create(campaign=row, source="-", places=["a", "b"], seconds=b"-")
    world.campaign_of_roads[roads.pk] = row.pk
    return row.pk


def _focus(world: World, name: str, cohort: str) -> None:
    row = models.CohortFocus.unscoped.create(
        campaign_id=world.others[name][0], cohort_id=world.others[cohort][0], topics="-"
    )
    _hidden(world, "focus", ["topics", "talking_points", "notices"], row)
    world.focuses[row.pk] = row.campaign_id


def group(world: World, name: str, campaign_name: str, lead: str, *others: str, school_class: str = "") -> None:
    row = models.VisitGroup.unscoped.create(
        campaign_id=world.others[campaign_name][0],
        lead_id=world.people[lead],
        school_class_id=world.classes[school_class] if school_class else None,
    )
    row.co_visitors.set([world.people[other] for other in others])
    world.groups[row.pk] = Group(
        row.pk, row.campaign_id, row.lead_id, frozenset(world.people[o] for o in others), row.school_class_id
    )
    world.others[f"group {name}"] = [row.pk]
    world.others[f"campaign of {name}"] = [campaign_name]


def duty(world: World, who: str, of: str | None, *, campaign_name: str = "", school_class: str = "") -> None:
    found = world.groups[world.others[f"group {of}"][0]] if of else None
    class_id = world.classes[school_class] if school_class else found and found.school_class
    person = world.people[who]
    cohort = world.cohort_of_class[class_id] if class_id else None
    row = models.Duty.unscoped.create(
        campaign_id=found.campaign if found else world.others[campaign_name][0],
        person_id=person,
        group_id=found and found.pk,
        school_class_id=class_id,
        cohort_id=cohort,
        school_id=world.school_of_class.get(class_id) if class_id else None,
        household_id=world.household_of.get(person) if class_id else None,
        due=today() + dt.timedelta(20),
    )
    world.duties[row.pk] = Duty(row.pk, row.campaign_id, person, row.group_id, class_id, cohort)
    world.others[f"duty of {who} in {row.campaign_id}"] = [row.pk]


def appointment(
    world: World,
    name: str,
    of: str,
    met: list[str],
    *,
    published: bool = True,
    state: str = "proposed",
    day: int = 0,
    order: int = 0,
    also: str = "",
) -> None:
    found = world.groups[world.others[f"group {of}"][0]]
    shift = world.rows["shift", (world.others[f"campaign of {of}"][0], day)]
    visitors = {found.lead, *found.others, *([world.people[also]] if also else [])}
    starts = at(shift.date, EVENING) + dt.timedelta(minutes=30 * order)
    trip = models.Trip.unscoped.create(
        campaign_id=found.campaign, shift=shift, departs_at=starts, returns_at=starts + dt.timedelta(minutes=90)
    )
    trip.groups.set([found.pk])
    trip.crew.set(visitors)
    row = models.Appointment.unscoped.create(
        campaign_id=found.campaign,
        shift=shift,
        group_id=found.pk,
        trip=trip,
        channel="onsite",
        starts_at=starts,
        ends_at=starts + dt.timedelta(minutes=25),
        order=order,
        state=state,
        published=published,
        answer="other_time",
    )
    house = Household.unscoped.filter(pk=world.household_of.get(world.people[met[0]])).first()
    if house is not None:  # as the planner writes them: where the household lives
        row.place, row.lat, row.lon = house.address, house.lat, house.lon
    _hidden(world, "appointment", ["answer_note"], row)
    duties = [world.others[f"duty of {who} in {found.campaign}"][0] for who in met]
    row.duties.set(duties)
    row.visitors.set(visitors)
    world.appointments[row.pk] = Appointment(
        row.pk, found.campaign, found.pk, frozenset(duties), frozenset(visitors), published, state, shift.date, trip.pk
    )
    world.others["trip"].append(trip.pk)
    world.others[name] = [row.pk]
    if state == "done":
        models.Duty.unscoped.filter(pk__in=duties).update(state="met", met_on=shift.date)
        for pk in duties:
            world.duties[pk] = replace(world.duties[pk], due=False, met_on=shift.date)


def visit(world: World, appointment_name: str, by: str, *, alone: bool = False) -> None:
    met = world.appointments[world.others[appointment_name][0]]
    starts = models.Appointment.unscoped.get(pk=met.pk).starts_at
    row = Visit(
        campaign_id=met.campaign,
        appointment_id=met.pk,
        recorded_by_id=world.people[by],
        channel="onsite",
        started_at=starts,
        ended_at=starts + dt.timedelta(minutes=20),
        follow_up=False,
    )
    _hidden(world, "visit", ["finding", "guardian_opinion"], row)
    row.duties.set(met.duties)
    visitors = frozenset({row.recorded_by_id}) if alone else met.visitors
    row.visitors.set(visitors)
    token = world.word()
    Participant.unscoped.create(visit=row, relation=f"姑妈{token}", channel="onsite")
    world.hide(token, "visit", "participant", row.pk)
    token = world.word()
    VisitRevision.unscoped.create(visit=row, revision=1, body=token, saved_by_id=row.recorded_by_id)
    world.hide(token, "visit", "revision", row.pk)
    for kind, content_type in (("photo", "image/jpeg"), ("voice", "audio/webm")):
        _attached(world, row, kind, content_type)
    for met_duty in sorted(met.duties):
        _heard(world, row, world.duties[met_duty].person)
    for met_duty in met.duties:
        LastContact.unscoped.update_or_create(
            person_id=world.duties[met_duty].person, defaults={"on": today(), "visit": row}
        )
    world.visits[row.pk] = VisitFact(row.pk, met.campaign, met.duties, visitors, row.recorded_by_id)


def held(world: World, by: str, duties: frozenset[int] = frozenset()) -> None:
    """What somebody's phone sent: wrong in itself, or about duties that are somebody else's by now."""
    reason = "out_of_reach" if duties else "refused"
    kept, told = world.word(), world.word()
    writer = world.people[by]
    receipt = Receipt.unscoped.create(
        sequence=len(world.held) + 1,
        kind="visit",
        item=uuid.uuid4(),
        hash=kept,
        person_id=writer,
        epoch=uuid.uuid4(),
        held=True,
    )
    row = HeldItem.unscoped.create(
        receipt=receipt,
        kind="visit",
        item=receipt.item,
        person_id=writer,
        capacity="teacher:1",
        duty_ids=sorted(duties),
        reason=reason,
        message=told,
        content=kept.encode(),
    )
    world.hide(kept, "held", "content", row.pk)
    world.hide(told, "held", "message", row.pk)
    world.held[row.pk] = Held(row.pk, writer, reason, duties)


def _attached(world: World, row: Visit, kind: str, content_type: str) -> None:
    token = world.word()
    file = Attachment.unscoped.create(
        visit=row,
        kind=kind,
        content=token.encode(),
        content_type=content_type,
        size=len(token),
        came_as=token,
        added_by_id=row.recorded_by_id,
    )
    world.hide(token, "attachment", "content", file.pk)
    world.visit_of_attachment[file.pk] = row.pk


def _heard(world: World, row: Visit, person: int) -> None:
    """What was told of home, and of work; and what is to be worried about."""
    for axis in ("family", "teaching", ""):
        token = world.word()
        Note.unscoped.create(visit=row, person_id=person, axis=axis, text=token)
        world.hide(token, "visit", "note" if axis == "teaching" else "note of home", row.pk)
    for category in ("health", "study"):
        token = world.word()
        RaisedConcern.unscoped.create(visit=row, person_id=person, category=category, text=token)
        world.hide(token, "visit", "concern" if category == "study" else "concern of health", row.pk)


def _plan_run(world: World, name: str) -> None:
    campaign_id = world.others[name][0]
    duties = [duty.pk for duty in world.duties.values() if duty.campaign == campaign_id]
    row = models.PlanRun.unscoped.create(
        campaign_id=campaign_id,
        state="done",
        objective={"unvisited": 1, "lateness": 0, "travel_minutes": 30},
        bounds={"unvisited": 1, "lateness": 0, "travel_minutes": 18},
        unplaced=[{"duty_ids": [pk], "code": "no_common_time", "params": {}} for pk in duties],
    )
    _hidden(world, "plan_run", ["log"], row)
    world.plan_runs[row.pk] = campaign_id
