"""Writing in the thread of a case, and noting that it was read."""

import uuid
from collections.abc import Collection

from django.utils.translation import gettext as _

from jiafang.access import VIEW, Actor, actor_transaction, claim, require, scope
from jiafang.accounts import audit
from jiafang.care.models import CaseFile, CaseReader, Message, MessageReceipt
from jiafang.care.scope import own_side
from jiafang.care.services.reach import reached
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.notifications.services.notify import notify

LONGEST = 2000


def say(
    *,
    by: Actor,
    case_id: int,
    text: str,
    audience: Collection[str],
    origin: uuid.UUID | None = None,
    stated: Collection[int] | None = None,
) -> Message:
    """Write to the sides of `audience`, the own one always among them; the same origin again is the same message.

    `stated` are the persons who were said to be able to read it: where somebody has joined them since, it is asked
    again instead of sent.
    """
    require(by, "case.read")
    origin = origin or uuid.uuid4()
    with actor_transaction(by):
        case = reached(by, case_id, VIEW)
        lock_name(f"message:{origin}")
        there = Message.unscoped.filter(origin=origin).first()
        if there is not None:
            if there.author_id != by.person_id or there.case_id != case_id:
                raise NotAllowed("case.say")
            return there
        readers = list(CaseReader.unscoped.filter(case=case, until=None))
        side = own_side(by, case_id)
        sides = _sides(side, audience, readers)
        readable_by = [row for row in readers if row.side in sides and row.person_id != by.person_id]
        if stated is not None and not {row.person_id for row in readable_by} <= {*stated}:
            raise Conflict(_("能看到这句话的人刚刚多了。您写的还在,请看一眼现在是谁能看到,再发。"))
        message = Message(
            origin=origin, case=case, author_id=by.person_id, side=side, audience=sides, text=_checked(text)
        )
        message.save()
        audit.record(
            by=by, action="case.said", of=message, subjects=[case.person_id] if case.person_id else [], case=case_id
        )
        _tell(by, message, readable_by)
    return message


def mark_thread_read(*, by: Actor, case_id: int) -> int:
    """Note that all that one may read of the thread has been read; how many were new. Of itself it changes nothing
    else, so it leaves no entry in the audit."""
    require(by, "case.read")
    with actor_transaction(by):
        claim(by, CaseFile(pk=case_id), VIEW)
        read = MessageReceipt.unscoped.filter(person_id=by.person_id).values("message_id")
        rows = scope(by, Message).filter(case_id=case_id).exclude(author_id=by.person_id).exclude(pk__in=read)
        new = list(rows.order_by("pk").values_list("pk", flat=True))
        MessageReceipt.unscoped.bulk_create(
            [MessageReceipt(message_id=pk, person_id=by.person_id) for pk in new], ignore_conflicts=True
        )
    return len(new)


def _checked(text: str) -> str:
    if not text.strip():
        raise InputFault(_("请写一句话再发"), place="text")
    if len(text) > LONGEST:
        raise InputFault(_("最多 %(most)s 字") % {"most": LONGEST}, place="text")
    return text.strip()


def _sides(own: str, audience: Collection[str], readers: Collection[CaseReader]) -> list[str]:
    """Of the sides that have readers now, those that are addressed; in one order, so that the same is the same."""
    if not {*audience} <= {row.side for row in readers}:
        raise InputFault(_("请选择给谁看"), place="audience")
    return sorted({own, *audience})


def _tell(by: Actor, message: Message, readable_by: Collection[CaseReader]) -> None:
    """Each in the capacity in which they read the case."""
    capacities = {(row.kind, row.school_id) for row in readable_by}
    for kind, school_id in sorted(capacities, key=str):
        notify(
            by=by,
            people=[row.person_id for row in readable_by if (row.kind, row.school_id) == (kind, school_id)],
            code="case.message",
            object_kind="case",
            object_id=message.case_id,
            school_id=school_id,
            capacity_kind=kind,
            once=f"case.message:{message.pk}",
        )
