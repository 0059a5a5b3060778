"""Independent parts of a problem: groups that share no family, no person and no car can be planned apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from jiafang.planner.problem import Group, Problem, TravelTable, Trip
from jiafang.planner.result import LEVELS, Objective, Plan


def split(problem: Problem) -> list[Problem]:
    """The parts, small ones first; a part keeps all shifts, and only the places, people and parties it needs."""
    part_of = _linked_groups(problem)
    groups: dict[str, list[str]] = defaultdict(list)
    for group in problem.groups:
        groups[part_of[group.id]].append(group.id)
    if len(groups) == 1:
        return [problem]
    parties: dict[str, list[int]] = defaultdict(list)
    for n, party in enumerate(problem.parties):
        parties[part_of[party.subjects[0].group]].append(n)
    fixed: dict[str, list[int]] = defaultdict(list)
    for n, appointment in enumerate(problem.fixed):
        group_id = appointment.groups[0] if isinstance(appointment, Trip) else appointment.group
        fixed[part_of[group_id]].append(n)
    places = {place.id: n for n, place in enumerate(problem.locations)}
    people = {visitor.id: n for n, visitor in enumerate(problem.visitors)}
    named = {group.id: group for group in problem.groups}
    parts = [
        _part(problem, [named[g] for g in groups[key]], parties[key], fixed[key], places, people)
        for key in groups
        if parties[key]
    ]
    return sorted(parts, key=lambda part: len(part.parties))


def join(problem: Problem, plans: Sequence[Plan], seconds: float, *, kept: bool) -> Plan:
    """One plan from the plans of all parts.

    The bounds add up as long as the levels above are proven in every part; below that they say nothing, because
    another split of the upper levels between the parts could make a lower level cheaper.
    """
    shift_at = {shift.id: n for n, shift in enumerate(problem.shifts)}
    order = {party.id: n for n, party in enumerate(problem.parties)}
    names = plans[0].levels if plans else LEVELS
    objective = {name: sum(getattr(plan.objective, name) for plan in plans) for name in names}
    bounds = {}
    firm = True
    for name in names:
        bounds[name] = sum(getattr(plan.bounds, name) for plan in plans) if firm or len(plans) == 1 else 0
        firm = firm and bounds[name] == objective[name]
    return Plan(
        trips=tuple(sorted((t for p in plans for t in p.trips), key=lambda t: (shift_at[t.shift], t.depart, t.groups))),
        calls=tuple(sorted((c for p in plans for c in p.calls), key=lambda c: (shift_at[c.shift], c.start, c.group))),
        unplaced=tuple(sorted((u for p in plans for u in p.unplaced), key=lambda u: order[u.party])),
        objective=Objective(**objective),
        bounds=Objective(**bounds),
        seconds=seconds,
        kept=kept,
        stopped=any(plan.stopped for plan in plans),
    )


def _linked_groups(problem: Problem) -> dict[str, str]:
    """A representative for each group."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = key = parent[parent[key]]
        return key

    for group in problem.groups:
        links = [f"person {v}" for v in (group.lead, *group.co_visitors)]
        if problem.rules.max_groups_per_trip > 1:
            links.append(f"base {group.base}")
        for link in links:
            parent[root(link)] = root(f"group {group.id}")
    for party in problem.parties:
        for subject in party.subjects[1:]:
            parent[root(f"group {subject.group}")] = root(f"group {party.subjects[0].group}")
    for appointment in problem.fixed:
        if isinstance(appointment, Trip):
            for other in appointment.groups[1:]:
                parent[root(f"group {other}")] = root(f"group {appointment.groups[0]}")
    return {group.id: root(f"group {group.id}") for group in problem.groups}


def _part(
    problem: Problem,
    groups: Sequence[Group],
    parties: Sequence[int],
    fixed: Sequence[int],
    places: Mapping[str, int],
    people: Mapping[str, int],
) -> Problem:
    own_parties = tuple(problem.parties[n] for n in parties)
    here = sorted(places[key] for key in {g.base for g in groups} | {p.location for p in own_parties})
    visitors = sorted(people[v] for v in {v for g in groups for v in (g.lead, *g.co_visitors)})
    travel = problem.travel
    if isinstance(travel, TravelTable):
        travel = TravelTable(tuple(tuple(travel.minutes[a][b] for b in here) for a in here))
    return replace(
        problem,
        travel=travel,
        locations=tuple(problem.locations[n] for n in here),
        groups=tuple(groups),
        visitors=tuple(problem.visitors[n] for n in visitors),
        parties=own_parties,
        fixed=tuple(problem.fixed[n] for n in fixed),
    )
