"""In which capacities a user may act; the organization provides the answer (wired in config/wiring.py)."""

from collections.abc import Callable

from jiafang.access.actor import Actor

Provider = Callable[[int], list[Actor]]
_provider: list[Provider] = []


def provide(provider: Provider) -> None:
    """Set the source of capacities: user id → actors, the most responsible first."""
    _provider[:] = [provider]


def actors_of(user_id: int) -> list[Actor]:
    """Every capacity in which the user may act today; evaluated at each request."""
    return _provider[0](user_id) if _provider else []


def choose(actors: list[Actor], wanted: str) -> Actor | None:
    """The wanted capacity if it still holds, else the first."""
    return next((a for a in actors if a.capacity_key == wanted), actors[0] if actors else None)


def standing(actors: list[Actor]) -> list[str]:
    """What the capacities hang on, in words that a credential keeps (see accounts/standing.py)."""
    words = set()
    for actor in actors:
        capacity = actor.capacity
        words.add(capacity.key)
        words |= {f"{capacity.key}/cohort:{pk}" for pk in capacity.cohort_ids}
        words |= {f"{capacity.key}/class:{pk}" for pk in capacity.class_ids}
        words |= {f"{capacity.key}/leads:{pk}" for pk in capacity.homeroom_class_ids}
        words |= {f"{capacity.key}/child:{pk}" for pk in capacity.ward_ids}
    return sorted(words)
