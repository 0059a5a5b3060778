"""HiGHS behind two doors: a linear relaxation that grows by pricing, and a mixed-integer model over chosen columns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import highspy
import numpy as np
import numpy.typing as npt

from jiafang.planner.compiled import Floats, Ints
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import INF, FirstShifts, Inequality, Master
from jiafang.planner.subsetrow import trips_with_two, violated_triples
from jiafang.planner.tableau import in_runs
from jiafang.planner.zero_half import ZeroHalf

PRICED = 1e-7
"""A reduced cost above -PRICED counts as not improving."""
_MOST_AT_ONCE, _FIRST_COLUMNS = 36_000, 6_000
"""A pool of at most so many trips is active from the start, of a larger one so many are; where trips stand for several
shifts, a large pool is one of more than four times as many as the latter."""
_MORE_COLUMNS = 3_000
_CUT_ROUNDS, _CUTS_AT_ONCE, _CUT_GAIN = 20, 60, 2e-4
_HALF_ROUNDS, _HALVES_AT_ONCE, _HALF_GAIN, _IDLE_ROUNDS = 20, 40, 2e-5, 3


Goal = int | tuple[float, ...] | FirstShifts
"""A level by its number, a weight for each level, or as many stops in the first shifts as possible."""


@dataclass
class Relaxed:
    """An optimal solution of the relaxation: value, and reduced costs of all trips of the pool and of the rest."""

    value: float
    x_reduced: Floats
    aux_reduced: Floats
    x_value: Floats
    aux_value: Floats
    cut_dual: Floats


@dataclass(frozen=True)
class Alive:
    """Which trips of the pool and which of the other variables may still be in a plan that is wanted."""

    trips: npt.NDArray[np.bool_]
    aux: npt.NDArray[np.bool_]


@dataclass
class Integral:
    """What the mixed-integer search found: `status` is optimal, infeasible, stopped (with a solution or without)."""

    status: str
    value: float = INF
    bound: float = -INF
    aux: Floats | None = None
    x: Ints | None = None


class Relaxation:
    """The linear relaxation over a growing part of the pool; cuts are added as rows for good."""

    def __init__(self, master: Master, first: Ints | None = None) -> None:
        self.master = master
        count = len(master.pool)
        if first is None:
            most = _MOST_AT_ONCE if master.direct else 4 * _FIRST_COLUMNS
            first = np.arange(count) if count <= most else _promising(master, _FIRST_COLUMNS)
        self.active = np.sort(first)
        self.is_active = np.zeros(count, dtype=bool)
        self.is_active[self.active] = True
        self.alive = np.ones(count, dtype=bool)
        self.aux_alive = np.ones(len(master.aux_upper), dtype=bool)
        self.cuts: list[Inequality] = []
        self.seen_triples: set[tuple[int, ...]] = set()
        self.learned: list[Inequality] = []
        self._learned_rows: set[int] = set()
        self._spared = np.ones(len(master.spare.aux), dtype=bool)
        self._zero_half: ZeroHalf | None = None
        self.highs = quiet_highs()
        if self.whole:
            # Primal from a basis that is feasible, as it is after other costs; dual from any other.
            self.highs.setOptionValue("simplex_strategy", 0)
        self.highs.passModel(_linear_program(master, self.active))

    @property
    def whole(self) -> bool:
        """Whether every trip of the pool is active."""
        return len(self.active) == len(self.master.pool)

    def cap(self, level: int, most: float) -> None:
        """Allow at most `most` on a level."""
        self.highs.changeRowBounds(self.master.level_rows[level], -INF, most)

    def bound_first_shifts(self, deadline: Deadline) -> None:
        """Bound how many stops fit into the first shifts: a whole number, so the relaxation of it is rounded down.

        The bounds hold for every plan and become part of the model. Lateness, which the relaxation spreads thin over
        the first shifts, is bound much better with them (a Chvátal-Gomory cut of aggregated rows).
        """
        for first in self.master.first_rows:
            relaxed = self.minimise(first, deadline)
            if relaxed is not None:
                relaxed = self.tightened(relaxed, first, deadline)
            if relaxed is None:
                return
            most = math.floor(1e-5 - relaxed.value)
            self.master.upper[first.row] = most
            self.highs.changeRowBounds(first.row, -INF, most)

    def minimise(self, level: Goal, deadline: Deadline) -> Relaxed | None:
        """The least value of a level (or of weighted levels) under the caps, priced to convergence.

        None when there was no time for it or there is no solution.
        """
        master, highs = self.master, self.highs
        aux = master.aux_costs.shape[0]
        aux_costs, x_costs = _costs(master, level)
        costs = np.concatenate((aux_costs, x_costs[self.active]))
        highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)
        while True:
            highs.setOptionValue("time_limit", highs.getRunTime() + deadline.left())
            highs.run()
            if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            solution = highs.getSolution()
            dual, values = np.array(solution.row_dual), np.array(solution.col_value)
            x_value = np.zeros(len(x_costs))
            x_value[self.active] = values[aux:]
            reduced = x_costs - self._priced(dual)
            wanted = np.flatnonzero((reduced < -PRICED) & ~self.is_active & self.alive)
            if not len(wanted) and not self._heed_spare(x_value, values[:aux]):
                break
            if deadline.over:
                return None
            if len(wanted):
                self._add(wanted[np.argsort(reduced[wanted], kind="stable")[:_MORE_COLUMNS]], x_costs)
        return Relaxed(
            value=highs.getInfo().objective_function_value,
            x_reduced=reduced,
            aux_reduced=np.array(solution.col_dual)[:aux],
            x_value=x_value,
            aux_value=values[:aux],
            cut_dual=dual[len(master.upper) :],
        )

    def tightened(self, relaxed: Relaxed, level: Goal, deadline: Deadline) -> Relaxed:
        """The optimum after rounds of subset-row cuts, as long as they help, and then of zero-half cuts.

        The latter only where every trip stands for one shift and all are active: families' windows and who comes along
        are what they are good for, elsewhere they gain little.
        """
        for _ in range(_CUT_ROUNDS):
            before = relaxed.value
            if not self._cut(relaxed):
                break
            better = self.minimise(level, deadline)
            if better is None:
                return relaxed
            relaxed = better
            if relaxed.value - before < _CUT_GAIN * max(1.0, abs(before)):
                break
        idle = 0
        for round_ in range(_HALF_ROUNDS if self.whole and self.master.direct else 0):
            before = relaxed.value
            better = self.minimise(level, deadline) if self._halve(relaxed, round_) else relaxed
            if better is None:
                break
            relaxed = better
            idle = 0 if relaxed.value - before >= _HALF_GAIN * max(1.0, abs(before)) else idle + 1
            if idle > _IDLE_ROUNDS:
                break
        return relaxed

    def _halve(self, relaxed: Relaxed, round_: int) -> bool:
        """Add the zero-half cuts that the optimum breaks; whether there were any."""
        self._zero_half = self._zero_half or ZeroHalf(self.master)
        found = islice(self._zero_half.violated(relaxed.x_value, relaxed.aux_value, self.cuts, round_), _HALVES_AT_ONCE)
        cuts = list(found)
        for cut in cuts:
            self._add_cut(cut)
        return bool(cuts)

    def binding(self, relaxed: Relaxed) -> list[Inequality]:
        """The cuts that matter for the optimum."""
        rows = np.flatnonzero(np.abs(relaxed.cut_dual) > 1e-7).tolist()
        return [self.cuts[n] for n in rows if n not in self._learned_rows]

    def learn(self, learned: Sequence[Inequality]) -> None:
        """Add what was learned, for good."""
        self.learned += learned
        self._add_learned(learned)

    def _add_learned(self, rows: Iterable[Inequality]) -> None:
        for row in rows:
            self._learned_rows.add(len(self.cuts))
            self._add_cut(row)

    def _heed_spare(self, x_value: Floats, aux_value: Floats) -> bool:
        """Add the spare rows that a solution breaks, for good; whether there were any."""
        broken = self.master.spare.broken(x_value, aux_value)
        broken = broken[self._spared[broken]]
        self._spared[broken] = False
        self._add_learned(self.master.spare.row(n) for n in broken.tolist())
        return len(broken) > 0

    def _cut(self, relaxed: Relaxed) -> bool:
        """Add the subset-row cuts that the optimum breaks."""
        members = self.master.pool.members
        positive = np.flatnonzero((relaxed.x_value > 1e-6) & (relaxed.x_value < 1 - 1e-6))
        added = False
        for triple in violated_triples(members[positive], relaxed.x_value[positive], _CUTS_AT_ONCE):
            key = tuple(triple.tolist())
            if key in self.seen_triples:
                continue
            self.seen_triples.add(key)
            self._add_cut(Inequality.counting(trips_with_two(members, triple), np.zeros(0, dtype=np.int64), 1))
            added = True
        return added

    def _add_cut(self, cut: Inequality) -> None:
        self.cuts.append(cut)
        at = np.full(len(self.master.pool), -1, dtype=np.int64)
        at[self.active] = np.arange(len(self.active))
        add_row(self.highs, cut, at, len(self.master.aux_upper))

    def take(self, columns: Ints) -> None:
        """Take these trips (active ones) for certain."""
        at = np.full(len(self.master.pool), -1, dtype=np.int64)
        at[self.active] = np.arange(len(self.active))
        where = (at[columns] + len(self.master.aux_upper)).astype(np.int32)
        self.highs.changeColsBounds(len(where), where, np.ones(len(where)), np.ones(len(where)))

    def afford(self, alive: Alive, relaxed: Relaxed, most: float) -> None:
        """Of these trips and other variables make available what a plan of at most `most` on the level can contain.

        What is whole in every plan and has a reduced cost above the difference to the relaxation is 0.
        """
        gap = most - relaxed.value + 1e-4
        self.alive = alive.trips & (relaxed.x_reduced <= gap)
        self.aux_alive = alive.aux & ((relaxed.aux_reduced <= gap) | ~self.master.aux_integer)
        upper = np.concatenate((self.master.aux_upper * self.aux_alive, self.alive[self.active].astype(np.float64)))
        columns = np.arange(len(upper), dtype=np.int32)
        self.highs.changeColsBounds(len(upper), columns, np.zeros(len(upper)), upper)

    @property
    def available(self) -> Alive:
        """The trips and other variables that are."""
        return Alive(self.alive, self.aux_alive)

    def _priced(self, dual: Floats) -> Floats:
        """What the rows are worth to each trip of the pool."""
        master = self.master
        products = master.x_values * dual[master.x_rows]
        worth = np.add.reduceat(products, master.x_begins[:-1]) if len(products) else np.zeros(0)
        for cut, price in zip(self.cuts, dual[len(master.upper) :], strict=True):
            if price:
                worth[cut.trips] += price * cut.of_trips
        return np.asarray(worth)

    def _add(self, columns: Ints, x_costs: Floats) -> None:
        rows, values, begins = _gathered(columns, self.master)
        owners = np.repeat(np.arange(len(columns)), np.diff(begins))
        at = np.full(len(self.master.pool), -1, dtype=np.int64)
        at[columns] = np.arange(len(columns))
        for n, cut in enumerate(self.cuts):
            here = at[cut.trips]
            there = here >= 0
            owners = np.concatenate((owners, here[there]))
            rows = np.concatenate((rows, np.full(there.sum(), len(self.master.upper) + n)))
            values = np.concatenate((values, cut.of_trips[there]))
        if self.cuts:
            rank = np.argsort(owners, kind="stable")
            rows, values = rows[rank], values[rank]
            begins = np.searchsorted(owners[rank], np.arange(len(columns) + 1))
        count = len(columns)
        self.highs.addCols(
            count,
            x_costs[columns],
            np.zeros(count),
            np.ones(count),
            len(rows),
            begins[:-1].astype(np.int32),
            rows.astype(np.int32),
            values,
        )
        self.active = np.concatenate((self.active, columns))
        self.is_active[columns] = True


def solve_integral(
    master: Master,
    columns: Ints,
    level: Goal,
    caps: dict[int, float],
    deadline: Deadline,
    *,
    seed: int,
    share: float = 1.0,
    step: float = 1.0,
    nodes: int | None = None,
    rows: Sequence[Inequality] = (),
    below: float = INF,
    one_of: Ints | None = None,
    aux_alive: npt.NDArray[np.bool_] | None = None,
) -> Integral:
    """Minimise a level over some trips under caps on the levels above; `step` is the grain of the level's values.

    `rows` hold for every plan as well. Only solutions of at most `below` with one of the trips
    `one_of` are looked for; infeasible then means that there is none.

    No start solution is handed to HiGHS: 1.16 was seen to map one wrongly through presolve and to "prove" a value that
    the plan did not have. The caller narrows the columns by the value that it knows instead.
    """
    highs = quiet_highs()
    model = _linear_program(master, columns)
    aux = len(master.aux_upper)
    aux_costs, x_costs = _costs(master, level)
    costs = np.concatenate((aux_costs, x_costs[columns]))
    upper = np.array(model.row_upper_)
    for capped, most in caps.items():
        upper[master.level_rows[capped]] = most
    model.col_cost_ = costs
    model.row_upper_ = upper
    if aux_alive is not None:
        model.col_upper_ = np.concatenate((master.aux_upper * aux_alive, np.ones(len(columns))))
    model.integrality_ = [
        highspy.HighsVarType.kInteger if flag else highspy.HighsVarType.kContinuous
        for flag in np.concatenate((master.aux_integer, np.ones(len(columns), dtype=bool)))
    ]
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 0.999 * step if step else 1e-6)
    highs.setOptionValue("random_seed", seed % 2**31)
    # Seldom finds anything in a partitioning model, and takes a fifth of the time.
    highs.setOptionValue("mip_heuristic_run_feasibility_jump", False)
    highs.setOptionValue("time_limit", deadline.left(share))
    if nodes is not None:
        highs.setOptionValue("mip_max_nodes", nodes)
    highs.passModel(model)
    at = np.full(len(master.pool), -1, dtype=np.int64)
    at[columns] = np.arange(len(columns))
    for row in rows:
        add_row(highs, row, at, aux)
    _add_spare(highs, master, at)
    if below < INF:
        dear = np.flatnonzero(costs).astype(np.int32)
        highs.addRow(-INF, below + 1e-6, len(dear), dear, costs[dear])
    if one_of is not None:
        here = (at[one_of] + aux).astype(np.int32)
        highs.addRow(1.0, INF, len(here), here, np.ones(len(here)))
    _heed(highs, deadline)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Integral("infeasible")
    info = highs.getInfo()
    found = info.primal_solution_status == 2
    outcome = "optimal" if status == highspy.HighsModelStatus.kOptimal else "stopped"
    if not found:
        return Integral("stopped", bound=info.mip_dual_bound)
    values = np.array(highs.getSolution().col_value)
    return Integral(
        outcome,
        value=info.objective_function_value,
        bound=info.mip_dual_bound,
        aux=values[:aux],
        x=columns[values[aux:] > 0.5],
    )


def add_row(highs: highspy.Highs, row: Inequality, at: Ints, aux: int) -> None:
    """Add a row to a model that has `aux` other variables before its trips, which are in the places `at`."""
    places = at[row.trips]
    there = places >= 0
    columns = np.concatenate((row.aux, places[there] + aux)).astype(np.int32)
    values = np.concatenate((row.of_aux, row.of_trips[there]))
    highs.addRow(-INF, float(row.most), len(columns), columns, values)


def _add_spare(highs: highspy.Highs, master: Master, at: Ints) -> None:
    """The spare rows over the trips of the model, `at` being the places of these."""
    spare, aux = master.spare, len(master.aux_upper)
    row = np.repeat(np.arange(len(spare.aux)), np.diff(spare.begins))
    there = at[spare.trips] >= 0
    row, trips = row[there], at[spare.trips[there]] + aux
    wanted = np.unique(row)
    rows = np.concatenate((row, wanted))
    columns = np.concatenate((trips, spare.aux[wanted]))
    rank = np.argsort(rows, kind="stable")
    begins = np.searchsorted(rows[rank], wanted)
    highs.addRows(
        len(wanted),
        np.full(len(wanted), -INF),
        np.ones(len(wanted)),
        len(rows),
        begins.astype(np.int32),
        columns[rank].astype(np.int32),
        np.ones(len(rows)),
    )


def _heed(highs: highspy.Highs, deadline: Deadline) -> None:
    """Let a long integral search be stopped by whoever may stop the run."""
    if deadline.wants_stop is None:
        return

    def heed(event: highspy.HighsCallbackEvent) -> None:
        if deadline.over:
            event.interrupt()

    highs.cbMipInterrupt.subscribe(heed)


def _costs(master: Master, goal: Goal) -> tuple[Floats, Floats]:
    """What the other variables and the trips cost."""
    if isinstance(goal, FirstShifts):
        x_costs = np.zeros(len(master.pool))
        x_costs[goal.trips] = -master.pool.stops[goal.trips]
        return np.zeros(len(master.aux_costs)), x_costs
    if isinstance(goal, tuple):
        weights = np.array(goal)
        return np.asarray(master.aux_costs @ weights), np.asarray(master.x_costs @ weights)
    return master.aux_costs[:, goal], master.x_costs[:, goal]


class _Quiet(highspy.Highs):
    """Silenced before HiGHS greets on stdout, which it does where its callbacks are prepared."""

    def enableCallbacks(self) -> None:  # noqa: N802  # HiGHS calls it by this name
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def quiet_highs() -> highspy.Highs:
    """A solver that prints nothing and works in one thread, so that the same input gives the same result."""
    highs = _Quiet()  # type: ignore[no-untyped-call]
    highs.setOptionValue("threads", 1)
    return highs


def _linear_program(master: Master, columns: Ints) -> highspy.HighsLp:
    rows, values, begins = _gathered(columns, master)
    program = highspy.HighsLp()
    count = len(master.aux_upper) + len(columns)
    program.num_col_ = count
    program.num_row_ = len(master.upper)
    program.col_cost_ = np.zeros(count)
    program.col_lower_ = np.zeros(count)
    program.col_upper_ = np.concatenate((master.aux_upper, np.ones(len(columns))))
    program.row_lower_ = master.lower
    program.row_upper_ = master.upper
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.concatenate((master.aux_begins, master.aux_begins[-1] + begins[1:])).astype(np.int32)
    program.a_matrix_.index_ = np.concatenate((master.aux_rows, rows)).astype(np.int32)
    program.a_matrix_.value_ = np.concatenate((master.aux_values, values))
    return program


def _gathered(columns: Ints, master: Master) -> tuple[Ints, Floats, Ints]:
    """The entries of some columns only, in their order: rows, values, and where each column begins."""
    rows, values, begins = master.x_rows, master.x_values, master.x_begins
    at, run = in_runs(begins[columns], begins[columns + 1])
    return rows[at], values[at], np.searchsorted(run, np.arange(len(columns) + 1))


def _promising(master: Master, count: int) -> Ints:
    """A first part of the pool: little travel per stop, for every party some."""
    pool = master.pool
    score = pool.travel / pool.stops - 4.0 * pool.stops
    best = np.argsort(score, kind="stable")
    chosen = np.zeros(len(pool), dtype=bool)
    chosen[best[: count // 2]] = True
    parties = list(master.party_row)
    room = max(4, count // (2 * max(1, len(parties))))
    members = pool.members[best]
    for p in parties:
        mine = best[(members == p).any(axis=1)[: len(best)]][:room]
        chosen[mine] = True
    return np.flatnonzero(chosen)
