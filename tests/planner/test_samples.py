"""The sample problems of the design, where they are at hand."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType

import pytest

from jiafang.planner import Stop, plan_json, problem_of, solve

FOLDER = Path(os.environ.get("JIAFANG_PLANNER_SAMPLES", Path(__file__).parents[3] / "shared" / "planner"))
STUDY = {"class-a": (0, 0, 189), "school-9": (0, 56, 2068)}

pytestmark = pytest.mark.skipif(
    not (FOLDER / "check_plan.py").exists(),
    reason=f"THE SAMPLE PROBLEMS ARE NOT IN {FOLDER}: set JIAFANG_PLANNER_SAMPLES to their folder",
)


@pytest.fixture(scope="module")
def checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_plan", FOLDER / "check_plan.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", STUDY)
def test_a_sample_is_planned_no_worse_than_in_the_study(name: str, checker: ModuleType) -> None:
    raw = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    plan = solve(problem_of(raw), stop=Stop(40))
    report = checker.check(raw, plan_json(plan))
    assert report["errors"] == []
    assert tuple(report["objective"].values()) <= STUDY[name]


@pytest.mark.parametrize(("name", "good"), [("school-40", (0, 400, 9000)), ("class-dense", (0, 90, 900))])
def test_a_large_sample_has_a_good_plan_soon(name: str, good: tuple[int, int, int], checker: ModuleType) -> None:
    raw = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    plan = solve(problem_of(raw), stop=Stop(15))
    report = checker.check(raw, plan_json(plan))
    assert report["errors"] == []
    assert tuple(report["objective"].values()) <= good
