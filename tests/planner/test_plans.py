"""Any valid problem gives a plan that keeps every rule; nothing beats a proof or undercuts a bound."""

from __future__ import annotations

import json
import math
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.planner.instances import KINDS, without_shift
from jiafang.planner import Objective, Plan, Progress, Stop, plan_json, problem_of, solve
from jiafang.planner.check import check_plan
from tests.planner.exhaustive import Exhaustive
from tests.planner.instances import random_problem


def examples(count: int) -> settings:
    """So many examples, always the same ones, as slow as they are."""
    return settings(
        max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
    )


seeds = st.integers(0, 2**32)


def levels(objective: Objective) -> tuple[float, float, float]:
    return objective.unvisited, objective.lateness, objective.travel_minutes


def small(random: Random) -> dict[str, Any]:
    return random_problem(
        random,
        parties=random.randint(3, 14),
        groups=random.randint(1, 4),
        shifts=random.randint(1, 5),
        helpers=random.randint(1, 4),
    )


def tiny(random: Random) -> dict[str, Any]:
    return random_problem(
        random, parties=random.randint(2, 5), groups=random.randint(1, 3), shifts=random.randint(1, 3)
    )


def without_seconds(plan: Plan) -> dict[str, Any]:
    return {key: value for key, value in plan_json(plan).items() if key != "seconds"}


@examples(60)
@given(seeds)
def test_any_valid_problem_gives_a_plan_that_the_checker_accepts(seed: int) -> None:
    problem = problem_of(small(Random(seed)))
    assert check_plan(problem, solve(problem, stop=Stop(3))) == []


@examples(120)
@given(seeds)
def test_an_exhaustive_search_finds_nothing_better_than_a_proof_and_nothing_below_a_bound(seed: int) -> None:
    raw = tiny(Random(seed))
    search = Exhaustive(raw)
    if math.prod(len(search.options(n)) for n in range(len(raw["parties"]))) > 20_000:
        return
    plan = solve(problem_of(raw))
    compare(plan, search.best())


def compare(plan: Plan, best: tuple[int, int, int, int]) -> None:
    """Nothing is better than what is marked proven, and nothing is below a bound."""
    found, bounds = plan.objective.key, plan.bounds.key
    assert best <= found
    for level in range(4):
        if found[:level] == best[:level]:
            assert bounds[level] <= best[level]
    if plan.proven == plan.levels:
        assert found == best


def test_more_groupings_than_are_tried_do_not_stop_a_plan_made_anew() -> None:
    """45 groups may share cars two by two: of all pairs the nearest are tried, others when fewer are to be visited."""
    random, count = Random(3), 45
    raw = random_problem(random, parties=count, groups=count, shifts=3, helpers=2)
    raw["rules"] |= {"max_groups_per_trip": 2, "max_stops_per_trip": 2, "max_units_per_shift": 8}
    raw["rules"] |= {"onsite_units": 2, "remote_units": 1, "two_visitors_onsite": True}
    raw["visitors"] = [{"id": f"lead{n}"} for n in range(count)]
    for n, (group, party) in enumerate(zip(raw["groups"], raw["parties"], strict=True)):
        group |= {"base": "school", "lead": f"lead{n}", "co_visitors": []}
        party |= {"subjects": [{"id": f"s{n}", "group": f"c{n}"}], "channel": "any", "minutes": 15}
        party.pop("windows", None)
    problem = problem_of(raw)
    shifts = [shift["id"] for shift in raw["shifts"]]
    told = {f"f{n}": (shifts[n % 3], n % 5 == 0) for n in range(count)}
    assert check_plan(problem, solve(problem, stop=Stop(6), keep=told)) == []


@examples(120)
@given(seeds)
def test_an_exhaustive_search_disturbs_an_earlier_plan_no_less(seed: int) -> None:
    random = Random(seed)
    raw = tiny(random)
    first = solve(problem_of(raw))
    if len(raw["shifts"]) < 2:
        return
    raw = without_shift(raw, random.choice(raw["shifts"])["id"])
    for visitor in raw["visitors"]:
        if "shifts" in visitor and random.random() < 0.2:
            visitor["shifts"] = visitor["shifts"][1:]
    search = Exhaustive(raw)
    if math.prod(len(search.options(n)) for n in range(len(raw["parties"]))) > 20_000:
        return
    problem = problem_of(raw)
    plan = solve(problem, keep=first.promises)
    assert check_plan(problem, plan) == []
    compare(plan, search.best(first.promises))


@examples(25)
@given(seeds)
def test_fixed_appointments_stay_as_they_are_and_the_rest_is_planned_around_them(seed: int) -> None:
    random = Random(seed)
    raw = small(random)
    first = plan_json(solve(problem_of(raw), stop=Stop(2)))
    raw["fixed"] = [a for a in first["trips"] + first["calls"] if random.random() < 0.4]
    problem = problem_of(json.loads(json.dumps(raw)))
    plan = solve(problem, stop=Stop(2))
    assert check_plan(problem, plan) == []
    written = plan_json(plan)
    assert all(fixed in written["trips"] + written["calls"] for fixed in raw["fixed"])


@examples(20)
@given(seeds)
def test_a_proven_plan_that_is_to_be_kept_is_kept(seed: int) -> None:
    problem = problem_of(small(Random(seed)))
    first = solve(problem, stop=Stop(3))
    again = solve(problem, stop=Stop(3), keep=first.promises)
    assert check_plan(problem, again) == []
    if len(first.proven) == 3 and not again.stopped and levels(again.objective)[:2] == levels(first.objective)[:2]:
        met = sum(len(trip.stops) for trip in first.trips) + len(first.calls)
        assert again.objective.moved <= met
    if len(again.proven) == 4:
        assert again.objective.key <= (first.objective.unvisited, first.objective.lateness, 0, 10**9)


def test_one_cancelled_evening_moves_only_the_families_of_that_evening() -> None:
    raw = KINDS["class"](3)
    first = solve(problem_of(raw))
    gone = first.trips[0].shift
    problem = problem_of(without_shift(raw, gone))
    again = solve(problem, keep=first.promises)
    of_that_evening = sum(len(t.stops) for t in first.trips if t.shift == gone)
    of_that_evening += sum(1 for c in first.calls if c.shift == gone)
    assert check_plan(problem, again) == []
    assert again.objective.unvisited == 0
    assert again.objective.moved == of_that_evening


@examples(15)
@given(seeds)
def test_the_same_seed_gives_the_same_plan(seed: int) -> None:
    problem = problem_of(small(Random(seed)))
    one, two = solve(problem, seed=seed % 7), solve(problem, seed=seed % 7)
    assert without_seconds(one) == without_seconds(two)


@pytest.mark.parametrize("seconds", [0.001, 0.05, 0.3, 1.0])
def test_a_stop_at_any_time_gives_a_plan_with_its_gap(seconds: float) -> None:
    problem = problem_of(KINDS["class-dense"](5))
    plan = solve(problem, stop=Stop(seconds))
    assert check_plan(problem, plan) == []
    assert plan.stopped
    assert plan.bounds.key <= plan.objective.key
    assert plan.seconds < seconds + 5  # a margin for a busy machine


def test_the_caller_can_stop_it() -> None:
    told: list[Progress] = []

    def progress(now: Progress) -> bool:
        told.append(now)
        return now.phase == "trips"

    problem = problem_of(KINDS["class-dense"](5))
    plan = solve(problem, progress=progress)
    assert check_plan(problem, plan) == []
    assert plan.stopped
    assert told[-1].objective is not None


@pytest.mark.parametrize("kind", ["class", "class-any", "class-mixed-dense", "principal-200", "cadres-12"])
def test_every_kind_of_problem_is_planned_whole_and_proven(kind: str) -> None:
    problem = problem_of(KINDS[kind](1))
    plan = solve(problem, stop=Stop(60))
    assert check_plan(problem, plan) == []
    assert plan.objective.unvisited == 0
    assert plan.proven == ("unvisited", "lateness", "travel_minutes")
