"""What a record says, as one value: compared by a hash, kept whole as an earlier revision."""

import datetime as dt
import json
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

    def to_text(self) -> str:
        """The canonical form: equal records are equal text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_moment)

    @cached_property
    def hash(self) -> str:
        """Keyed, so that a short text cannot be guessed from it."""
        return keyed_hash(self.to_text(), "visit body")


def _moment(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    raise TypeError(type(value))


def store(visit: Visit, body: Body) -> None:
    """Put the fields of a body on the row; participants and duties are rows of their own."""
    visit.channel = body.channel
    visit.started_at = body.started_at
    visit.ended_at = body.ended_at
    visit.finding = body.finding
    visit.chips = list(body.chips)
    visit.guardian_opinion = body.guardian_opinion
    visit.notices_conveyed = body.notices_conveyed
    visit.follow_up = body.follow_up
    visit.body_hash = body.hash


def body_of(visit: Visit) -> Body:
    """The body of a saved record."""
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
    )
