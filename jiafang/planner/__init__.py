"""The planner: a pure library that turns a visiting problem into a timetable and says how good it is.

    plan = solve(problem, stop=Stop(seconds=60), seed=0, workers=1)

It imports neither Django nor the rest of jiafang.
"""

from jiafang.planner.problem import (
    Call,
    Group,
    Location,
    Party,
    Problem,
    Rules,
    Shift,
    Subject,
    TravelFormula,
    TravelTable,
    Trip,
    TripStop,
    Visitor,
    clock,
    minutes_of,
)
from jiafang.planner.reading import BadProblemError, Fault, problem_of, read_problem
from jiafang.planner.result import (
    Moved,
    Objective,
    Plan,
    Progress,
    Promises,
    Reason,
    Stop,
    Unplaced,
    plan_json,
    write_plan,
)
from jiafang.planner.solve import solve

__all__ = [
    "BadProblemError",
    "Call",
    "Fault",
    "Group",
    "Location",
    "Moved",
    "Objective",
    "Party",
    "Plan",
    "Problem",
    "Progress",
    "Promises",
    "Reason",
    "Rules",
    "Shift",
    "Stop",
    "Subject",
    "TravelFormula",
    "TravelTable",
    "Trip",
    "TripStop",
    "Unplaced",
    "Visitor",
    "clock",
    "minutes_of",
    "plan_json",
    "problem_of",
    "read_problem",
    "solve",
    "write_plan",
]
