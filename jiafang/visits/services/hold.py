"""Keeping what could not be taken: whole and sealed, and in sight of whoever can settle it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, claim, scope
from jiafang.accounts import audit
from jiafang.common.clock import now
from jiafang.common.errors import NotReady
from jiafang.keys.sealing import reserve_ids
from jiafang.organization.models import Person
from jiafang.visits.models import HeldItem, Receipt, Visit
from jiafang.visits.scope import SEND
from jiafang.visits.selectors.records import body_for
from jiafang.visits.sync.payload import as_payload
from jiafang.visits.sync.receipts import Given, give_receipt

# A phone that keeps sending what cannot be taken is stopped here; what it has not sent it keeps.
MOST_OPEN = 1000
# What its writer still has to look at.
WAITING = (HeldItem.State.OPEN, HeldItem.State.LEFT)


class TooManyHeld(NotReady):
    """So much waits for this person that something is wrong with the phone."""


@dataclass(frozen=True)
class Held:
    """Why something waits, for the answer; `current` is the record as it is now, of a conflict."""

    reason: str
    place: str
    message: str
    current: dict[str, Any] | None = None


def hold(*, by: Actor, row: HeldItem, receipt: Receipt, before: Callable[[], None]) -> Given:
    """Write it, an audit entry without its text, and a receipt that says that it is held; inside a transaction.

    `before` writes what goes with it, once the database has agreed.
    """
    waiting = scope(by, HeldItem, CHANGE).filter(person_id=by.person_id, state__in=WAITING)
    if waiting.count() >= MOST_OPEN:
        raise TooManyHeld(_("等待核对的记录太多了,请先到“需要您核对的记录”里处理几条"))
    claim(by, Person(pk=by.person_id), SEND)
    before()
    # The foreign key is looked at when the transaction ends: the receipt with its number comes last.
    [receipt.pk] = reserve_ids(Receipt, 1)
    row.receipt_id = receipt.pk
    row.save(force_insert=True)
    audit.record(
        by=by,
        action="held.keep",
        of=HeldItem(pk=row.pk),
        kind=row.kind,
        item=str(row.item),
        revision=row.revision,
        reason=row.reason,
    )
    return give_receipt(receipt)


def why_held(by: Actor, given: Given, row: HeldItem | None = None) -> Held | None:
    """What the answer to an item that is held says; None for one that is not."""
    if not given.held:
        return None
    row = row or scope(by, HeldItem, CHANGE).get(receipt_id=given.pk)
    message = words_of(row)
    current = current_version(by, row) if row.reason == HeldItem.Reason.CONFLICT else None
    return Held(row.reason, row.place, message, current)


def words_of(row: HeldItem) -> str:
    """Why it waits, for its writer."""
    if row.state == HeldItem.State.LEFT:
        return _("负责这个学生的老师看过,没有收下。您写的还在,不需要了可以放弃。")
    return row.message or str(HeldItem.Reason(row.reason).label)


def settle(*, by: Actor, row: HeldItem, state: str) -> None:
    """It waits no more: its receipt becomes one like others, so that the phone may forget it; inside a transaction."""
    HeldItem.unscoped.filter(pk=row.pk).update(state=state, settled_at=now(), settled_by_id=by.person_id)
    Receipt.unscoped.filter(pk=row.receipt_id).update(held=False)
    audit.record(by=by, action=f"held.{state}", of=HeldItem(pk=row.pk))


def current_version(by: Actor, row: HeldItem) -> dict[str, Any] | None:
    """The record as the server has it, in the form in which phones keep theirs."""
    visit = scope(by, Visit, CHANGE).filter(pk=row.item).first()
    if visit is None:
        return None
    people = dict(visit.duties.values_list("pk", "person_id"))
    body = body_for(by, visit)
    return {"revision": visit.revision, "body": as_payload(visit, body, [people[pk] for pk in body.duty_ids])}
