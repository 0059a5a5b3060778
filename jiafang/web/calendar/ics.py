"""Appointments as an iCalendar file."""

import datetime as dt

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from jiafang.campaigns.models import Appointment, Channel, Tier
from jiafang.common.clock import now
from jiafang.visits.selectors.feed import FeedEvent

STATUS = {
    Appointment.State.PROPOSED: "TENTATIVE",
    Appointment.State.CONFIRMED: "CONFIRMED",
    Appointment.State.DONE: "CONFIRMED",
    Appointment.State.MISSED: "CONFIRMED",
    Appointment.State.CANCELLED: "CANCELLED",
}


def to_ics(events: list[FeedEvent]) -> bytes:
    """The whole feed; times in UTC, so that every calendar shows the same moment."""
    calendar = Calendar()
    calendar.add("prodid", "-//Jiafang//CN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("佳访"))
    calendar.add("refresh-interval", dt.timedelta(hours=2), parameters={"VALUE": "DURATION"})
    stamp = now()
    for item in events:
        event = Event()
        event.add("uid", f"{item.uid}@jiafang")
        event.add("dtstamp", stamp)
        event.add("dtstart", item.start.astimezone(dt.UTC))
        event.add("dtend", item.end.astimezone(dt.UTC))
        event.add("summary", summary(item))
        if item.place:
            event.add("location", item.place)
        event.add("status", STATUS[Appointment.State(item.state)])
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    return calendar.to_ical()


def summary(item: FeedEvent) -> str:
    """家访 · 高一1班 L.X.T.(上门)."""
    channel = Channel(item.channel).label
    if item.for_family:
        return _("学校来家访(%(channel)s)") % {"channel": channel}
    kind = _("家访") if item.tier == Tier.TEACHER_FAMILY else _("走访")
    about = f"{kind} · {item.about}" if item.about else kind
    return _("%(about)s(%(channel)s)") % {"about": about, "channel": channel}
