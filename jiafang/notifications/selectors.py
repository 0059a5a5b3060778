"""What somebody has been told, and how much of it is unread; each in the capacity at hand."""

from django.db.models import QuerySet

from jiafang.access import Actor, scope
from jiafang.notifications.models import Notification

# Beyond this nobody asks how many more there are, and counting stays cheap.
MOST_COUNTED = 100


def feed(actor: Actor) -> QuerySet[Notification]:
    """Everything, the newest first."""
    return scope(actor, Notification).order_by("-id")


def unread_count(actor: Actor) -> int:
    """How many wait to be read: one query over an index of unread ones, which ends at MOST_COUNTED."""
    return scope(actor, Notification).filter(read_at=None).order_by()[:MOST_COUNTED].count()
