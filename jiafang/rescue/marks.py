"""How far the backups reach: what a phone may forget, because no restore can take it from the server any more."""

import datetime as dt

import psycopg
from django.conf import settings

from jiafang.common.clock import now
from jiafang.rescue import snapshot
from jiafang.rescue.manifest import Manifest

# In the order of commits, so that whoever sees one number sees all before it.
LAST_RECEIPT = "SELECT coalesce(max(sequence), 0) FROM visits_receipt"
# Every backup of the window may be brought back; when none is so young, the newest one.
SAFE_THROUGH = """
    (SELECT coalesce(min(sequence), 0) FROM rescue_backupmark
    WHERE made_at >= %s OR id = (SELECT max(id) FROM rescue_backupmark))
"""


def oldest_backup_kept() -> dt.datetime:
    """Backups made before this moment are gone; a day more, for whoever clears away late."""
    days: int = settings.BACKUPS_KEPT_DAYS
    return now() - dt.timedelta(days=days + 1 if days else 0)


def mark_backup(manifest: Manifest) -> None:
    """Remember that a backup is whole and how far it reaches; as the owner, for the application only reads it."""
    with psycopg.connect(snapshot.owner_url(), application_name="jiafang backup") as connection:
        connection.execute(
            "INSERT INTO rescue_backupmark (made_at, sequence) VALUES (%s, %s)",
            [manifest.made_at, manifest.last_receipt],
        )
