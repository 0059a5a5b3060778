"""Who can make a trip together, and in which shifts.

An owner is a group, the groups of a sibling party, or (`max_groups_per_trip` above 1) groups with the same base that
share a car. Shifts in which an owner has the same possibilities, minute by minute, are one shift class: a set of
parties is then a trip in any of them, and the dense case (no windows at all) needs its trips only once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from jiafang.planner.compiled import Compiled, Span

MAX_SHARED_OWNERS = 400
"""Beyond this many groupings only the nearest ones may share a car, and the travel bound is no longer from columns."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Groups whose leads go together; `must` are the parties of which one has to be on the trip (empty: any)."""

    groups: tuple[int, ...]
    leads: tuple[int, ...]
    co_visitors: tuple[int, ...]
    parties: tuple[int, ...]
    must: frozenset[int]
    needs_co: bool

    def crew_companions(self, compiled: Compiled, shift: int) -> tuple[int, ...]:
        """Co-visitors who are free in the shift."""
        return tuple(c for c in self.co_visitors if compiled.free[c, shift])


@dataclass(frozen=True, slots=True)
class ShiftClass:
    """Shifts in which the owner's trips are the same, relative to the start of the shift; `gaps` are relative too."""

    owner: int
    shifts: tuple[int, ...]
    gaps: tuple[Span, ...]
    max_stops: int


def find_owners(compiled: Compiled) -> tuple[list[Owner], bool]:
    """All owners that can make a trip for an open party, and whether none was left out."""
    visit = [p for p in compiled.open_parties if compiled.visitable(p)]
    by_groups: dict[tuple[int, ...], list[int]] = {}
    for p in visit:
        by_groups.setdefault(compiled.party_groups[p], []).append(p)
    wanted = dict.fromkeys(by_groups, True)
    singles = sorted({g for groups in by_groups for g in groups})
    for g in singles:
        wanted.setdefault((g,), True)
    complete = True
    most = compiled.problem.rules.max_groups_per_trip
    if most > 1:
        shared, complete = _sharing(compiled, singles, most)
        for groups in shared:
            wanted.setdefault(groups, True)
    owners = []
    for groups in sorted(wanted, key=lambda g: (len(g), g)):
        allowed = set(groups)
        parties = tuple(p for p in visit if set(compiled.party_groups[p]) <= allowed)
        if not parties:
            continue
        same_base = len({compiled.base[g] for g in groups}) == 1
        free_choice = len(groups) == 1 or (len(groups) <= most and same_base)
        leads = tuple(dict.fromkeys(compiled.lead[g] for g in groups))
        cos = tuple(dict.fromkeys(c for g in groups for c in compiled.co_visitors[g] if c not in leads))
        owners.append(
            Owner(
                groups=groups,
                leads=leads,
                co_visitors=cos,
                parties=parties,
                must=frozenset() if free_choice else frozenset(by_groups[groups]),
                needs_co=compiled.problem.rules.two_visitors_onsite and len(leads) < 2,
            )
        )
    return owners, complete


def _sharing(compiled: Compiled, singles: list[int], most: int) -> tuple[list[tuple[int, ...]], bool]:
    """Groups that may share a trip without a sibling party: with parties, plus companions where co-visitors lack."""
    by_base: dict[int, list[int]] = {}
    for g in range(len(compiled.problem.groups)):
        by_base.setdefault(compiled.base[g], []).append(g)
    have = set(singles)
    found: list[tuple[int, ...]] = []
    complete = True
    for groups in by_base.values():
        for size in range(2, min(most, len(groups)) + 1):
            found += [c for c in _limited(combinations(groups, size), 20 * MAX_SHARED_OWNERS) if have & set(c)]
            complete &= len(found) < 20 * MAX_SHARED_OWNERS
    if len(found) > MAX_SHARED_OWNERS:
        complete = False
        found.sort(key=lambda c: (_spread(compiled, c), c))
        found = found[:MAX_SHARED_OWNERS]
    return found, complete


def _limited(items: Iterable[tuple[int, ...]], most: int) -> list[tuple[int, ...]]:
    return [item for item, _ in zip(items, range(most), strict=False)]


def _spread(compiled: Compiled, groups: tuple[int, ...]) -> float:
    """How far apart the parties of the groups live, by their middle points."""
    places = compiled.problem.locations
    visited = [p for p in compiled.open_parties if compiled.visitable(p)]
    middles = []
    for g in groups:
        own = [compiled.place[p] for p in visited if compiled.party_groups[p] == (g,)]
        if not own:
            return 1e9
        middles.append((np.mean([places[i].lat for i in own]), np.mean([places[i].lon for i in own])))
    return float(max(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in combinations(middles, 2)))


def shift_classes(compiled: Compiled, owners: list[Owner], *, merge: bool = True) -> list[ShiftClass]:
    """The shifts in which each owner can make a trip, merged where they are alike (unless `merge` is off)."""
    rules = compiled.problem.rules
    classes = []
    for o, owner in enumerate(owners):
        parties = np.array(owner.parties, dtype=np.int64)
        must = np.array([p in owner.must for p in owner.parties])
        found: dict[tuple[object, ...], list[int]] = {}
        for s in range(len(compiled.problem.shifts)):
            if not all(compiled.free[v, s] for v in owner.leads) or any(compiled.trip_made[g, s] for g in owner.groups):
                continue
            if owner.needs_co and not owner.crew_companions(compiled, s):
                continue
            stops = rules.max_stops_per_trip
            if rules.onsite_units:
                stops = min(stops, *(compiled.units_left(g, s) // rules.onsite_units for g in owner.groups))
            low, high = compiled.low[parties, s], compiled.high[parties, s]
            there = low <= high
            if stops < 1 or not there.any() or (owner.must and not (there & must).any()):
                continue
            start = int(compiled.shift_start[s])
            gaps = tuple((a - start, b - start) for a, b in compiled.gaps(owner.leads, s))
            relative = np.where(there, low - start, -1), np.where(there, high - start, -2)
            key = (gaps, stops, relative[0].tobytes(), relative[1].tobytes(), None if merge else s)
            found.setdefault(key, []).append(s)
        classes += [
            ShiftClass(owner=o, shifts=tuple(shifts), gaps=key[0], max_stops=key[1])  # type: ignore[arg-type]
            for key, shifts in found.items()
        ]
    return classes
