"""What a record says, as one value: compared by a hash, kept whole as an earlier revision."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from jiafang.keys.masters import keyed_hash
from jiafang.visits.models import Visit


@dataclass(frozen=True)
class ParticipantDraft:
    """Somebody who took part: a known guardian by id, or a relation in words."""

    relation: str
    channel: str
    person_id: int | None = None


@dataclass(frozen=True, order=True)
class NoteDraft:
    """Own words about one of those met, on one axis or (axis empty) in general."""

    person_id: int
    axis: str
    text: str


@dataclass(frozen=True)
class ConcernDraft:
    """A difficulty heard about one of those met; the id is made by whoever writes it down."""

    id: uuid.UUID
    person_id: int
    category: str
    alert_tier: str
    text: str
    follow_up: bool = True


@dataclass(frozen=True)
class Answers:
    """Answers to one set of added questions, in the version that was shown."""

    set_id: int
    version: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Body:
    channel: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    participants: tuple[ParticipantDraft, ...]
    finding: str
    chips: tuple[str, ...]
    guardian_opinion: str
    notices_conveyed: bool
    follow_up: bool
    duty_ids: tuple[int, ...]
    appointment_id: int | None
    notes: tuple[NoteDraft, ...] = ()
    concerns: tuple[ConcernDraft, ...] = ()
    answers: tuple[Answers, ...] = ()

    def to_text(self) -> str:
        """The canonical form: equal records are equal text, also to those written before a part existed."""
        parts = {name: part for name, part in asdict(self).items() if part or name not in _LATER_PARTS}
        return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)

    @cached_property
    def hash(self) -> str:
        """Keyed, so that a short text cannot be guessed from it."""
        return keyed_hash(self.to_text(), "visit body")


_LATER_PARTS = frozenset({"notes", "concerns", "answers"})


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(type(value))


def in_order(concerns: Iterable[ConcernDraft]) -> tuple[ConcernDraft, ...]:
    """The order in which concerns are compared."""
    return tuple(sorted(concerns, key=lambda concern: concern.id))


def store(visit: Visit, body: Body) -> None:
    """Put the fields of a body on the row; participants, duties, notes and concerns are rows of their own."""
    visit.channel = body.channel
    visit.started_at = body.started_at
    visit.ended_at = body.ended_at
    visit.finding = body.finding
    visit.chips = list(body.chips)
    visit.guardian_opinion = body.guardian_opinion
    visit.notices_conveyed = body.notices_conveyed
    visit.follow_up = body.follow_up
    visit.answers = [asdict(answers) for answers in body.answers]
    visit.body_hash = body.hash


def body_of(visit: Visit) -> Body:
    """The body of a saved record, as far as whoever asks may read its rows."""
    return Body(
        channel=visit.channel,
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        participants=tuple(
            ParticipantDraft(relation=who.relation, channel=who.channel, person_id=who.person_id)
            for who in visit.participants.order_by("pk")
        ),
        finding=visit.finding,
        chips=tuple(visit.chips),
        guardian_opinion=visit.guardian_opinion,
        notices_conveyed=visit.notices_conveyed,
        follow_up=visit.follow_up,
        duty_ids=tuple(sorted(visit.duties.values_list("pk", flat=True))),
        appointment_id=visit.appointment_id,
        notes=tuple(sorted(NoteDraft(note.person_id, note.axis, note.text) for note in visit.notes.all())),
        concerns=in_order(
            ConcernDraft(row.pk, row.person_id, row.category, row.alert_tier, row.text, row.follow_up)
            for row in visit.concerns.all()
        ),
        answers=tuple(Answers(**answers) for answers in visit.answers),
    )
