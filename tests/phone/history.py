"""Backups of the house and returns to them inside one transaction: a backup is a savepoint, a restore rolls back to it.

Marks and epochs are written by the owner on a connection of its own, as `jiafang backup` and `jiafang restore` do, and
so outlive the rolling back, which is what they do in earnest too.
"""

from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from jiafang.rescue.marks import LAST_RECEIPT
from tests.database import OWNER_URL

LONG_AGO = "interval '400 days'"


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@dataclass(frozen=True)
class Backup:
    name: str
    sequence: int


@dataclass
class History:
    """One life after another of one database; ends with everything undone."""

    backups: list[Backup] = field(default_factory=list)
    restores: int = 0
    _made: int = 0

    def __post_init__(self) -> None:
        name = connection.settings_dict["NAME"]
        self._owner: psycopg.Connection[Any] = psycopg.connect(make_conninfo(OWNER_URL, dbname=name), autocommit=True)
        connection.ensure_connection()
        _execute("SAVEPOINT beginning")

    def backup(self) -> None:
        self._made += 1
        with connection.cursor() as cursor:
            cursor.execute(LAST_RECEIPT)
            backup = Backup(f"backup_{self._made}", cursor.fetchone()[0])
        _execute(f"SAVEPOINT {backup.name}")
        self.backups.append(backup)
        self._mark(backup.sequence)

    def expire_oldest(self) -> None:
        """A backup leaves the window in which backups are kept; the newest one never does."""
        if len(self.backups) > 1:
            self.backups.pop(0)
            self._owner.execute(
                f"UPDATE rescue_backupmark SET made_at = now() - {LONG_AGO} WHERE id ="
                f" (SELECT min(id) FROM rescue_backupmark WHERE made_at > now() - {LONG_AGO} / 2)"
            )

    def restore(self, which: int) -> None:
        backup = self.backups[which]
        del self.backups[which + 1 :]
        self.restores += 1
        self._back_to(backup.name)
        self._owner.execute("DELETE FROM rescue_backupmark WHERE sequence > %s", [backup.sequence])
        self._owner.execute("INSERT INTO rescue_restoreepoch (epoch, since) VALUES (gen_random_uuid(), now())")
        self._mark(backup.sequence)

    def end(self) -> None:
        self._back_to("beginning")
        _execute("RELEASE SAVEPOINT beginning")
        self._owner.execute("DELETE FROM rescue_backupmark")
        self._owner.close()

    def _mark(self, sequence: int) -> None:
        self._owner.execute("INSERT INTO rescue_backupmark (made_at, sequence) VALUES (now(), %s)", [sequence])

    @staticmethod
    def _back_to(savepoint: str) -> None:
        connection.needs_rollback = False
        connection.run_on_commit = []
        _execute(f"ROLLBACK TO SAVEPOINT {savepoint}")
