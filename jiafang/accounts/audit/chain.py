"""The sequencer: puts committed entries into the chain, one process at a time, under a role of its own.

Numbers are given to entries before they are committed, so a small number may appear after a large one. The
sequencer therefore looks again at everything above a floor, and moves the floor only over numbers whose writers
have all ended: a writer holds a lock on the table from before it takes a number until it has ended.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection as default_connection
from psycopg.conninfo import make_conninfo

from jiafang.accounts.audit.form import BEFORE_THE_FIRST, COLUMNS, Entry, canonical, linked
from jiafang.common.errors import NotReady

Connection = psycopg.Connection[Any]
ONLY_ONE = 0x6A66_6175  # the key of the lock that one sequencer holds
BATCH = 2000

NUMBERS_GIVEN = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM accounts_auditentry_id_seq"
WRITERS = """SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = 'accounts_auditentry'::regclass AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
UNCHAINED = f"""SELECT e.id, {COLUMNS} FROM accounts_auditentry e
    WHERE e.id > %s AND NOT EXISTS (SELECT FROM accounts_auditlink l WHERE l.entry_id = e.id)
    ORDER BY e.id LIMIT {BATCH}"""  # noqa: S608  # columns of ours
LAST = "SELECT sequence, hash FROM accounts_auditlink ORDER BY sequence DESC LIMIT 1"
TAIL = """SELECT count(*), coalesce(extract(epoch FROM now() - min(at)), 0)::float FROM accounts_auditentry e
    WHERE e.id > coalesce((SELECT entry_id FROM accounts_auditlink ORDER BY sequence DESC LIMIT 1), 0)"""


def connect() -> Connection:
    """A connection as the sequencer, to the database that the application uses."""
    if not settings.DATABASE_SEQUENCER_URL:
        raise NotReady("DATABASE_SEQUENCER_URL is missing: the chain is written under a role of its own.")
    name = default_connection.settings_dict["NAME"]
    return psycopg.connect(
        make_conninfo(settings.DATABASE_SEQUENCER_URL, dbname=name), autocommit=True, application_name="sequencer"
    )


@dataclass(frozen=True)
class Head:
    """The last link."""

    sequence: int = 0
    hash: bytes = BEFORE_THE_FIRST


def head_of(connection: Connection) -> Head:
    row = connection.execute(LAST).fetchone()
    return Head(row[0], bytes(row[1])) if row else Head()


class Sequencer:
    """Appends to the chain; make one only on a connection of its own, whose end frees the lock."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.floor = 0
        self.unsettled: tuple[int, set[str]] | None = None

    def is_the_only_one(self) -> bool:
        """Take the lock, or tell that another sequencer has it."""
        row = self.connection.execute("SELECT pg_try_advisory_lock(%s)", [ONLY_ONE]).fetchone()
        return bool(row and row[0])

    def append(self) -> int:
        """Put every entry that is committed and not in the chain into it; tells how many."""
        settled = self._settled()
        above, added = self.floor, 0
        while True:
            with self.connection.transaction():
                rows = self.connection.execute(UNCHAINED, [above]).fetchall()
                self._link(rows)
            added += len(rows)
            if len(rows) < BATCH:
                break
            above = rows[-1][0]
        self.floor = max(self.floor, settled)
        return added

    def _settled(self) -> int:
        """A number up to which every entry is committed or never will be; said before the entries are looked at."""
        given = self.connection.execute(NUMBERS_GIVEN).fetchone()
        writers = {row[0] for row in self.connection.execute(WRITERS)}
        settled = 0
        if self.unsettled is not None and not self.unsettled[1] & writers:
            settled, self.unsettled = self.unsettled[0], None
        if not writers:
            settled, self.unsettled = (given[0] if given else 0), None
        elif self.unsettled is None:
            self.unsettled = (given[0] if given else 0, writers)
        return settled

    def _link(self, rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        head = head_of(self.connection)
        sequence, previous = head.sequence, head.hash
        links: list[tuple[int, int, bytes]] = []
        for entry_id, *columns in rows:
            entry = Entry(*columns)
            sequence += 1
            previous = linked(previous, sequence, entry_id, canonical(entry), bytes(entry.seal))
            links.append((sequence, entry_id, previous))
        with (
            self.connection.cursor() as cursor,
            cursor.copy("COPY accounts_auditlink (sequence, entry_id, hash) FROM STDIN") as copy,
        ):
            for link in links:
                copy.write_row(link)


def unchained_tail(connection: Connection) -> tuple[int, float]:
    """How many of the newest entries wait for the chain, and for how many seconds the oldest of them has."""
    row = connection.execute(TAIL).fetchone()
    return (row[0], row[1]) if row else (0, 0.0)
