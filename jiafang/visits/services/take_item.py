"""Taking what a phone sends: the change, what follows from it, its audit entry and its receipt at once, or held whole.

The same bytes again, whenever they come, find their receipt. A receipt is the last thing that a transaction writes.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, scope
from jiafang.common.errors import Conflict, InputFault, JiafangError, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.visits.models import HeldItem, ItemKind, Receipt, Visit
from jiafang.visits.services.hold import WAITING, Held, hold, settle, why_held
from jiafang.visits.services.sender import Sender
from jiafang.visits.sync.receipts import Given, give_receipt, hash_of, receipts_of, stored_hash


@dataclass(frozen=True)
class Item:
    """What came. `write` makes the change inside an open transaction of the actor; it raises errors of the house.

    `fault` is what was wrong with the bytes already; `details` stand beside them in the address.
    """

    kind: str
    id: uuid.UUID
    content: bytes
    write: Callable[[Actor], Any]
    revision: int = 1
    written_at: Any = None
    fault: JiafangError | None = None
    duty_ids: list[int] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    lock: str = ""


@dataclass(frozen=True)
class Took:
    """The answer: a receipt; `held` says why it is one for something that waits."""

    given: Given
    digest: str
    held: Held | None = None


def take_item(*, sender: Sender, item: Item) -> Took:
    """Take it or hold it; what was seen before is answered as it was then."""
    digest = hash_of(item.content)
    fault = item.fault
    if fault is None and sender.actor is None:
        fault = NotAllowed("visit.record")
    if fault is None and sender.actor is not None:
        try:
            return _take(sender.actor, item, digest)
        except (JiafangError, DataError, IntegrityError) as error:
            fault = error if isinstance(error, JiafangError) else InputFault(_("内容和已有的记录对不上"))
    assert fault is not None
    return _hold(sender, item, digest, fault)


def _take(by: Actor, item: Item, digest: str) -> Took:
    with actor_transaction(by):
        lock_name(item.lock or f"{item.kind}:{item.id}")
        known = receipts_of(by.person_id, item.kind, item.id)
        kept = stored_hash(digest)
        for one, given in known:
            if one == kept:
                return Took(given, digest, why_held(by, given))
        item.write(by)
        if any(given.held for _hash, given in known):
            _replace_held(by, item)
        return Took(give_receipt(_receipt(by.person_id, item, kept)), digest)


def _hold(sender: Sender, item: Item, digest: str, fault: JiafangError) -> Took:
    """The transaction of the attempt is over, so nothing of it remains; somebody may have been quicker meanwhile."""
    by, kept = sender.keeper, stored_hash(digest)
    with actor_transaction(by):
        lock_name(item.lock or f"{item.kind}:{item.id}")
        known = receipts_of(by.person_id, item.kind, item.id)
        for one, given in known:
            if one == kept:
                return Took(given, digest, why_held(by, given))
        row = HeldItem(
            kind=item.kind,
            item=item.id,
            revision=item.revision,
            person_id=by.person_id,
            capacity=sender.capacity,
            school_id=sender.school_id,
            duty_ids=item.duty_ids,
            details=item.details,
            reason=_reason(by, item, fault),
            place=(fault.place if isinstance(fault, InputFault) else "")[:60],
            message="" if isinstance(fault, NotAllowed) else fault.message,
            content=item.content,
        )
        receipt = _receipt(by.person_id, item, kept)
        receipt.held = True
        overtakes = any(given.held for _hash, given in known)
        given = hold(by=by, row=row, receipt=receipt, before=lambda: _replace_held(by, item) if overtakes else None)
        return Took(given, digest, why_held(by, given, row))


def _reason(by: Actor, item: Item, fault: JiafangError) -> str:
    """Only of a record there are two versions to merge; what has overtaken anything else cannot be merged."""
    if isinstance(fault, NotAllowed):
        return HeldItem.Reason.OUT_OF_REACH
    of_record = isinstance(fault, Conflict) and item.kind == ItemKind.VISIT
    if of_record and scope(by, Visit, CHANGE).filter(pk=item.id).exists():
        return HeldItem.Reason.CONFLICT
    return HeldItem.Reason.REFUSED


def _receipt(person_id: int, item: Item, kept: str) -> Receipt:
    return Receipt(
        kind=item.kind,
        item=item.id,
        revision=item.revision,
        hash=kept,
        person_id=person_id,
        written_at=item.written_at,
    )


def _replace_held(by: Actor, item: Item) -> None:
    """What waited under this id is overtaken by a later revision of it by the same person, never by an earlier one."""
    overtaken = scope(by, HeldItem, CHANGE).filter(
        kind=item.kind,
        item=item.id,
        revision__lt=item.revision,
        person_id=by.person_id,
        state__in=WAITING,
    )
    for row in overtaken.only("pk", "receipt_id"):
        settle(by=by, row=row, state=HeldItem.State.REPLACED)
