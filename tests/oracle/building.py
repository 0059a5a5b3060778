"""The whole world, built once for all questions of a process and undone at its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.oracle.build_campaigns import build_campaigns
from tests.oracle.build_people import build_people
from tests.oracle.changes import undone
from tests.oracle.facts import World


@contextmanager
def built_world() -> Iterator[World]:
    with undone():
        world = World()
        build_people(world)
        build_campaigns(world)
        yield world
