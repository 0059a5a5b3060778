"""HiGHS behind two doors: a linear relaxation that grows by pricing, and a mixed-integer model over chosen columns."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from jiafang.planner.compiled import Floats, Ints
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import INF, Master

PRICED = 1e-7
"""A reduced cost above -PRICED counts as not improving."""
_FIRST_COLUMNS = 15_000
_MORE_COLUMNS = 4_000


@dataclass
class Relaxed:
    """An optimal solution of the relaxation: value, and reduced costs of all trips of the pool and of the rest."""

    value: float
    x_reduced: Floats
    aux_reduced: Floats
    x_value: Floats
    aux_value: Floats


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
            first = np.arange(count) if count <= 2 * _FIRST_COLUMNS else _promising(master, _FIRST_COLUMNS)
        self.active = np.sort(first)
        self.is_active = np.zeros(count, dtype=bool)
        self.is_active[self.active] = True
        self.alive = np.ones(count, dtype=bool)
        self.x_rows, self.x_values, self.x_begins = master.x_rows, master.x_values, master.x_begins
        self.highs = quiet_highs()
        self.highs.passModel(_linear_program(master, self.active, self.x_rows, self.x_values, self.x_begins))

    def cap(self, level: int, most: float) -> None:
        """Allow at most `most` on a level."""
        self.highs.changeRowBounds(self.master.level_rows[level], -INF, most)

    def minimise(self, level: int, deadline: Deadline) -> Relaxed | None:
        """The least value of a level under the caps, priced to convergence; None when there was no time for it."""
        master, highs = self.master, self.highs
        aux = master.aux_costs.shape[0]
        costs = np.concatenate((master.aux_costs[:, level], master.x_costs[self.active, level]))
        highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)
        while True:
            highs.setOptionValue("time_limit", highs.getRunTime() + deadline.left())
            highs.run()
            if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            solution = highs.getSolution()
            dual = np.array(solution.row_dual)
            reduced = master.x_costs[:, level] - self._priced(dual)
            wanted = np.flatnonzero((reduced < -PRICED) & ~self.is_active & self.alive)
            if not len(wanted):
                break
            if deadline.over:
                return None
            self._add(wanted[np.argsort(reduced[wanted], kind="stable")[:_MORE_COLUMNS]], level)
        values = np.array(solution.col_value)
        x_value = np.zeros(len(reduced))
        x_value[self.active] = values[aux:]
        return Relaxed(
            value=highs.getInfo().objective_function_value,
            x_reduced=reduced,
            aux_reduced=np.array(solution.col_dual)[:aux],
            x_value=x_value,
            aux_value=values[:aux],
        )

    def drop(self, gone: Ints) -> None:
        """Take trips out for good (they cannot be in any plan that is still wanted)."""
        self.alive[gone] = False
        where = np.flatnonzero(~self.alive[self.active])
        if len(where):
            columns = (where + len(self.master.aux_upper)).astype(np.int32)
            zeros = np.zeros(len(where))
            self.highs.changeColsBounds(len(columns), columns, zeros, zeros)

    def revive(self) -> None:
        """Undo all drops."""
        where = np.flatnonzero(~self.alive[self.active])
        self.alive[:] = True
        if len(where):
            columns = (where + len(self.master.aux_upper)).astype(np.int32)
            self.highs.changeColsBounds(len(columns), columns, np.zeros(len(where)), np.ones(len(where)))

    def _priced(self, dual: Floats) -> Floats:
        products = self.x_values * dual[self.x_rows]
        return np.add.reduceat(products, self.x_begins[:-1]) if len(products) else np.zeros(0)

    def _add(self, columns: Ints, level: int) -> None:
        rows, values, begins = _gathered(columns, self.x_rows, self.x_values, self.x_begins)
        count = len(columns)
        self.highs.addCols(
            count,
            self.master.x_costs[columns, level],
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
    level: int,
    caps: dict[int, float],
    deadline: Deadline,
    *,
    seed: int,
    share: float = 1.0,
    step: float = 1.0,
    nodes: int | None = None,
) -> Integral:
    """Minimise a level over some trips under caps on the levels above; `step` is the grain of the level's values.

    No start solution is handed to HiGHS: 1.16 was seen to map one wrongly through presolve and to "prove" a value that
    the plan did not have. The caller narrows the columns by the value that it knows instead.
    """
    highs = quiet_highs()
    model = _linear_program(master, columns, master.x_rows, master.x_values, master.x_begins)
    aux = len(master.aux_upper)
    costs = np.concatenate((master.aux_costs[:, level], master.x_costs[columns, level]))
    upper = np.array(model.row_upper_)
    for capped, most in caps.items():
        upper[master.level_rows[capped]] = most
    model.col_cost_ = costs
    model.row_upper_ = upper
    model.integrality_ = [
        highspy.HighsVarType.kInteger if flag else highspy.HighsVarType.kContinuous
        for flag in np.concatenate((master.aux_integer, np.ones(len(columns), dtype=bool)))
    ]
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 0.999 * step if step else 1e-6)
    highs.setOptionValue("random_seed", seed % 2**31)
    highs.setOptionValue("time_limit", deadline.left(share))
    if nodes is not None:
        highs.setOptionValue("mip_max_nodes", nodes)
    highs.passModel(model)
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


def quiet_highs() -> highspy.Highs:
    """A solver that prints nothing and works in one thread, so that the same input gives the same result."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    return highs


def _linear_program(master: Master, columns: Ints, x_rows: Ints, x_values: Floats, x_begins: Ints) -> highspy.HighsLp:
    rows, values, begins = _gathered(columns, x_rows, x_values, x_begins)
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


def _gathered(columns: Ints, rows: Ints, values: Floats, begins: Ints) -> tuple[Ints, Floats, Ints]:
    """The entries of some columns only, in their order."""
    lengths = begins[columns + 1] - begins[columns]
    ends = np.cumsum(lengths)
    at = np.arange(ends[-1] if len(ends) else 0) + np.repeat(begins[columns] - (ends - lengths), lengths)
    return rows[at], values[at], np.concatenate(([0], ends))


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
