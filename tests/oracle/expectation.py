"""The shape of an expectation: whom an address lets in, with which objects, and what it must not show to anybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.oracle import STAFF, Oracle

ANYBODY = "anybody"  # also without signing in
EVERYBODY = (*STAFF, "guardian", "community_partner")
ADMIN = ("administrator",)
BOTH = ("GET", "POST")
POST = ("POST",)
Reach = Callable[..., bool]


@dataclass(frozen=True)
class Body:
    """Fields of a form or query that name objects: field → kind of object, or `=words` for words as they are.

    `allowed` says of the objects of the address and those of the body (in the order of the fields) whether
    something may be changed with them; without it nothing is said.
    """

    fields: Mapping[str, str]
    allowed: Callable[[Oracle, tuple[Any, ...], tuple[Any, ...]], bool] | None = None


@dataclass(frozen=True)
class Expected:
    """`kinds` may come in; of the objects named by the parameters those that `reach` lets through.

    `parameters` says of which kind the object behind each parameter of the address is.
    """

    kinds: tuple[str, ...] | str
    reach: Reach | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    methods: tuple[str, ...] = ("GET",)
    # Statuses of a request within reach that changes something, besides the usual ones.
    also: tuple[int, ...] = ()
    # Statuses with which a request may be turned away before anybody looks at who asks.
    early: tuple[int, ...] = ()
    query: tuple[Body, ...] = ()
    body: tuple[Body, ...] = ()
    # Kinds or fields of secrets that this address shows to nobody, whatever else the subject may know.
    hides: frozenset[str] = frozenset()
    # Kinds of secrets that are offered here as a choice, or stand beside a sum, and so tell nothing of their objects.
    offers: frozenset[str] = frozenset()
    # The part of a JSON answer that is such a choice; what is said elsewhere in it does tell.
    choices: str = ""
    # The parameter is a secret of its own: whoever has it reads as the person it belongs to, in every capacity.
    bearer: bool = False


def of(kind: str) -> dict[str, str]:
    return {"pk": kind}


def anything(oracle: Oracle, pk: Any) -> bool:
    return True
