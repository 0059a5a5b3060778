"""Who comes along is spread evenly: of all ways to hand out the trips, the one with the least sum of squared duties.

Among equally even ways, the one in which fewer come along when they would rather not. Trips, times and leads stay as
they are; a co-visitor gives a trip to another who is free in the whole shift. That is a flow from trips over (person,
shift) to persons with convex costs, so the linear program has whole solutions (Ahuja, Magnanti and Orlin, Network
Flows, 1993, chapter 14).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import highspy
import numpy as np

from jiafang.planner.compiled import Compiled
from jiafang.planner.crew import PlacedTrip
from jiafang.planner.owners import Owner
from jiafang.planner.solver import quiet_highs
from jiafang.planner.timetable import Timetable

Duty = tuple[int, int]
"""A person and a shift in which that person is wanted."""


def spread_duties(compiled: Compiled, owners: list[Owner], timetable: Timetable) -> list[PlacedTrip]:
    """The trips of a timetable, their co-visitors handed out evenly; a duty is a shift in which somebody goes out."""
    trips = list(timetable.trips)
    times = Counter((v, placed.trip.shift) for placed in trips for v in placed.crew)
    loose = {n: v for n, placed in enumerate(trips) if (v := _companion(owners, placed)) is not None}
    loose = {n: v for n, v in loose.items() if times[v, trips[n].trip.shift] == 1}
    firm = outings(compiled, trips, besides=loose)
    engaged = firm | {(compiled.lead[call.group], call.shift) for call in timetable.calls}
    choices: list[tuple[int, Duty]] = []
    for n, own in loose.items():
        s = trips[n].trip.shift
        companions = owners[trips[n].trip.owner].crew_companions(compiled, s)
        choices += [(n, (v, s)) for v in companions if v == own or (v, s) not in engaged]
    before = Counter(v for v, _ in firm)
    # All regrets together weigh less than one step of evenness.
    regret = 1 / (len(loose) + 1)
    regrets = [regret * (s in compiled.rather_not[v]) for _, (v, s) in choices]
    for n, v in _evenly(choices, regrets, before).items():
        trips[n] = replace(trips[n], crew=(*(p for p in trips[n].crew if p != loose[n]), v))
    return trips


def outings(
    compiled: Compiled, trips: Sequence[PlacedTrip], besides: Mapping[int, int] = MappingProxyType({})
) -> set[Duty]:
    """Who goes out when, fixed appointments included; `besides` who comes along on some trips (by number)."""
    duties = {key for key, spans in compiled.busy.items() if spans}
    for n, placed in enumerate(trips):
        duties |= {(v, placed.trip.shift) for v in placed.crew if besides.get(n) != v}
    return duties


def _companion(owners: list[Owner], placed: PlacedTrip) -> int | None:
    """Who comes along without leading, if somebody has to."""
    owner = owners[placed.trip.owner]
    others = [v for v in placed.crew if v not in owner.leads]
    return others[0] if owner.needs_co and len(others) == 1 else None


def _evenly(choices: list[tuple[int, Duty]], regrets: list[float], before: Counter[int]) -> dict[int, int]:
    """Who comes along on which trip (by its number), with the least sum of squares of all duties and of regrets."""
    if not choices:
        return {}
    rows: dict[tuple[str, object], int] = {}
    upper: list[float] = []

    def row(kind: str, key: object, most: float) -> int:
        if (kind, key) not in rows:
            rows[kind, key] = len(upper)
            upper.append(most)
        return rows[kind, key]

    columns: list[list[tuple[int, float]]] = []
    costs: list[float] = []
    possible: Counter[int] = Counter({v: 0 for _, (v, _) in choices})
    shifts: dict[int, set[int]] = defaultdict(set)
    for (n, (v, s)), regret in zip(choices, regrets, strict=True):
        columns.append([(row("trip", n, 1), 1), (row("duty", (v, s), 1), 1), (row("person", v, 0), 1)])
        costs.append(regret)
        shifts[v].add(s)
    for v in sorted(possible):
        for more in range(1, len(shifts[v]) + 1):
            # What one more duty adds to the square of all.
            columns.append([(row("person", v, 0), -1)])
            costs.append(2.0 * (before[v] + more) - 1)
    equal = np.array([kind != "duty" for kind, _ in rows])
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(columns), len(upper)
    program.col_cost_ = np.array(costs)
    program.col_lower_, program.col_upper_ = np.zeros(len(columns)), np.ones(len(columns))
    program.row_lower_ = np.where(equal, upper, -np.inf)
    program.row_upper_ = np.array(upper)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.concatenate(([0], np.cumsum([len(c) for c in columns]))).astype(np.int32)
    program.a_matrix_.index_ = np.array([r for c in columns for r, _ in c], dtype=np.int32)
    program.a_matrix_.value_ = np.array([float(value) for c in columns for _, value in c])
    highs = quiet_highs()
    # A vertex is whole; an interior point need not be.
    highs.setOptionValue("solver", "simplex")
    highs.passModel(program)
    highs.run()
    values = highs.getSolution().col_value
    return {n: v for at, (n, (v, _)) in enumerate(choices) if values[at] > 0.5}
