"""The rows that make the relaxation strong rule out nothing that a plan may do."""

from __future__ import annotations

import math
from itertools import permutations
from random import Random

import highspy
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.planner.instances import Kind, school
from jiafang.planner import Rules, problem_of
from jiafang.planner.building import build_master
from jiafang.planner.call_room import CallRoom, taken_of_rooms
from jiafang.planner.columns import build_pool
from jiafang.planner.compiled import Compiled, Ints, compile_problem
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import Inequality, Master
from jiafang.planner.orders import with_other_orders
from jiafang.planner.owners import find_owners, shift_classes
from jiafang.planner.sharing import shares, spans_of
from jiafang.planner.solver import Relaxation
from jiafang.planner.tableau import in_runs
from jiafang.planner.timing import NEVER, soonest_returns, timing, travel_of
from tests.planner.test_plans import examples, seeds, small


def told_apart(compiled: Compiled) -> Master:
    """The model in which all is decided: who comes along, and who calls whom when."""
    owners, _ = find_owners(compiled)
    classes = shift_classes(compiled, owners, merge=False)
    pool = with_other_orders(compiled, owners, classes, build_pool(compiled, owners, classes, Deadline()))
    spans = spans_of(compiled, owners, classes, pool)
    return build_master(
        compiled,
        owners,
        classes,
        pool,
        call_parties=[p for p in compiled.open_parties if compiled.callable(p)],
        share=shares(compiled, owners, classes, pool, spans),
        spans=spans,
        explicit=frozenset(range(len(compiled.problem.shifts))),
    )


def most_of(master: Master, row: Inequality) -> float:
    """The most that the left side of a row can be in whole numbers."""
    relaxation = Relaxation(master)
    relaxation.learn([master.spare.row(n) for n in range(len(master.spare.aux))])
    highs = relaxation.highs
    aux, count = len(master.aux_upper), len(master.aux_upper) + len(master.pool)
    costs = np.zeros(count)
    costs[row.aux], costs[aux + row.trips] = -row.of_aux, -row.of_trips
    every = np.arange(count, dtype=np.int32)
    highs.changeColsCost(count, every, costs)
    highs.changeColsIntegrality(count, every, np.full(count, int(highspy.HighsVarType.kInteger), dtype=np.uint8))
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -float(highs.getInfo().objective_function_value)


def test_no_choice_of_trips_breaks_a_cut() -> None:
    tried = 0
    for families, seed in ((30, 0), (45, 2), (45, 3)):
        master = told_apart(compile_problem(problem_of(school(Kind(classes=6, families=families), seed))))
        relaxation = Relaxation(master)
        relaxation.minimise((1e6, 1000.0, 0.0, 1.0), Deadline())
        for level in (0, 1):
            upper = relaxation.minimise(level, Deadline())
            assert upper is not None
            relaxation.cap(level, math.ceil(upper.value - 1e-6))
        relaxed = relaxation.minimise(3, Deadline())
        assert relaxed is not None
        assert relaxation.tightened(relaxed, 3, Deadline()).value > relaxed.value
        # Neither rows of a call beside trips nor of three parties: those are tested by what they say.
        own = [cut for cut in relaxation.cuts if len(cut.aux) > 1 or (cut.of_trips != 1).any() or cut.most > 1]
        tried += len(own)
        for cut in own[:15]:
            assert most_of(master, cut) <= cut.most + 1e-6
    assert tried > 30, "these problems have too few cuts to be tried"


def ways_of(compiled: Compiled) -> int:
    """Check that whatever an order of stops can do, a column of the same stops can; how many sets have two columns."""
    owners, _ = find_owners(compiled)
    classes = shift_classes(compiled, owners, merge=False)
    pool = with_other_orders(compiled, owners, classes, build_pool(compiled, owners, classes, Deadline()))
    ways: dict[tuple[int, frozenset[int]], list[tuple[int, Ints]]] = {}
    for n in np.flatnonzero(pool.exact).tolist():
        shift_class = classes[pool.shift_class[n]]
        members = tuple(p for p in pool.members[n].tolist() if p >= 0)
        base, travel = compiled.base[int(pool.first[n])], int(pool.travel[n])
        returns = soonest_returns(compiled, members, [base], shift_class.shifts[0], travel)
        assert (returns < NEVER).any()
        ways.setdefault((int(pool.shift_class[n]), frozenset(members)), []).append((travel, returns))
    for (k, members), columns in ways.items():
        owner, shift = owners[classes[k].owner], classes[k].shifts[0]
        base = compiled.base[owner.groups[0]]
        start, end = int(compiled.shift_start[shift]), int(compiled.shift_end[shift])
        assert len({travel for travel, _ in columns}) == len(columns)
        if classes[k].gaps != ((0, end - start),):
            continue
        for order in permutations(members):
            travel = travel_of(compiled, order, base)
            for ready in range(0, end - start + 1, 7):
                found = timing(compiled, order, base, shift, start + ready, end)
                if found is not None:
                    back = found.back - start
                    assert any(t <= travel and returns[ready] <= back for t, returns in columns)
    return sum(len(columns) > 1 for columns in ways.values())


@examples(60)
@given(seeds)
def test_no_order_of_stops_can_do_what_no_column_can(seed: int) -> None:
    ways_of(compile_problem(problem_of(small(Random(seed)))))


def test_longer_orders_are_columns_where_families_name_their_times() -> None:
    raw = school(Kind(classes=2, families=20, onsite=0.6, free=0.35), 0)
    assert ways_of(compile_problem(problem_of(raw))) > 10


@examples(200)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 12), st.integers(1, 30)), min_size=1, max_size=4),
    st.integers(0, 5),
    st.integers(0, 200),
    st.integers(0, 3),
)
def test_a_trip_takes_room_from_calls_one_by_one_or_all_at_once(
    leads: list[tuple[int, int, int]], stops: int, away: int, remote_units: int
) -> None:
    rules = Rules(onsite_units=2, remote_units=remote_units)

    def calls(minutes: int, units: int, length: int, away: int, stops: int) -> int:
        count = 0
        tiring = 2 * stops if remote_units else 0
        while (count + 1) * length + away <= minutes and tiring + (count + 1) * remote_units <= max(units, tiring):
            count += 1
        return count

    rooms = [CallRoom(m, u, length, True, calls(m, u, length, 0, 0), rules) for m, u, length in leads]
    alone = [room.taken_by(stops, away) for room in rooms]
    assert alone == [room.most - calls(m, u, n, away, stops) for room, (m, u, n) in zip(rooms, leads, strict=True)]
    once = taken_of_rooms(
        rooms, [2] * len(rooms), np.full(2 * len(rooms), stops), np.full(2 * len(rooms), away)
    ).tolist()
    assert once == [taken for taken in alone for _ in range(2)]


@examples(100)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=6))
def test_runs_are_counted_through(runs: list[tuple[int, int]]) -> None:
    begins = np.array([begin for begin, _ in runs], dtype=np.int64)
    numbers, of = in_runs(begins, begins + np.array([length for _, length in runs], dtype=np.int64))
    expected = [(begin + n, k) for k, (begin, length) in enumerate(runs) for n in range(length)]
    assert list(zip(numbers.tolist(), of.tolist(), strict=True)) == expected
