"""Whoever is not placed is told why, in words that fit."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given

from jiafang.planner import problem_of, solve
from tests.planner.instances import random_problem
from tests.planner.test_plans import examples, seeds, small


def one_family(**changes: Any) -> dict[str, Any]:
    raw = random_problem(Random(4), parties=1, groups=1, shifts=2)
    raw["shifts"] = [{"id": f"d{n}", "date": f"2026-10-1{n}", "start": "18:30", "end": "20:30"} for n in (1, 2)]
    raw["visitors"] = [{"id": "lead0"}, {"id": "t0"}, {"id": "t1"}]
    raw["groups"][0]["co_visitors"] = ["t0"]
    raw["parties"][0].update(channel="onsite", minutes=30)
    raw["parties"][0].pop("windows", None)
    raw["rules"]["two_visitors_onsite"] = True
    for path, value in changes.items():
        place: Any = raw
        *steps, last = path.split("__")
        for step in steps:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value
    return raw


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("no_window", {"parties__0__windows": {}}),
        ("lead_never_free", {"visitors__0__shifts": []}),
        ("no_co_visitor", {"visitors__1__shifts": []}),
        ("visit_too_long", {"parties__0__minutes": 300}),
        ("call_too_long", {"parties__0__channel": "remote", "parties__0__remote_minutes": 300}),
        ("units_used_up", {"rules__max_units_per_shift": 1}),
        ("no_stops_allowed", {"rules__max_stops_per_trip": 0}),
    ],
)
def test_the_reason_names_what_stands_in_the_way(code: str, changes: dict[str, Any]) -> None:
    plan = solve(problem_of(one_family(**changes)))
    (unplaced,) = plan.unplaced
    assert unplaced.reason.code == code
    assert unplaced.reason.chinese
    assert unplaced.reason.english
    assert "{" not in unplaced.reason.chinese + unplaced.reason.english


def test_freeing_the_co_visitor_in_a_named_shift_places_the_family() -> None:
    raw = one_family(visitors__1__shifts=[])
    reason = solve(problem_of(raw)).unplaced[0].reason
    raw["visitors"][1]["shifts"] = [reason.params["shifts"][0]]
    assert solve(problem_of(raw)).unplaced == ()


def test_a_family_that_does_not_fit_beside_others_is_told_so() -> None:
    raw = one_family(rules__max_stops_per_trip=1)
    del raw["shifts"][1]
    second = {**raw["parties"][0], "id": "f1", "subjects": [{"id": "s9", "group": "c0"}]}
    raw["parties"].append(second)
    (unplaced,) = solve(problem_of(raw)).unplaced
    assert unplaced.reason.code == "crowded"
    assert unplaced.reason.params["shifts"] == ["d1"]


@examples(150)
@given(seeds)
def test_whoever_follows_the_advice_meets_one_more(seed: int) -> None:
    raw = small(Random(seed))
    plan = solve(problem_of(raw))
    for unplaced in plan.unplaced:
        for way in unplaced.reason.params.get("advice", ()):
            better = problem_of(followed(raw, unplaced.party, way))
            assert solve(better).objective.unvisited < plan.objective.unvisited, way


def followed(raw: dict[str, Any], party: str, way: dict[str, Any]) -> dict[str, Any]:
    """The problem after the people named, and the family if it is, have made the shift possible."""
    changed: dict[str, Any] = json.loads(json.dumps(raw))
    for visitor in changed["visitors"]:
        if visitor["id"] in way["visitors"]:
            visitor["shifts"].append(way["shift"])
    if way["family"]:
        shift = next(s for s in changed["shifts"] if s["id"] == way["shift"])
        home = next(p for p in changed["parties"] if p["id"] == party)
        home["windows"][way["shift"]] = [shift["start"], shift["end"]]
    return changed


def test_the_advice_names_who_should_be_free_and_when() -> None:
    raw = one_family(visitors__0__shifts=["d1"], visitors__1__shifts=["d2"])
    (unplaced,) = solve(problem_of(raw)).unplaced
    assert unplaced.reason.params["advice"] == [
        {"shift": "d1", "visitors": ["t0"], "family": False},
        {"shift": "d2", "visitors": ["lead0"], "family": False},
    ]
    assert "t0在d1有空就能排上" in unplaced.reason.chinese


def test_no_advice_is_given_that_would_not_help() -> None:
    (unplaced,) = solve(problem_of(one_family(parties__0__minutes=300, visitors__1__shifts=[]))).unplaced
    assert "advice" not in unplaced.reason.params
