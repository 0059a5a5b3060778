"""Those who come along do so equally often, as far as the plan allows."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product
from random import Random

from hypothesis import given

from benchmarks.planner.instances import KINDS
from jiafang.planner import Plan, Problem, Trip, problem_of, solve
from tests.planner.test_plans import examples, seeds, small

Duties = dict[str, set[str]]
"""The shifts in which each person goes out."""


def duties(plan: Plan, crews: dict[int, str]) -> Duties:
    """With the companions of some trips (by number) as given."""
    found: Duties = defaultdict(set)
    for n, trip in enumerate(plan.trips):
        for visitor in trip.visitors:
            found[visitor].add(trip.shift) if n not in crews else None
    for n, visitor in crews.items():
        trip = plan.trips[n]
        found[visitor].add(trip.shift)
        for lead in trip.visitors[:-1]:
            found[lead].add(trip.shift)
    return found


def squares(found: Duties) -> int:
    return sum(len(shifts) ** 2 for shifts in found.values())


def companions(problem: Problem, plan: Plan) -> dict[int, list[str]]:
    """Per trip with one lead: who comes along or could, being free in the whole shift."""
    groups = {group.id: group for group in problem.groups}
    available = {visitor.id: visitor.shifts for visitor in problem.visitors}
    times = Counter((v, trip.shift) for trip in plan.trips for v in trip.visitors)
    engaged = set(times) | {(call.visitor, call.shift) for call in plan.calls}
    options = {}
    for n, trip in enumerate(plan.trips):
        own = groups[trip.groups[0]]
        if len(trip.groups) > 1 or len(trip.visitors) != 2 or trip.visitors[0] != own.lead:
            continue
        if times[trip.visitors[1], trip.shift] > 1:
            continue
        free = [v for v in own.co_visitors if available[v] is None or trip.shift in (available[v] or ())]
        others = [v for v in free if v not in trip.visitors and (v, trip.shift) not in engaged]
        options[n] = [trip.visitors[1], *others]
    return options


@examples(80)
@given(seeds)
def test_no_other_way_to_hand_out_the_trips_is_more_even(seed: int) -> None:
    problem = problem_of(small(Random(seed)))
    if not problem.rules.two_visitors_onsite or problem.fixed:
        return
    plan = solve(problem)
    options = companions(problem, plan)
    least = squares(duties(plan, {}))
    for crew in product(*options.values()):
        chosen = dict(zip(options, crew, strict=True))
        taken = Counter((v, plan.trips[n].shift) for n, v in chosen.items())
        if max(taken.values(), default=1) == 1:
            assert squares(duties(plan, chosen)) >= least


def test_the_helpers_of_a_school_come_along_about_equally_often() -> None:
    raw = KINDS["school-9"](1)
    for group in raw["groups"]:
        group["co_visitors"] = [v["id"] for v in raw["visitors"] if v["id"].startswith("t")]
    for visitor in raw["visitors"]:
        visitor.pop("shifts", None)
    plan = solve(problem_of(raw))
    counts = Counter(v for trip in plan.trips if isinstance(trip, Trip) for v in trip.visitors if v.startswith("t"))
    assert max(counts.values()) - min(counts.values()) <= 1
    assert len(counts) == sum(1 for v in raw["visitors"] if v["id"].startswith("t"))
