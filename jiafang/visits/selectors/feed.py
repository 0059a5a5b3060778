"""What a calendar outside of the house may know: class and initials, channel, village; no name, number or address."""

import datetime as dt
from dataclasses import dataclass

from jiafang.access import Actor, reading, scope
from jiafang.access.actor import GUARDIAN
from jiafang.campaigns.models import Appointment, Channel, Tier
from jiafang.common.clock import at, today
from jiafang.organization.models import grade_name
from jiafang.visits.scope import BRIEF

BACK = dt.timedelta(days=30)
AHEAD = dt.timedelta(days=180)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    uid: str
    start: dt.datetime
    end: dt.datetime
    tier: str
    about: str
    channel: str
    place: str
    state: str
    for_family: bool = False
    people: tuple[int, ...] = ()


def feed(actors: list[Actor]) -> list[FeedEvent]:
    """The appointments of one person in all capacities, each once."""
    found: dict[str, FeedEvent] = {}
    for actor in actors:
        with reading(actor):  # the database shows each capacity its own
            events = _of_family(actor) if actor.kind == GUARDIAN else _of_visitor(actor)
        for event in events:
            found.setdefault(event.uid, event)
    return sorted(found.values(), key=lambda event: (event.start, event.uid))


def _of_visitor(actor: Actor) -> list[FeedEvent]:
    day = today()
    rows = scope(actor, Appointment, BRIEF).filter(
        starts_at__gte=at(day - BACK, dt.time()), starts_at__lt=at(day + AHEAD, dt.time())
    )
    appointments = list(
        rows.order_by("pk").values_list("pk", "starts_at", "ends_at", "campaign__tier", "channel", "state")
    )
    about: dict[int, list[str]] = {}
    places: dict[int, list[str]] = {}
    people: dict[int, list[int]] = {}
    links = (
        Appointment.duties.through.objects.filter(appointment_id__in=[row[0] for row in appointments])
        .order_by("duty_id")
        .values_list(
            "appointment_id",
            "appointment__campaign__tier",
            "appointment__channel",
            "duty__person__initials",
            "duty__school_class__name",
            "duty__cohort__stage",
            "duty__cohort__entry_year",
            "duty__school__name",
            "duty__household__village__township",
            "duty__household__village__name",
            "duty__person_id",
        )
    )
    for pk, tier, channel, initials, class_name, stage, entry_year, school, township, village, person_id in links:
        people.setdefault(pk, []).append(person_id)
        where = f"{grade_name(stage, entry_year, day)}{class_name}" if class_name and stage else school or ""
        shown = [where] if tier == Tier.BUREAU_PRINCIPAL else [where, _dotted(initials)]
        about.setdefault(pk, []).append(" ".join(part for part in shown if part))
        if channel == Channel.AT_SCHOOL or tier in (Tier.BUREAU_PRINCIPAL, Tier.BUREAU_TEACHER):
            places.setdefault(pk, []).append(school or "")
        elif channel == Channel.ONSITE:
            places.setdefault(pk, []).append(f"{township or ''}{village or ''}")
    return [
        FeedEvent(
            uid=f"appointment-{pk}",
            start=start,
            end=end,
            tier=tier,
            about="、".join(dict.fromkeys(about.get(pk, []))),
            channel=channel,
            place="、".join(dict.fromkeys(place for place in places.get(pk, []) if place)),
            state=state,
            people=tuple(people.get(pk, ())),
        )
        for pk, start, end, tier, channel, state in appointments
    ]


def _dotted(initials: str) -> str:
    return "".join(f"{letter}." for letter in initials.upper())


def _of_family(actor: Actor) -> list[FeedEvent]:
    """A family's calendar shows the window, as the page does."""
    day = today()
    rows = (
        scope(actor, Appointment)
        .filter(shift__date__gte=day - BACK, shift__date__lte=day + AHEAD)
        .order_by("pk")
        .values_list("pk", "shift__date", "shift__start", "shift__end", "campaign__tier", "channel", "state")
    )
    return [
        FeedEvent(
            uid=f"family-{pk}",
            start=at(date, start),
            end=at(date, end),
            tier=tier,
            about="",
            channel=channel,
            place="",
            state=state,
            for_family=True,
        )
        for pk, date, start, end, tier, channel, state in rows
    ]
