"""The only opener of transactions: sets the actor for row-level security, durable for a use case."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from jiafang.access.actor import Actor


def _set_actor(by: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('jiafang.person', %s, true), set_config('jiafang.capacity', %s, true)",
            [str(by.person_id or ""), by.capacity_key],
        )


@contextmanager
def actor_transaction(by: Actor) -> Iterator[None]:
    """One use case: all of it is committed, or none; never inside another."""
    with transaction.atomic(durable=True):
        _set_actor(by)
        yield


@contextmanager
def reading(by: Actor) -> Iterator[None]:
    """A consistent view for a page or an answer; joins the surrounding transaction if there is one."""
    with transaction.atomic():
        _set_actor(by)
        yield


@contextmanager
def savepoint() -> Iterator[None]:
    """A part of a use case that the database may refuse while the rest goes on."""
    with transaction.atomic():
        yield
