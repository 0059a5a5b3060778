"""Why somebody does not stay where an earlier plan had them."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.planner.instances import KINDS, without_shift
from jiafang.planner import Plan, problem_of, solve


def first_visit(plan: Plan) -> tuple[str, str]:
    """A family that is visited at home, and when."""
    trip = plan.trips[0]
    return trip.stops[0].party, trip.shift


def window_gone(raw: dict[str, Any], party: str, shift: str) -> dict[str, Any]:
    of_party(raw, party)["windows"].pop(shift)
    return raw


def called_instead(raw: dict[str, Any], party: str, shift: str) -> dict[str, Any]:
    of_party(raw, party)["channel"] = "remote"
    return raw


def lead_away(raw: dict[str, Any], party: str, shift: str) -> dict[str, Any]:
    visitors = {visitor["id"]: visitor for visitor in raw["visitors"]}
    visitors["lead0"]["shifts"] = [one["id"] for one in raw["shifts"] if one["id"] != shift]
    return raw


def nobody_comes_along(raw: dict[str, Any], party: str, shift: str) -> dict[str, Any]:
    for visitor in raw["visitors"]:
        if visitor["id"] in raw["groups"][0]["co_visitors"]:
            visitor["shifts"] = [one for one in visitor["shifts"] if one != shift]
    return raw


def trip_of_one(raw: dict[str, Any], party: str, shift: str) -> dict[str, Any]:
    raw["rules"]["max_stops_per_trip"] = 1
    return raw


def of_party(raw: dict[str, Any], party: str) -> dict[str, Any]:
    return next(one for one in raw["parties"] if one["id"] == party)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda raw, party, shift: without_shift(raw, shift), "evening_cancelled"),
        (window_gone, "family_not_free"),
        (called_instead, "channel_changed"),
        (lead_away, "lead_not_free"),
        (nobody_comes_along, "no_co_visitor"),
    ],
)
def test_the_reason_is_the_one_that_took_the_place(change: Any, code: str) -> None:
    raw = KINDS["class"](1)
    first = solve(problem_of(raw))
    party, shift = first_visit(first)
    again = solve(problem_of(change(raw, party, shift)), keep=first.promises)
    moved = {one.party: one for one in again.moved}
    assert moved[party].code == code
    assert moved[party].was == (shift, True)
    assert moved[party].now != moved[party].was
    assert len(again.moved) == again.objective.moved - len(again.unplaced)


def test_whoever_could_have_stayed_gave_room_to_others() -> None:
    raw = KINDS["class"](1)
    first = solve(problem_of(raw))
    again = solve(problem_of(trip_of_one(raw, *first_visit(first))), keep=first.promises)
    assert {one.code for one in again.moved} == {"made_room"}


def test_nobody_is_moved_without_a_plan_to_keep() -> None:
    assert solve(problem_of(KINDS["class"](1))).moved == ()
