"""A class as tiles: who has been met, who is due, how long ago; and one student's sheet."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Q, QuerySet

from jiafang.access import Actor, scope
from jiafang.access.actor import COHORT_LEAD, PRINCIPAL, TEACHER
from jiafang.campaigns.models import Duty, Tier
from jiafang.common.clock import today
from jiafang.organization.models import CareTag, Enrollment, Person, SchoolClass, holding
from jiafang.visits.scope import RECORD

UNSEEN_AFTER = dt.timedelta(days=90)
ANSWERING = frozenset({TEACHER, COHORT_LEAD, PRINCIPAL})
SeatState = Literal["met", "due", "overdue", "unseen", "declined"]


@dataclass(slots=True)
class Seat:
    """One student: state, days since the last contact (None: never), the open duty if there is one.

    `met` says whether a running campaign has met the family; a follow-up may be open all the same.
    """

    person_id: int
    name: str
    days: int | None
    state: SeatState = "unseen"
    duty_id: int | None = None
    met: bool = False
    tags: list[str] = field(default_factory=list)


def classes_answered_for(actor: Actor) -> QuerySet[SchoolClass, Any]:
    """Classes whose coverage the actor answers for: own homeroom classes, the cohort's, the school's."""
    rows = scope(actor, SchoolClass)
    if actor.kind not in ANSWERING:
        return rows.none()
    if actor.kind == TEACHER:
        rows = rows.filter(pk__in=actor.capacity.homeroom_class_ids)
    return rows.select_related("cohort__school").order_by("cohort__stage", "-cohort__entry_year", "number", "name")


def seats(actor: Actor, school_class: SchoolClass) -> list[Seat]:
    """Every student of the class, in the order of the register; three queries."""
    day = today()
    rows = (
        scope(actor, Enrollment)
        .filter(holding(day), school_class=school_class)
        .order_by("student__pinyin", "student_id")
        .values_list("student_id", "student__name", "student__last_contact__on")
    )
    found = {pk: Seat(pk, name, (day - on).days if on else None) for pk, name, on in rows}
    duties: dict[int, list[tuple[int, str, dt.date]]] = {}
    for person_id, duty_id, state, due in (
        scope(actor, Duty)
        .filter(
            person_id__in=found,
            campaign__tier=Tier.TEACHER_FAMILY,
            campaign__state__in=["launched", "published"],
        )
        .exclude(state=Duty.State.VOID)
        .order_by("due", "pk")
        .values_list("person_id", "pk", "state", "due")
    ):
        duties.setdefault(person_id, []).append((duty_id, state, due))
    for seat in found.values():
        of_seat = duties.get(seat.person_id, ())
        seat.state, seat.duty_id = _state(seat.days, of_seat, day)
        seat.met = any(state == Duty.State.MET for _, state, _ in of_seat)
    for person_id, kind in (
        scope(actor, CareTag)
        .filter(Q(expires=None) | Q(expires__gt=day), student_id__in=found)
        .order_by("kind__order")
        .values_list("student_id", "kind__name")
    ):
        found[person_id].tags.append(kind)
    return list(found.values())


def _state(days: int | None, duties: Iterable[tuple[int, str, dt.date]], day: dt.date) -> tuple[SeatState, int | None]:
    """What is open comes first; without any duty, the last contact decides."""
    duties = list(duties)
    for duty_id, state, due in duties:
        if state == Duty.State.DUE:
            return ("overdue" if due < day else "due"), duty_id
    states = {state for _, state, _ in duties}
    if Duty.State.MET in states:
        return "met", None
    if Duty.State.DECLINED in states:
        return "declined", duties[-1][0]
    return ("met" if days is not None and days <= UNSEEN_AFTER.days else "unseen"), None


def student_answered_for(actor: Actor, pk: int) -> Enrollment | None:
    """The student's place in a class the actor answers for."""
    return (
        scope(actor, Enrollment)
        .filter(holding(today()), student_id=pk, school_class__in=classes_answered_for(actor).order_by().values("pk"))
        .select_related("student", "school_class__cohort__school")
        .first()
    )


def duties_to_record(actor: Actor, person: Person) -> set[int]:
    """The duties about a person that the actor may write a record for."""
    return set(scope(actor, Duty, RECORD).filter(person=person).values_list("pk", flat=True))


def duties_of_person(actor: Actor, person: Person) -> QuerySet[Duty, Any]:
    """The duties about a person within reach, the latest first."""
    return (
        scope(actor, Duty)
        .filter(person=person)
        .exclude(state=Duty.State.VOID)
        .select_related("campaign")
        .order_by("-campaign__start", "parent_id", "pk")
    )
