"""Where a visitor has to be: slim rows for the page of the day."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Appointment, Campaign, Duty, Tier
from jiafang.common.clock import at, today
from jiafang.organization.models import CareTag, Guardianship, Person, grade_name
from jiafang.visits.scope import BRIEF, RECORD


@dataclass(slots=True)
class Met:
    """One person to be met, as a visitor needs it at a glance."""

    duty_id: int
    person_id: int
    name: str
    where: str
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Stop:
    """One appointment with whom it is for and whom to call."""

    pk: int
    campaign_id: int
    campaign_title: str
    tier: str
    school_id: int | None
    state: str
    channel: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    shift_kind: str
    trip_id: int | None
    order: int
    place: str
    approximate: bool
    lat: float | None
    lon: float | None
    answer: str
    answer_note: str
    met: list[Met] = field(default_factory=list)
    contact_name: str = ""
    contact_relation: str = ""
    phone: str = ""
    with_names: list[str] = field(default_factory=list)

    @property
    def recorded(self) -> bool:
        """A record is what makes an appointment done."""
        return self.state == Appointment.State.DONE


def own_stops(actor: Actor, start: dt.date, end: dt.date) -> list[Stop]:
    """The actor's appointments between two days (both included), in the order of the clock; few queries."""
    midnight = dt.time()
    rows = scope(actor, Appointment, RECORD).filter(
        starts_at__gte=at(start, midnight), starts_at__lt=at(end + dt.timedelta(days=1), midnight)
    )
    return _filled(actor, rows.exclude(state=Appointment.State.CANCELLED))


def _filled(actor: Actor, rows: QuerySet[Appointment, Any]) -> list[Stop]:
    appointments = rows.order_by("starts_at", "order", "pk").values(
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
        campaign_title=F("campaign__title"),
        tier=F("campaign__tier"),
        school_id=F("campaign__school_id"),
        shift_kind=F("shift__kind"),
    )
    stops = {row["pk"]: Stop(**row) for row in appointments}
    if not stops:
        return []
    _add_people(actor, stops)
    _add_crew(actor, stops)
    return list(stops.values())


def _add_people(actor: Actor, stops: dict[int, Stop]) -> None:
    day = today()
    links = (
        Appointment.duties.through.objects.filter(appointment_id__in=stops)
        .order_by("duty__school_class_id", "duty_id")
        .values_list(
            "appointment_id",
            "duty_id",
            "duty__person_id",
            "duty__person__name",
            "duty__school_class__name",
            "duty__cohort__stage",
            "duty__cohort__entry_year",
            "duty__school__name",
        )
    )
    by_person: dict[int, list[Met]] = {}
    for pk, duty_id, person_id, name, class_name, stage, entry_year, school in links:
        where = f"{grade_name(stage, entry_year, day)}{class_name}" if class_name and stage else school or ""
        met = Met(duty_id, person_id, name, where)
        stops[pk].met.append(met)
        by_person.setdefault(person_id, []).append(met)
    for person_id, kind in (
        scope(actor, CareTag, BRIEF)
        .filter(Q(expires=None) | Q(expires__gt=day), student_id__in=by_person)
        .order_by("kind__order")
        .values_list("student_id", "kind__name")
    ):
        for met in by_person[person_id]:
            met.tags.append(kind)
    contacts = {
        person_id: (name, phone, relation)
        for person_id, name, phone, relation in scope(actor, Guardianship, BRIEF)
        .filter(student_id__in=by_person, may_contact=True)
        .order_by("is_primary", "-pk")
        .values_list("student_id", "guardian__name", "guardian__phone", "relation")
    }
    adults = {
        person_id: (name, phone)
        for person_id, name, phone in scope(actor, Person, BRIEF)
        .filter(pk__in=[pk for pk in by_person if pk not in contacts])
        .values_list("pk", "name", "phone")
    }
    for stop in stops.values():
        for met in stop.met:
            if met.person_id in contacts:
                stop.contact_name, stop.phone, relation = contacts[met.person_id]
                stop.contact_relation = str(Guardianship.Relation(relation).label)
            elif stop.tier != Tier.TEACHER_FAMILY and met.person_id in adults:
                stop.contact_name, stop.phone = adults[met.person_id]
            if stop.phone:
                break


def _add_crew(actor: Actor, stops: dict[int, Stop]) -> None:
    for pk, name in (
        Appointment.visitors.through.objects.filter(appointment_id__in=stops)
        .exclude(person_id=actor.person_id)
        .order_by("pk")
        .values_list("appointment_id", "person__name")
    ):
        stops[pk].with_names.append(name)


def own_stop(actor: Actor, pk: int) -> Stop | None:
    """One own appointment, filled like the rows of the day."""
    return next(iter(_filled(actor, scope(actor, Appointment, RECORD).filter(pk=pk))), None)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where trips of a campaign set out."""

    name: str
    lat: float | None
    lon: float | None


def setting_out(actor: Actor, campaign_ids: set[int]) -> dict[int, Ground]:
    """Campaign → its school, for the map of a trip."""
    rows = (
        scope(actor, Campaign)
        .filter(pk__in=campaign_ids)
        .exclude(school=None)
        .values_list("pk", "school__name", "school__lat", "school__lon")
    )
    return {pk: Ground(name, lat, lon) for pk, name, lat, lon in rows}


def open_duties(actor: Actor) -> QuerySet[Duty, Any]:
    """Duties that the actor may answer without an appointment, the nearest due first."""
    return (
        scope(actor, Duty, RECORD)
        .filter(state=Duty.State.DUE, campaign__state__in=["launched", "published"])
        .select_related("person", "campaign", "school_class__cohort", "school")
        .order_by("due", "school_class_id", "person__pinyin", "pk")
    )
