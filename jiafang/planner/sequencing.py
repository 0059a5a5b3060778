"""Who comes along on which trip, when every lead makes one trip and only co-visitors are shared.

A trip is then summed up by when its crew is back, by when it is ready: a co-visitor can make several trips if some
order of them ends in time. Trips are assigned depth first, those with the fewest candidates first; complete up to a
limit of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from jiafang.planner.compiled import Ints
from jiafang.planner.timing import NEVER

_MOST_STEPS = 20_000


class Sequencing:
    """`order_of` maps each person to the trips (by index) that the person makes, in order; None when there is no way.

    `returns[n]` is the soonest return of trip n by minute of readiness, `candidates[n]` who may come along.
    """

    def __init__(self, returns: Sequence[Ints], candidates: Sequence[Sequence[int]]) -> None:
        self.returns, self.candidates = returns, candidates
        self.steps = 0
        self.order_of: dict[int, tuple[int, ...]] | None = {}
        self._feasible: dict[frozenset[int], tuple[int, ...] | None] = {}
        queue = sorted(range(len(returns)), key=lambda n: (len(candidates[n]), n))
        if not self._assign(queue, 0):
            self.order_of = None

    @property
    def gave_up(self) -> bool:
        """Whether the steps ran out before it could tell."""
        return self.order_of is None and self.steps > _MOST_STEPS

    def _assign(self, queue: list[int], at: int) -> bool:
        if at == len(queue):
            return True
        assert self.order_of is not None
        n = queue[at]
        for v in sorted(self.candidates[n], key=lambda v: len(self.order_of.get(v, ()))):  # type: ignore[union-attr]
            self.steps += 1
            if self.steps > _MOST_STEPS:
                return False
            before = self.order_of.get(v, ())
            order = self._order({*before, n})
            if order is None:
                continue
            self.order_of[v] = order
            if self._assign(queue, at + 1):
                return True
            self.order_of[v] = before
        return False

    def _order(self, trips: set[int]) -> tuple[int, ...] | None:
        """An order in which one person can make all these trips."""
        key = frozenset(trips)
        if key not in self._feasible:
            self._feasible[key] = next((order for order in permutations(sorted(key)) if self._ends(order)), None)
        return self._feasible[key]

    def _ends(self, order: tuple[int, ...]) -> bool:
        now = 0
        for n in order:
            if now >= len(self.returns[n]):
                return False
            now = int(self.returns[n][now])
            if now >= NEVER:
                return False
        return True
