"""One change to a rule, what undoes it, and the test that should notice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import DatabaseError

from tests.oracle.facts import World

Faults = Callable[[World], Iterator[str]]


@dataclass(frozen=True)
class Mutant:
    name: str
    test: str
    change: Callable[[], Any]
    faults: Faults

    def survives(self, world: World) -> bool:
        with self.change():
            try:
                return next(self.faults(world), None) is None
            except (DatabaseError, psycopg.Error):  # the test breaks, which is noticed as well
                return False
