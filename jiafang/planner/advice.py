"""What would give a place to a party that has none: each piece of advice was tried out in the finished timetable.

Somebody is made free, or the family is at home, in one shift; if the party then finds a place and everybody else keeps
their shift (the hour may move within a trip), following the advice leaves out fewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jiafang.planner.compiled import Compiled
from jiafang.planner.deadline import Deadline
from jiafang.planner.owners import Owner
from jiafang.planner.timetable import Timetable

MOST = 3
_MOST_TRIALS = 80


@dataclass(frozen=True, slots=True)
class Advice:
    """A shift in which the party could be met if these people were free, and the family at home if `family`."""

    shift: int
    free: tuple[int, ...]
    family: bool

    @property
    def changes(self) -> int:
        """Of how many it asks something."""
        return len(self.free) + self.family


def advise(
    compiled: Compiled, owners: list[Owner], timetable: Timetable, party: int, deadline: Deadline
) -> list[Advice]:
    """A few ways to place the party, those that ask the fewest first; empty when none was found in time."""
    found: list[Advice] = []
    for one in _candidates(compiled, owners, party)[:_MOST_TRIALS]:
        if deadline.over or (found and one.changes > found[0].changes):
            break
        with _followed(compiled, party, one):
            if timetable.has_room(party, one.shift):
                found.append(one)
        if len(found) == MOST:
            break
    return found


def _candidates(compiled: Compiled, owners: list[Owner], party: int) -> list[Advice]:
    """All that one shift could ask for, by the number of changes, then lateness, then the day."""
    asked: set[Advice] = set()
    for s in range(len(compiled.problem.shifts)):
        family = bool(compiled.low[party, s] > compiled.high[party, s])
        if compiled.callable(party):
            for g in compiled.party_groups[party]:
                lead = compiled.lead[g]
                asked.add(Advice(s, () if compiled.free[lead, s] else (lead,), family))
        if compiled.visitable(party):
            for owner in owners:
                if party in owner.parties and (not owner.must or party in owner.must):
                    leads = tuple(v for v in owner.leads if not compiled.free[v, s])
                    asked.add(Advice(s, leads, family))
                    if owner.needs_co:
                        away = [v for v in owner.co_visitors if not compiled.free[v, s]]
                        asked |= {Advice(s, (*leads, v), family) for v in away}
    real = [one for one in asked if one.changes]
    return sorted(real, key=lambda one: (one.changes, compiled.late[party, one.shift], one.shift, one.free))


@contextmanager
def _followed(compiled: Compiled, party: int, advice: Advice) -> Iterator[None]:
    """The problem as it would be if the advice were followed."""
    s, free = advice.shift, list(advice.free)
    before = compiled.free[free, s].copy(), int(compiled.low[party, s]), int(compiled.high[party, s])
    compiled.free[free, s] = True
    if advice.family:
        compiled.low[party, s], compiled.high[party, s] = compiled.shift_start[s], compiled.shift_end[s]
    compiled.forget_call_options(party)
    try:
        yield
    finally:
        compiled.free[free, s], compiled.low[party, s], compiled.high[party, s] = before
        compiled.forget_call_options(party)
