"""The thread of a case as one of its readers sees it, and who would be able to read what is about to be written."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from jiafang.access import Actor, scope
from jiafang.care.models import CaseFile, CaseReader, Message, MessageReceipt, Side
from jiafang.care.scope import own_side


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody on the list of readers on one side, with every reason for which they are.

    `named`: the row of those who are there for no other reason than that they were named.
    """

    person_id: int
    name: str
    kind: str
    whys: tuple[str, ...]
    named: int | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Sides to which one can write, and everybody who will be able to read it besides oneself."""

    sides: tuple[str, ...]
    people: tuple[Reader, ...]


@dataclass(slots=True)
class Said:
    """A message with those who have read it; `new`: not yet read by whoever asks."""

    pk: int
    author_id: int
    author: str
    side: str
    audience: tuple[str, ...]
    text: str
    at: dt.datetime
    own: bool
    new: bool = False
    read_by: list[str] = field(default_factory=list)


def readers_by_side(actor: Actor, case: CaseFile) -> dict[str, list[Reader]]:
    """For every side that has readers now, who they are, one line for each capacity; one query."""
    lines: dict[tuple[str, int, str], list[CaseReader]] = {}
    listed = scope(actor, CaseReader).filter(case=case, until=None).select_related("person").order_by("pk")
    for row in listed.only("person__name", "person", "kind", "side", "why"):
        lines.setdefault((row.side, row.person_id, row.kind), []).append(row)
    found: dict[str, list[Reader]] = {}
    for (side, person_id, kind), rows in lines.items():
        whys = tuple(dict.fromkeys(row.why for row in rows))
        named = rows[0].pk if whys == (CaseReader.Why.NAMED,) else None
        found.setdefault(side, []).append(Reader(person_id, rows[0].person.name, kind, whys, named))
    return found


def audiences(actor: Actor, case: CaseFile, by_side: dict[str, list[Reader]]) -> list[Audience]:
    """Every audience that one can choose now, the smallest first; the own side is in each of them.

    A family or a teacher writes to somebody: their own side alone is offered only to those who work on the case.
    """
    own = own_side(actor, case.pk)
    found = []
    for others in _chosen([side for side in Side.values if side in by_side and side != own]):
        if not others and own in (Side.TEACHER, Side.FAMILY):
            continue
        sides = sorted({own, *others})
        people = {reader.person_id: reader for side in sides for reader in by_side.get(side, ())}
        people.pop(actor.person_id, None)
        found.append(Audience(tuple(sides), tuple(people.values())))
    return found


def _chosen(others: list[str]) -> Iterator[tuple[str, ...]]:
    for count in range(len(others) + 1):
        yield from combinations(others, count)


def thread(actor: Actor, case: CaseFile) -> list[Said]:
    """What one may read of the thread, the oldest first, each with its receipts; two queries and the keys."""
    said = {
        row.pk: Said(
            pk=row.pk,
            author_id=row.author_id,
            author=row.author.name,
            side=row.side,
            audience=tuple(row.audience),
            text=row.text,
            at=row.sent_at,
            own=row.author_id == actor.person_id,
        )
        for row in scope(actor, Message).filter(case=case).select_related("author").order_by("sent_at", "pk")
    }
    for message in said.values():
        message.new = not message.own
    receipts = scope(actor, MessageReceipt).filter(message__in=said).order_by("read_at", "pk")
    for message_id, person_id, name in receipts.values_list("message_id", "person_id", "person__name"):
        if person_id == actor.person_id:
            said[message_id].new = False
        else:
            said[message_id].read_by.append(name)
    return list(said.values())
