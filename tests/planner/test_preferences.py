"""Shifts that somebody would rather keep free are kept free where the plan is as good, and only there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import given

from benchmarks.planner.instances import KINDS
from jiafang.planner import Plan, Problem, Trip, problem_of, solve
from jiafang.planner.check import check_plan
from tests.planner.test_plans import examples, seeds, small


def duties(plan: Plan) -> set[tuple[str, str]]:
    """Who has something to do in which shift."""
    found = {(visitor, trip.shift) for trip in plan.trips for visitor in trip.visitors}
    return found | {(call.visitor, call.shift) for call in plan.calls}


def unevenness(plan: Plan, problem: Problem) -> int:
    """Squared outings; a fixed call ties its caller to the shift as an outing does."""
    out = {(visitor, trip.shift) for trip in plan.trips for visitor in trip.visitors}
    out |= {(f.visitor, f.shift) for f in problem.fixed if not isinstance(f, Trip)}
    return sum(n * n for n in Counter(visitor for visitor, _ in out).values())


def regretting(problem: Problem, wishes: dict[str, set[str]]) -> Problem:
    visitors = [replace(v, rather_not=frozenset(wishes.get(v.id, ()))) for v in problem.visitors]
    return replace(problem, visitors=tuple(visitors))


@examples(150)
@given(seeds)
def test_a_wish_costs_nothing_above_it_and_is_never_answered_with_more_regrets(seed: int) -> None:
    random = Random(seed)
    problem = problem_of(small(random))
    wishes = {v.id: {s.id for s in problem.shifts if random.random() < 0.4} for v in problem.visitors}
    asked = regretting(problem, wishes)
    without, plan = solve(problem), solve(asked)
    assert check_plan(asked, plan) == []
    assert plan.objective == without.objective
    assert plan.bounds == without.bounds
    uneven, regrets = zip(
        *((unevenness(p, problem), sum(s in wishes[v] for v, s in duties(p))) for p in (plan, without)), strict=True
    )
    assert (uneven[0], regrets[0]) <= (uneven[1], regrets[1])


def test_a_lead_whose_families_are_free_at_all_times_keeps_the_evenings_asked_for() -> None:
    """No family names a time, so every evening before the day they are due is as good as another."""
    problem = problem_of(KINDS["class-dense"](1))
    problem = replace(problem, visitors=tuple(replace(v, shifts=None) for v in problem.visitors))
    problem = replace(problem, parties=tuple(replace(p, due=problem.shifts[-1].date) for p in problem.parties[:8]))
    [group] = problem.groups
    before = solve(problem)
    busy = {shift for visitor, shift in duties(before) if visitor == group.lead}
    assert busy
    plan = solve(regretting(problem, {group.lead: busy}))
    assert check_plan(problem, plan) == []
    assert plan.objective == before.objective
    assert not busy & {shift for visitor, shift in duties(plan) if visitor == group.lead}


def test_somebody_who_always_comes_along_keeps_the_evenings_asked_for() -> None:
    problem = problem_of(KINDS["class-dense"](1))
    problem = replace(problem, visitors=tuple(replace(v, shifts=None) for v in problem.visitors))
    [group] = problem.groups
    companion = group.co_visitors[0]
    problem = replace(
        problem,
        groups=(replace(group, co_visitors=(companion,)),),
        parties=tuple(replace(p, due=problem.shifts[-1].date) for p in problem.parties[:8]),
    )
    busy = {shift for visitor, shift in duties(solve(problem)) if visitor == companion}
    assert busy
    plan = solve(regretting(problem, {companion: busy}))
    assert check_plan(problem, plan) == []
    assert not busy & {shift for visitor, shift in duties(plan) if visitor == companion}


def test_of_two_who_could_come_along_equally_often_the_one_who_would_rather_not_stays_at_home() -> None:
    problem = problem_of(KINDS["class-dense"](2))
    problem = replace(problem, visitors=tuple(replace(v, shifts=None) for v in problem.visitors))
    [group] = problem.groups
    first, second = group.co_visitors[:2]
    problem = replace(
        problem,
        groups=(replace(group, co_visitors=(first, second)),),
        parties=tuple(replace(p, windows={problem.shifts[0].id: (0, 24 * 60)}) for p in problem.parties[:1]),
    )
    for unwilling, willing in ((first, second), (second, first)):
        [trip] = solve(regretting(problem, {unwilling: {problem.shifts[0].id}})).trips
        assert trip.visitors == (group.lead, willing)
