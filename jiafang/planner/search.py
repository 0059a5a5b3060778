"""Level by level to the best choice of trips: relaxation, integral search near it, and what each step proves.

For a level, the relaxation gives a bound and reduced costs; an integral search over the trips with small reduced cost
gives a value; trips whose reduced cost exceeds the difference cannot be part of anything better, so a search over the
rest is a proof. Later levels keep only trips that the earlier levels can afford.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jiafang.planner.bounds import BoundBook, rounded_up
from jiafang.planner.compiled import Floats, Ints
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import Master
from jiafang.planner.solver import Relaxation, Relaxed, solve_integral

_FEW = 2500
_HOPEFUL_NODES = 200
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


class Search:
    """One run over the levels of a master."""

    def __init__(
        self,
        master: Master,
        deadline: Deadline,
        *,
        seed: int,
        levels: tuple[int, ...] = (0, 1, 3),
    ) -> None:
        self.master, self.deadline, self.seed, self.levels = master, deadline, seed, levels
        self.book = BoundBook()
        self.best: Choice | None = None
        self.steps = {k: _grain(np.concatenate((master.aux_costs[:, k], master.x_costs[:, k]))) for k in levels}

    def run(self) -> Outcome:
        """Minimise the levels one after the other; stops early when the deadline says so."""
        if self._optimistic():
            return Outcome(self.best, self.book, complete=True)
        relaxation = Relaxation(self.master)
        caps: dict[int, float] = {}
        for level in self.levels:
            solved = self._level(relaxation, level, caps)
            if not solved:
                return Outcome(self.best, self.book, complete=False)
        return Outcome(self.best, self.book, complete=True)

    def _optimistic(self) -> bool:
        """Suppose that the bounds of the upper levels can be reached: one integral search then proves everything."""
        relaxation = Relaxation(self.master)
        caps: dict[int, float] = {}
        for level in self.levels:
            relaxed = relaxation.minimise(level, self.deadline)
            if relaxed is None:
                return False
            bound = rounded_up(relaxed.value, self.steps[level])
            self._note(level, caps, bound)
            if level == self.levels[-1]:
                return self._near(relaxed, relaxation, level, caps, self.steps[level], hopeful=True) is not None
            caps[level] = bound
            relaxation.cap(level, bound)
            relaxation.drop(np.flatnonzero(relaxed.x_reduced > bound - relaxed.value + 1e-4))
        return False

    def _level(self, relaxation: Relaxation, level: int, caps: dict[int, float]) -> bool:
        relaxed = relaxation.minimise(level, self.deadline)
        if relaxed is None:
            return False
        step = self.steps[level]
        bound = rounded_up(relaxed.value, step)
        self._note(level, caps, bound)
        if self.best is not None and self._value(self.best, level) <= bound + _SLACK:
            value = bound
        elif self.best is None and level == self.levels[0] and self._integral(relaxed):
            value = bound
            self.best = self._choice(relaxed.aux_value, np.flatnonzero(relaxed.x_value > 0.5))
        else:
            found = self._near(relaxed, relaxation, level, caps, step)
            if found is None:
                return False
            value = found
        relaxation.cap(level, value)
        caps[level] = value
        relaxation.drop(np.flatnonzero(relaxed.x_reduced > value - relaxed.value + 1e-4))
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
    ) -> float | None:
        """The proven least value of the level, by integral searches over more and more trips.

        None when there was no time for it, or (hopeful: the caps may be out of reach) when nothing was found soon.
        """
        alive = np.flatnonzero(relaxation.alive)
        reduced = relaxed.x_reduced[alive]
        incumbent = self.best
        reach = max(step, 0.002 * abs(relaxed.value), _smallest(reduced, _FEW))
        while True:
            if incumbent is not None:
                reach = min(reach, self._value(incumbent, level) - relaxed.value)
            near = alive[reduced <= reach + _SLACK]
            everything = len(near) == len(alive)
            result = solve_integral(
                self.master,
                near,
                level,
                caps,
                self.deadline,
                seed=self.seed,
                step=step,
                nodes=_HOPEFUL_NODES if hopeful and incumbent is None else None,
            )
            if result.aux is not None and result.x is not None:
                choice = self._choice(result.aux, result.x)
                if abs(self._value(choice, level) - result.value) > 0.5 * step + _SLACK:
                    raise ArithmeticError(f"HiGHS claims {result.value}, its solution has {self._value(choice, level)}")
                if incumbent is None or choice.values < incumbent.values:
                    incumbent = self.best = choice
            if hopeful and incumbent is None and (result.status == "stopped" or everything):
                return None
            if result.status == "stopped":
                if everything:
                    self._note(level, caps, rounded_up(result.bound, step))
                return None
            if incumbent is not None:
                value = self._value(incumbent, level)
                if everything or value <= relaxed.value + reach + _SLACK:
                    self._note(level, caps, value)
                    return value
                reach = value - relaxed.value
            elif everything:
                return None
            else:
                reach = max(4 * reach, _smallest(reduced, 4 * len(near)))
            if self.deadline.over:
                return None

    def _note(self, level: int, caps: dict[int, float], bound: float) -> None:
        self.book.add(tuple(caps.get(k, 0.0) for k in range(level)), bound)

    def _choice(self, aux: Floats, x: Ints) -> Choice:
        values = aux @ self.master.aux_costs + self.master.x_costs[x].sum(axis=0)
        return Choice(aux, x, tuple(round(float(v), 6) for v in values))

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


def relaxed_bounds(master: Master, targets: dict[int, float], deadline: Deadline) -> BoundBook:
    """Bounds from the relaxation alone, each level capped at its target after its bound is known."""
    book = BoundBook()
    relaxation = Relaxation(master)
    caps: list[float] = []
    for level in range(4):
        if level in targets:
            relaxed = relaxation.minimise(level, deadline)
            if relaxed is None:
                break
            step = _grain(np.concatenate((master.aux_costs[:, level], master.x_costs[:, level])))
            book.add(tuple(caps), rounded_up(relaxed.value, step))
            relaxation.cap(level, targets[level])
        caps.append(targets.get(level, 0.0))
    return book
