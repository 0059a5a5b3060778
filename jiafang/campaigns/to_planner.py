"""From a campaign to a planning problem: the one door to the planner."""

import datetime as dt
import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from django.conf import settings
from django.db.models import Q
from django.utils.timezone import localdate

from jiafang import planner
from jiafang.campaigns.minutes import minute_at, minute_of
from jiafang.campaigns.models import (
    Appointment,
    Campaign,
    ChannelRule,
    Duty,
    FamilyWindow,
    Occupancy,
    Shift,
    Unavailability,
    VisitGroup,
)
from jiafang.campaigns.places import Atlas, Place, Point
from jiafang.campaigns.roads import has_roads, seconds_by_road
from jiafang.campaigns.rules import Rules
from jiafang.campaigns.tiers import TierFacts, facts_of
from jiafang.campaigns.workflow import ENDED_WITH_SHIFT, OPEN_APPOINTMENTS
from jiafang.common.clock import at
from jiafang.planner import pairing
from jiafang.planner.travel import table_minutes

logger = logging.getLogger(__name__)
# The planner's own types, for the neighbors that do not go through this door.
Plan = planner.Plan
PlannedTrip = planner.Trip
PlannedCall = planner.Call
Progress = planner.Progress
Windows = dict[str, tuple[int, int]]
# Which cadre for which school.
kilometers = pairing.kilometers
propose_pairs = pairing.propose_pairs


@dataclass(frozen=True)
class PlannerInput:
    """The problem, and what is needed to turn a plan back into appointments."""

    problem: planner.Problem
    hash: str
    duties_of: dict[str, tuple[int, ...]]
    """Party → duties."""
    place_of: dict[str, Place]
    """Party → where it is met."""
    kept: frozenset[int]
    """Appointments that stay as they are."""
    told: planner.Promises | None
    """What families were told and have not confirmed: as little of it as possible is moved."""
    shifts: dict[str, Shift]
    """Those ahead, also those that were called off."""

    @property
    def points(self) -> list[Point]:
        """Where somebody travels."""
        return [(place.lat, place.lon) for place in self.problem.locations]

    @property
    def subjects(self) -> int:
        return sum(len(duties) for duties in self.duties_of.values())


def solve(
    data: PlannerInput, *, seconds: float, seed: int, tell: Callable[[planner.Progress], bool | None]
) -> planner.Plan:
    """Let the planner work, on the cluster if there is one that answers; outside any transaction."""
    plan = partial(
        planner.solve,
        data.problem,
        stop=planner.Stop(seconds=seconds),
        seed=seed,
        workers=settings.PLANNER_WORKERS,
        progress=tell,
        keep=data.told,
    )
    if settings.PLANNER_CLUSTER:
        try:
            return plan(cluster=settings.PLANNER_CLUSTER)
        except ConnectionError as error:
            logger.warning("planned on this machine: %s", error)
    return plan()


def planner_input(campaign: Campaign, *, moment: dt.datetime) -> PlannerInput:
    """The problem as the database has it, for the shifts that begin after `moment`; a constant number of queries."""
    return _Builder(campaign, moment).build()


def minutes_between(campaign: Campaign, points: Sequence[Point]) -> list[list[int]]:
    """Whole minutes between points: by road with the minutes that the rules add to each way, else by their formula."""
    rules: Rules = campaign.typed_rules
    formula = planner.TravelFormula(rules.speed_kmh, rules.detour, rules.fixed_minutes)
    places = tuple(planner.Location(str(n), lat, lon) for n, (lat, lon) in enumerate(points))
    minutes = table_minutes(formula, places)
    if has_roads(campaign):
        seconds = seconds_by_road(campaign, points)
        by_road = np.ceil(np.round(seconds / 60 + rules.fixed_minutes, 6))
        minutes = np.where(seconds > 0, by_road, np.where(seconds == 0, 0, minutes)).astype(np.int32)
    return minutes.tolist()


class _Builder:
    def __init__(self, campaign: Campaign, moment: dt.datetime) -> None:
        self.campaign = campaign
        self.rules: Rules = campaign.typed_rules
        self.facts: TierFacts = facts_of(campaign)
        self.shifts = {
            f"s{shift.pk}": shift
            for shift in Shift.unscoped.filter(campaign=campaign)
            if at(shift.date, shift.start) > moment
        }
        self.open_shifts = {key: shift for key, shift in self.shifts.items() if not shift.called_off}
        self.moment = moment
        self.groups = list(VisitGroup.unscoped.filter(campaign=campaign).order_by("pk").prefetch_related("co_visitors"))
        self.group_of: dict[int | None, VisitGroup] = {group.pk: group for group in self.groups}
        self.duties = list(
            Duty.unscoped.filter(campaign=campaign, state=Duty.State.DUE, group__isnull=False).order_by("pk")
        )
        self.atlas = Atlas(
            {d.household_id for d in self.duties if d.household_id is not None},
            {d.school_id for d in self.duties if d.school_id} | {g.school_id for g in self.groups if g.school_id},
        )
        self.places: dict[str, Place] = {}
        self.parties: list[planner.Party] = []
        self.duties_of: dict[str, tuple[int, ...]] = {}
        self.place_of: dict[str, Place] = {}

    def build(self) -> PlannerInput:
        kept, in_hand = self._kept()
        taken = in_hand | {duty.pk for appointment in kept for duty in appointment.duties.all()}
        trips, calls = list(self._fixed_trips(kept)), list(self._fixed_calls(kept))
        for members in self._households(d for d in self.duties if d.pk not in taken):
            self._add_party(members)
        used = {duty.group_id for duty in self.duties} | {g.pk for a in kept for g in self._groups_of(a)}
        groups = [self._group(group) for group in self.groups if group.pk in used]
        visitors = {v for g in groups for v in (g.lead, *g.co_visitors)}
        visitors |= {v for trip in trips for v in trip.visitors} | {call.visitor for call in calls}
        locations = tuple(planner.Location(key, p.lat, p.lon) for key, p in sorted(self.places.items()))
        problem = planner.Problem(
            name=f"campaign-{self.campaign.pk}",
            shifts=tuple(
                planner.Shift(pk, shift.date, minute_of(shift.start), minute_of(shift.end))
                for pk, shift in self.open_shifts.items()
            ),
            travel=self._travel(locations),
            locations=locations,
            groups=tuple(groups),
            visitors=self._visitors(visitors),
            parties=tuple(self.parties),
            rules=planner.Rules(
                max_stops_per_trip=self.rules.max_stops_per_trip,
                max_units_per_shift=self.rules.max_units_per_shift,
                onsite_units=self.rules.onsite_units,
                remote_units=self.rules.remote_units,
                two_visitors_onsite=self.rules.two_visitors_onsite,
                max_groups_per_trip=self.rules.max_groups_per_trip,
            ),
            fixed=(*trips, *calls),
        )
        told = self._told(kept)
        return PlannerInput(
            problem=problem,
            hash=_hash(problem, self.place_of, told),
            duties_of=self.duties_of,
            place_of=self.place_of,
            kept=frozenset(appointment.pk for appointment in kept),
            told=told,
            shifts=self.shifts,
        )

    def _travel(self, locations: tuple[planner.Location, ...]) -> planner.TravelFormula | planner.TravelTable:
        if not has_roads(self.campaign):
            return planner.TravelFormula(self.rules.speed_kmh, self.rules.detour, self.rules.fixed_minutes)
        minutes = minutes_between(self.campaign, [(place.lat, place.lon) for place in locations])
        return planner.TravelTable(tuple(tuple(row) for row in minutes))

    def _kept(self) -> tuple[list[Appointment], set[int]]:
        """Appointments that stay (agreed with the family, moved by hand, and their trips), and duties in hand now."""
        current = Appointment.unscoped.filter(
            campaign=self.campaign, state__in=OPEN_APPOINTMENTS, superseded=False
        ).order_by("starts_at", "order", "pk")
        today = localdate(self.moment)
        ahead: list[tuple[int, int | None]] = []
        stays: set[int] = set()
        in_hand: list[int] = []
        for pk, trip_id, shift_id, date, state, moved, published in current.values_list(
            "pk", "trip_id", "shift_id", "shift__date", "state", "moved_by_hand", "published"
        ):
            if f"s{shift_id}" in self.open_shifts:
                ahead.append((pk, trip_id))
                if moved or state == Appointment.State.CONFIRMED:
                    stays.add(pk)
            elif published and date == today:
                in_hand.append(pk)
        trips = {trip_id for pk, trip_id in ahead if pk in stays and trip_id is not None}
        kept = current.filter(pk__in=[pk for pk, trip_id in ahead if pk in stays or trip_id in trips])
        duties_in_hand = Appointment.duties.through.objects.filter(appointment_id__in=in_hand)
        return (
            list(kept.select_related("trip").prefetch_related("duties", "visitors", "trip__groups", "trip__crew")),
            set(duties_in_hand.values_list("duty_id", flat=True)),
        )

    def _told(self, kept: list[Appointment]) -> planner.Promises | None:
        """What people were told last of the shifts ahead and may be moved, by the parties of today.

        Also what a draft has superseded: it is what families see until the draft is published; and what ended with its
        shift, so that they are named who get another. Where two of a household were told different times, they cannot
        both be kept, and the later row counts.
        """
        stays = {f"a{appointment.pk}" for appointment in kept}
        party_of = {duty: party for party, own in self.duties_of.items() if party not in stays for duty in own}
        published = Appointment.unscoped.filter(
            Q(state=Appointment.State.PROPOSED) | ENDED_WITH_SHIFT, campaign=self.campaign, published=True
        ).exclude(pk__in=[appointment.pk for appointment in kept])
        told = {
            party_of[duty]: (f"s{shift}", trip is not None)
            for duty, shift, trip in published.order_by("pk").values_list("duties", "shift_id", "trip_id")
            if duty in party_of and f"s{shift}" in self.shifts
        }
        return told or None

    def _groups_of(self, appointment: Appointment) -> list[VisitGroup]:
        if appointment.trip is not None:
            return list(appointment.trip.groups.all())
        return [group for group in self.groups if group.pk == appointment.group_id]

    def _fixed_trips(self, kept: list[Appointment]) -> Iterable[planner.Trip]:
        stops: dict[int, list[Appointment]] = defaultdict(list)
        for appointment in kept:
            if appointment.trip_id is not None:
                stops[appointment.trip_id].append(appointment)
        for of_trip in stops.values():
            trip = of_trip[0].trip
            assert trip is not None  # collected by trip
            yield planner.Trip(
                shift=f"s{trip.shift_id}",
                groups=tuple(f"g{pk}" for pk in sorted(group.pk for group in trip.groups.all())),
                visitors=tuple(f"p{pk}" for pk in sorted(person.pk for person in trip.crew.all())),
                depart=minute_at(trip.departs_at),
                back=minute_at(trip.returns_at),
                stops=tuple(
                    planner.TripStop(self._add_kept(a), minute_at(a.starts_at), minute_at(a.ends_at)) for a in of_trip
                ),
            )

    def _fixed_calls(self, kept: list[Appointment]) -> Iterable[planner.Call]:
        for appointment in kept:
            if appointment.trip_id is None:
                lead = next(group.lead_id for group in self.groups if group.pk == appointment.group_id)
                yield planner.Call(
                    shift=f"s{appointment.shift_id}",
                    group=f"g{appointment.group_id}",
                    party=self._add_kept(appointment),
                    visitor=f"p{lead}",
                    start=minute_at(appointment.starts_at),
                    end=minute_at(appointment.ends_at),
                )

    def _add_kept(self, appointment: Appointment) -> str:
        """A party of its own for a kept appointment: exactly the duties it answers for."""
        members = [duty for duty in self.duties if duty in set(appointment.duties.all())]
        length = minute_at(appointment.ends_at) - minute_at(appointment.starts_at)
        onsite = appointment.trip_id is not None
        place = (
            Place(appointment.lat, appointment.lon, appointment.approximate, appointment.place)
            if appointment.lat is not None and appointment.lon is not None
            else self._place(members)
        )
        return self._party(
            f"a{appointment.pk}",
            members,
            place=place,
            channel="onsite" if onsite else "remote",
            minutes=length if onsite else self.rules.onsite_minutes,
            remote_minutes=self.rules.remote_minutes if onsite else length,
            windows=None,
        )

    def _households(self, duties: Iterable[Duty]) -> list[list[Duty]]:
        """Those met together: siblings of one household, else each person alone."""
        together: dict[tuple[str, int], list[Duty]] = defaultdict(list)
        for duty in duties:
            siblings = self.rules.siblings_together and self.facts.at_home and duty.household_id is not None
            together[("h", duty.household_id or 0) if siblings else ("d", duty.pk)].append(duty)
        return list(together.values())

    def _add_party(self, members: list[Duty]) -> None:
        wanted = {duty.channel for duty in members}
        channel: planner.problem.Channel = "any"
        if ChannelRule.ONSITE in wanted:
            channel = "onsite"
        elif wanted == {ChannelRule.REMOTE}:
            channel = "remote"
        self._party(
            f"d{members[0].pk}",
            members,
            place=self._place(members),
            channel=channel,
            minutes=self.rules.onsite_minutes,
            remote_minutes=self.rules.remote_minutes,
            windows=self._common_windows(members),
        )

    def _party(
        self,
        key: str,
        members: list[Duty],
        *,
        place: Place,
        channel: planner.problem.Channel,
        minutes: int,
        remote_minutes: int,
        windows: Windows | None,
    ) -> str:
        # Nobody travels to whom is called: their homes need not be in a table of ways.
        at = self._base(members[0].group_id) if channel == "remote" else place
        self.places.setdefault(at.key, at)
        self.parties.append(
            planner.Party(
                id=key,
                subjects=tuple(planner.Subject(f"d{duty.pk}", f"g{duty.group_id}") for duty in members),
                location=at.key,
                channel=channel,
                minutes=minutes,
                remote_minutes=remote_minutes,
                due=min(duty.due for duty in members),
                weight=max(duty.weight for duty in members),
                windows=windows,
            )
        )
        self.duties_of[key] = tuple(duty.pk for duty in members)
        self.place_of[key] = place
        return key

    def _place(self, members: list[Duty]) -> Place:
        first = members[0]
        if self.facts.at_home:
            return self.atlas.home(first.household_id, first.school_id)
        return self.atlas.school(first.school_id)

    def _common_windows(self, members: list[Duty]) -> Windows | None:
        """When all of them can be met; None where nobody named a window."""
        common: Windows | None = None
        for duty in members:
            own = self._windows().get(duty.pk)
            if own is not None:
                common = own if common is None else _overlap(common, own)
        return common

    def _windows(self) -> dict[int, Windows]:
        if not hasattr(self, "_read_windows"):
            self._read_windows: dict[int, Windows] = defaultdict(dict)
            rows = FamilyWindow.unscoped.filter(duty__campaign=self.campaign).order_by("pk")
            for duty_id, shift_id, earliest, latest in rows.values_list("duty_id", "shift_id", "earliest", "latest"):
                # A window in a shift that is over or called off still says that the family is not free at any time.
                windows = self._read_windows[duty_id]
                if f"s{shift_id}" in self.open_shifts:
                    windows[f"s{shift_id}"] = (minute_of(earliest), minute_of(latest))
        return self._read_windows

    def _base(self, group_id: int | None) -> Place:
        group = self.group_of[group_id]
        return self.atlas.bureau() if self.facts.from_bureau else self.atlas.school(group.school_id)

    def _group(self, group: VisitGroup) -> planner.Group:
        base = self._base(group.pk)
        self.places.setdefault(base.key, base)
        return planner.Group(
            id=f"g{group.pk}",
            base=base.key,
            lead=f"p{group.lead_id}",
            co_visitors=tuple(f"p{pk}" for pk in sorted(person.pk for person in group.co_visitors.all())),
        )

    def _visitors(self, wanted: set[str]) -> tuple[planner.Visitor, ...]:
        """Everybody with the shifts that are left: not said to be impossible, nor taken by another campaign."""
        people = [int(key[1:]) for key in wanted]
        blocked: dict[int, set[str]] = defaultdict(set)
        unwilling: dict[int, set[str]] = defaultdict(set)
        rows = Unavailability.unscoped.filter(shift__campaign=self.campaign, visitor_id__in=people)
        for visitor_id, shift_id, degree in rows.values_list("visitor_id", "shift_id", "degree"):
            said = blocked if degree == Unavailability.Degree.CANNOT else unwilling
            said[visitor_id].add(f"s{shift_id}")
        elsewhere = Occupancy.unscoped.filter(visitor_id__in=people).exclude(
            Q(trip__campaign=self.campaign) | Q(appointment__campaign=self.campaign)
        )
        spans = {key: (at(s.date, s.start), at(s.date, s.end)) for key, s in self.open_shifts.items()}
        for visitor_id, during in elsewhere.values_list("visitor_id", "during"):
            for key, (start, end) in spans.items():
                if during.lower < end and start < during.upper:
                    blocked[visitor_id].add(key)
        return tuple(
            planner.Visitor(
                f"p{pk}",
                frozenset(self.open_shifts.keys() - blocked[pk]) if blocked[pk] else None,
                rather_not=frozenset(self.open_shifts.keys() & unwilling[pk]),
            )
            for pk in sorted(people)
        )


def _overlap(one: Windows, two: Windows) -> Windows:
    both = {key: (max(one[key][0], two[key][0]), min(one[key][1], two[key][1])) for key in one.keys() & two.keys()}
    return {key: (low, high) for key, (low, high) in sorted(both.items()) if low <= high}


def _hash(problem: planner.Problem, place_of: dict[str, Place], told: planner.Promises | None) -> str:
    """The same for the same input, in whatever process."""
    met_at = {party: place.key for party, place in place_of.items()}
    text = json.dumps([asdict(problem), met_at, told], default=_plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
