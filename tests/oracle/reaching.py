"""The subjects of a world as the application sees them (actors) and as the oracle does, each made once."""

from functools import cached_property
from typing import Any

from jiafang.access import Actor
from jiafang.organization.models import Person
from tests.factories import organization as make
from tests.oracle.facts import World
from tests.oracle.oracle import Oracle, Subject
from tests.oracle.rows import Rows, expected_rows
from tests.oracle.subjects import SUBJECTS


class Reach:
    """One subject in one world."""

    def __init__(self, world: World, subject: Subject) -> None:
        self.world, self.subject = world, subject
        self.oracle = Oracle(world, subject)
        self.rows = Rows(self.oracle)
        self._read: dict[str, set[Any]] = {}

    @cached_property
    def actor(self) -> Actor:
        return make.actor_of(Person.unscoped.get(pk=self.world.people[self.subject.name]), self.subject.kind)

    def readable(self, label: str) -> set[Any]:
        """Every row of a table that the subject may read for some purpose."""
        if label not in self._read:
            self._read[label] = expected_rows(self.oracle, label)
        return self._read[label]


def reaches(world: World, kind: str = "") -> list[Reach]:
    """Everybody with a capacity, or with that one."""
    if not world.reaches:
        world.reaches.extend(Reach(world, subject) for subject in SUBJECTS if subject.kind)
    return [one for one in world.reaches if not kind or one.subject.kind == kind]
