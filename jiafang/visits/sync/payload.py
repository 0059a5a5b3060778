"""What a phone's record and outcome say, read from the exact bytes that it keeps."""

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from jiafang.common.errors import InputFault
from jiafang.visits.body import Answers, Body, ConcernDraft, NoteDraft, ParticipantDraft
from jiafang.visits.limits import (
    MAX_CONCERNS,
    MAX_DUTIES,
    MAX_NOTES,
    MAX_PARTICIPANTS,
    MAX_RELATION,
    MAX_REVISION,
    MAX_TEXT,
)
from jiafang.visits.models import Visit
from jiafang.visits.sync.fields import Fields, moment_of, parse_object

FORMAT = 1
MAX_CHIPS = 100
MAX_SETS = 20
LONGEST_SALT = 64


@dataclass(frozen=True)
class VisitPayload:
    """A record as it was typed."""

    revision: int
    base_revision: int
    written_at: dt.datetime | None
    campaign_id: int
    body: Body
    form_seconds: int | None


@dataclass(frozen=True)
class OutcomePayload:
    """What became of an appointment that was no visit."""

    written_at: dt.datetime | None
    appointment_id: int
    outcome: str
    moved_to: dt.datetime | None
    revision: int = 1


def read_visit(content: bytes) -> VisitPayload:
    """The record in these bytes, or an InputFault that names the first place that cannot be read."""
    fields = _of_format(content)
    return VisitPayload(
        revision=fields.integer("revision", most=MAX_REVISION),
        base_revision=fields.integer("base_revision", least=0, most=MAX_REVISION),
        written_at=moment_of(fields.value("written_at")),
        campaign_id=fields.integer("campaign"),
        body=_body(fields),
        form_seconds=fields.integer_or_none("form_seconds", least=0),
    )


def read_outcome(content: bytes) -> OutcomePayload:
    """The outcome in these bytes, or an InputFault."""
    fields = _of_format(content)
    return OutcomePayload(
        written_at=moment_of(fields.value("written_at")),
        appointment_id=fields.integer("appointment"),
        outcome=fields.code("outcome"),
        moved_to=fields.moment_or_none("moved_to"),
    )


@dataclass(frozen=True)
class Glance:
    """What can be told of a body in which something is wrong."""

    revision: int
    written_at: dt.datetime | None
    duty_ids: list[int]


def glance(content: bytes) -> Glance:
    """Revision, time and duties that a body names, as far as they can be read."""
    try:
        fields = Fields(parse_object(content))
    except InputFault:
        return Glance(1, None, [])
    revision, duty_ids = 1, []
    with suppress(InputFault):
        revision = fields.integer("revision", most=MAX_REVISION)
    with suppress(InputFault):
        duty_ids = fields.integers("duties", most=MAX_DUTIES)
    return Glance(revision, moment_of(fields.value("written_at")), duty_ids)


def _of_format(content: bytes) -> Fields:
    fields = Fields(parse_object(content))
    if fields.value("format") != FORMAT:
        raise InputFault(_("这是别的版本的程序写的,请更新后再试"), place="format")
    fields.text("salt", longest=LONGEST_SALT)
    return fields


def _body(fields: Fields) -> Body:
    return Body(
        channel=fields.code("channel"),
        started_at=fields.moment("started_at"),
        ended_at=fields.moment_or_none("ended_at"),
        participants=tuple(
            ParticipantDraft(
                relation=one.text("relation", longest=MAX_RELATION),
                channel=one.code("channel"),
                person_id=one.integer_or_none("person"),
            )
            for one in fields.objects("participants", most=MAX_PARTICIPANTS)
        ),
        finding=fields.text("finding", longest=MAX_TEXT),
        chips=tuple(fields.codes("chips", most=MAX_CHIPS)),
        guardian_opinion=fields.text("guardian_opinion", longest=MAX_TEXT),
        notices_conveyed=fields.flag("notices_conveyed"),
        follow_up=fields.flag("follow_up"),
        duty_ids=tuple(fields.integers("duties", most=MAX_DUTIES)),
        appointment_id=fields.integer_or_none("appointment"),
        notes=tuple(
            NoteDraft(one.integer("person"), one.text("axis", longest=20), one.text("text", longest=MAX_TEXT))
            for one in fields.objects("notes", most=MAX_NOTES)
        ),
        concerns=tuple(
            ConcernDraft(
                id=one.identity("id"),
                person_id=one.integer("person"),
                category=one.code("category"),
                alert_tier=one.code("alert_tier"),
                text=one.text("text", longest=MAX_TEXT),
                follow_up=one.flag("follow_up"),
            )
            for one in fields.objects("concerns", most=MAX_CONCERNS)
        ),
        answers=tuple(
            Answers(one.integer("set"), one.integer("version", most=2**31 - 1), one.plain("values"))
            for one in fields.objects("answers", most=MAX_SETS)
        ),
    )


def as_payload(visit: Visit, body: Body, people: list[int]) -> dict[str, Any]:
    """A saved record in the form in which phones keep theirs; `people` are those of the duties, in their order."""
    return {
        "format": FORMAT,
        "salt": "",
        "revision": visit.revision,
        "base_revision": visit.revision - 1,
        "written_at": visit.recorded_at.isoformat(timespec="seconds"),
        "campaign": visit.campaign_id,
        "appointment": body.appointment_id,
        "duties": list(body.duty_ids),
        "people": people,
        "channel": body.channel,
        "started_at": body.started_at.isoformat(timespec="seconds"),
        "ended_at": body.ended_at.isoformat(timespec="seconds") if body.ended_at else None,
        "participants": [
            {"person": who.person_id, "relation": who.relation, "channel": who.channel} for who in body.participants
        ],
        "chips": list(body.chips),
        "finding": body.finding,
        "notes": [{"person": note.person_id, "axis": note.axis, "text": note.text} for note in body.notes],
        "guardian_opinion": body.guardian_opinion,
        "notices_conveyed": body.notices_conveyed,
        "follow_up": body.follow_up,
        "concerns": [
            {
                "id": str(concern.id),
                "person": concern.person_id,
                "category": concern.category,
                "alert_tier": concern.alert_tier,
                "text": concern.text,
                "follow_up": concern.follow_up,
            }
            for concern in body.concerns
        ],
        "answers": [{"set": one.set_id, "version": one.version, "values": dict(one.values)} for one in body.answers],
        "form_seconds": visit.form_seconds,
    }
