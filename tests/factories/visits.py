"""Published appointments and records, without a planner."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from jiafang.access import Actor
from jiafang.campaigns.models import Appointment, Campaign, Channel, Duty, Shift, Trip, VisitGroup
from jiafang.common.clock import at, now, today
from jiafang.organization.models import Person
from jiafang.visits.body import ParticipantDraft
from jiafang.visits.models import Visit
from jiafang.visits.services.record import record_visit


def shift(campaign: Campaign, day: dt.date | None = None, kind: str = Shift.Kind.EVENING) -> Shift:
    """A shift of the campaign that spans the whole day, so that any hour fits."""
    found, _made = Shift.unscoped.get_or_create(
        campaign=campaign,
        date=day or today(),
        kind=kind,
        defaults={"start": dt.time(0, 5), "end": dt.time(23, 55)},
    )
    return found


def appointment(
    campaign: Campaign,
    people: Sequence[Person],
    *,
    day: dt.date | None = None,
    hour: dt.time = dt.time(18, 40),
    kind: str = Shift.Kind.EVENING,
    channel: str = Channel.ONSITE,
    trip: Trip | None = None,
    visitors: Sequence[Person] | None = None,
    **fields: Any,
) -> Appointment:
    """A published appointment with these people, visited by the lead and co-visitors of their group."""
    duties = list(Duty.unscoped.filter(campaign=campaign, person__in=people, parent=None).order_by("pk"))
    assert len(duties) == len(people)
    group = duties[0].group
    assert group is not None
    of = shift(campaign, day, kind)
    starts = at(of.date, hour)
    made = Appointment.unscoped.create(
        campaign=campaign,
        shift=of,
        group=group,
        trip=trip,
        channel=channel,
        starts_at=starts,
        ends_at=starts + dt.timedelta(minutes=30),
        **{"published": True, "place": "石岭村", "lat": 25.51, "lon": 118.21} | fields,
    )
    made.duties.set(duties)
    made.visitors.set([group.lead, *group.co_visitors.all()] if visitors is None else visitors)
    if campaign.state == Campaign.State.LAUNCHED and made.published:
        campaign.state = Campaign.State.PUBLISHED
        campaign.published_at = now()
        campaign.save(update_fields=["state", "published_at"])
    return made


def trip(campaign: Campaign, group: VisitGroup, day: dt.date | None = None) -> Trip:
    of = shift(campaign, day)
    starts = at(of.date, dt.time(18, 20))
    made = Trip.unscoped.create(
        campaign=campaign, shift=of, departs_at=starts, returns_at=starts + dt.timedelta(hours=3)
    )
    made.groups.add(group)
    made.crew.set([group.lead, *group.co_visitors.all()])
    return made


def an_hour_ago() -> dt.datetime:
    return timezone.now() - dt.timedelta(hours=1)


def record(by: Actor, duties: Sequence[Duty], **fields: Any) -> Visit:
    """A routine record of a telephone call with a mother."""
    fields.setdefault("campaign", duties[0].campaign if duties else None)
    fields = {
        "duties": duties,
        "channel": Channel.PHONE,
        "started_at": an_hour_ago(),
        "participants": [ParticipantDraft(relation="母亲", channel=Channel.PHONE)],
        "finding": "孩子最近自己起床",
        "follow_up": False,
    } | fields
    return record_visit(by=by, **fields)
