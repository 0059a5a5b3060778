"""What a family sees of its own appointments: windows, never a planned minute; the public part of the focus."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Appointment, CohortFocus, Duty, Shift
from jiafang.campaigns.workflow import ENDED_WITH_SHIFT, RUNNING_STATES
from jiafang.common.clock import today
from jiafang.organization.models import Enrollment, Post, grade_name, holding


@dataclass(frozen=True, slots=True)
class Visitor:
    name: str
    role: str


@dataclass(slots=True)
class FamilyVisit:
    """One appointment as a family sees it."""

    pk: int
    title: str
    date: dt.date
    shift_kind: str
    channel: str
    state: str
    answer: str
    school: str
    campaign_id: int
    called_off: bool
    children: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Child:
    """An own child with today's class and what is still open."""

    person_id: int
    name: str
    where: str
    waiting: bool
    declined_duty: int | None
    last_met: dt.date | None


def family_visits(actor: Actor, *, pk: int | None = None) -> list[FamilyVisit]:
    """The coming appointments of the own children, the nearest first; one of them if `pk` is given.

    One that ended with its shift is among them until there is another with the same child.
    """
    called_off = ENDED_WITH_SHIFT & Q(duties__state=Duty.State.DUE)
    rows = scope(actor, Appointment)
    if pk is not None:
        rows = rows.filter(pk=pk)
    else:
        coming = Q(shift__date__gte=today()) & (~Q(state=Appointment.State.CANCELLED) | called_off)
        rows = rows.filter(coming).distinct()
    visits = {
        row.pk: FamilyVisit(
            pk=row.pk,
            title=row.campaign.title,
            date=row.shift.date,
            shift_kind=row.shift.kind,
            channel=row.channel,
            state=row.state,
            answer=row.answer,
            school=row.campaign.school.name if row.campaign.school else "",
            campaign_id=row.campaign_id,
            called_off=row.shift.called_off
            and (row.state, row.cancelled_by) == (Appointment.State.CANCELLED, Appointment.CancelledBy.SCHOOL),
        )
        for row in rows.select_related("campaign__school", "shift").order_by("shift__date", "shift__start", "pk")
    }
    if not visits:
        return []
    cohorts: dict[int, set[int]] = {}
    classes: dict[int, set[int]] = {}
    for visit_id, name, cohort_id, class_id in (
        scope(actor, Duty)
        .filter(appointments__in=visits)
        .order_by("pk")
        .values_list("appointments", "person__name", "cohort_id", "school_class_id")
    ):
        visits[visit_id].children.append(name)
        cohorts.setdefault(visit_id, set()).add(cohort_id)
        classes.setdefault(visit_id, set()).add(class_id)
    focus = {
        (campaign_id, cohort_id): topics
        for campaign_id, cohort_id, topics in scope(actor, CohortFocus)
        .filter(campaign_id__in={visit.campaign_id for visit in visits.values()})
        .values_list("campaign_id", "cohort_id", "topics")
    }
    for visit_id, visit in visits.items():
        found = (focus.get((visit.campaign_id, cohort_id), "") for cohort_id in cohorts.get(visit_id, ()))
        visit.topics = list(dict.fromkeys(line for line in found if line))
    _add_visitors(actor, visits, classes)
    if pk is None:
        waited_for = {name for visit in visits.values() if not visit.called_off for name in visit.children}
        return [visit for visit in visits.values() if not (visit.called_off and waited_for & set(visit.children))]
    return list(visits.values())


def _add_visitors(actor: Actor, visits: dict[int, FamilyVisit], classes: dict[int, set[int]]) -> None:
    crew = list(
        Appointment.visitors.through.objects.filter(appointment_id__in=visits)
        .order_by("pk")
        .values_list("appointment_id", "person_id", "person__name")
    )
    roles: dict[tuple[int, int], str] = {}
    posts = (
        scope(actor, Post)
        .filter(holding(today()), person_id__in={person_id for _, person_id, _ in crew}, kind__in=Post.CLASS_KINDS)
        .select_related("school")
        .order_by("kind", "pk")
    )
    for post in posts:
        assert post.school is not None  # the constraint on posts says so
        assert post.school_class_id is not None
        role = post.school.homeroom_label if post.kind == Post.Kind.HOMEROOM_TEACHER else post.subject
        roles.setdefault((post.person_id, post.school_class_id), role)
    for visit_id, person_id, name in crew:
        role = next((roles[person_id, c] for c in classes.get(visit_id, ()) if (person_id, c) in roles), "")
        visits[visit_id].visitors.append(Visitor(name, role))


def children(actor: Actor) -> list[Child]:
    """The own children at school, with whether the school still wants to talk about them; two queries."""
    day = today()
    duties: dict[int, dict[str, int]] = {}
    last: dict[int, dt.date] = {}
    rows = scope(actor, Duty).filter(Q(state=Duty.State.MET) | Q(campaign__state__in=RUNNING_STATES)).order_by("pk")
    for duty_id, person_id, state, met_on in rows.values_list("pk", "person_id", "state", "met_on"):
        duties.setdefault(person_id, {})[state] = duty_id
        if met_on:
            last[person_id] = max(met_on, last.get(person_id, met_on))
    return [
        Child(
            person_id=person_id,
            name=name,
            where=f"{school} {grade_name(stage, entry_year, day)}{class_name}",
            waiting=Duty.State.DUE in duties.get(person_id, {}),
            declined_duty=duties.get(person_id, {}).get(Duty.State.DECLINED),
            last_met=last.get(person_id),
        )
        for person_id, name, school, stage, entry_year, class_name in scope(actor, Enrollment)
        .filter(holding(day))
        .order_by("student__birth_date", "student_id")
        .values_list(
            "student_id",
            "student__name",
            "school_class__cohort__school__name",
            "school_class__cohort__stage",
            "school_class__cohort__entry_year",
            "school_class__name",
        )
    ]


def other_shifts(actor: Actor, campaign_id: int) -> QuerySet[Shift, Any]:
    """The coming windows of a campaign, from which a family may choose."""
    return (
        scope(actor, Shift)
        .filter(campaign_id=campaign_id, date__gte=today(), called_off=False)
        .order_by("date", "start")
    )


def open_own_duties(actor: Actor, appointment_id: int) -> list[Duty]:
    """The own children's duties that an appointment would answer."""
    return list(scope(actor, Duty).filter(appointments=appointment_id, state=Duty.State.DUE).order_by("pk"))
