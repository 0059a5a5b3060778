"""What a person is at a moment, as plain words: posts, schools, classes and children.

A credential (a session, a calendar address, an activation code) keeps the standing under which it was given
out. It is good while the person still is all of that; whoever loses a post, a class or a child signs in again.
The organization knows the answer and provides it (wired in config/wiring.py).
"""

from collections.abc import Callable, Iterable

Provider = Callable[[int], list[str]]
_provider: list[Provider] = []


def provide(provider: Provider) -> None:
    """Set the source of standings: user id → words."""
    _provider[:] = [provider]


def standing_of(user_id: int) -> list[str]:
    """The user's standing today."""
    return _provider[0](user_id) if _provider else []


def still_stands(given: Iterable[str], now: Iterable[str]) -> bool:
    """Whether nothing was lost since a credential was given out."""
    return set(given) <= set(now)
