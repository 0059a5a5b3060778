"""Runs in the scratch database: fill, chain, verify, and the plain reading of the same rows to compare with."""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import django

django.setup()

import psycopg  # noqa: E402  # after the settings
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from jiafang.access import system  # noqa: E402
from jiafang.accounts import audit  # noqa: E402
from jiafang.accounts.audit.chain import Sequencer, connect  # noqa: E402
from jiafang.accounts.audit.form import EPOCH, Entry, canonical, sealed  # noqa: E402
from jiafang.accounts.audit.keys import seal_keys  # noqa: E402
from jiafang.accounts.audit.verify import EVERYTHING, ROWS_AT_ONCE  # noqa: E402
from jiafang.accounts.models import User  # noqa: E402

READINGS = list(audit.Reading)


def main() -> None:
    count = int(sys.argv[1])
    timed("fill", lambda: fill(count))
    with connect() as connection:
        sequencer = Sequencer(connection)
        chaining = timed("chain everything", sequencer.append)
        print(f"  {count / chaining:,.0f} entries a second")
        idle = timed("look for new ones when there are none, 20 times", lambda: [sequencer.append() for _ in range(20)])
        print(f"  {idle / 20 * 1000:.1f} ms each")
    call_command("chain_audit", once=True)
    with connect() as connection:
        plain = min(timed("plain reading of the same rows", lambda: read(connection)) for _ in range(2))
    verified = timed("jiafang verify-audit", lambda: call_command("verify_audit"))
    print(f"  {verified / plain:.1f} times the plain reading")
    one_entry()


def timed(what: str, call: Callable[[], Any]) -> float:
    began, worked = time.monotonic(), time.process_time()
    call()
    spent = time.monotonic() - began
    print(f"{what}: {spent:.2f} s (of which {time.process_time() - worked:.2f} s work of this process)", flush=True)
    return spent


def entries(count: int) -> Iterator[tuple[dt.datetime, Entry]]:
    chance, key = random.Random(1), seal_keys()[0]
    began = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for number in range(count):
        at = began + dt.timedelta(seconds=number * 7, microseconds=number % 999)
        entry = Entry(
            at=(at - EPOCH) // dt.timedelta(microseconds=1),
            user_id=number % 3000 + 1,
            person_id=number % 3000 + 1,
            capacity=f"teacher:{number % 30 + 1}",
            action=chance.choice(READINGS).value,
            object_kind="organization.person",
            object_id=str(number),
            why="",
            subjects=sorted(chance.sample(range(1, 60_000), chance.choice([1, 2, 3, 3, 5, 45]))),
            details=json.dumps({"form": "pdf", "rows": number % 50}) if number % 10 == 0 else "{}",
        )
        yield at, entry._replace(seal=sealed(canonical(entry), key))


def fill(count: int) -> None:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner, owner.cursor() as cursor:
        # COPY is refused on a table with policies, which this filling is not about.
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE ROW LEVEL SECURITY")
        with cursor.copy(
            "COPY accounts_auditentry (at, user_id, person_id, capacity, action, object_kind, object_id, why,"
            " subjects, details, seal) FROM STDIN"
        ) as copy:
            for at, entry in entries(count):
                copy.write_row((at, *entry[1:]))
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE ROW LEVEL SECURITY")
    with psycopg.connect(settings.DATABASE_OWNER_URL, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE accounts_auditentry")


def read(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction(), connection.cursor(name="plain") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        for _row in cursor.execute(EVERYTHING):
            pass


def one_entry() -> None:
    """What one entry costs the page that it belongs to, among a million others."""
    times = []
    for _number in range(300):
        with transaction.atomic():
            began = time.perf_counter()
            audit.opened(by=system("benchmark"), reading=audit.Reading.CLASS, students=range(1, 46), of=User(pk=1))
            times.append(time.perf_counter() - began)
    times.sort()
    print(f"one entry about 45 students: {times[150] * 1000:.2f} ms (median), {times[-15] * 1000:.2f} ms (95 %)")


if __name__ == "__main__":
    main()
