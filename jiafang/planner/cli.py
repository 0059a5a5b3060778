"""`jiafang plan-file PROBLEM.json --out PLAN.json`: the planner alone, without a database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jiafang.planner.reading import BadProblemError, read_problem
from jiafang.planner.result import Stop, write_plan
from jiafang.planner.solve import solve


def main(argv: Sequence[str] | None = None) -> int:
    """Plan a file; 0 when a plan was written, 2 on bad input (one line per fault, nothing written)."""
    parser = argparse.ArgumentParser(prog="jiafang plan-file", description="Plan the visits of a problem file.")
    parser.add_argument("problem", type=Path, help="the problem, jiafang-problem/1")
    parser.add_argument("--out", type=Path, required=True, help="where to write the plan, jiafang-plan/1")
    parser.add_argument("--seconds", type=_positive, default=None, help="stop after so many seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=_count, default=1, help="processes to use")
    options = parser.parse_args(argv)
    try:
        problem = read_problem(options.problem)
    except BadProblemError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.problem}: {error.strerror}", file=sys.stderr)
        return 2
    if not options.out.parent.is_dir():
        print(f"{options.out}: no such folder", file=sys.stderr)
        return 2
    plan = solve(problem, stop=Stop(options.seconds), seed=options.seed, workers=options.workers)
    try:
        write_plan(plan, options.out)
    except OSError as error:
        print(f"{options.out}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _positive(text: str) -> float:
    seconds = float(text)
    if not seconds > 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count
