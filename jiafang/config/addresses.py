"""Every address of the house with what its gate asks for; the printed scope table and the tests read it."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from jiafang.access.actor import ALL_KINDS
from jiafang.web.gate import Gate


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver. `gate` is None where nobody says who may come in."""

    pattern: str
    name: str
    view: Any
    parameters: tuple[tuple[str, str], ...]
    gate: Gate | None

    @property
    def methods(self) -> tuple[str, ...]:
        return self.gate.methods if self.gate else ()

    @property
    def kinds(self) -> frozenset[str]:
        return self.gate.kinds if self.gate else frozenset()

    @property
    def permission(self) -> str:
        return self.gate.permission if self.gate else ""


def addresses() -> list[Address]:
    """All patterns, in the order in which Django tries them."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def _walk(
    patterns: list[Any], prefix: str, parameters: tuple[tuple[str, str], ...], space: str = ""
) -> Iterator[Address]:
    for one in patterns:
        own = tuple((name, type(converter).__name__) for name, converter in one.pattern.converters.items())
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _walk(one.url_patterns, prefix + str(one.pattern), parameters + own, inner)
        elif isinstance(one, URLPattern):
            gate = getattr(one.callback, "gate", None) or _gate_of_api(one.callback)
            name = f"{space}{one.name}" if one.name else ""
            yield Address(prefix + str(one.pattern), name, one.callback, parameters + own, gate)


def _gate_of_api(view: Any) -> Gate | None:
    """The HTTP API asks for an actor at each operation; what the actor may do is asked inside."""
    path_view = inspect.getclosurevars(view).nonlocals.get("self") if inspect.isfunction(view) else None
    operations = getattr(path_view, "operations", [])
    if not operations or not all(one.auth_callbacks for one in operations):
        return None
    return Gate(ALL_KINDS, "", tuple(method for one in operations for method in one.methods))
