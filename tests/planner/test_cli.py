"""`jiafang plan-file` from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.planner.instances import KINDS
from jiafang.planner.cli import main


@pytest.fixture
def problem_file(tmp_path: Path) -> Path:
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(KINDS["class"](2)), encoding="utf-8")
    return file


def test_it_writes_a_plan(problem_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert main([str(problem_file), "--out", str(out), "--seconds", "20", "--seed", "3", "--workers", "2"]) == 0
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert plan["format"] == "jiafang-plan/1"
    assert plan["proven"] == ["unvisited", "lateness", "travel_minutes"]
    assert plan["objective"] == plan["bounds"]


def test_bad_input_gives_one_line_for_each_fault_and_writes_nothing(
    problem_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = json.loads(problem_file.read_text(encoding="utf-8"))
    raw["parties"][4]["due"] = "tomorrow"
    raw["groups"][0]["base"] = "nowhere"
    problem_file.write_text(json.dumps(raw), encoding="utf-8")
    out = tmp_path / "plan.json"
    assert main([str(problem_file), "--out", str(out)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["$.groups[0].base", "$.parties[4].due"]
    assert list(tmp_path.iterdir()) == [problem_file]


def test_a_missing_file_or_folder_is_said_so(problem_file: Path, tmp_path: Path) -> None:
    assert main([str(tmp_path / "none.json"), "--out", str(tmp_path / "plan.json")]) == 2
    assert main([str(problem_file), "--out", str(tmp_path / "none" / "plan.json")]) == 2


def test_nothing_is_printed_but_what_is_said(problem_file: Path, tmp_path: Path) -> None:
    """In a process of its own: HiGHS would greet once for each, past what Python calls stdout."""
    out = tmp_path / "plan.json"
    code = "import sys; from jiafang.planner.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(problem_file), "--out", str(out), "--seconds", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert out.is_file()
    assert "HiGHS" not in done.stdout + done.stderr
