"""Shifts that people would rather have to themselves: their work goes elsewhere where the plan is as good without it.

The last level of all: nobody is left out, met later, further away or more often on the road for it. What a lead does in
a shift moves whole to one that this lead has free, which is taken where it is a gain; a good plan on this level, not a
proven one.
"""

from __future__ import annotations

from collections import Counter

from jiafang.planner.deadline import Deadline
from jiafang.planner.fairness import outings
from jiafang.planner.timetable import Timetable

_SAME = 1e-9
"""Lateness is a sum of products; equal sums may differ by this much."""


def keep_free(timetable: Timetable, deadline: Deadline) -> Timetable:
    """With fewer duties in shifts that people would rather keep free, and as good in everything else."""
    compiled = timetable.compiled
    for person, wishes in enumerate(compiled.rather_not):
        for shift in sorted(wishes):
            for lead in _at_work(timetable, person, shift):
                if deadline.over:
                    return timetable
                timetable = _elsewhere(timetable, lead, shift)
    return timetable


def _at_work(timetable: Timetable, person: int, shift: int) -> list[int]:
    """The leads whose work keeps the person busy in the shift: this one, or those whom this one goes along with."""
    callers = {timetable.compiled.lead[call.group] for call in timetable.calls if call.shift == shift}
    trips = (t for t in timetable.trips if t.trip.shift == shift and person in t.crew)
    return sorted({timetable.owners[t.trip.owner].leads[0] for t in trips} | ({person} & callers))


def _elsewhere(timetable: Timetable, lead: int, shift: int) -> Timetable:
    """With the lead's work of the shift done in another one, where that is a gain; else as it was."""
    compiled, owners = timetable.compiled, timetable.owners
    leads = {lead}
    while True:
        trips = [t for t in timetable.trips if t.trip.shift == shift and leads & set(owners[t.trip.owner].leads)]
        wider = leads.union(*(owners[t.trip.owner].leads for t in trips))
        if wider == leads:
            break
        leads = wider
    calls = [c for c in timetable.calls if c.shift == shift and compiled.lead[c.group] in leads]
    parties = [p for t in trips for p in t.trip.members] + [c.party for c in calls]
    if not parties:
        return timetable
    late = compiled.late[parties].sum(axis=0)
    fits = (compiled.low[parties] <= compiled.high[parties]).all(axis=0) & (late <= late[shift] + _SAME)
    fits &= compiled.free[sorted(leads)].all(axis=0)
    before = _key(timetable)
    staying = [t for t in timetable.trips if t not in trips], [c for c in timetable.calls if c not in calls]
    targets = [int(s) for s in fits.nonzero()[0] if not any(timetable.busy.get((v, int(s))) for v in leads)]
    for target in sorted(targets, key=lambda s: (late[s], s)):
        moved = Timetable(compiled, owners, *staying)
        if (
            all(moved.make_elsewhere(trip, target) for trip in trips)
            and all(moved.call_elsewhere(call, target) for call in calls)
            and _key(moved) < before
        ):
            return moved
    return timetable


def _key(timetable: Timetable) -> tuple[int, int]:
    """How uneven the outings are, and how many duties are in shifts that somebody would rather keep free."""
    compiled = timetable.compiled
    counts = Counter(v for v, _ in outings(compiled, timetable.trips))
    return sum(n * n for n in counts.values()), sum(
        s in compiled.rather_not[v] for (v, s), spans in timetable.busy.items() if spans
    )
