"""What one person cannot do both of, read off the clock: activities that are under way at the same moment whatever
their start, and calls that crowd each other.

An activity (a trip or a call) is summed up by two minutes: `ready`, the latest at which the person may begin it, and
`back`, the soonest at which the person is done with it. One can follow another when the other's `back` is no later
than its own `ready`. If `ready < back` the person is at it from `ready` to `back` however it is timed (Lahrichi's
"core" of a task), so whatever is under way at one minute excludes each other: a clique of an interval graph.
"""

from __future__ import annotations

import numpy as np

from jiafang.planner.compiled import Ints


def under_way(ready: Ints, back: Ints) -> list[Ints]:
    """Sets of activities of which one person can make at most one; every pair that excludes each other is in one.

    `ready` and `back` are in minutes from the same moment, shapes (activities,); each set holds indices into them.
    """
    core = ready < back
    order = np.flatnonzero(core)
    moments = np.unique(ready[order])
    sets = []
    for n, moment in enumerate(moments):
        here = order[(ready[order] <= moment) & (back[order] > moment)]
        # Unless one of them is over before the next begins, the next set holds all of these.
        if n + 1 == len(moments) or (back[here] <= moments[n + 1]).any():
            sets.append(here)
    for movable in np.flatnonzero(~core):
        around = order[(ready[order] < back[movable]) & (back[order] > ready[movable])]
        if len(around):
            sets.append(np.concatenate(([movable], around)))
    return [found for found in sets if len(found) > 1]
