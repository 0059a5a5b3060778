"""Marking as read what somebody was told; of itself it changes nothing else, so it leaves no entry in the audit."""

from collections.abc import Collection

from jiafang.access import CHANGE, Actor, actor_transaction, claim, scope
from jiafang.common.clock import now
from jiafang.common.errors import NotAllowed
from jiafang.notifications.models import Notification


def mark_read(*, by: Actor, notification_id: int) -> Notification:
    """One of one's own has been read; it stays with the moment at which it first was."""
    with actor_transaction(by):
        row = scope(by, Notification, CHANGE).filter(pk=notification_id).first()
        if row is None:
            raise NotAllowed("notification.read")
        _mark(by, [row])
        row.refresh_from_db()
    return row


def mark_all_read(*, by: Actor, up_to: int) -> int:
    """All up to the newest that was on the page; what has come in since then is still to be read."""
    with actor_transaction(by):
        return _mark(by, list(scope(by, Notification, CHANGE).filter(read_at=None, pk__lte=up_to).only("pk")))


def _mark(by: Actor, rows: Collection[Notification]) -> int:
    claim(by, rows, CHANGE)
    return Notification.unscoped.filter(pk__in=[row.pk for row in rows], read_at=None).update(read_at=now())
