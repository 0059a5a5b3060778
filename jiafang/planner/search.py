"""Level by level to the best choice of trips: relaxation, integral search near it, and what each step proves.

For a level, the relaxation gives a bound and reduced costs; an integral search over the trips with small reduced cost
gives a value; trips whose reduced cost exceeds the difference cannot be part of anything better, so a search over the
rest is a proof. Later levels keep only trips that the earlier levels can afford.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jiafang.planner.bounds import BoundBook, rounded_up
from jiafang.planner.compiled import Floats, Ints
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import INF, Inequality, Master
from jiafang.planner.solver import Alive, Relaxation, Relaxed, solve_integral

_FEW, _NEAR, _STEPS = 300, 6e-4, 4
"""The first integral search takes at least so many trips, and those whose reduced cost is at most this part of the
bound, or so many steps of the level; of a pool that is priced twice as many trips, or one step."""
_HOPEFUL_NODES = 200
_HARD_POOL = 30_000
_TOGETHER = (2000.0, 12.0, 30.0, 1.0)
"""Weights of the levels where they are minimised together, in minutes of travel."""
_IN_ORDER = (1e6, 1000.0, 30.0, 1.0)
"""Weights of the levels, in minutes of travel, that mostly give what one level after the other gives."""
_MOST_RAISES = 3
_SLACK = 1e-6


@dataclass
class Choice:
    """A solution of the model: values of the other variables, indices of the trips, value per level."""

    aux: Floats
    x: Ints
    values: tuple[float, ...]


@dataclass
class Outcome:
    """The best choice found (None: none in time) and the bounds proven on the way."""

    choice: Choice | None
    book: BoundBook
    complete: bool


@dataclass
class _Hoped:
    """Where the search under the bounds of the upper levels stands."""

    relaxation: Relaxation
    caps: dict[int, float]
    upper: Relaxed
    available: Alive


class Search:
    """One run over the levels of a master; `all_met`: a plan that leaves nobody out is known already; `early` hears of
    a first good choice where the proof may take long."""

    def __init__(
        self,
        master: Master,
        deadline: Deadline,
        *,
        seed: int,
        levels: tuple[int, ...] = (0, 1, 3),
        all_met: bool = False,
        early: Callable[[Choice], None] | None = None,
    ) -> None:
        self.master, self.deadline, self.seed, self.levels = master, deadline, seed, levels
        self.all_met, self.early = all_met, early
        # Whether the lateness hoped for was out of reach while it was not known yet what fits into the first shifts.
        self._asks_what_fits = False
        self.book = BoundBook()
        self.best: Choice | None = None
        self._hoped: _Hoped | None = None
        self.steps = {k: _grain(np.concatenate((master.aux_costs[:, k], master.x_costs[:, k]))) for k in levels}

    def run(self) -> Outcome:
        """Minimise the levels one after the other; stops early when the deadline says so."""
        if self._optimistic() or (self._fit_first_shifts() and self._optimistic()):
            return Outcome(self.best, self.book, complete=True)
        relaxation = Relaxation(self.master)
        caps: dict[int, float] = {}
        for level in self.levels:
            if not self._level(relaxation, level, caps):
                return Outcome(self.best, self.book, complete=False)
        return Outcome(self.best, self.book, complete=True)

    def again(self, learned: Sequence[Inequality]) -> Outcome | None:
        """The best choice that keeps to what was learned from the last one; None when there is no going on from it."""
        if self._hoped is None or self.deadline.over:
            return None
        self._hoped.relaxation.learn(learned)
        self.best = None
        return Outcome(self.best, self.book, complete=True) if self._raise(self._hoped) else None

    def _optimistic(self) -> bool:
        """Suppose that the bounds of the upper levels can be reached: one integral search then proves everything."""
        if len(self.master.pool) > _HARD_POOL and self.early is not None and self.best is None:
            self._early(self.early)
        relaxation = Relaxation(self.master)
        # With all levels in one objective the relaxation is found much sooner than a level alone, which leaves most
        # choices open; from its solution each level is a few steps away, if any. Where trips have to be priced,
        # lateness alone is better: it rules out more of them.
        if relaxation.whole and relaxation.minimise(_IN_ORDER, self.deadline) is None:
            return False
        caps: dict[int, float] = {}
        upper = self._upper(relaxation, caps)
        if upper is None:
            return False
        self._hoped = _Hoped(relaxation, caps, upper, relaxation.available)
        return self._raise(self._hoped)

    def _upper(self, relaxation: Relaxation, caps: dict[int, float]) -> Relaxed | None:
        """The last but one level, relaxed, with all levels down to it capped at their bounds."""
        upper: Relaxed | None = None
        for level in self.levels[:-1]:
            above = level == self.levels[-2]
            upper = relaxation.minimise(level, self.deadline)
            if upper is None:
                return None
            if above and rounded_up(upper.value, self.steps[level]) > upper.value + _SLACK:
                upper = relaxation.tightened(upper, level, self.deadline)
            caps[level] = rounded_up(upper.value, self.steps[level])
            self._note(level, caps, caps[level])
            relaxation.cap(level, caps[level])
            if not above:
                relaxation.afford(relaxation.available, upper, caps[level])
        return upper

    def _raise(self, hoped: _Hoped) -> bool:
        """Search the last level under the caps; while that is proven to be in vain, allow the level above a step more,
        a few times."""
        relaxation, caps, upper = hoped.relaxation, hoped.caps, hoped.upper
        above, last = self.levels[-2:]
        for _ in range(_MOST_RAISES):
            relaxation.cap(above, caps[above])
            relaxation.afford(hoped.available, upper, caps[above])
            relaxed = relaxation.minimise(last, self.deadline)
            if relaxed is None:
                return False
            relaxed = relaxation.tightened(relaxed, last, self.deadline)
            self._note(last, caps, rounded_up(relaxed.value, self.steps[last]))
            found = self._near(relaxed, relaxation, last, caps, self.steps[last], hopeful=True)
            if self._asks_what_fits:
                return False
            if found != "infeasible":
                return found is not None
            if self.best is None and self.early is not None:
                # What was hoped for is out of reach, and nothing is in hand yet if the time is up now.
                self._early(self.early)
            if not self.steps[above]:
                return False
            caps[above] += self.steps[above]
            self._note(above, caps, caps[above])
        return False

    def _fit_first_shifts(self) -> bool:
        """Find out how many stops fit into the first shifts; False when that was not asked for."""
        if not self._asks_what_fits:
            return False
        self._asks_what_fits = False
        Relaxation(self.master).bound_first_shifts(self.deadline)
        return not self.deadline.over

    def _early(self, hear: Callable[[Choice], None]) -> None:
        """A good choice soon, without proof: dive along the relaxation of all levels weighed together.

        The trips that the relaxation takes for more than half are taken whole, at least the largest one, until none is
        left to decide. If they turn out not to go together, what the relaxation took of any trip is searched.
        """
        relaxation = Relaxation(self.master)
        taken, touched = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        nodes = None
        while True:
            relaxed = relaxation.minimise(_TOGETHER, self.deadline)
            if relaxed is None:
                if self.deadline.over or not len(touched):
                    return
                taken, nodes = touched, _HOPEFUL_NODES
                break
            touched = np.union1d(touched, np.flatnonzero(relaxed.x_value > _SLACK))
            open_values = relaxed.x_value.copy()
            open_values[taken] = 0
            if open_values.max(initial=0.0) < 1e-6:
                break
            fresh = np.flatnonzero(open_values > 0.6)
            if not len(fresh):
                fresh = np.array([int(open_values.argmax())])
            relaxation.take(fresh)
            taken = np.union1d(taken, fresh)
        result = solve_integral(self.master, taken, _TOGETHER, {}, self.deadline, seed=self.seed, nodes=nodes)
        if result.aux is not None and result.x is not None:
            self.best = self._choice(result.aux, result.x)
            hear(self.best)

    def _level(self, relaxation: Relaxation, level: int, caps: dict[int, float]) -> bool:
        relaxed = relaxation.minimise(level, self.deadline)
        if relaxed is None:
            return False
        if level != self.levels[0]:
            relaxed = relaxation.tightened(relaxed, level, self.deadline)
        step = self.steps[level]
        bound = rounded_up(relaxed.value, step)
        self._note(level, caps, bound)
        met = level == 0 and self.all_met and relaxed.value <= _SLACK
        if met or (self.best is not None and self._value(self.best, level) <= bound + _SLACK):
            value = bound
        elif self.best is None and level == self.levels[0] and self._integral(relaxed):
            value = bound
            self.best = self._choice(relaxed.aux_value, np.flatnonzero(relaxed.x_value > 0.5))
        else:
            found = self._near(relaxed, relaxation, level, caps, step)
            if not isinstance(found, float):
                return False
            value = found
        relaxation.cap(level, value)
        caps[level] = value
        relaxation.afford(relaxation.available, relaxed, value)
        return True

    def _near(
        self,
        relaxed: Relaxed,
        relaxation: Relaxation,
        level: int,
        caps: dict[int, float],
        step: float,
        *,
        hopeful: bool = False,
    ) -> float | Literal["infeasible"] | None:
        """The proven least value of the level, by integral searches over more and more trips.

        None when there was no time for it, or (hopeful: the caps may be out of reach) when nothing was found soon.
        """
        alive = np.flatnonzero(relaxation.alive)
        reduced = relaxed.x_reduced[alive]
        incumbent = self.best if not hopeful and self._keeps(self.best, caps) else None
        few, steps = (_FEW, _STEPS) if relaxation.whole else (2 * _FEW, 1)
        reach = max(steps * step, _NEAR * abs(relaxed.value), _smallest(reduced, few))
        # Trips among which nothing is better than the incumbent: whatever is better takes one that is not of them.
        searched: Ints | None = None
        while True:
            if incumbent is not None:
                # Anything better by a step uses only trips within this reach.
                reach = min(reach, self._value(incumbent, level) - step - relaxed.value)
            near = alive[reduced <= reach + 1e-4]
            everything = len(near) == len(alive)
            nodes = _HOPEFUL_NODES if hopeful and incumbent is None else None
            unconditional = everything and incumbent is None and searched is None
            result = solve_integral(
                self.master,
                near,
                level,
                caps,
                self.deadline,
                seed=self.seed,
                step=step,
                nodes=nodes,
                rows=(*relaxation.binding(relaxed), *relaxation.learned),
                below=INF if incumbent is None else self._value(incumbent, level) - step,
                one_of=None if searched is None else np.setdiff1d(near, searched),
                aux_alive=relaxation.aux_alive,
            )
            if result.aux is not None and result.x is not None:
                choice = self._choice(result.aux, result.x)
                if abs(self._value(choice, level) - result.value) > 0.5 * step + _SLACK:
                    raise ArithmeticError(f"HiGHS claims {result.value}, its solution has {self._value(choice, level)}")
                if incumbent is None or self._value(choice, level) < self._value(incumbent, level):
                    incumbent = choice
                    if self.best is None or choice.values < self.best.values:
                        self.best = choice
            if result.status != "stopped":
                searched = near
            if self.deadline.over:
                if unconditional and result.status == "stopped":
                    self._note(level, caps, rounded_up(result.bound, step))
                return None
            if result.status == "stopped":
                if nodes is None or incumbent is None:
                    return None
            elif incumbent is None:
                if hopeful and self.master.first_rows and np.isinf(self.master.upper[self.master.first_rows[0].row]):
                    self._asks_what_fits = True
                    return None
                if everything:
                    return "infeasible"
                reach = max(4 * reach, _smallest(reduced, 4 * len(near)))
            else:
                value = self._value(incumbent, level)
                needed = value - step - relaxed.value
                if everything or needed <= reach + _SLACK:
                    self._note(level, caps, value)
                    return value
                reach = needed

    def _note(self, level: int, caps: dict[int, float], bound: float) -> None:
        self.book.add(tuple(caps.get(k, 0.0) for k in range(level)), bound)

    def _choice(self, aux: Floats, x: Ints) -> Choice:
        values = aux @ self.master.aux_costs + self.master.x_costs[x].sum(axis=0)
        return Choice(aux, x, tuple(round(float(v), 6) for v in values))

    def _keeps(self, choice: Choice | None, caps: dict[int, float]) -> bool:
        """Whether a choice is within the caps."""
        return choice is not None and all(self._value(choice, k) <= most + _SLACK for k, most in caps.items())

    def _value(self, choice: Choice, level: int) -> float:
        return choice.values[level]

    def _integral(self, relaxed: Relaxed) -> bool:
        whole = relaxed.aux_value[self.master.aux_integer]
        return bool((np.abs(whole - np.round(whole)) < 1e-7).all()) and bool(
            (np.abs(relaxed.x_value - np.round(relaxed.x_value)) < 1e-7).all()
        )


def _grain(costs: Floats) -> float:
    """The step between possible values of a level: the greatest common divisor of its costs, 0 if not whole."""
    values = np.unique(costs[costs != 0])
    if not len(values):
        return 1.0
    if (values != np.round(values)).any():
        return 0.0
    return float(np.gcd.reduce(values.astype(np.int64)))


def _smallest(values: Floats, count: int) -> float:
    """The value that `count` values do not exceed."""
    if not len(values):
        return 0.0
    return float(np.partition(values, min(count, len(values)) - 1)[min(count, len(values)) - 1])


def relaxed_bounds(master: Master, targets: dict[int, float | None], deadline: Deadline) -> BoundBook:
    """Bounds from the relaxation alone, each level capped at its target (None: its bound) after its bound is known.

    A target of infinity leaves a level out.
    """
    book = BoundBook()
    relaxation = Relaxation(master)
    wanted = tuple(0.0 if targets.get(k, INF) == INF else weight for k, weight in enumerate(_IN_ORDER))
    if relaxation.whole:
        relaxation.minimise(wanted, deadline)
    caps: list[float] = []
    for level in range(4):
        if targets.get(level) == INF:
            caps.append(INF)
        elif level in targets:
            relaxed = relaxation.minimise(level, deadline)
            if relaxed is None:
                break
            step = _grain(np.concatenate((master.aux_costs[:, level], master.x_costs[:, level])))
            bound = rounded_up(relaxed.value, step)
            book.add(tuple(caps), bound)
            target = targets[level]
            cap = bound if target is None else target
            relaxation.cap(level, cap)
            caps.append(cap)
        else:
            caps.append(0.0)
    return book
