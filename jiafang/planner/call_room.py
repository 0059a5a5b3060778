"""How many calls a lead can make in a shift beside a trip, in whole calls.

The minutes and units that a trip leaves are rounded down to calls: a trip that leaves 14 minutes leaves none of 15,
which the relaxation would otherwise not know. It holds for leads of one group, who make at most one trip in a shift.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from jiafang.planner.compiled import CallOption, Compiled, Ints
from jiafang.planner.problem import Rules

Count = int | Ints


@dataclass(frozen=True)
class CallRoom:
    """The free minutes and units of a lead in a shift, the shortest of its calls there, whether all are as long, and
    how many calls there is room for without any trip."""

    minutes: int
    units: int
    shortest: int
    alike: bool
    most: int
    rules: Rules

    def taken_by(self, stops: int, away: int) -> int:
        """For how many calls a trip of so many stops and minutes leaves no room."""
        return self.most - int(_calls_within(self.rules, self.minutes - away, self.units, self.shortest, stops))


def taken_of_rooms(rooms: Sequence[CallRoom], trips: Sequence[int], stops: Ints, away: Ints) -> Ints:
    """`taken_by` for many trips at once, each room having so many `trips`; `stops` and `away` are of the trips."""
    minutes, units, shortest, most = (
        np.repeat([getattr(room, name) for room in rooms], trips) for name in ("minutes", "units", "shortest", "most")
    )
    return np.asarray(most - _calls_within(rooms[0].rules, minutes - away, units, shortest, stops))


def _calls_within(rules: Rules, minutes: Count, units: Count, length: Count, stops: Count) -> Ints:
    """Whole calls of this length, beside so many stops; numbers, or arrays of one shape."""
    calls = np.asarray(minutes // length)
    if rules.remote_units:
        calls = np.minimum(calls, (units - rules.onsite_units * stops) // rules.remote_units)
    return np.asarray(np.maximum(calls, 0))


def call_rooms(compiled: Compiled, options: Iterable[CallOption]) -> dict[tuple[int, int], CallRoom]:
    """By group and shift, for the groups whose lead leads no other."""
    led = Counter(compiled.lead)
    lengths: dict[tuple[int, int], set[int]] = {}
    for option in options:
        if led[compiled.lead[option.group]] == 1:
            minutes = compiled.problem.parties[option.party].remote_minutes
            lengths.setdefault((option.group, option.shift), set()).add(minutes)
    rules = compiled.problem.rules
    rooms = {}
    for (group, shift), found in lengths.items():
        shortest = min(found)
        if shortest > 0:
            minutes = sum(b - a for a, b in compiled.gaps((compiled.lead[group],), shift))
            units = compiled.units_left(group, shift)
            most = int(_calls_within(rules, minutes, units, shortest, stops=0))
            rooms[group, shift] = CallRoom(minutes, units, shortest, len(found) == 1, most, rules)
    return rooms
