"""`python -m benchmarks.planner [KIND …]`: ours beside list order, VROOM and PyVRP on the same problems, in one run.

Each row gives unvisited subjects/lateness/minutes of travel. Every plan is checked; a wrong one ends the run, and so
does a better plan of another method. VROOM and PyVRP come with `uv sync --group benchmark`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from benchmarks.planner.instances import KINDS, without_shift
from benchmarks.planner.others import Method, class_by_class, list_order_alone, pyvrp, vroom
from jiafang.planner import Objective, Plan, Progress, Stop, problem_of, solve
from jiafang.planner.check import check_plan


def shown(objective: Objective) -> str:
    return f"{objective.unvisited}/{objective.lateness:g}/{objective.travel_minutes}"


def gap(plan: Plan) -> float:
    """Percent of travel that could at most be saved; 100 while an upper level is not proven."""
    if "lateness" not in plan.proven or "unvisited" not in plan.proven:
        return 100.0
    return 100 * plan.travel_gap / max(1, plan.objective.travel_minutes)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planner", description=__doc__)
    everyday = [kind for kind in KINDS if "40" not in kind and not kind.startswith("district")]
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(KINDS)}; {', '.join(everyday)} by default")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each of our plans")
    parser.add_argument("--pyvrp-seconds", type=float, default=5.0, help="for each class of a PyVRP plan")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--anew", action="store_true", help="cancel an evening of each plan and plan it anew")
    parser.add_argument("--picture", type=Path, help="write the trips and the convergence of the last plan here (PNG)")
    options = parser.parse_args()
    unknown = [kind for kind in options.kinds if kind not in KINDS]
    if unknown:
        parser.error(f"no such kind: {', '.join(unknown)}")
    methods: dict[str, Method] = {"list order": list_order_alone}
    methods |= {name: method for name, method in (("vroom", vroom), ("pyvrp", pyvrp)) if find_spec(name)}
    solve(problem_of(KINDS["class"](0)))  # so that the first row does not pay for loading HiGHS
    others = "".join(f"{name:>18}" for name in methods)
    print(f"{'problem':<20}{others}{'ours':>18}{'bound':>18}{'gap %':>7}{'s':>8}  proven")
    for kind in options.kinds or everyday:
        rows = [_row(kind, seed, methods, options) for seed in range(options.seeds)]
        seconds, gaps = ([row[n] for row in rows] for n in (0, 1))
        print(
            f"{kind}: median {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), "
            f"gap {statistics.median(gaps):.2f} % (at most {max(gaps):.2f} %)",
            flush=True,
        )
        if options.anew:
            _anew(kind, options)
    return 0


def _anew(kind: str, options: argparse.Namespace) -> None:
    """The same problems when an evening on which somebody is met is cancelled: who is moved, and how long it takes."""
    seconds = []
    for seed in range(options.seeds):
        raw = KINDS[kind](seed)
        first = solve(problem_of(raw), stop=Stop(options.seconds), seed=seed, workers=options.workers)
        met = Counter({trip.shift: 0 for trip in first.trips})
        for trip in first.trips:
            met[trip.shift] += len(trip.stops)
        for call in first.calls:
            met[call.shift] += 1
        gone = sorted(met)[len(met) // 3]
        problem = problem_of(without_shift(raw, gone))
        began = time.perf_counter()
        plan = solve(problem, stop=Stop(options.seconds), seed=seed, workers=options.workers, keep=first.promises)
        seconds.append(time.perf_counter() - began)
        errors = check_plan(problem, plan)
        if errors:
            sys.exit(f"{kind} {seed}, planned anew: {errors[:3]}")
        print(
            f"{kind + ' ' + str(seed):<20}evening of {met[gone]} cancelled: {plan.objective.moved} moved "
            f"(at least {plan.bounds.moved}), {shown(plan.objective)}, bound {shown(plan.bounds)}, "
            f"{seconds[-1]:.2f} s  {' '.join(plan.proven)}",
            flush=True,
        )
    print(f"{kind}, planned anew: median {statistics.median(seconds):.2f} s (at most {max(seconds):.2f})", flush=True)


def _row(kind: str, seed: int, methods: dict[str, Method], options: argparse.Namespace) -> tuple[float, float]:
    problem = problem_of(KINDS[kind](seed))
    theirs = {name: class_by_class(problem, method, options.pyvrp_seconds) for name, method in methods.items()}
    heard: list[tuple[float, Progress]] = []
    began = time.perf_counter()
    plan = solve(
        problem,
        stop=Stop(options.seconds),
        seed=seed,
        workers=options.workers,
        progress=lambda progress: heard.append((time.perf_counter() - began, progress)),
    )
    seconds = time.perf_counter() - began
    errors = check_plan(problem, plan)
    if errors:
        sys.exit(f"{kind} {seed}: {errors[:3]}")
    others = "".join(f"{shown(found):>18}" for found in theirs.values())
    print(
        f"{kind + ' ' + str(seed):<20}{others}{shown(plan.objective):>18}{shown(plan.bounds):>18}"
        f"{gap(plan):>7.2f}{seconds:>8.2f}  {' '.join(plan.proven)}",
        flush=True,
    )
    better = [name for name, found in theirs.items() if found.key < plan.objective.key]
    if better:
        sys.exit(f"{kind} {seed}: {', '.join(better)} found a better plan")
    if options.picture is not None:
        from benchmarks.planner.picture import draw  # late: matplotlib comes with the group `benchmark`

        draw(problem, plan, heard, options.picture)
    return seconds, gap(plan)


if __name__ == "__main__":
    sys.exit(main())
