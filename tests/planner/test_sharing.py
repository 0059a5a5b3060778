"""What a trip takes of a person's shift: never more than the clock says, and whatever can follow each other fits in."""

from __future__ import annotations

from itertools import permutations
from random import Random

import numpy as np
from hypothesis import given

from jiafang.planner import problem_of
from jiafang.planner.columns import build_pool
from jiafang.planner.compiled import Compiled, Ints, compile_problem
from jiafang.planner.deadline import Deadline
from jiafang.planner.owners import find_owners, shift_classes
from jiafang.planner.sharing import shares, spans_of
from jiafang.planner.timing import NEVER, soonest_returns
from tests.planner.test_plans import examples, seeds, small


def returns(compiled: Compiled, members: Ints, bases: set[int], shift: int) -> Ints:
    """When a crew is back, by the minute at which it is ready: the slow way, minute by minute."""
    return soonest_returns(compiled, tuple(p for p in members.tolist() if p >= 0), bases, shift)


@examples(60)
@given(seeds)
def test_the_spans_of_trips_are_what_the_clock_says(seed: int) -> None:
    compiled = compile_problem(problem_of(small(Random(seed))))
    owners, _ = find_owners(compiled)
    classes = shift_classes(compiled, owners, merge=False)
    pool = build_pool(compiled, owners, classes, Deadline())
    spans = spans_of(compiled, owners, classes, pool)
    for n in range(len(pool)):
        shift_class = classes[pool.shift_class[n]]
        bases = {compiled.base[g] for g in owners[shift_class.owner].groups}
        back = returns(compiled, pool.members[n], bases, shift_class.shifts[0])
        can = np.flatnonzero(back < NEVER)
        slow = back[0], can.max(), (back[can] - can).min()
        fast = spans.back[n], spans.ready[n], spans.away[n]
        if len(bases) == 1:
            assert fast == slow
        else:
            assert fast[0] <= slow[0]
            assert fast[1] >= slow[1]
            assert fast[2] <= slow[2]


@examples(60)
@given(seeds)
def test_trips_that_one_person_can_make_one_after_the_other_share_the_shift(seed: int) -> None:
    compiled = compile_problem(problem_of(small(Random(seed))))
    owners, _ = find_owners(compiled)
    for merge in (False, True):
        classes = shift_classes(compiled, owners, merge=merge)
        pool = build_pool(compiled, owners, classes, Deadline())
        share = shares(compiled, owners, classes, pool, spans_of(compiled, owners, classes, pool))
        assert ((share >= 0) & (share <= 1)).all()
        for s in range(len(compiled.problem.shifts)):
            here = [n for n in range(len(pool)) if s in classes[pool.shift_class[n]].shifts]
            back = {}
            for n in here:
                owner = owners[classes[pool.shift_class[n]].owner]
                back[n] = returns(compiled, pool.members[n], {compiled.base[g] for g in owner.groups}, s)
            for one, two in permutations(here, 2):
                first, second = (owners[classes[pool.shift_class[n]].owner] for n in (one, two))
                crews = [{*o.leads, *o.crew_companions(compiled, s)} for o in (first, second)]
                if set(first.groups) & set(second.groups) or not crews[0] & crews[1]:
                    continue
                ready = back[one][0]
                if ready < len(back[two]) and back[two][ready] < NEVER:
                    assert share[one] + share[two] <= 1 + 1e-9
