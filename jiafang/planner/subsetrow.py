"""Subset-row cuts: of three parties, at most one trip can take two or more.

Each trip that takes at least two of three parties uses up two of their three visits, so in whole numbers there is at
most one. In the relaxation three half trips slip through; these rows stop them (Jepsen and others, 2008).
"""

from __future__ import annotations

import numpy as np

from jiafang.planner.compiled import Floats, Ints

_VIOLATED = 0.02
_MOST_PARTIES = 600


def violated_triples(members: Ints, values: Floats, most: int) -> Ints:
    """Triples of parties (rows of three, ascending) whose cut the fractional trips break, the worst first.

    `members` are the trips with a positive value, -1 padded, shape (trips, stops); `values` their values.
    """
    names = np.unique(members[members >= 0])
    parties = len(names)
    if not 3 <= parties <= _MOST_PARTIES:
        return np.zeros((0, 3), dtype=np.int64)
    members = np.where(members >= 0, np.searchsorted(names, members), -1)
    pairs = np.zeros((parties, parties))
    triples: dict[tuple[int, int], Floats] = {}
    for row, value in zip(members.tolist(), values.tolist(), strict=True):
        own = sorted(p for p in row if p >= 0)
        for n, a in enumerate(own):
            for k in range(n + 1, len(own)):
                b = own[k]
                pairs[a, b] += value
                pairs[b, a] += value
                if len(own) > 2:
                    whole = triples.setdefault((a, b), np.zeros(parties))
                    whole[own] += value
    found: list[tuple[float, int, int, int]] = []
    for a, b in np.argwhere(np.triu(pairs, 1) > 1e-6).tolist():
        total = pairs[a, b] + pairs[a] + pairs[b]
        if (a, b) in triples:
            total = total - 2 * triples[a, b]
        total[[a, b]] = 0
        for c in np.flatnonzero(total > 1 + _VIOLATED).tolist():
            one, two, three = sorted((a, b, c))
            found.append((-round(float(total[c]), 6), one, two, three))
    chosen = sorted(set(found))[:most]
    return names[np.array([triple for _, *triple in chosen], dtype=np.int64).reshape(-1, 3)]


def trips_with_two(members: Ints, triple: Ints) -> Ints:
    """The trips that take at least two of the three parties."""
    return np.flatnonzero(np.isin(members, triple).sum(axis=1) >= 2)
