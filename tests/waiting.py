"""Waiting for what another thread or process will bring about."""

import time
from collections.abc import Callable

from django.db import connection


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    """Return as soon as it is true; fail when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def somebody_waits_for_us() -> bool:
    """Whether another connection waits for a row that this transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)"
        )
        return bool(cursor.fetchone()[0])


def apart(work: Callable[[], object]) -> None:
    """The body of a thread that uses the database on a connection of its own."""
    try:
        work()
    finally:
        connection.close()
