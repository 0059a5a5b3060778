"""Move a meeting, or a whole trip, to another shift by hand; the conflicts are shown before the drop."""

import datetime as dt
from collections.abc import Collection

from django.db.utils import IntegrityError
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, savepoint, scope
from jiafang.accounts.audit import record
from jiafang.campaigns.minutes import minute_at, moment_at
from jiafang.campaigns.models import Appointment, Campaign, Channel, Occupancy, Shift, Trip
from jiafang.campaigns.places import Atlas
from jiafang.campaigns.services.busy import occupy_call, occupy_trip
from jiafang.campaigns.services.locking import lock_campaign
from jiafang.campaigns.services.proposal import MoveConflict, Proposal, propose_stop, propose_trip
from jiafang.campaigns.services.release import TAKING_TIME, settle_trips
from jiafang.campaigns.tiers import facts_of
from jiafang.campaigns.to_planner import minutes_between
from jiafang.common.errors import Conflict, InputFault, NotAllowed

__all__ = ["MoveConflict", "check_move", "check_move_trip", "move_appointment", "move_trip"]


def check_move(
    *,
    by: Actor,
    appointment: Appointment,
    shift: Shift,
    starts_at: dt.datetime | None = None,
    channel: str | None = None,
) -> list[MoveConflict]:
    """What stands against the move, in words; nothing is changed."""
    return _proposed(_reached(by, appointment), shift, starts_at, channel).conflicts


def move_appointment(
    *,
    by: Actor,
    appointment: Appointment,
    shift: Shift,
    starts_at: dt.datetime | None = None,
    channel: str | None = None,
    despite: bool = False,
) -> Appointment:
    """Move one meeting; `despite` overrules soft conflicts only. The family is asked anew, a new plan leaves it."""
    with actor_transaction(by):
        lock_campaign(_reached(by, appointment).campaign_id)
        appointment = _reached(by, appointment)
        proposal = _proposed(appointment, shift, starts_at, channel)
        refuse(proposal, despite)
        if channel is not None:
            appointment.channel = channel
        carry_out(proposal)
        record(by=by, action="appointment.move", of=appointment, shift=shift.pk, overruled=_codes(proposal))
        appointment.refresh_from_db()
    return appointment


def check_move_trip(*, by: Actor, trip: Trip, shift: Shift) -> list[MoveConflict]:
    """What stands against moving the whole trip."""
    trip = _reached_trip(by, trip)
    return propose_trip(trip.campaign, trip, shift).conflicts


def move_trip(*, by: Actor, trip: Trip, shift: Shift, despite: bool = False) -> list[Appointment]:
    """Move all stops of a trip; the meetings that moved."""
    with actor_transaction(by):
        lock_campaign(_reached_trip(by, trip).campaign_id)
        trip = _reached_trip(by, trip)
        proposal = propose_trip(trip.campaign, trip, shift)
        refuse(proposal, despite)
        carry_out(proposal)
        record(by=by, action="trip.move", of=trip, shift=shift.pk, overruled=_codes(proposal))
    return proposal.moved


def _reached(by: Actor, appointment: Appointment) -> Appointment:
    require(by, "appointment.move")
    rows = scope(by, Appointment, CHANGE).select_related("campaign", "shift", "trip", "group__lead")
    found = rows.defer("campaign__basis_file").prefetch_related("duties").filter(pk=appointment.pk).first()
    if found is None:
        raise NotAllowed(f"appointment {appointment.pk}")
    claim(by, found, CHANGE)
    return found


def _reached_trip(by: Actor, trip: Trip) -> Trip:
    """A trip may be moved by who may change each of its stops."""
    require(by, "appointment.move")
    found = scope(by, Trip, CHANGE).select_related("campaign").filter(pk=trip.pk).first()
    if found is None:
        raise NotAllowed(f"trip {trip.pk}")
    claim(by, found, CHANGE)
    return found


def _proposed(appointment: Appointment, shift: Shift, starts_at: dt.datetime | None, channel: str | None) -> Proposal:
    if channel is not None and channel not in Channel.values:
        raise InputFault(_("没有这种家访方式"), place="channel")
    on_site = appointment.trip_id is not None if channel is None else channel == Channel.ONSITE
    return propose_stop(appointment.campaign, appointment, shift, starts_at=starts_at, on_site=on_site)


def refuse(proposal: Proposal, despite: bool) -> None:
    """Raise Conflict with what stands against the move; `despite` overrules soft conflicts."""
    standing = [c for c in proposal.conflicts if c.hard or not despite]
    if standing:
        raise Conflict("；".join(conflict.words for conflict in standing))


def _codes(proposal: Proposal) -> list[str]:
    return [conflict.code for conflict in proposal.conflicts]


def carry_out(proposal: Proposal) -> None:
    """Put the meetings where the proposal has them; in the caller's transaction, the campaign locked."""
    old_trips = {a.trip_id for a in proposal.moved if a.trip_id is not None}
    trip = _trip_of(proposal) if proposal.on_site else None
    moved = {appointment.pk for appointment in proposal.moved}
    for order, found in enumerate(proposal.stops):
        # The moved rows themselves, so that a changed channel is saved with them.
        stop = next((a for a in proposal.moved if a.pk == found.pk), found)
        stop.starts_at, stop.ends_at = proposal.times[stop.pk]
        stop.order, stop.trip, stop.shift = order, trip, proposal.shift
        if stop.pk in moved:
            stop.moved_by_hand = True
            # The family agreed to another time: it is asked anew.
            stop.state, stop.answer = Appointment.State.PROPOSED, ""
        stop.save()
        stop.visitors.set(proposal.crew)
    left = old_trips - ({trip.pk} if trip else set())
    for pk in left:
        _shorten(proposal.campaign, pk)
    settle_trips(left)
    _occupy(proposal, trip, left)


def _trip_of(proposal: Proposal) -> Trip:
    assert proposal.departs_at is not None  # an on-site proposal has times
    assert proposal.returns_at is not None
    trip = proposal.trip or Trip(campaign=proposal.campaign)
    trip.shift, trip.departs_at, trip.returns_at = proposal.shift, proposal.departs_at, proposal.returns_at
    trip.save()
    trip.groups.set(proposal.groups)
    trip.crew.set(proposal.crew)
    return trip


def _shorten(campaign: Campaign, trip_id: int) -> None:
    """A trip that lost a stop: the others keep their times, the crew leaves later or is back earlier."""
    trip = Trip.unscoped.select_related("shift").get(pk=trip_id)
    stops = list(Appointment.unscoped.filter(trip=trip, state__in=TAKING_TIME).order_by("starts_at", "order"))
    if not stops:
        return
    group = trip.groups.order_by("pk")[0]
    atlas = Atlas((), [group.school_id] if group.school_id else [])
    base = atlas.bureau() if facts_of(campaign).from_bureau else atlas.school(group.school_id)
    home = (base.lat, base.lon)
    ends = [(s.lat, s.lon) if s.lat is not None and s.lon is not None else home for s in (stops[0], stops[-1])]
    table = minutes_between(campaign, [home, *ends])
    date = trip.shift.date
    trip.departs_at = moment_at(date, minute_at(stops[0].starts_at) - table[0][1])
    trip.returns_at = moment_at(date, minute_at(stops[-1].ends_at) + table[2][0])
    trip.save(update_fields=["departs_at", "returns_at"])


def _occupy(proposal: Proposal, trip: Trip | None, left: Collection[int]) -> None:
    """Write anew whose time is taken, where the timetable is published."""
    trips = Trip.unscoped.filter(pk__in=[*left, *([trip.pk] if trip else [])])
    moved = [appointment.pk for appointment in proposal.moved]
    Occupancy.unscoped.filter(trip__in=trips).delete()
    Occupancy.unscoped.filter(appointment_id__in=moved).delete()
    going = Appointment.unscoped.filter(published=True, state__in=TAKING_TIME)
    rows = [
        row
        for found in trips.filter(pk__in=going.values("trip_id")).prefetch_related("crew")
        for row in occupy_trip(found, [person.pk for person in found.crew.all()])
    ]
    rows += [row for call in going.filter(pk__in=moved, trip=None) for row in occupy_call(call, proposal.crew)]
    try:
        with savepoint():
            Occupancy.unscoped.bulk_create(rows)
    except IntegrityError as error:
        raise Conflict(_("这个时间刚刚被别的安排占了,请刷新再看")) from error
