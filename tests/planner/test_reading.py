"""Bad input is named by its place; anything whatever is either a problem or a list of faults."""

from __future__ import annotations

import copy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiafang.planner import BadProblemError, Fault, TravelTable, problem_of, read_problem
from tests.planner.instances import random_problem


def valid() -> dict[str, Any]:
    raw = random_problem(Random(1), parties=3, groups=2, shifts=2)
    raw["parties"][0]["windows"] = {"d0": ["18:40", "19:00"]}
    return raw


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    raw = valid()
    place: Any = raw
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return raw


FAULTS: list[tuple[str, list[Any], Any]] = [
    ("$.format", ["format"], "jiafang-problem/2"),
    ("$.shifts", ["shifts"], None),
    ("$.shifts[1].id", ["shifts", 1, "id"], "d0"),
    ("$.shifts[0].date", ["shifts", 0, "date"], "2026-02-30"),
    ("$.shifts[0].start", ["shifts", 0, "start"], "25:00"),
    ("$.shifts[0].end", ["shifts", 0, "end"], "08:00"),
    ("$.locations[0].lat", ["locations", 0, "lat"], 91),
    ("$.locations[0].lon", ["locations", 0, "lon"], "118"),
    ("$.groups[0].base", ["groups", 0, "base"], "nowhere"),
    ("$.groups[0].lead", ["groups", 0, "lead"], "nobody"),
    ("$.groups[0].co_visitors[0]", ["groups", 0, "co_visitors"], ["nobody"]),
    ("$.visitors[0].shifts[0]", ["visitors", 0, "shifts"], ["d9"]),
    ("$.parties[2]", ["parties", 2], "f2"),
    ("$.parties[0].subjects", ["parties", 0, "subjects"], []),
    ("$.parties[1].subjects[0].group", ["parties", 1, "subjects", 0, "group"], "c9"),
    ("$.parties[1].subjects[0].id", ["parties", 1, "subjects", 0, "id"], "s0"),
    ("$.parties[0].location", ["parties", 0, "location"], "nowhere"),
    ("$.parties[0].channel", ["parties", 0, "channel"], "letter"),
    ("$.parties[0].minutes", ["parties", 0, "minutes"], -1),
    ("$.parties[0].remote_minutes", ["parties", 0, "remote_minutes"], 1.5),
    ("$.parties[0].due", ["parties", 0, "due"], "soon"),
    ("$.parties[0].weight", ["parties", 0, "weight"], "5"),
    ("$.parties[0].windows.d9", ["parties", 0, "windows"], {"d9": ["18:30", "19:00"]}),
    ("$.parties[0].windows.d0", ["parties", 0, "windows"], {"d0": ["19:00", "18:30"]}),
    ("$.parties[0].windows.d0[1]", ["parties", 0, "windows"], {"d0": ["19:00", "7 pm"]}),
    ("$.rules.max_stops_per_trip", ["rules", "max_stops_per_trip"], None),
    ("$.rules.two_visitors_onsite", ["rules", "two_visitors_onsite"], "yes"),
    ("$.travel.speed_kmh", ["travel", "speed_kmh"], 0),
    ("$.travel.minutes", ["travel"], {"minutes": [[0]]}),
    ("$.fixed[0].shift", ["fixed"], [{"shift": "d9", "group": "c0", "party": "f0", "visitor": "lead0"}]),
    (
        "$.fixed[0]",
        ["fixed"],
        [
            {
                "shift": "d0",
                "group": "c0",
                "party": "f0",
                "visitor": "t0",
                "start": "18:45",
                "end": "19:45",
            }
        ],
    ),
]


@pytest.mark.parametrize(("place", "path", "value"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_named_by_its_place(place: str, path: list[Any], value: Any) -> None:
    with pytest.raises(BadProblemError) as caught:
        problem_of(changed(path, value))
    assert [fault.path for fault in caught.value.faults].count(place) == 1


def test_all_faults_are_named_at_once() -> None:
    raw = changed(["parties", 0, "due"], "soon")
    raw["parties"][1]["weight"] = -3
    raw["groups"][0]["lead"] = "nobody"
    with pytest.raises(BadProblemError) as caught:
        problem_of(raw)
    assert {f.path for f in caught.value.faults} >= {"$.parties[0].due", "$.parties[1].weight", "$.groups[0].lead"}


def test_a_travel_table_is_taken_as_it_is() -> None:
    raw = valid()
    size = len(raw["locations"])
    raw["travel"] = {"minutes": [[abs(a - b) for b in range(size)] for a in range(size)]}
    travel = problem_of(raw).travel
    assert isinstance(travel, TravelTable)
    assert travel.minutes[0][2] == 2


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[1]", b"NaN", b"[" * 100_000])
def test_a_file_that_is_no_problem_is_refused(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "problem.json"
    file.write_bytes(text)
    with pytest.raises(BadProblemError):
        read_problem(file)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(anything, st.randoms(use_true_random=False))
def test_any_value_anywhere_is_read_or_refused(value: Any, random: Random) -> None:
    raw = copy.deepcopy(valid())
    place: Any = raw
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = random.choice(keys)
        if isinstance(place[key], (dict, list)) and random.random() < 0.75:
            place = place[key]
        else:
            place[key] = value
            break
    faults: tuple[Fault, ...] | None = None
    try:
        problem_of(raw)
    except BadProblemError as error:
        faults = error.faults
    assert faults is None or (faults and all(f.path.startswith("$") and "\n" not in str(f) for f in faults))
