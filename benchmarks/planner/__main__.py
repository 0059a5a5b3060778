"""`python -m benchmarks.planner [KIND …] [--seeds N] [--seconds S] [--workers W]`: ours beside list order, in one run.

Every plan is checked; a wrong one ends the run. Ratios are list order to ours: above 1 is how much worse it is.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

from benchmarks.planner.instances import KINDS
from jiafang.planner import Objective, Plan, Problem, Stop, problem_of, solve
from jiafang.planner.check import check_plan
from jiafang.planner.compiled import compile_problem
from jiafang.planner.deadline import Deadline
from jiafang.planner.owners import find_owners
from jiafang.planner.timetable import Timetable, list_order

HEADER = f"{'problem':<20}{'list order':>18}{'ours':>18}{'bound':>18}{'travel ×':>9}{'gap %':>7}{'s':>7}  proven"


def in_list_order(problem: Problem) -> Objective:
    """The objective of the plan that takes families as they come."""
    compiled = compile_problem(problem)
    timetable = Timetable(compiled, find_owners(compiled)[0])
    timetable.fill(list_order(compiled), Deadline())
    unvisited, late = timetable.cost()
    return Objective(unvisited, late, sum(placed.trip.travel for placed in timetable.trips))


def shown(objective: Objective) -> str:
    return f"{objective.unvisited}/{objective.lateness:g}/{objective.travel_minutes}"


def gap(plan: Plan) -> float:
    """Percent of travel that could at most be saved; 100 while an upper level is not proven."""
    if "lateness" not in plan.proven or "unvisited" not in plan.proven:
        return 100.0
    return 100 * plan.travel_gap / max(1, plan.objective.travel_minutes)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planner", description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(KINDS)}; all but the 40-class schools by default")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    unknown = [kind for kind in options.kinds if kind not in KINDS]
    if unknown:
        parser.error(f"no such kind: {', '.join(unknown)}")
    solve(problem_of(KINDS["class"](0)))  # so that the first row does not pay for loading HiGHS
    print(HEADER)
    for kind in options.kinds or [kind for kind in KINDS if "40" not in kind]:
        seconds = []
        for seed in range(options.seeds):
            problem = problem_of(KINDS[kind](seed))
            greedy = in_list_order(problem)
            began = time.perf_counter()
            plan = solve(problem, stop=Stop(options.seconds), seed=seed, workers=options.workers)
            seconds.append(time.perf_counter() - began)
            errors = check_plan(problem, plan)
            if errors:
                print(f"{kind} {seed}: {errors[:3]}", file=sys.stderr)
                return 1
            ratio = greedy.travel_minutes / max(1, plan.objective.travel_minutes)
            print(
                f"{kind + ' ' + str(seed):<20}{shown(greedy):>18}{shown(plan.objective):>18}{shown(plan.bounds):>18}"
                f"{ratio:>9.2f}{gap(plan):>7.2f}{seconds[-1]:>7.2f}  {' '.join(plan.proven)}"
            )
        spread = f"{min(seconds):.2f}–{max(seconds):.2f} s"
        print(f"{kind:<20}median {statistics.median(seconds):.2f} s, {spread}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
