"""Pairs by load and nearness: nobody without, loads even, what is settled stays, neighbors together."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiafang.planner.pairing import Point, kilometers, propose_pairs
from tests.planner.test_plans import examples


def district(random: Random, count: int) -> list[Point]:
    return [(25.5 + random.uniform(-0.3, 0.3), 118.2 + random.uniform(-0.3, 0.3)) for _ in range(count)]


@examples(150)
@given(st.integers(0, 2**32))
def test_every_place_has_somebody_and_loads_are_as_even_as_they_can_be(seed: int) -> None:
    random = Random(seed)
    places = district(random, random.randint(1, 30))
    people = random.randint(1, 8)
    settled: list[list[int]] = [[] for _ in range(people)]
    taken = random.sample(range(len(places)), random.randint(0, len(places)))
    for n in taken:
        random.choice(settled).append(n)
    free = [n for n in range(len(places)) if n not in taken]
    pairs = propose_pairs(places, free, settled)
    assert set(pairs) == set(free)
    assert pairs == propose_pairs(places, free, settled)
    loads = [len(own) + list(pairs.values()).count(v) for v, own in enumerate(settled)]
    for v in set(pairs.values()):
        assert loads[v] <= min(loads) + 1, "somebody with less could have taken it"


def test_schools_of_one_valley_are_one_persons() -> None:
    random = Random(3)
    middles = [(25.3, 118.0), (25.7, 118.0), (25.5, 118.5)]
    places = [(lat + random.gauss(0, 0.01), lon + random.gauss(0, 0.01)) for lat, lon in middles for _ in range(4)]
    pairs = propose_pairs(places, range(12), [[], [], []])
    for valley in range(3):
        assert len({pairs[4 * valley + n] for n in range(4)}) == 1


def test_whoever_is_near_already_is_proposed() -> None:
    places = [(25.3, 118.0), (25.31, 118.0), (25.7, 118.4), (25.71, 118.4)]
    assert propose_pairs(places, [1, 3], [[2], [0]]) == {1: 1, 3: 0}


def test_it_is_nearly_as_near_as_trying_everything() -> None:
    places = district(Random(5), 6)
    pairs = propose_pairs(places, range(6), [[], []])

    def spread(person_of: dict[int, int]) -> float:
        return sum(
            kilometers(places[a], places[b])
            for a, b in itertools.combinations(range(6), 2)
            if person_of[a] == person_of[b]
        )

    best = min(spread({n: int(n in chosen) for n in range(6)}) for chosen in itertools.combinations(range(6), 3))
    assert spread(pairs) <= 1.1 * best


def test_nobody_to_pair_with_is_said() -> None:
    assert propose_pairs([], [], []) == {}
    with pytest.raises(ValueError, match="nobody"):
        propose_pairs([(25.0, 118.0)], [0], [])
