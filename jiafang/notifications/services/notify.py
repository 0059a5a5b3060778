"""Telling people that something waits for them: the one door through which a notification comes into being."""

from collections.abc import Iterable

from django.db import connection

from jiafang.access import Actor
from jiafang.access.transaction import acting
from jiafang.common.clock import now

# In the order of the people, so that two use cases that tell the same ones wait for each other instead of crossing.
_TELL = """
INSERT INTO notifications_notification
    (person_id, capacity_kind, school_id, code, object_kind, object_id, once, created_at)
SELECT person, %s, %s, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) person ORDER BY person
ON CONFLICT (person_id, once) WHERE once <> '' DO NOTHING
"""


def notify(
    *,
    by: Actor,
    people: Iterable[int],
    code: str,
    object_kind: str,
    object_id: str | int,
    school_id: int | None = None,
    capacity_kind: str = "",
    once: str = "",
) -> int:
    """Tell each of the people once, within the transaction of the use case that has claimed; how many were new.

    What it says is a code of `notifications/kinds.py` and where it leads; the database refuses anything that is not
    one plain word. Whoever was told under the same `once` is not told again.
    """
    if acting() is None:
        raise RuntimeError(f"{code} is told within the transaction of a use case ({by.name or by.kind})")
    told = list(dict.fromkeys(people))
    if not told:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [capacity_kind, school_id, code, object_kind, str(object_id), once, now(), told])
        return cursor.rowcount
