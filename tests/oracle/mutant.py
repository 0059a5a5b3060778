"""One change to a rule, what undoes it, and the test that should notice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from django.db import DatabaseError

from tests.oracle.facts import World

Faults = Callable[[World], Iterator[str]]


class Told(StrEnum):
    NOTICED = "noticed"
    SURVIVES = "SURVIVES"
    BREAKS = "BREAKS"  # the database fails before any test has said what is wrong: no test has noticed the rule


@dataclass(frozen=True)
class Mutant:
    name: str
    test: str
    change: Callable[[], Any]
    faults: Faults

    def told(self, world: World) -> tuple[Told, str]:
        """What its test says to it, with the words of the database where that fails."""
        with self.change():
            try:
                return (Told.NOTICED if next(self.faults(world), None) else Told.SURVIVES), ""
            except (DatabaseError, psycopg.Error) as error:
                return Told.BREAKS, f"{type(error).__name__}: {str(error).splitlines()[0]}"
