"""Where a visitor has to be: slim rows for the page of the day."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Appointment, Duty, Tier
from jiafang.campaigns.workflow import RUNNING_STATES
from jiafang.common.clock import at, today
from jiafang.keys.fields import opened
from jiafang.organization.models import CareTag, Guardianship, grade_name
from jiafang.visits.scope import BRIEF


@dataclass(slots=True)
class Met:
    """One person to be met, as a visitor needs it at a glance."""

    duty_id: int
    person_id: int
    name: str
    where: str
    cohort_id: int | None
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Stop:
    """One appointment with whom it is for and whom to call; a trip sets out from the school."""

    pk: int
    campaign_id: int
    tier: str
    school_name: str | None
    school_lat: float | None
    school_lon: float | None
    state: str
    channel: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    trip_id: int | None
    order: int
    place: str
    approximate: bool
    lat: float | None
    lon: float | None
    answer: str
    answer_note: str
    met: list[Met] = field(default_factory=list)
    contact_id: int = 0
    contact_name: str = ""
    contact_relation: str = ""
    phone: str = ""
    with_names: list[str] = field(default_factory=list)

    @property
    def people(self) -> set[int]:
        """Whom the line of this stop shows."""
        return {met.person_id for met in self.met} | ({self.contact_id} if self.contact_id else set())

    @property
    def recorded(self) -> bool:
        """A record is what makes an appointment done."""
        return self.state == Appointment.State.DONE


def own_stops(actor: Actor, start: dt.date, end: dt.date, *, in_full: tuple[dt.date, dt.date]) -> list[Stop]:
    """The actor's appointments between two days (both included), in the order of the clock; few queries.

    Only those between the days of `in_full` tell tags, companions and telephone numbers: opening these costs, and
    nobody needs the number of a family before its day comes near.
    """
    midnight = dt.time()
    rows = scope(actor, Appointment, BRIEF).filter(
        starts_at__gte=at(start, midnight), starts_at__lt=at(end + dt.timedelta(days=1), midnight)
    )
    stops = _rows(rows.exclude(state=Appointment.State.CANCELLED))
    if stops:
        _add_people(stops)
    first, last = in_full
    near = {pk: stop for pk, stop in stops.items() if first <= timezone.localdate(stop.starts_at) <= last}
    if near:
        by_person = _by_person(near)
        _add_tags(actor, by_person)
        _add_contacts(actor, near, by_person)
        _add_crew(actor, near)
    return list(stops.values())


def own_stop(actor: Actor, pk: int) -> Stop | None:
    """One own appointment with whom it is for; tags and telephone numbers are part of the brief."""
    stops = _rows(scope(actor, Appointment, BRIEF).filter(pk=pk))
    if stops:
        _add_people(stops)
        _add_crew(actor, stops)
    return stops.get(pk)


def _rows(rows: QuerySet[Appointment, Any]) -> dict[int, Stop]:
    found = rows.order_by("starts_at", "order", "pk").values(
        "pk",
        "campaign_id",
        "state",
        "channel",
        "starts_at",
        "ends_at",
        "trip_id",
        "order",
        "place",
        "approximate",
        "lat",
        "lon",
        "answer",
        "answer_note",
        tier=F("campaign__tier"),
        school_name=F("campaign__school__name"),
        school_lat=F("campaign__school__lat"),
        school_lon=F("campaign__school__lon"),
    )
    return {row["pk"]: Stop(**row | {"answer_note": opened(row["answer_note"], row["pk"])}) for row in found}


def _by_person(stops: dict[int, Stop]) -> dict[int, list[Met]]:
    found: dict[int, list[Met]] = {}
    for stop in stops.values():
        for met in stop.met:
            found.setdefault(met.person_id, []).append(met)
    return found


def _add_people(stops: dict[int, Stop]) -> None:
    """Whom each stop is for."""
    day = today()
    links = (
        Appointment.duties.through.objects.filter(appointment_id__in=stops)
        .order_by("duty__school_class_id", "duty_id")
        .values_list(
            "appointment_id",
            "duty_id",
            "duty__person_id",
            "duty__person__name",
            "duty__person__phone",
            "duty__school_class__name",
            "duty__cohort__stage",
            "duty__cohort__entry_year",
            "duty__cohort_id",
            "duty__school__name",
        )
    )
    for pk, duty_id, person_id, name, phone, class_name, stage, entry_year, cohort_id, school in links:
        where = f"{grade_name(stage, entry_year, day)}{class_name}" if class_name and stage else school or ""
        met = Met(duty_id, person_id, name, where, cohort_id)
        stops[pk].met.append(met)
        if stops[pk].tier != Tier.TEACHER_FAMILY and not stops[pk].phone:
            stops[pk].contact_id, stops[pk].contact_name, stops[pk].phone = person_id, name, opened(phone, person_id)


def _add_tags(actor: Actor, by_person: dict[int, list[Met]]) -> None:
    for person_id, kind in (
        scope(actor, CareTag, BRIEF)
        .filter(Q(expires=None) | Q(expires__gt=today()), student_id__in=by_person)
        .order_by("kind__order")
        .values_list("student_id", "kind__name")
    ):
        for met in by_person[person_id]:
            met.tags.append(kind)


def _add_contacts(actor: Actor, stops: dict[int, Stop], by_person: dict[int, list[Met]]) -> None:
    """Whom to call: the primary contact of the first child that has one."""
    contacts = {
        person_id: (guardian_id, name, opened(phone, guardian_id), relation)
        for person_id, guardian_id, name, phone, relation in scope(actor, Guardianship, BRIEF)
        .filter(student_id__in=by_person, may_contact=True)
        .order_by("student_id", "-is_primary", "pk")
        .distinct("student_id")
        .values_list("student_id", "guardian_id", "guardian__name", "guardian__phone", "relation")
    }
    for stop in stops.values():
        for met in stop.met:
            if met.person_id in contacts and not stop.phone:
                stop.contact_id, stop.contact_name, stop.phone, relation = contacts[met.person_id]
                stop.contact_relation = str(Guardianship.Relation(relation).label)


def _add_crew(actor: Actor, stops: dict[int, Stop]) -> None:
    links = Appointment.visitors.through.objects
    others = links.filter(appointment_id__in=stops).exclude(person_id=actor.person_id).order_by("pk")
    along = list(others.values_list("pk", "appointment_id", "person_id"))
    # Each name is asked for once: for a long list the database would rather read through the people of the district.
    once = {person_id: pk for pk, _stop, person_id in along}
    names = dict(links.filter(pk__in=once.values()).values_list("person_id", "person__name")) if along else {}
    for _pk, stop, person_id in along:
        if person_id in names:
            stops[stop].with_names.append(names[person_id])


def open_duties(actor: Actor) -> QuerySet[Duty, Any]:
    """Duties that the actor may answer without an appointment, the nearest due first.

    A follow-up that a record asked for outlives its campaign.
    """
    return (
        scope(actor, Duty, BRIEF)
        .filter(Q(campaign__state__in=RUNNING_STATES) | Q(parent__isnull=False), state=Duty.State.DUE)
        .select_related("person", "campaign", "school_class__cohort", "school")
        .order_by("due", "school_class_id", "person__pinyin", "pk")
    )
