"""From what a phone sent to the change it asks for: one function for each kind of item."""

import uuid
from typing import Any

from django.utils.translation import gettext as _

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Appointment, Campaign, Duty
from jiafang.common.errors import InputFault, JiafangError, NotAllowed
from jiafang.visits.models import Attachment, ItemKind
from jiafang.visits.services.attach import attach_in
from jiafang.visits.services.outcome import note_outcome_in
from jiafang.visits.services.record import record_in
from jiafang.visits.services.take_item import Item
from jiafang.visits.sync.payload import OutcomePayload, VisitPayload, glance, read_outcome, read_visit


def visit_item(item: uuid.UUID, content: bytes) -> Item:
    """A record."""
    payload, fault = _read(read_visit, content)
    seen = glance(content) if fault else None
    return Item(
        kind=ItemKind.VISIT,
        id=item,
        content=content,
        write=lambda by: write_visit(by, item, payload),
        revision=seen.revision if seen else payload.revision,
        written_at=seen.written_at if seen else payload.written_at,
        fault=fault,
        duty_ids=seen.duty_ids if seen else list(payload.body.duty_ids),
        lock=f"visit:{item}",
    )


def outcome_item(item: uuid.UUID, content: bytes) -> Item:
    """What became of an appointment that was no visit."""
    payload, fault = _read(read_outcome, content)
    return Item(
        kind=ItemKind.OUTCOME,
        id=item,
        content=content,
        write=lambda by: write_outcome(by, payload),
        written_at=glance(content).written_at if fault else payload.written_at,
        fault=fault,
    )


def file_item(item: uuid.UUID, content: bytes, *, visit: uuid.UUID, kind: str) -> Item:
    """A photo or a voice note of a record."""
    known = kind in Attachment.Kind.values
    return Item(
        kind=ItemKind.FILE,
        id=item,
        content=content,
        write=lambda by: attach_in(by=by, visit_id=visit, attachment_id=item, kind=kind, content=content),
        fault=None if known else InputFault(_("不认识这种文件"), place="kind"),
        details={"visit": str(visit), "kind": kind if known else ""},
        lock=f"visit:{visit}",
    )


def write_visit(by: Actor, item: uuid.UUID, payload: VisitPayload, *, base_revision: int | None = None) -> None:
    """The record, with everything that follows from it; inside a transaction."""
    campaign = scope(by, Campaign).filter(pk=payload.campaign_id).first()
    if campaign is None:
        raise NotAllowed("visit.record")
    body = payload.body
    record_in(
        by=by,
        visit_id=item,
        base_revision=payload.base_revision if base_revision is None else base_revision,
        campaign=campaign,
        appointment=Appointment(pk=body.appointment_id) if body.appointment_id else None,
        duties=[Duty(pk=pk) for pk in body.duty_ids],
        channel=body.channel,
        started_at=body.started_at,
        ended_at=body.ended_at,
        participants=body.participants,
        finding=body.finding,
        chips=body.chips,
        guardian_opinion=body.guardian_opinion,
        notices_conveyed=body.notices_conveyed,
        follow_up=body.follow_up,
        notes=body.notes,
        concerns=body.concerns,
        answers=body.answers,
        form_seconds=payload.form_seconds,
    )


def write_outcome(by: Actor, payload: OutcomePayload) -> None:
    note_outcome_in(
        by=by,
        appointment=Appointment(pk=payload.appointment_id),
        outcome=payload.outcome,
        moved_to=payload.moved_to,
    )


def _read(read: Any, content: bytes) -> tuple[Any, JiafangError | None]:
    try:
        return read(content), None
    except InputFault as fault:
        return None, fault
