"""Stops of a day as cards, trips as maps."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiafang.campaigns.models import Appointment, Channel, Tier
from jiafang.common.clock import now
from jiafang.visits.models import RaisedConcern
from jiafang.visits.selectors.agenda import Met, Stop
from jiafang.web.components.shapes import MapData, MapPoint
from jiafang.web.visits.words import clock, near_day, short_date, state_of

# How urgent a concern is, as a tone of the house.
TONES = {"green": "info", "yellow": "due", "orange": "overdue", "red": "overdue"}
OPEN = (Appointment.State.PROPOSED, Appointment.State.CONFIRMED)
# A talk at school is held where the visitor works: there is no way to it, and no home to be shown.
GOES_OUT = (Channel.ONSITE,)


@dataclass(frozen=True, slots=True)
class StopCard:
    """One appointment as the page of the day draws it."""

    pk: int
    time: str
    who: str
    where: str
    tone: str
    state: str
    channel: str
    channel_label: str
    place: str
    approximate: bool
    phone: str
    contact: str
    tags: list[str]
    note: str
    with_names: str
    brief_url: str
    record_url: str
    arranged_url: str
    visit_url: str


@dataclass(frozen=True, slots=True)
class Day:
    """The stops of one day with the maps of its trips."""

    label: str
    count: str
    cards: list[StopCard]
    maps: list[tuple[str, MapData]]


@dataclass(frozen=True, slots=True)
class StopLine:
    """One appointment in one line, a tap away from its brief or its record."""

    when: str
    who: str
    channel: str
    channel_label: str
    tone: str
    state: str
    url: str


def lines(stops: Iterable[Stop]) -> list[StopLine]:
    found = []
    for day, of_day in groupby(stops, key=lambda stop: timezone.localdate(stop.starts_at)):
        word = near_day(day)
        for stop in of_day:
            tone, state = state_of(stop.state, stop.answer, stop.tier)
            found.append(
                StopLine(
                    when=f"{word} {clock(stop.starts_at)}",
                    who=_joined(stop.met),
                    channel=stop.channel,
                    channel_label=str(Channel(stop.channel).label),
                    tone=tone,
                    state=state,
                    url=reverse("record" if may_record(stop) else "brief", args=[stop.pk]),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class ConcernLine:
    """A concern as a page draws it."""

    name: str
    category: str
    tone: str
    tier: str
    text: str
    when: str
    follow_up: bool


def concern_line(concern: RaisedConcern) -> ConcernLine:
    return ConcernLine(
        name=concern.person.name,
        category=concern.category_name or concern.category,
        tone=TONES[concern.alert_tier],
        tier=concern.get_alert_tier_display(),
        text=concern.text,
        when=short_date(timezone.localdate(concern.visit.started_at)),
        follow_up=concern.follow_up,
    )


def card(stop: Stop) -> StopCard:
    tone, word = state_of(stop.state, stop.answer, stop.tier)
    contact = f"{stop.contact_name}({stop.contact_relation})" if stop.contact_relation else ""
    return StopCard(
        pk=stop.pk,
        time=clock(stop.starts_at),
        who=_joined(stop.met),
        where="、".join(dict.fromkeys(met.where for met in stop.met if met.where)),
        tone=tone,
        state=word,
        channel=stop.channel,
        channel_label=str(Channel(stop.channel).label),
        place=stop.place if stop.channel in GOES_OUT else "",
        approximate=stop.approximate and stop.channel == Channel.ONSITE,
        phone=stop.phone,
        contact=contact,
        tags=list(dict.fromkeys(tag for met in stop.met for tag in met.tags)),
        note=note_of(stop),
        with_names="、".join(stop.with_names),
        brief_url=reverse("brief", args=[stop.pk]),
        record_url=reverse("record", args=[stop.pk]) if may_record(stop) else "",
        arranged_url=reverse("arranged", args=[stop.pk]) if stop.state == Appointment.State.PROPOSED else "",
        visit_url=reverse("record", args=[stop.pk]) if stop.recorded else "",
    )


def note_of(stop: Stop) -> str:
    """What the family answered, in its own words where it gave some."""
    if stop.state not in OPEN or not stop.answer:
        return ""
    said = str(Appointment.Answer(stop.answer).label)
    return _("家长说:%(said)s") % {"said": f"{said}。{stop.answer_note}" if stop.answer_note else said}


def may_record(stop: Stop) -> bool:
    """From the day itself on, unless it is recorded or called off."""
    begun = timezone.localdate(stop.starts_at) <= timezone.localdate()
    return begun and not stop.recorded and stop.state != Appointment.State.CANCELLED


def next_to_record(stops: Iterable[Stop]) -> Stop | None:
    """What has probably just taken place: the latest begun one that waits for its record, else the first of today."""
    waiting = [stop for stop in stops if may_record(stop)]
    begun = [stop for stop in waiting if stop.starts_at <= now()]
    return begun[-1] if begun else waiting[0] if waiting else None


def days(stops: list[Stop]) -> list[Day]:
    found = []
    for day, of_day in groupby(stops, key=lambda stop: timezone.localdate(stop.starts_at)):
        rows = list(of_day)
        found.append(Day(near_day(day), count_words(rows), [card(stop) for stop in rows], _maps(day, rows)))
    return found


def count_words(stops: list[Stop]) -> str:
    if all(stop.tier == Tier.TEACHER_FAMILY for stop in stops):
        return ngettext("%(count)s 户", "%(count)s 户", len(stops)) % {"count": len(stops)}
    return ngettext("%(count)s 次", "%(count)s 次", len(stops)) % {"count": len(stops)}


def _maps(day: dt.date, stops: list[Stop]) -> list[tuple[str, MapData]]:
    if day != timezone.localdate():
        return []
    trips: dict[int, list[Stop]] = {}
    for stop in stops:
        if stop.trip_id is not None and stop.lat is not None:
            trips.setdefault(stop.trip_id, []).append(stop)
    return [(f"trip-{trip_id}", trip_map(of_trip)) for trip_id, of_trip in trips.items()]


def trip_map(stops: list[Stop]) -> MapData:
    """The way of one trip, from the school and back."""
    places = [(stop.lat, stop.lon) for stop in stops if stop.lat is not None and stop.lon is not None]
    points = [
        MapPoint(label=_joined(stop.met), lat=lat, lng=lon, kind="stop", order=number, approximate=stop.approximate)
        for number, (stop, (lat, lon)) in enumerate(zip(stops, places, strict=False), 1)
    ]
    line = list(places)
    lat, lon = stops[0].school_lat, stops[0].school_lon
    if lat is not None and lon is not None:
        points.insert(0, MapPoint(label=stops[0].school_name or "", lat=lat, lng=lon, kind="school"))
        line = [(lat, lon), *places, (lat, lon)]
    return MapData(points=points, trip=line)


def _joined(people: list[Met]) -> str:
    return "、".join(met.name for met in people)
