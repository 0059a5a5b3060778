"""Who sees which rows: the one registry, default deny.

Each app registers its rules in its own `scope.py`. A model without a rule for a capacity and purpose,
or a request without an actor, sees nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from jiafang.access.actor import SYSTEM, Actor

VIEW = "view"
CHANGE = "change"
PURPOSES = (VIEW, CHANGE)

Rule = Callable[[Actor], Q]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class RuleEntry:
    model: type[Model]
    kind: str
    purpose: str
    rule: Rule
    words: str


_rules: dict[tuple[type[Model], str, str], RuleEntry] = {}


def everything(actor: Actor) -> Q:
    """The rule of those who may see every row of a kind."""
    return Q()


def register(
    model: type[Model], kinds: str | Iterable[str], rule: Rule, *, purposes: Iterable[str] = (VIEW,), words: str
) -> None:
    """Let actors of these capacity kinds reach the rows that `rule` selects; `words` says it for the scope table.

    A rule must not multiply rows: use subqueries (`pk__in`, `Exists`) across many-valued relations.
    """
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        for purpose in purposes:
            key = (model, kind, purpose)
            if key in _rules:
                raise ValueError(f"two rules for {model.__name__}, {kind}, {purpose}")
            _rules[key] = RuleEntry(model, kind, purpose, rule, words)


def scope(actor: Actor | None, model: type[M], purpose: str = VIEW) -> QuerySet[M]:
    """The rows of `model` that the actor may reach for the purpose; none without a rule."""
    rows = model._default_manager.all()
    if actor is None:
        return rows.none()
    if actor.kind == SYSTEM:
        return rows
    entry = _rules.get((model, actor.kind, purpose))
    return rows.filter(entry.rule(actor)) if entry else rows.none()


def rules() -> list[RuleEntry]:
    """Every rule, for the printed table and the tests."""
    return sorted(_rules.values(), key=lambda e: (e.model._meta.label, e.kind, e.purpose))
