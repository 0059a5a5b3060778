"""Photos and voice notes of a record: taken if the bureau wants them, looked through, sealed; removed by the writer."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts import audit
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.common.uploads import Taken, take_photo, take_voice
from jiafang.common.uploads.photos import LARGEST_PHOTO
from jiafang.common.uploads.voice import LARGEST_VOICE
from jiafang.keys.masters import keyed_hash
from jiafang.visits.models import Attachment, Visit

PLACE = "file"


@dataclass(frozen=True)
class Limits:
    """What is taken of one kind: how many for a record, and how large each may come."""

    take: Callable[[bytes], Taken]
    most: int
    largest: int


LIMITS = {
    Attachment.Kind.PHOTO: Limits(take_photo, most=9, largest=LARGEST_PHOTO),
    Attachment.Kind.VOICE: Limits(take_voice, most=1, largest=LARGEST_VOICE),
}


def is_switched_on(kind: str) -> bool:
    """Whether the bureau wants attachments of this kind."""
    wanted = {Attachment.Kind.PHOTO: settings.VISIT_PHOTOS, Attachment.Kind.VOICE: settings.VOICE_NOTES}
    return bool(wanted.get(kind, False))  # type: ignore[call-overload]  # a kind is a string


def attach(*, by: Actor, visit_id: uuid.UUID, attachment_id: uuid.UUID, kind: str, content: bytes) -> Attachment:
    """As `attach_in`, in a transaction of its own."""
    with actor_transaction(by):
        return attach_in(by=by, visit_id=visit_id, attachment_id=attachment_id, kind=kind, content=content)


def attach_in(*, by: Actor, visit_id: uuid.UUID, attachment_id: uuid.UUID, kind: str, content: bytes) -> Attachment:
    """Hang a file on an own record, inside an open transaction of the actor; the same again changes nothing.

    InputFault says what is wrong with the file; NotAllowed: no such record, or not one of the actor's.
    """
    require(by, "visit.record")
    lock_name(f"visit:{visit_id}")
    visit = scope(by, Visit, CHANGE).filter(pk=visit_id).first()
    if visit is None:
        raise NotAllowed("visit.record")
    claim(by, visit, CHANGE)
    came_as = keyed_hash(hashlib.sha256(content).hexdigest(), "attachment")
    known = Attachment.unscoped.defer("content").filter(pk=attachment_id).first()
    if known is not None:
        return _again(known, visit, kind, came_as)
    if not is_switched_on(kind):
        raise InputFault(_("本县没有启用照片或语音,这个文件没有保存"), place=PLACE)
    limits = LIMITS[Attachment.Kind(kind)]
    if Attachment.unscoped.filter(visit=visit, kind=kind).count() >= limits.most:
        raise InputFault(_("一条记录最多放 9 张照片、1 段语音,请先移除一个"), place=PLACE)
    taken = _taken(limits, content)
    attachment = Attachment(
        pk=attachment_id,
        visit=visit,
        kind=kind,
        content=taken.content,
        content_type=taken.content_type,
        size=taken.size,
        came_as=came_as,
        added_by_id=by.person_id,
    )
    attachment.save(force_insert=True)
    audit.record(by=by, action="visit.attach", of=attachment, subjects=_about(visit), visit=str(visit.pk), kind=kind)
    return attachment


def remove_attachment(*, by: Actor, attachment: Attachment) -> None:
    """Take a file of an own record away for good."""
    require(by, "visit.record")
    with actor_transaction(by):
        lock_name(f"visit:{attachment.visit_id}")
        row = scope(by, Attachment, CHANGE).defer("content").filter(pk=attachment.pk).select_related("visit").first()
        if row is None:
            raise NotAllowed("visit.record")
        claim(by, row.visit, CHANGE)
        told = {"visit": str(row.visit_id), "kind": row.kind}
        audit.record(by=by, action="visit.attachment_removed", of=row, subjects=_about(row.visit), **told)
        Attachment.unscoped.filter(pk=row.pk).delete()


def _again(known: Attachment, visit: Visit, kind: str, came_as: str) -> Attachment:
    if known.visit_id != visit.pk:
        raise NotAllowed("visit.record")
    if (known.kind, known.came_as) != (kind, came_as):
        raise InputFault(_("这个文件和先前收到的不一样,请重新添加一次"), place=PLACE)
    return known


def _taken(limits: Limits, content: bytes) -> Taken:
    try:
        return limits.take(content)
    except InputFault as fault:
        raise InputFault(fault.message, place=PLACE) from fault


def _about(visit: Visit) -> list[int]:
    return list(visit.duties.values_list("person_id", flat=True))
