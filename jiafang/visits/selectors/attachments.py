"""Files that hang on a record within reach, and how many a family is told of."""

import uuid

from django.db import connection

from jiafang.access import Actor, scope
from jiafang.visits.models import Attachment


def attachments_of(actor: Actor, visit_id: uuid.UUID) -> list[Attachment]:
    """In the order in which they came, without their bytes."""
    rows = scope(actor, Attachment).filter(visit_id=visit_id).defer("content")
    return list(rows.order_by("added_at", "pk"))


def counts_about(child_id: int) -> dict[str, int]:
    """How many of each kind there are about an own child of the guardian who acts; of anybody else's, none.

    The rows stay out of a family's reach: the database counts them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, count FROM fence.attachments_about(%s)", [child_id])
        return dict(cursor.fetchall())
