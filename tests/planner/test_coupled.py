"""Schools that share a teacher or a family are planned together; those that share nothing apart."""

from __future__ import annotations

from collections import Counter
from typing import Any

from benchmarks.planner.instances import KINDS, joined
from jiafang.planner import problem_of, solve
from jiafang.planner.check import check_plan
from jiafang.planner.parts import split


def schools() -> dict[str, Any]:
    """Three schools of one class each; ids begin with the number of the school."""
    return joined([KINDS["class"](n) for n in range(3)])


def parts_of(raw: dict[str, Any]) -> list[set[str]]:
    """The schools of each part."""
    return [{group.id.split("-")[0] for group in part.groups} for part in split(problem_of(raw))]


def test_schools_that_share_nothing_are_planned_apart() -> None:
    assert sorted(map(sorted, parts_of(schools()))) == [["0"], ["1"], ["2"]]


def test_a_teacher_who_serves_two_schools_couples_them_and_is_never_in_both() -> None:
    raw = schools()
    busy = raw["groups"][0]["co_visitors"][0]
    for group in raw["groups"][:2]:
        group["co_visitors"] = [busy]
    assert sorted(map(sorted, parts_of(raw))) == [["0", "1"], ["2"]]
    problem = problem_of(raw)
    plan = solve(problem, workers=2)
    assert check_plan(problem, plan) == []
    assert plan.proven == plan.levels
    served = Counter(trip.groups[0].split("-")[0] for trip in plan.trips if busy in trip.visitors)
    assert set(served) == {"0", "1"}


def test_siblings_at_two_schools_couple_them_and_are_met_once_by_both_homeroom_teachers() -> None:
    raw = schools()
    first, second = (next(p for p in raw["parties"] if p["id"].startswith(f"{n}-")) for n in (0, 1))
    second["subjects"] += first["subjects"]
    second["channel"] = "onsite"
    raw["parties"].remove(first)
    assert sorted(map(sorted, parts_of(raw))) == [["0", "1"], ["2"]]
    problem = problem_of(raw)
    plan = solve(problem)
    assert check_plan(problem, plan) == []
    assert plan.objective.unvisited == 0
    trip = next(trip for trip in plan.trips if any(stop.party == second["id"] for stop in trip.stops))
    assert {group.lead for group in problem.groups if group.id in trip.groups} == {"0-lead0", "1-lead0"}
    assert {"0-lead0", "1-lead0"} <= set(trip.visitors)
