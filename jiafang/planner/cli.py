"""`jiafang plan-file PROBLEM.json --out PLAN.json`: the planner alone, without a database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jiafang.planner.reading import BadProblemError, read_problem
from jiafang.planner.result import Progress, Stop, write_plan
from jiafang.planner.solve import solve


def main(argv: Sequence[str] | None = None) -> int:
    """Plan a file; 0 when a plan was written, 2 on bad input (one line per fault, nothing written)."""
    parser = argparse.ArgumentParser(prog="jiafang plan-file", description="Plan the visits of a problem file.")
    parser.add_argument("problem", type=Path, help="the problem, jiafang-problem/1")
    parser.add_argument("--out", type=Path, required=True, help="where to write the plan, jiafang-plan/1")
    parser.add_argument("--seconds", type=_positive, default=None, help="stop after so many seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=_count, default=1, help="processes to use")
    parser.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler whose workers are used instead")
    parser.add_argument(
        "--resume", type=Path, metavar="FOLDER", help="keep finished parts here, and go on with those that are missing"
    )
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
    try:
        plan = solve(
            problem,
            stop=Stop(options.seconds),
            seed=options.seed,
            workers=options.workers,
            cluster=options.cluster,
            resume=options.resume,
            progress=_show if sys.stderr.isatty() else None,
        )
        write_plan(plan, options.out)
    except ConnectionError as error:
        print(f"--cluster: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _show(progress: Progress) -> None:
    """The share of the work that is done, on one line that is written over."""
    print(f"\r{progress.fraction:4.0%} {progress.phase:<12}", end="", file=sys.stderr, flush=True)


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
