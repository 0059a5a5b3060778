"""What one person cannot do both of, and what fits into the first shifts: the clock rules out as much, and no less."""

from __future__ import annotations

from itertools import combinations, permutations, product
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jiafang.planner import problem_of
from jiafang.planner.building import build_master
from jiafang.planner.columns import build_pool
from jiafang.planner.compiled import Ints, compile_problem
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import Master
from jiafang.planner.owners import find_owners, shift_classes
from jiafang.planner.sharing import shares, spans_of
from jiafang.planner.solver import Relaxation, solve_integral
from jiafang.planner.timing import NEVER, Job, beside_calls
from jiafang.planner.underway import under_way
from tests.planner.test_plans import examples, seeds, small

MINUTES = st.integers(0, 12)
SHIFT = 14


@examples(300)
@given(st.lists(st.tuples(MINUTES, MINUTES, st.integers(0, 3)), max_size=8))
def test_activities_share_a_set_where_neither_can_follow_the_other(activities: list[tuple[int, int, int]]) -> None:
    ready, back, alike = (np.array([a[n] for a in activities], dtype=np.int64) for n in range(3))
    sets = [np.flatnonzero(found) for found in under_way(ready, back, alike)]
    together = {frozenset(pair) for found in sets for pair in combinations(found.tolist(), 2)}
    pairs = [frozenset(pair) for pair in combinations(range(len(activities)), 2)]
    excluded = {p for p in pairs if all(back[one] > ready[two] for one, two in permutations(p))}
    same = {p for p in pairs if len({int(alike[n]) for n in p}) == 1}
    assert excluded - same <= together <= excluded | same
    assert all(len(set(alike[found].tolist())) > 1 for found in sets)


def fit(jobs: tuple[Job, ...], gaps: list[tuple[int, int]]) -> bool:
    """Whether the calls fit into the gaps, by trying every order and every choice of gap."""
    for order in permutations(jobs):
        for choice in product(gaps, repeat=len(jobs)):
            now = dict.fromkeys(gaps, 0)
            for job, gap in zip(order, choice, strict=True):
                begin = max(now[gap], gap[0], job.low)
                if begin > job.high or begin + job.length > gap[1]:
                    break
                now[gap] = begin + job.length
            else:
                return True
    return False


@st.composite
def returns_of_a_trip(draw: st.DrawFn) -> Ints:
    """Soonest returns by minute of readiness: they never fall, and a trip takes a minute at least."""
    returns, last = [], 0
    for minute in range(SHIFT + 1):
        last = max(last, minute + draw(st.integers(1, 6)))
        returns.append(last if last <= SHIFT else NEVER)
    return np.array(returns, dtype=np.int64)


JOBS = st.lists(st.tuples(MINUTES, MINUTES, st.integers(1, 4)), min_size=1, max_size=3)


@examples(200)
@given(returns_of_a_trip(), JOBS)
def test_a_trip_beside_calls_is_back_when_the_clock_allows_both(
    returns: Ints, calls: list[tuple[int, int, int]]
) -> None:
    jobs = tuple(Job(n, min(a, b), max(a, b), length) for n, (a, b, length) in enumerate(calls))
    found = beside_calls(returns, 0, jobs)
    for ready in range(SHIFT + 1):
        backs = [
            int(returns[depart])
            for depart in range(ready, SHIFT + 1)
            if returns[depart] < NEVER and fit(jobs, [(0, depart), (int(returns[depart]), SHIFT)])
        ]
        assert found[ready] == min(backs, default=NEVER)


def master_of(seed: int) -> Master:
    compiled = compile_problem(problem_of(small(Random(seed))))
    owners, _ = find_owners(compiled)
    classes = shift_classes(compiled, owners, merge=False)
    pool = build_pool(compiled, owners, classes, Deadline())
    spans = spans_of(compiled, owners, classes, pool)
    calls = [p for p in compiled.open_parties if compiled.visitable(p) and compiled.callable(p)]
    share = shares(compiled, owners, classes, pool, spans)
    return build_master(compiled, owners, classes, pool, call_parties=calls, share=share, spans=spans)


@examples(40)
@given(seeds)
def test_no_plan_makes_more_stops_in_the_first_shifts_than_their_bound(seed: int) -> None:
    free, bound = master_of(seed), master_of(seed)
    Relaxation(bound).bound_first_shifts(Deadline())
    everything = np.arange(len(free.pool))
    for first in free.first_rows:
        most = solve_integral(free, everything, first, {}, Deadline(), seed=0)
        assert most.status == "optimal"
        assert -round(most.value) <= bound.upper[first.row] < np.inf
