"""From the trips a model chose to a timetable: crews, calls, clock times, and what the model did not foresee."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jiafang.planner.calls import CallMemory, Load, plan_calls
from jiafang.planner.compiled import CallOption, Compiled
from jiafang.planner.crew import Crews, PlacedCall, PlacedTrip, ShiftPlan
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import ChosenTrip
from jiafang.planner.owners import Owner
from jiafang.planner.timetable import Timetable

_MOST_CALL_ROUNDS = 12
Standing = Mapping[int, Sequence[ChosenTrip]]


@dataclass
class CallClash:
    """Calls of one lead in one shift that do not fit together beside the lead's trip there (if any) and the others'."""

    shift: int
    lead: int
    calls: tuple[CallOption, ...]
    trips: tuple[ChosenTrip, ...]
    others: tuple[ChosenTrip, ...]


@dataclass
class Settled:
    """The timetable, the trips without a crew by shift, and the clashes of calls that were met on the way."""

    timetable: Timetable
    uncrewed: dict[int, list[ChosenTrip]]
    clashes: list[CallClash] = field(default_factory=list)


def settle(
    compiled: Compiled,
    owners: list[Owner],
    trips: Sequence[ChosenTrip],
    calls: Sequence[CallOption],
    impossible: Sequence[CallOption],
    deadline: Deadline,
    kept: Mapping[int, tuple[int, bool]],
) -> Settled:
    """Give every trip its crew, every family to be called its call, and whoever is left any place that remains.

    The calls that were chosen along with the trips are tried first, the others are planned around them, without those
    that are known to be `impossible` beside the trips.
    """
    by_shift: dict[int, list[ChosenTrip]] = defaultdict(list)
    for trip in trips:
        by_shift[trip.shift].append(trip)
    crews = Crews(compiled, owners)
    first = {s: crews.settle(s, by_shift[s], []) for s in sorted(by_shift)}
    uncrewed = {s: by_shift[s] for s, plan in first.items() if plan.failed_trips}
    standing = {s: [placed.trip for placed in plan.trips] for s, plan in first.items()}
    met = {p for shift_trips in standing.values() for trip in shift_trips for p in trip.members}
    wanted = [p for p in compiled.open_parties if compiled.callable(p) and p not in met]
    load = _load(compiled, owners, [placed for plan in first.values() for placed in plan.trips])
    without_calls = Timetable(compiled, owners, [placed for plan in first.values() for placed in plan.trips])
    lost = without_calls.cost()[0] - int(sum(compiled.subjects[p] for p in wanted))
    late = without_calls.cost()[1]
    forbidden = [frozenset((call,)) for call in impossible]
    clashes: list[CallClash] = []
    best: tuple[tuple[int, float], Timetable] | None = None
    fixed = {call.party: call for call in calls}
    planned_of: CallMemory = {}
    settled_of: dict[int, _SettledShift] = {}
    least: tuple[int, float] | None = None
    for _ in range(_MOST_CALL_ROUNDS):
        planned = plan_calls(compiled, wanted, load, forbidden, deadline, kept=kept, only=fixed, memory=planned_of)
        timetable, fresh = _with_calls(compiled, owners, standing, planned.calls, settled_of)
        # Even a late stop leaves a moment for this: without it the timetable would be worth little.
        timetable.fill(
            [p for p in compiled.open_parties if p not in timetable.met], Deadline(max(0.5, deadline.left()))
        )
        cost = timetable.cost()
        if best is None or cost < best[0]:
            best = cost, timetable
        clashes += fresh
        forbidden += [frozenset(clash.calls) for clash in fresh]
        ideal = (lost + planned.unvisited, late + planned.lateness)
        least = least or ideal
        if deadline.over or (cost <= ideal and (ideal <= least or not fixed)) or not (fresh or fixed):
            break
        # Only the calls of leads with a clash are planned anew, as long as that helps.
        leads = {clash.lead for clash in fresh}
        fixed = {p: c for p, c in fixed.items() if fresh and compiled.lead[c.group] not in leads}
    assert best is not None
    return Settled(best[1], uncrewed, clashes)


@dataclass(frozen=True)
class _SettledShift:
    """The calls that were wanted in a shift, how it was settled, and what clashed."""

    calls: tuple[CallOption, ...]
    plan: ShiftPlan
    clashes: list[CallClash]


def _with_calls(
    compiled: Compiled,
    owners: list[Owner],
    standing: Standing,
    calls: Sequence[CallOption],
    settled_of: dict[int, _SettledShift],
) -> tuple[Timetable, list[CallClash]]:
    """The trips with these calls; a shift with the same calls as in `settled_of` stays as it is."""
    crews = Crews(compiled, owners)
    by_shift: dict[int, list[CallOption]] = defaultdict(list)
    for call in calls:
        by_shift[call.shift].append(call)
    shifts = sorted(set(standing) | set(by_shift))
    fresh = []
    for s in shifts:
        trips, wanted = standing.get(s, []), tuple(by_shift[s])
        if s in settled_of and settled_of[s].calls == wanted:
            crews.count(settled_of[s].plan)
            continue
        plan = crews.settle(s, trips, [(c.party, c.group) for c in wanted])
        clashes = [_clash(compiled, owners, crews, trips, wanted, CallOption(p, g, s)) for p, g in plan.failed_calls]
        settled_of[s] = _SettledShift(wanted, plan, clashes)
        fresh += clashes
    placed_trips: list[PlacedTrip] = [t for s in shifts for t in settled_of[s].plan.trips]
    placed_calls: list[PlacedCall] = [c for s in shifts for c in settled_of[s].plan.calls]
    return Timetable(compiled, owners, placed_trips, placed_calls), fresh


def _clash(
    compiled: Compiled,
    owners: list[Owner],
    crews: Crews,
    trips: Sequence[ChosenTrip],
    calls: Sequence[CallOption],
    culprit: CallOption,
) -> CallClash:
    """The culprit with only those calls of the same lead that it cannot do without clashing."""
    s, lead = culprit.shift, compiled.lead[culprit.group]
    needed = sorted((c for c in calls if compiled.lead[c.group] == lead), key=lambda c: (c != culprit, c.party))
    for call in needed[1:]:
        fewer = [c for c in needed if c != call]
        if not crews.settle(s, trips, [(c.party, c.group) for c in fewer]).whole:
            needed = fewer
    own = tuple(trip for trip in trips if lead in owners[trip.owner].leads)
    return CallClash(s, lead, tuple(needed), own, tuple(trip for trip in trips if trip not in own))


def _load(compiled: Compiled, owners: list[Owner], trips: Sequence[PlacedTrip]) -> Load:
    """Units and minutes that trips take from their groups and people."""
    units: dict[tuple[int, int], int] = defaultdict(int)
    minutes: dict[tuple[int, int], int] = defaultdict(int)
    for placed in trips:
        trip = placed.trip
        for g in owners[trip.owner].groups:
            units[g, trip.shift] += compiled.problem.rules.onsite_units * len(trip.members)
        for v in placed.crew:
            minutes[v, trip.shift] += trip.travel + int(sum(compiled.service[p] for p in trip.members))
    return Load(units, minutes)
