"""Which lead calls which family in which shift, once the trips are chosen.

A small integer model (nearly a matching): few unvisited first, then little lateness, then shifts without a trip. Its
minutes are only added up; `crew` tells which calls do not fit together, and those sets are ruled out one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from jiafang.planner.compiled import CallOption, Compiled
from jiafang.planner.deadline import Deadline
from jiafang.planner.solver import quiet_highs


@dataclass(frozen=True, slots=True)
class CallPlan:
    """Chosen calls, the parties left without, and the level values; `exact` when nothing cheaper exists."""

    calls: tuple[CallOption, ...]
    left_out: tuple[int, ...]
    unvisited: int
    lateness: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Load:
    """What trips take from the calls: units per (group, shift), minutes per (person, shift)."""

    units: Mapping[tuple[int, int], int]
    minutes: Mapping[tuple[int, int], int]


NO_LOAD = Load({}, {})

CallMemory = dict[
    tuple[tuple[int, ...], tuple[CallOption | None, ...], frozenset[frozenset[CallOption]]],
    tuple[list[CallOption], bool],
]
"""What was chosen, and whether it is proven: by the parties, what they are left to choose from, and what is apart."""


def plan_calls(
    compiled: Compiled,
    parties: Iterable[int],
    load: Load,
    forbidden: Iterable[frozenset[CallOption]],
    deadline: Deadline,
    *,
    kept: Mapping[int, tuple[int, bool]],
    only: Mapping[int, CallOption] | None = None,
    memory: CallMemory | None = None,
) -> CallPlan:
    """The best calls to the parties beside the trips, without any of the forbidden combinations.

    `only` leaves a party one call to choose from. `memory` is of earlier calls with the same load and promises.
    """
    memory = {} if memory is None else memory
    options = {p: compiled.call_options(p) for p in parties}
    options |= {p: (call,) for p, call in (only or {}).items() if p in options}
    calls: list[CallOption] = []
    exact = True
    forbidden = list(forbidden)
    for part in _parts(compiled, options):
        own = {p: options[p] for p in part}
        possible = {option for choice in own.values() for option in choice}
        apart = frozenset(combination for combination in forbidden if combination <= possible)
        key = tuple(part), tuple(own[p][0] if len(own[p]) == 1 else None for p in part), apart
        if key not in memory:
            memory[key] = _solve(compiled, own, load, sorted(apart, key=sorted), deadline, kept)
        chosen, proven = memory[key]
        calls += chosen
        exact &= proven
    met = {c.party for c in calls}
    left = tuple(p for p in options if p not in met)
    return CallPlan(
        calls=tuple(calls),
        left_out=left,
        unvisited=int(sum(compiled.subjects[p] for p in left)),
        lateness=float(sum(compiled.late[c.party, c.shift] for c in calls)),
        exact=exact,
    )


def _parts(compiled: Compiled, options: Mapping[int, Sequence[CallOption]]) -> list[list[int]]:
    """Parties linked by a lead who may call both."""
    parent: dict[int, int] = {}

    def root(v: int) -> int:
        while parent.setdefault(v, v) != v:
            v = parent[v]
        return v

    for own in options.values():
        leads = [compiled.lead[o.group] for o in own]
        for v in leads[1:]:
            parent[root(v)] = root(leads[0])
    parts: dict[int, list[int]] = defaultdict(list)
    for p, own in options.items():
        if own:
            parts[root(compiled.lead[own[0].group])].append(p)
    return list(parts.values())


def _solve(
    compiled: Compiled,
    options: Mapping[int, Sequence[CallOption]],
    load: Load,
    forbidden: list[frozenset[CallOption]],
    deadline: Deadline,
    kept: Mapping[int, tuple[int, bool]],
) -> tuple[list[CallOption], bool]:
    flat = [o for own in options.values() for o in own]
    late = np.array([compiled.late[o.party, o.shift] for o in flat])
    whole = bool((late == np.round(late)).all())
    worst = sum(max((float(compiled.late[o.party, o.shift]) for o in own), default=0.0) for own in options.values())
    # Preferences among equally good calls stay below one unit of lateness in total.
    dislike = np.array(
        [
            2.0 * ((compiled.lead[o.group], o.shift) in load.minutes)
            + 8.0 * (kept.get(o.party, (o.shift, False))[0] != o.shift)
            for o in flat
        ]
    )
    share = 0.4 / (10.0 * len(options)) if whole else 0.0
    spread = np.array([((o.party * 7 + o.shift * 3) % 11) / 20 for o in flat])
    costs = np.concatenate(
        (
            late + share * (dislike + spread),
            [(worst + 1) * float(compiled.subjects[p]) for p in options],
        )
    )
    rows: dict[tuple[str, int, int], list[tuple[int, float]]] = defaultdict(list)
    room: dict[tuple[str, int, int], float] = {}
    index = {o: n for n, o in enumerate(flat)}
    rules = compiled.problem.rules
    for n, o in enumerate(flat):
        lead = compiled.lead[o.group]
        rows["party", o.party, 0].append((n, 1.0))
        units, minutes = ("units", o.group, o.shift), ("minutes", lead, o.shift)
        rows[units].append((n, float(rules.remote_units)))
        rows[minutes].append((n, float(compiled.problem.parties[o.party].remote_minutes)))
        if minutes not in room:
            free = sum(b - a for a, b in compiled.gaps((lead,), o.shift))
            room[minutes] = free - load.minutes.get((lead, o.shift), 0)
        room[units] = compiled.units_left(o.group, o.shift) - load.units.get((o.group, o.shift), 0)
    for n, p in enumerate(options):
        rows["party", p, 0].append((len(flat) + n, 1.0))
    for n, combination in enumerate(forbidden):
        if all(o in index for o in combination):
            rows["apart", n, 0] = [(index[o], 1.0) for o in combination]
            room["apart", n, 0] = len(combination) - 1
    names = [key for key in rows if key[0] == "party" or sum(v for _, v in rows[key]) > room[key]]
    highs = quiet_highs()
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 0.3 if whole else 1e-6)
    # Without calls there is no feasible plan to hand over, so even a late stop leaves a moment for them.
    highs.setOptionValue("time_limit", max(0.5, deadline.left()))
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(costs), len(names)
    program.col_cost_ = costs
    program.col_lower_ = np.zeros(len(costs))
    program.col_upper_ = np.ones(len(costs))
    program.row_lower_ = np.array([1.0 if key[0] == "party" else -np.inf for key in names])
    program.row_upper_ = np.array([1.0 if key[0] == "party" else max(0.0, room[key]) for key in names])
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lengths = [len(rows[key]) for key in names]
    program.a_matrix_.start_ = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    program.a_matrix_.index_ = np.array([c for key in names for c, _ in rows[key]], dtype=np.int32)
    program.a_matrix_.value_ = np.array([v for key in names for _, v in rows[key]], dtype=np.float64)
    highs.passModel(program)
    highs.run()
    values = np.array(highs.getSolution().col_value)
    if len(values) and (np.abs(values - np.round(values)) > 1e-6).any():
        # Seldom: nearly a matching, it is whole by itself most of the time.
        highs.changeColsIntegrality(
            len(costs),
            np.arange(len(costs), dtype=np.int32),
            np.full(len(costs), int(highspy.HighsVarType.kInteger), dtype=np.uint8),
        )
        highs.run()
        values = np.array(highs.getSolution().col_value)
    if highs.getInfo().primal_solution_status != 2:
        return [], False
    chosen = [o for n, o in enumerate(flat) if values[n] > 0.5]
    return chosen, highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
