"""The only opener of transactions: tells the database who acts, durable for a use case."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from jiafang.access.actor import SYSTEM, Actor
from jiafang.common.clock import today
from jiafang.common.errors import NotAllowed

_ENTER = "SELECT fence.enter(%s, %s, %s, %s)"
_CLAIM = "SELECT fence.claim(%s, %s, %s)"
_STATE = "SELECT fence.state()"
_RESUME = "SELECT fence.resume(%s)"


_acting_now: ContextVar[Actor | None] = ContextVar("acting", default=None)


def enter(cursor: CursorWrapper, by: Actor) -> None:
    """Tell the database who acts until the transaction of the cursor ends."""
    cursor.execute(_ENTER, [by.person_id, by.kind, by.school_id, today()])


@contextmanager
def _acting(by: Actor) -> Iterator[None]:
    """Inside a transaction that goes on afterwards, whoever acted before acts again."""
    told = _acting_now.set(by)
    try:
        with _told_to_the_database(by):
            yield
    finally:
        _acting_now.reset(told)


def acting() -> Actor | None:
    """Who acts here and now; outside every transaction of an actor, nobody, and then no scoped row is seen."""
    return _acting_now.get()


@contextmanager
def _told_to_the_database(by: Actor) -> Iterator[None]:
    with connection.cursor() as cursor:
        before = None
        if len(connection.savepoint_ids) > 0:
            cursor.execute(_STATE)
            before = cursor.fetchone()[0]
        enter(cursor, by)
    yield
    if before is not None:
        with connection.cursor() as cursor:
            cursor.execute(_RESUME, [before])


@contextmanager
def actor_transaction(by: Actor) -> Iterator[None]:
    """One use case: all of it is committed, or none; never inside another."""
    with transaction.atomic(durable=True), _acting(by):
        yield


@contextmanager
def reading(by: Actor) -> Iterator[None]:
    """A consistent view for a page or an answer; joins the surrounding transaction if there is one."""
    with transaction.atomic(), _acting(by):
        yield


def claim(by: Actor, rows: Model | Collection[Model], purpose: str) -> None:
    """Ask the database to agree that the actor may do this with these rows, before a use case writes.

    Until then it may only read what the actor sees; from then on, until its transaction ends, it may write and read
    what follows from the change. Raises NotAllowed.
    """
    rows = [rows] if isinstance(rows, Model) else list(rows)
    if by.kind == SYSTEM or not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [purpose, rows[0]._meta.db_table, [str(row.pk) for row in rows]])
        agreed = cursor.fetchone()[0]
    if not agreed:
        raise NotAllowed(f"{purpose} {rows[0]._meta.label} {rows[0].pk}")


@contextmanager
def savepoint() -> Iterator[None]:
    """A part of a use case that the database may refuse while the rest goes on."""
    with transaction.atomic():
        yield
