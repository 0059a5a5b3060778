"""What can be asked: every address with every object, method, query and body."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse

from jiafang.common.clock import today
from jiafang.config.addresses import Address, addresses
from tests.oracle.expectation import Body
from tests.oracle.expected import EXPECTED
from tests.oracle.facts import World

MISSING = {int: 987654321, UUID: UUID("00000000-0000-4000-8000-000000000000"), str: "zzzzzzzz"}


@dataclass(frozen=True)
class Question:
    """One request: an address with its objects, a method, a query or a body."""

    name: str
    method: str = "GET"
    objects: tuple[tuple[str, Any], ...] = ()
    data: tuple[tuple[str, Any], ...] = ()
    body: Body | None = field(default=None, compare=False)

    @property
    def pks(self) -> tuple[Any, ...]:
        return tuple(pk for _name, pk in self.objects)

    @property
    def chosen(self) -> tuple[Any, ...]:
        """The objects that the body names."""
        kinds = self.body.fields if self.body else {}
        return tuple(value for name, value in self.data if not kinds[name].startswith("="))

    @property
    def names_nothing(self) -> bool:
        """Whether it asks for an object that nobody has."""
        return any(pk in MISSING.values() for pk in self.pks)

    def __str__(self) -> str:
        return f"{self.method} {reverse(self.name, kwargs=dict(self.objects))} {dict(self.data) or ''}"


def named_addresses() -> dict[str, Address]:
    return {one.name: one for one in addresses()}


def questions(world: World) -> list[Question]:
    """Every address with every object of the kinds that its parameters name, with its methods, queries and bodies."""
    found = []
    for one in named_addresses().values():
        expected = EXPECTED.get(one.name)
        if expected is None:  # a test of its own says so
            continue
        parameters = [name for name, _converter in one.parameters]
        for objects in itertools.product(*(world.ids(expected.parameters[name]) for name in parameters)):
            named = tuple(zip(parameters, objects, strict=True))
            found += [Question(one.name, method, named) for method in expected.methods]
            found += [Question(one.name, "GET", named, data) for body in expected.query for data in filled(world, body)]
            found += [
                Question(one.name, "POST", named, data, body) for body in expected.body for data in filled(world, body)
            ]
    return found


def filled(world: World, body: Body) -> Iterator[tuple[tuple[str, Any], ...]]:
    """The fields with every combination of objects of the kinds that they name."""
    choices = [_choices(world, kind) for kind in body.fields.values()]
    for values in itertools.product(*choices):
        yield tuple(zip(body.fields, values, strict=True))


def _choices(world: World, kind: str) -> list[Any]:
    words = kind.removeprefix("=")
    if words == kind:
        return world.ids(kind)
    return [today().isoformat() if words == "today" else words]


def missing(question: Question) -> Question:
    """The same request for an object that nobody has."""
    objects = tuple((name, MISSING[type(pk)]) for name, pk in question.objects)
    return Question(question.name, question.method, objects, question.data)
