"""What waits to be settled: one's own, of others about families answered for, bare facts for who administers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from jiafang.access import CHANGE, Actor, scope
from jiafang.campaigns.models import Duty
from jiafang.visits.models import HeldItem, Visit
from jiafang.visits.scope import ACCEPT
from jiafang.visits.services.hold import WAITING

# Everything but what it says: who looks after the house sees that something waits, never its text.
FACTS = (
    "pk", "kind", "reason", "state", "held_at", "settled_at", "capacity", "revision", "person__name", "school__name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One item in a list, without its text; `about` are those of its people whom the reader may know by name."""

    pk: int
    kind: str
    reason: str
    state: str
    held_at: Any
    writer: str
    about: list[str]


def own_held(actor: Actor) -> QuerySet[HeldItem]:
    """Own items that wait, the newest first."""
    return scope(actor, HeldItem, CHANGE).filter(person_id=actor.person_id, state__in=WAITING)


def acceptable_held(actor: Actor) -> QuerySet[HeldItem]:
    """Records of others that the actor may let in."""
    return scope(actor, HeldItem, ACCEPT)


def held_count(actor: Actor) -> int:
    """How many items wait for the actor."""
    return own_held(actor).count() + acceptable_held(actor).count()


def lines(actor: Actor, rows: Iterable[HeldItem]) -> tuple[list[HeldLine], set[int]]:
    """The rows of a list, and the people whom it names; one more query."""
    rows = list(rows)
    names = people_named(actor, {pk for row in rows for pk in row.duty_ids})
    found = [
        HeldLine(
            row.pk,
            row.kind,
            row.reason,
            row.state,
            row.held_at,
            row.person.name,
            list(dict.fromkeys(names[pk][1] for pk in row.duty_ids if pk in names)),
        )
        for row in rows
    ]
    return found, {person_id for person_id, _name in names.values()}


def people_named(actor: Actor, duty_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """duty → (person, name), of duties within reach."""
    rows = scope(actor, Duty).filter(pk__in=duty_ids)
    return {pk: (person_id, name) for pk, person_id, name in rows.values_list("pk", "person_id", "person__name")}


def held_item(actor: Actor, pk: int) -> HeldItem | None:
    """An item with its text, for its writer and for whoever may let it in."""
    rows = scope(actor, HeldItem, CHANGE).filter(person_id=actor.person_id) | acceptable_held(actor)
    return rows.filter(pk=pk).select_related("person", "school").first()


def facts_of_all(actor: Actor) -> QuerySet[HeldItem, dict[str, Any]]:
    """The administrator's list."""
    return scope(actor, HeldItem).order_by("-held_at", "-pk").values(*FACTS)


def present_version(actor: Actor, row: HeldItem) -> Visit | None:
    """The record that stands against a held version."""
    return scope(actor, Visit, CHANGE).filter(pk=row.item).first()
