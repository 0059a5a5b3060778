"""The same plan wherever its parts are planned, and no finished part lost when a run is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from benchmarks.planner.instances import KINDS, joined
from jiafang.planner import Plan, Problem, Progress, Stop, plan_json, problem_of, solve
from jiafang.planner.check import check_plan
from jiafang.planner.cli import main

CLASSES = 6


def district(kind: str = "class", count: int = CLASSES) -> dict[str, Any]:
    """Classes that have nothing in common, in one problem."""
    return joined([KINDS[kind](n) for n in range(count)])


@pytest.fixture(scope="module")
def problem() -> Problem:
    return problem_of(district())


@pytest.fixture(scope="module")
def alone(problem: Problem) -> Plan:
    return solve(problem)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A scheduler and two workers, each a process of its own."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as made:
        yield made


def planned(plan: Plan) -> dict[str, Any]:
    return {key: value for key, value in plan_json(plan).items() if key != "seconds"}


def test_processes_make_the_same_plan(problem: Problem, alone: Plan) -> None:
    assert planned(solve(problem, workers=2)) == planned(alone)
    assert check_plan(problem, alone) == []


def test_a_cluster_of_two_workers_makes_the_same_plan(problem: Problem, alone: Plan, cluster: LocalCluster) -> None:
    heard: list[Progress] = []
    plan = solve(problem, cluster=cluster.scheduler_address, progress=heard.append)
    assert planned(plan) == planned(alone)
    assert heard[-1].fraction == pytest.approx(1)


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(KINDS["class"](0)), encoding="utf-8")
    command = [str(file), "--out", str(tmp_path / "plan.json"), "--cluster", "tcp://127.0.0.1:9"]
    assert main(command) == 2
    assert "tcp://127.0.0.1:9" in capsys.readouterr().err
    assert not (tmp_path / "plan.json").exists()


@pytest.mark.parametrize("where", ["processes", "cluster"])
def test_a_run_that_is_cancelled_hands_over_what_it_has(where: str, cluster: LocalCluster) -> None:
    hard = problem_of(district("school-9-dense", 2))
    on: dict[str, Any] = {"workers": 2} if where == "processes" else {"cluster": cluster.scheduler_address}
    began = time.monotonic()
    plan = solve(hard, progress=lambda _: time.monotonic() > began + 2, **on)
    assert plan.stopped
    assert check_plan(hard, plan) == []


def test_what_ran_out_of_its_share_is_planned_once_more_and_counted_once() -> None:
    hard = problem_of(joined([KINDS["school-9-dense"](0), KINDS["class"](0), KINDS["class"](1)]))
    plan = solve(hard, workers=2, stop=Stop(4))
    assert check_plan(hard, plan) == []


def test_what_was_broken_off_is_not_kept_as_finished(tmp_path: Path) -> None:
    hard = problem_of(KINDS["school-9-dense"](0))
    assert solve(hard, progress=lambda _: True, resume=tmp_path).stopped
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_ran_out_of_time_is_planned_again_when_there_is_more(tmp_path: Path) -> None:
    hard = problem_of(KINDS["school-9-dense"](0))
    assert solve(hard, stop=Stop(0.3), resume=tmp_path).stopped
    first = _finished(tmp_path)
    solve(hard, stop=Stop(0.3), resume=tmp_path)
    assert _finished(tmp_path) == first
    solve(hard, stop=Stop(0.6), resume=tmp_path)
    assert _finished(tmp_path) != first
    assert list(_finished(tmp_path)) == list(first)


def test_a_run_that_is_killed_goes_on_with_what_is_missing(tmp_path: Path, problem: Problem, alone: Plan) -> None:
    file, out, kept = tmp_path / "problem.json", tmp_path / "plan.json", tmp_path / "parts"
    file.write_text(json.dumps(district()), encoding="utf-8")
    command = [sys.executable, "-m", "jiafang", "plan-file", str(file), "--out", str(out), "--resume", str(kept)]
    with subprocess.Popen(command) as run:
        while not _finished(kept):
            assert run.poll() is None
            os.sched_yield()
        run.send_signal(signal.SIGKILL)
    before = _finished(kept)
    assert not out.exists()
    assert subprocess.run(command, check=False).returncode == 0
    after = _finished(kept)
    assert len(after) == CLASSES
    assert {name: after[name] for name in before} == before
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert {key: value for key, value in plan.items() if key != "seconds"} == planned(alone)


def _finished(folder: Path) -> dict[str, int]:
    """The finished parts, each with when it was written."""
    return {file.name: file.stat().st_mtime_ns for file in folder.glob("*.json")}


@pytest.mark.parametrize("harm", ["torn", "another plan", "no plan"])
def test_a_part_that_is_no_plan_of_it_is_planned_again(
    tmp_path: Path, problem: Problem, alone: Plan, harm: str
) -> None:
    solve(problem, resume=tmp_path)
    one, two, *_ = sorted(tmp_path.iterdir(), key=lambda file: file.name)
    whole = one.read_text(encoding="utf-8")
    harmed = {"torn": whole[: len(whole) // 2], "another plan": two.read_text(encoding="utf-8"), "no plan": "[1]"}
    one.write_text(harmed[harm], encoding="utf-8")
    assert planned(solve(problem, resume=tmp_path)) == planned(alone)
    assert json.loads(one.read_text(encoding="utf-8"))["trips"] == json.loads(whole)["trips"]


def test_finished_parts_are_of_one_problem_and_one_seed(tmp_path: Path, problem: Problem) -> None:
    solve(problem, resume=tmp_path)
    solve(problem, resume=tmp_path, seed=1)
    assert len(list(tmp_path.iterdir())) == 2 * CLASSES
