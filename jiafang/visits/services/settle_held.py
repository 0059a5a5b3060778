"""Settling what is held: its writer tries again, merges or gives it up; whoever answers for the student accepts it."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, Capacity, actor_transaction, claim, reading, require, scope
from jiafang.access.actor import SYSTEM
from jiafang.accounts import audit
from jiafang.campaigns.models import Appointment
from jiafang.common.errors import Conflict, JiafangError, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.visits.body import Body, NoteDraft, body_of
from jiafang.visits.models import HeldItem, ItemKind, Visit
from jiafang.visits.scope import ACCEPT
from jiafang.visits.services.hold import WAITING, settle
from jiafang.visits.services.take_item import Item
from jiafang.visits.services.write_item import file_item, outcome_item, visit_item, write_visit
from jiafang.visits.sync.payload import VisitPayload, read_visit

HELD, CURRENT = "held", "current"


@dataclass(frozen=True)
class Merged:
    """What the writer made of two versions: texts, and from which of them the rest is."""

    rest_from: str
    finding: str
    guardian_opinion: str


def try_held_again(*, by: Actor, held_id: int) -> None:
    """Take it as it is, if nothing stands in the way any more; else the error says what does, and it stays held."""
    require(by, "visit.record")
    with actor_transaction(by):
        row = _own(by, held_id)
        item = item_of(row)
        if item.fault is not None:
            raise item.fault
        item.write(by)
        settle(by=by, row=row, state=HeldItem.State.TAKEN)
        _take_files(by, by, row)


def merge_held(*, by: Actor, held_id: int, onto: int, merged: Merged) -> None:
    """The writer's choice becomes the next revision of the record, if that is still the one that was looked at."""
    require(by, "visit.record")
    with actor_transaction(by):
        row = _own(by, held_id)
        visit = scope(by, Visit, CHANGE).filter(pk=row.item).first()
        if visit is None or row.kind != ItemKind.VISIT:
            raise NotAllowed("visit.record")
        payload = read_visit(bytes(row.content))
        body = merged_body(payload.body, body_of(visit), merged)
        write_visit(by, row.item, replace(payload, body=body, campaign_id=visit.campaign_id, base_revision=onto))
        settle(by=by, row=row, state=HeldItem.State.REPLACED)


def correct_held(*, by: Actor, held_id: int, started_at: dt.datetime, finding: str, guardian_opinion: str) -> None:
    """The writer mends what could not be taken; the rest stays as it came."""
    require(by, "visit.record")
    with actor_transaction(by):
        row = _own(by, held_id)
        payload = read_visit(bytes(row.content))
        body = replace(payload.body, started_at=started_at, finding=finding, guardian_opinion=guardian_opinion)
        if started_at != payload.body.started_at:
            body = replace(body, ended_at=None)
        write_visit(by, row.item, replace(payload, body=body))
        settle(by=by, row=row, state=HeldItem.State.REPLACED)
        _take_files(by, by, row)


def merged_body(held: Body, current: Body, merged: Merged) -> Body:
    """Nothing that only one version says about somebody is lost: notes are joined, concerns put together."""
    first, second = (held, current) if merged.rest_from == HELD else (current, held)
    notes: dict[tuple[int, str], str] = {}
    for note in (*first.notes, *second.notes):
        before = notes.get((note.person_id, note.axis), "")
        if note.text not in before:
            notes[note.person_id, note.axis] = f"{before}\n{note.text}" if before else note.text
    concerns = {one.id: one for one in (*second.concerns, *first.concerns)}
    return replace(
        first,
        finding=merged.finding,
        guardian_opinion=merged.guardian_opinion,
        notes=tuple(NoteDraft(person_id, axis, text) for (person_id, axis), text in notes.items()),
        concerns=tuple(concerns.values()),
        duty_ids=current.duty_ids,
    )


def dismiss_held(*, by: Actor, held_id: int) -> None:
    """The writer needs it no more; the phone may forget it."""
    require(by, "visit.record")
    with actor_transaction(by):
        settle(by=by, row=_own(by, held_id), state=HeldItem.State.DISMISSED)


def accept_held(*, by: Actor, held_id: int) -> None:
    """Whoever answers for those it is about lets it in: a record of its writer, as if that one still reached them."""
    require(by, "visit.record")
    with actor_transaction(by):
        row = _of_somebody_else(by, held_id)
        payload = read_visit(bytes(row.content))
        if Visit.unscoped.filter(pk=row.item).exclude(recorded_by_id=row.person_id).exists():
            raise Conflict(_("这个编号已经是别人的一条记录了,不能收下"))
        # Whose record it is does not change by who lets it in; the claim above says that this may be.
        writer = Actor(None, row.person_id, Capacity(kind=SYSTEM, label="accepted"))
        with reading(writer):
            write_visit(writer, row.item, _without_foreign_appointment(payload, row.person_id))
            _take_files(writer, by, row)
        settle(by=by, row=row, state=HeldItem.State.TAKEN)


def leave_held(*, by: Actor, held_id: int) -> None:
    """It is not let in; its writer keeps seeing it, and the phone keeps it."""
    require(by, "visit.record")
    with actor_transaction(by):
        row = _of_somebody_else(by, held_id)
        HeldItem.unscoped.filter(pk=row.pk).update(state=HeldItem.State.LEFT)
        audit.record(by=by, action="held.left", of=HeldItem(pk=row.pk))


def item_of(row: HeldItem) -> Item:
    """What was held, as it came."""
    content = bytes(row.content)
    if row.kind == ItemKind.VISIT:
        return visit_item(row.item, content)
    if row.kind == ItemKind.OUTCOME:
        return outcome_item(row.item, content)
    return file_item(row.item, content, visit=uuid.UUID(row.details["visit"]), kind=row.details["kind"])


def _own(by: Actor, held_id: int) -> HeldItem:
    return _locked(by, CHANGE, held_id, WAITING)


def _of_somebody_else(by: Actor, held_id: int) -> HeldItem:
    return _locked(by, ACCEPT, held_id, [HeldItem.State.OPEN])


def _locked(by: Actor, purpose: str, held_id: int, states: Iterable[str]) -> HeldItem:
    """The row as it waits; what comes for the same record from a phone waits until this is over."""
    seen = scope(by, HeldItem, purpose).filter(pk=held_id).only("item", "kind").first()
    if seen is None:
        raise NotAllowed("visit.record")
    lock_name(f"{seen.kind}:{seen.item}")
    claim(by, seen, purpose)
    row = HeldItem.unscoped.select_for_update().get(pk=held_id)
    if row.state not in states:
        raise Conflict(_("这一条已经处理过了"))
    return row


def _without_foreign_appointment(payload: VisitPayload, writer: int) -> VisitPayload:
    """An appointment that became somebody else's is not made done by this."""
    appointment_id = payload.body.appointment_id
    if appointment_id is None:
        return payload
    if Appointment.visitors.through.objects.filter(appointment_id=appointment_id, person_id=writer).exists():
        return payload
    return replace(payload, body=replace(payload.body, appointment_id=None))


def _take_files(writer: Actor, by: Actor, visit: HeldItem) -> None:
    """Photos and voice notes that had to wait with their record; what is wrong with one leaves it held."""
    if visit.kind != ItemKind.VISIT:
        return
    waiting = HeldItem.unscoped.filter(
        kind=ItemKind.FILE, person_id=visit.person_id, state__in=WAITING, details__visit=str(visit.item)
    )
    for row in waiting.select_for_update().order_by("pk"):
        try:
            with reading(writer):
                item_of(row).write(writer)
        except JiafangError:
            continue
        settle(by=by, row=row, state=HeldItem.State.TAKEN)
