"""What a move by hand would lead to: times, crew, and every conflict in words. Reads only.

Hard conflicts cannot be: somebody in two places, a time that is over, a promise that cannot be kept. Soft ones break a
rule or a wish, and a person may decide for them.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jiafang.campaigns.arrange import ANY_TIME, NEVER, Arrangement, Stop, Window, best_arrangement, insertions
from jiafang.campaigns.minutes import minute_at, minute_of, moment_at
from jiafang.campaigns.models import (
    Appointment,
    Campaign,
    ChannelRule,
    FamilyWindow,
    Shift,
    Trip,
    Unavailability,
    VisitGroup,
)
from jiafang.campaigns.places import Atlas
from jiafang.campaigns.services.busy import Busy, busy_times
from jiafang.campaigns.services.release import TAKING_TIME
from jiafang.campaigns.tiers import facts_of
from jiafang.campaigns.to_planner import minutes_between
from jiafang.campaigns.workflow import OPEN_APPOINTMENTS, RUNNING_STATES
from jiafang.common.clock import at, now
from jiafang.common.errors import InputFault
from jiafang.organization.models import Person


@dataclass(frozen=True)
class MoveConflict:
    """One thing that stands against a move; `hard` ones cannot be overruled."""

    code: str
    words: str
    hard: bool = False


@dataclass
class Proposal:
    """Where the moved meetings would be, and what that changes around them."""

    campaign: Campaign
    shift: Shift
    moved: list[Appointment]
    stops: list[Appointment] = field(default_factory=list)
    """All stops of the trip in their order; a meeting without a way stands alone."""
    times: dict[int, tuple[dt.datetime, dt.datetime]] = field(default_factory=dict)
    trip: Trip | None = None
    """The trip that is joined; None for a new one and for meetings without a way."""
    on_site: bool = False
    groups: list[VisitGroup] = field(default_factory=list)
    crew: list[int] = field(default_factory=list)
    departs_at: dt.datetime | None = None
    returns_at: dt.datetime | None = None
    conflicts: list[MoveConflict] = field(default_factory=list)

    def against(self, code: str, words: str, *, hard: bool = False) -> None:
        self.conflicts.append(MoveConflict(code, words, hard))


def propose_stop(
    campaign: Campaign, appointment: Appointment, shift: Shift, *, starts_at: dt.datetime | None, on_site: bool
) -> Proposal:
    """One meeting goes to a shift: into the trip that its group makes there, or on a new one; or as a talk."""
    proposal = _begun(campaign, shift, [appointment])
    if on_site:
        proposal.on_site = True
        _join_trip(proposal, appointment, starts_at)
    else:
        _place_call(proposal, appointment, starts_at)
    _check_load(proposal)
    return proposal


def propose_trip(campaign: Campaign, trip: Trip, shift: Shift) -> Proposal:
    """A whole trip goes to another shift, in the same order."""
    stops = list(_current(campaign).filter(trip=trip, state__in=OPEN_APPOINTMENTS).order_by("starts_at", "order"))
    proposal = _begun(campaign, shift, stops)
    if not stops:
        proposal.against("not_open", _("这一路已经没有要走的家了"), hard=True)
        return proposal
    proposal.on_site = True
    proposal.groups = list(trip.groups.prefetch_related("co_visitors").select_related("lead").order_by("pk"))
    others = _trips_in(campaign, shift, proposal.groups).exclude(pk=trip.pk)
    if others.exists():
        _against_two_trips(proposal, others)
    if shift.pk == trip.shift_id:
        proposal.trip = trip
    windows = _windows(stops, shift)
    order = [_stop(n, stop, windows, pinned=None) for n, stop in enumerate(stops, start=1)]
    _set_times(proposal, stops, [order])
    _choose_crew(proposal, preferred=[p.pk for p in trip.crew.all()], leaving={trip.pk})
    _check_load(proposal)
    return proposal


def _begun(campaign: Campaign, shift: Shift, moved: list[Appointment]) -> Proposal:
    """The checks that need no times."""
    if shift.campaign_id != campaign.pk:
        raise InputFault(_("时段不属于这次活动"), place="shift")
    proposal = Proposal(campaign, shift, moved)
    if campaign.state not in RUNNING_STATES:
        proposal.against("not_running", _("活动不在进行中"), hard=True)
    if at(shift.date, shift.end) <= now():
        proposal.against("past", _("这个时段已经过去了"), hard=True)
    if shift.called_off:
        proposal.against("called_off", _("这个时段已经取消了"), hard=True)
    if any(appointment.state not in OPEN_APPOINTMENTS for appointment in moved):
        proposal.against("not_open", _("这次家访已经办完或取消了,不能再挪"), hard=True)
    if any(appointment.superseded for appointment in moved):
        proposal.against("superseded", _("有一份新的安排还没发布,请在新的安排里挪"), hard=True)
    due = min((duty.due for appointment in moved for duty in appointment.duties.all()), default=shift.date)
    if shift.date > due:
        proposal.against("after_due", _("晚于完成日期 %(due)s") % {"due": f"{due:%m-%d}"})
    return proposal


def _current(campaign: Campaign) -> QuerySet[Appointment]:
    return Appointment.unscoped.filter(campaign=campaign, superseded=False)


def _trips_in(campaign: Campaign, shift: Shift, groups: Collection[VisitGroup]) -> QuerySet[Trip]:
    going = _current(campaign).filter(shift=shift, trip__isnull=False, state__in=TAKING_TIME)
    return Trip.unscoped.filter(pk__in=going.values("trip_id"), groups__in=groups).distinct().order_by("pk")


def _groups_of(appointment: Appointment) -> list[VisitGroup]:
    duties = appointment.duties.filter(group__isnull=False).values("group_id")
    rows = VisitGroup.unscoped.filter(pk__in=duties).prefetch_related("co_visitors").select_related("lead")
    return list(rows.order_by("pk")) or [appointment.group]


def _join_trip(proposal: Proposal, appointment: Appointment, starts_at: dt.datetime | None) -> None:
    campaign, shift = proposal.campaign, proposal.shift
    own = _groups_of(appointment)
    existing = list(_trips_in(campaign, shift, own))
    target = existing[0] if existing else None
    if len(existing) > 1:
        _against_two_trips(proposal, existing)
    others = list(
        _current(campaign)
        .filter(trip=target, state__in=TAKING_TIME)
        .exclude(pk=appointment.pk)
        .order_by("starts_at", "order")
        if target
        else []
    )
    proposal.trip = target
    proposal.groups = list({group.pk: group for group in [*(_groups_of_trip(target)), *own]}.values())
    windows = _windows([appointment, *others], shift)
    kept = [
        _stop(n, stop, windows, pinned=minute_at(stop.starts_at) if _is_promised(stop) else None)
        for n, stop in enumerate(others, start=1)
    ]
    new = _stop(len(others) + 1, appointment, windows, pinned=minute_at(starts_at) if starts_at else None)
    _set_times(proposal, [*others, appointment], insertions(kept, new))
    leaving = {pk for pk in (target.pk if target else None, _emptied(appointment)) if pk is not None}
    before = target.crew.all() if target else appointment.visitors.all()
    _choose_crew(proposal, preferred=[person.pk for person in before], leaving=leaving)
    if len(proposal.stops) > campaign.typed_rules.max_stops_per_trip:
        words = _("一路最多走 %(count)s 家") % {"count": campaign.typed_rules.max_stops_per_trip}
        proposal.against("too_many_stops", words)


def _groups_of_trip(trip: Trip | None) -> list[VisitGroup]:
    if trip is None:
        return []
    return list(trip.groups.prefetch_related("co_visitors").select_related("lead").order_by("pk"))


def _is_promised(stop: Appointment) -> bool:
    """Agreed with the family, or over: its time does not move any more."""
    return stop.state != Appointment.State.PROPOSED


def _emptied(appointment: Appointment) -> int | None:
    """The trip that the appointment leaves behind without a stop."""
    if appointment.trip_id is None:
        return None
    rest = Appointment.unscoped.filter(trip_id=appointment.trip_id, state__in=TAKING_TIME).exclude(pk=appointment.pk)
    return None if rest.exists() else appointment.trip_id


def _stop(place: int, appointment: Appointment, windows: dict[int, Window], *, pinned: int | None) -> Stop:
    length = int((appointment.ends_at - appointment.starts_at).total_seconds()) // 60
    if appointment.trip_id is None:
        # A talk that becomes a visit takes as long as a visit.
        length = appointment.campaign.typed_rules.onsite_minutes
    return Stop(appointment.pk, place, length, windows.get(appointment.pk, ANY_TIME), pinned)


def _windows(stops: Collection[Appointment], shift: Shift) -> dict[int, Window]:
    """When each family can be met in the shift; absent where it never named a window."""
    windows: dict[int, Window] = {}
    rows = FamilyWindow.unscoped.filter(duty__appointments__in=stops).order_by("duty_id", "pk")
    here: dict[tuple[int, int], Window] = {}
    for appointment_id, duty_id, shift_id, earliest, latest in rows.values_list(
        "duty__appointments", "duty_id", "shift_id", "earliest", "latest"
    ):
        own = (minute_of(earliest), minute_of(latest)) if shift_id == shift.pk else NEVER
        if here.get((appointment_id, duty_id), NEVER) == NEVER:
            here[appointment_id, duty_id] = own
    for (appointment_id, _duty), (low, high) in here.items():
        first, last = windows.get(appointment_id, ANY_TIME)
        windows[appointment_id] = (max(first, low), min(last, high))
    return windows


def _set_times(proposal: Proposal, stops: list[Appointment], orders: Iterable[list[Stop]]) -> None:
    """Fill in the times of the best order; `stops` stand in the order of their places, from place 1."""
    campaign, shift = proposal.campaign, proposal.shift
    home = _base(campaign, proposal.groups[0])
    points = [home, *((s.lat, s.lon) if s.lat is not None and s.lon is not None else home for s in stops)]
    table = minutes_between(campaign, points)
    span = (minute_of(shift.start), minute_of(shift.end))
    best = best_arrangement(orders, base=0, shift=span, travel=lambda a, b: table[a][b])
    by_pk = {stop.pk: stop for stop in stops}
    proposal.stops = [by_pk[stop.key] for stop in best.order]
    proposal.times = {
        stop.key: (moment_at(shift.date, start), moment_at(shift.date, start + stop.minutes))
        for stop, start in zip(best.order, best.starts, strict=True)
    }
    proposal.departs_at = moment_at(shift.date, best.depart)
    proposal.returns_at = moment_at(shift.date, best.back)
    _check_times(proposal, best, by_pk)


def _base(campaign: Campaign, group: VisitGroup) -> tuple[float, float]:
    atlas = Atlas((), [group.school_id] if group.school_id else [])
    base = atlas.bureau() if facts_of(campaign).from_bureau else atlas.school(group.school_id)
    return base.lat, base.lon


def _check_times(proposal: Proposal, best: Arrangement, stops: dict[int, Appointment]) -> None:
    for stop in best.unreachable:
        who = _who(stops[stop.key])
        when = f"{(stop.pinned or 0) // 60:02d}:{(stop.pinned or 0) % 60:02d}"
        proposal.against("unreachable", _("来不及在 %(when)s 赶到%(who)s家") % {"when": when, "who": who}, hard=True)
    for stop in best.outside:
        words = _("%(who)s家在这个时间不方便") % {"who": _who(stops[stop.key])}
        proposal.against("family_window", words)
    if best.overrun:
        assert proposal.departs_at is not None  # set with the times
        assert proposal.returns_at is not None
        words = _("时段不够长:要 %(out)s 出发、%(back)s 才能回来") % {
            "out": f"{localtime(proposal.departs_at):%H:%M}",
            "back": f"{localtime(proposal.returns_at):%H:%M}",
        }
        proposal.against("shift_too_short", words)


def _who(appointment: Appointment) -> str:
    return "、".join(duty.person.name for duty in appointment.duties.select_related("person"))


def _choose_crew(proposal: Proposal, *, preferred: list[int], leaving: set[int]) -> None:
    """All leads; then those who went before, then other co-visitors who are free, until there are enough."""
    assert proposal.departs_at is not None  # set with the times
    assert proposal.returns_at is not None
    leads = list(dict.fromkeys(group.lead_id for group in proposal.groups))
    allowed = {person.pk for group in proposal.groups for person in group.co_visitors.all()} - set(leads)
    others = [person for person in preferred if person in allowed]
    others += sorted(allowed - set(others))
    asked = busy_times([*leads, *others], proposal.departs_at, proposal.returns_at, campaign=proposal.campaign)
    moved = {appointment.pk for appointment in proposal.moved}
    busy = [b for b in asked if b.trip_id not in leaving and b.appointment_id not in moved]
    taken = {b.person_id for b in busy}
    away = _away(proposal.shift, [*leads, *others])
    free = [person for person in others if person not in taken and person not in away]
    needed = 2 if proposal.campaign.typed_rules.two_visitors_onsite else 1
    wanted = max(needed, len(preferred) if proposal.trip else needed)
    proposal.crew = [*leads, *free[: max(0, wanted - len(leads))]]
    _against_busy(proposal, [b for b in busy if b.person_id in leads])
    for person in leads:
        if person in away:
            words = _("%(name)s说过这个时段来不了") % {"name": away[person]}
            proposal.against("visitor_unavailable", words)
    if len(proposal.crew) < needed:
        proposal.against("co_visitor_missing", _("没有同行的老师有空,上门要两人同行"))


def _away(shift: Shift, people: Collection[int]) -> dict[int, str]:
    rows = Unavailability.unscoped.filter(shift=shift, visitor_id__in=people, degree=Unavailability.Degree.CANNOT)
    return dict(rows.values_list("visitor_id", "visitor__name"))


def _against_busy(proposal: Proposal, busy: list[Busy]) -> None:
    for item in busy:
        words = _("%(name)s %(start)s–%(end)s 已有“%(what)s”的安排") % {
            "name": item.name,
            "start": f"{localtime(item.start):%H:%M}",
            "end": f"{localtime(item.end):%H:%M}",
            "what": item.campaign_title,
        }
        proposal.against("visitor_busy", words, hard=True)


def _against_two_trips(proposal: Proposal, trips: Iterable[Trip]) -> None:
    groups = VisitGroup.unscoped.filter(trips__in=[trip.pk for trip in trips])
    leads = Person.unscoped.filter(pk__in=groups.values("lead_id")).values_list("name", flat=True)
    words = _("%(names)s在这个时段已经带队走另一路,一个时段只走一路") % {"names": "、".join(leads)}
    proposal.against("two_trips", words, hard=True)


def _place_call(proposal: Proposal, appointment: Appointment, starts_at: dt.datetime | None) -> None:
    """A talk by the lead of the group: at the time asked for, or as early as the lead is free."""
    shift, lead = proposal.shift, appointment.group.lead
    opens, closes = at(shift.date, shift.start), at(shift.date, shift.end)
    proposal.groups, proposal.crew, proposal.stops = [appointment.group], [lead.pk], [appointment]
    minutes = proposal.campaign.typed_rules.remote_minutes
    if appointment.trip_id is None:
        minutes = int((appointment.ends_at - appointment.starts_at).total_seconds()) // 60
    length = dt.timedelta(minutes=minutes)
    emptied = _emptied(appointment)
    busy = [
        item
        for item in busy_times([lead.pk], min(opens, starts_at or opens), closes + length, campaign=proposal.campaign)
        if item.appointment_id != appointment.pk and (emptied is None or item.trip_id != emptied)
    ]
    window = _windows([appointment], shift).get(appointment.pk, ANY_TIME)
    start = starts_at or _first_gap(busy, opens, closes, length, window)
    end = start + length
    proposal.times = {appointment.pk: (start, end)}
    _against_busy(proposal, [item for item in busy if item.overlaps(start, end)])
    if start < opens or end > closes:
        proposal.against("shift_too_short", _("时段里放不下这次谈话"))
    if not window[0] <= minute_at(start) <= window[1]:
        proposal.against("family_window", _("%(who)s家在这个时间不方便") % {"who": _who(appointment)})
    if lead.pk in _away(shift, [lead.pk]):
        proposal.against("visitor_unavailable", _("%(name)s说过这个时段来不了") % {"name": lead.name})
    if appointment.duties.filter(channel=ChannelRule.ONSITE).exists():
        proposal.against("must_be_onsite", _("%(who)s家需要上门") % {"who": _who(appointment)})


def _first_gap(
    busy: list[Busy], opens: dt.datetime, closes: dt.datetime, length: dt.timedelta, window: Window
) -> dt.datetime:
    """The earliest start within shift and window at which the lead is free; the shift's own start if there is none."""
    day = localtime(opens).date()
    starts = [opens, *(item.end for item in busy)]
    if window not in (ANY_TIME, NEVER):
        starts.append(moment_at(day, window[0]))
    for start in sorted(starts):
        inside = opens <= start and start + length <= closes and window[0] <= minute_at(start) <= window[1]
        if inside and not any(item.overlaps(start, start + length) for item in busy):
            return start
    return opens


def _check_load(proposal: Proposal) -> None:
    """How much each group would do in the shift."""
    rules = proposal.campaign.typed_rules
    moved = {appointment.pk for appointment in proposal.moved}
    there = (
        _current(proposal.campaign)
        .filter(shift=proposal.shift, state__in=TAKING_TIME)
        .exclude(pk__in=moved)
        .prefetch_related("trip__groups")
    )
    for group in proposal.groups:
        units = (rules.onsite_units if proposal.on_site else rules.remote_units) * len(moved)
        for appointment in there:
            if appointment.trip is None:
                units += rules.remote_units if appointment.group_id == group.pk else 0
            elif group in appointment.trip.groups.all():
                units += rules.onsite_units
        if units > rules.max_units_per_shift:
            words = _("%(name)s这个时段排得太满") % {"name": group.lead.name}
            proposal.against("too_many_units", words)
