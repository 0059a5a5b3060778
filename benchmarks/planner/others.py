"""Other planners on the same problems: list order, VROOM and PyVRP (group `benchmark`), each class by class.

What they cannot express is added around them: co-visitors are given out class by class; families of two classes, calls
and whatever was left over find a place in list order. Their plans are checked as ours are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from jiafang.planner import Objective, Problem
from jiafang.planner.check import objective_of, rule_faults
from jiafang.planner.compiled import Compiled, compile_problem
from jiafang.planner.crew import PlacedTrip
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import ChosenTrip
from jiafang.planner.owners import find_owners
from jiafang.planner.part import appointments_of
from jiafang.planner.timetable import Timetable, list_order
from jiafang.planner.timing import timing, travel_of

DAY = 24 * 60
LEFT_OUT, LATE_DAY = 2000, 12
"""What an unvisited family and a unit of lateness cost where a method knows only one cost, in minutes of travel."""


@dataclass(frozen=True)
class Class:
    """What one group may do: the families it visits alone, and the shifts with a lead and a co-visitor still free."""

    compiled: Compiled
    group: int
    parties: list[int]
    shifts: list[int]

    @property
    def places(self) -> list[int]:
        """The base and the families' places; the others know places by their position here."""
        return [self.compiled.base[self.group], *(int(self.compiled.place[p]) for p in self.parties)]

    @property
    def most_stops(self) -> int:
        rules = self.compiled.problem.rules
        return min(rules.max_stops_per_trip, rules.max_units_per_shift // max(1, rules.onsite_units))

    def minutes(self) -> np.ndarray:
        return self.compiled.minutes[np.ix_(self.places, self.places)]

    def span(self, shift: int) -> tuple[int, int]:
        """The shift on a clock that counts from the first day."""
        day = int(self.compiled.problem.shifts[shift].date.toordinal()) * DAY
        first = int(self.compiled.problem.shifts[0].date.toordinal()) * DAY
        return (
            day - first + int(self.compiled.shift_start[shift]),
            day - first + int(self.compiled.shift_end[shift]),
        )

    def windows(self, party: int) -> Iterator[tuple[int, int, int]]:
        """Shift, earliest and latest start on the same clock."""
        for s in self.shifts:
            low, high = int(self.compiled.low[party, s]), int(self.compiled.high[party, s])
            if low <= high:
                offset = self.span(s)[0] - int(self.compiled.shift_start[s])
                yield s, low + offset, high + offset


Routes = list[tuple[int, tuple[int, ...]]]
"""Shift and parties in the order of their visits."""
Method = Callable[[Class, float], Routes]


def class_by_class(problem: Problem, method: Method, seconds: float) -> Objective:
    """The objective of a method that plans the visits of one class after the other, so many seconds for each."""
    compiled = compile_problem(problem)
    owners, _ = find_owners(compiled)
    placed: list[PlacedTrip] = []
    taken: set[tuple[int, int]] = set()
    for o, owner in enumerate(owners):
        if len(owner.groups) > 1:
            continue
        group = owner.groups[0]
        parties = [p for p in owner.parties if compiled.party_groups[p] == owner.groups and not compiled.callable(p)]
        shifts = [
            s
            for s in range(len(problem.shifts))
            if all(compiled.free[v, s] and (v, s) not in taken for v in owner.leads)
            and any((v, s) not in taken for v in owner.crew_companions(compiled, s))
        ]
        if not parties or not shifts:
            continue
        for shift, order in method(Class(compiled, group, parties, shifts), seconds):
            start, end = int(compiled.shift_start[shift]), int(compiled.shift_end[shift])
            when = timing(compiled, order, compiled.base[group], shift, start, end)
            companion = next(v for v in owner.crew_companions(compiled, shift) if (v, shift) not in taken)
            assert when is not None
            crew = (*owner.leads, companion)
            taken |= {(v, shift) for v in crew}
            travel = travel_of(compiled, order, compiled.base[group])
            placed.append(PlacedTrip(ChosenTrip(o, shift, order, group, travel), crew, when))
    timetable = Timetable(compiled, owners, placed)
    timetable.fill(list_order(compiled), Deadline())
    trips, calls = appointments_of(compiled, owners, timetable)
    faults = rule_faults(replace(problem, fixed=(*problem.fixed, *trips, *calls)))
    if faults:
        raise AssertionError(f"{method.__name__}: {faults[:3]}")
    return objective_of(problem, [*problem.fixed, *trips, *calls])


def list_order_alone(_class: Class, _seconds: float) -> Routes:
    """Families as they come, each to the cheapest place that is left."""
    return []


def vroom(school_class: Class, _seconds: float) -> Routes:
    """VROOM: every shift is a vehicle, every family a job with a window for each shift; it cannot weigh lateness."""
    import vroom as library

    problem = library.Input()
    problem.set_durations_matrix(profile="car", matrix_input=school_class.minutes().astype(np.uint32))
    for s in school_class.shifts:
        problem.add_vehicle(
            library.Vehicle(
                s + 1,
                start=0,
                end=0,
                time_window=library.TimeWindow(*school_class.span(s)),
                max_tasks=school_class.most_stops,
            )
        )
    for n, p in enumerate(school_class.parties):
        windows = [library.TimeWindow(low, high) for _, low, high in school_class.windows(p)]
        if windows:
            service = int(school_class.compiled.service[p])
            problem.add_job(library.Job(n + 1, location=n + 1, default_service=service, time_windows=windows))
    solution = problem.solve(exploration_level=5, nb_threads=1).to_dict()
    return [
        (
            route["vehicle"] - 1,
            tuple(school_class.parties[step["id"] - 1] for step in route["steps"] if step["type"] == "job"),
        )
        for route in solution["routes"]
    ]


def pyvrp(school_class: Class, seconds: float) -> Routes:
    """PyVRP: for each family one of several clients, one for each window and lateness, with a prize."""
    from pyvrp import Model
    from pyvrp.stop import MaxRuntime

    compiled, model = school_class.compiled, Model()
    locations = [model.add_location(0, 0) for _ in school_class.places]
    minutes = school_class.minutes()
    for a, one in enumerate(locations):
        for b, two in enumerate(locations):
            if a != b:
                model.add_edge(one, two, distance=int(minutes[a, b]), duration=int(minutes[a, b]))
    depot = model.add_depot(locations[0])
    for s in school_class.shifts:
        start, end = school_class.span(s)
        model.add_vehicle_type(
            1, capacity=school_class.most_stops, start_depot=depot, end_depot=depot, tw_early=start, tw_late=end
        )
    party_of = []
    for n, p in enumerate(school_class.parties):
        alternatives = _alternatives(school_class, p)
        if not alternatives:
            continue
        group = model.add_client_group(required=False)
        for low, high, late in alternatives:
            prize = max(1, round(LEFT_OUT * int(compiled.subjects[p]) - LATE_DAY * late))
            model.add_client(
                locations[n + 1],
                delivery=1,
                service_duration=int(compiled.service[p]),
                tw_early=low,
                tw_late=high,
                prize=prize,
                required=False,
                group=group,
            )
            party_of.append(p)
    best = model.solve(stop=MaxRuntime(seconds), display=False).best
    return [
        (
            school_class.shifts[route.vehicle_type()],
            tuple(party_of[activity.idx] for activity in route.schedule() if activity.is_client()),
        )
        for route in best.routes()
        if best.is_feasible()
    ]


def _alternatives(school_class: Class, party: int) -> list[tuple[int, int, float]]:
    """Windows with their lateness; shifts that follow each other, free as a whole and equally late, are one window: the
    vehicles are bound to their shifts anyway."""
    compiled = school_class.compiled
    found: list[tuple[int, int, float]] = []
    before: int | None = None
    """The shift before, where the last window goes on to its end."""
    follows = dict(pairwise(school_class.shifts))
    for s, low, high in school_class.windows(party):
        late = float(compiled.late[party, s])
        whole = (low, high) == school_class.span(s)
        if whole and before is not None and follows[before] == s and found[-1][2] == late:
            found[-1] = found[-1][0], high, late
        else:
            found.append((low, high, late))
        before = s if whole else None
    return found
