"""What an actor may do: permission names and the capacity kinds that hold them."""

from collections.abc import Iterable

from jiafang.access.actor import SYSTEM, Actor
from jiafang.common.errors import NotAllowed

_holders: dict[str, frozenset[str]] = {}


def allow(permission: str, kinds: Iterable[str]) -> None:
    """Declare a permission; each app does so in its `scope.py`."""
    _holders[permission] = frozenset(kinds)


def may(actor: Actor | None, permission: str) -> bool:
    """Whether the actor holds the permission; unknown permissions are held by nobody."""
    return actor is not None and (actor.kind == SYSTEM or actor.kind in _holders.get(permission, frozenset()))


def require(actor: Actor | None, permission: str) -> None:
    """Raise NotAllowed unless the actor holds the permission."""
    if not may(actor, permission):
        raise NotAllowed(permission)


def permissions() -> dict[str, frozenset[str]]:
    """Every permission and its holders, for the printed table and the tests."""
    return dict(_holders)
