"""A restore builds a database of its own, verifies it, and puts it in place at once: the old state or the new."""

import datetime as dt
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection as django_connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jiafang import localdb
from jiafang.access import actor_transaction, system
from jiafang.accounts import audit
from jiafang.keys.models import DataKey
from jiafang.rescue import programs, snapshot, verification
from jiafang.rescue.errors import RescueError
from jiafang.rescue.manifest import ANCHORS, DUMP, Manifest, check_files, read_manifest
from jiafang.rescue.models import BackupMark, RestoreEpoch
from jiafang.rescue.progress import Progress

RESTORING = re.compile(r'processing data for table "public\.(\w+)"')
LOCK = 0x6A665253  # one restore at a time
LOCK_PATIENCE = "15s"
SWAP_ATTEMPTS = 5
PEOPLE = ("accounts_user", "organization_person")


@dataclass(frozen=True)
class Restored:
    """What a restore has brought back and what was seen of it."""

    made_at: dt.datetime
    epoch: uuid.UUID
    found: list[str]


def restore_backup(
    folder: Path, *, into: str = "", replace: bool, keep_old: bool = False, progress: Progress
) -> Restored:
    """Put a backup in the place of the database (or of the one called `into`), or refuse and change nothing."""
    manifest = read_manifest(folder)
    check_files(folder, manifest, lambda done, all_: progress.show("checking the folder", done, all_))
    _require_known_migrations(manifest)
    ours = str(conninfo_to_dict(snapshot.owner_url())["dbname"])
    name = into or ours
    fresh = f"{name}_restoring"
    anchors = settings.AUDIT_ANCHOR if settings.AUDIT_ANCHOR.exists() else folder / ANCHORS
    with psycopg.connect(_address("postgres"), autocommit=True) as server:
        _require_possible(server, manifest, name, replace)
        _drop_left_behind(server, name)
        try:
            _create(server, fresh, manifest)
            _load(folder, manifest, _address(fresh), progress)
            found = _verify(manifest, fresh, anchors, progress)
            erased = _erase_again(name, fresh) if _exists(server, name) else []
            epoch = _begin_anew(manifest, fresh)
            if name == ours:
                _go_back(fresh, anchors)
            old = _swap(server, name, fresh, "kept" if keep_old else "replaced")
        except BaseException:
            with suppress(psycopg.Error):  # why there is something to clean up matters more
                localdb.drop_database(server, fresh)
            raise
        if erased:
            found.append(
                "erased since the backup, and their keys destroyed again; their names come off with "
                f"`jiafang erase-person`: {', '.join(erased)}"
            )
        if old and keep_old:
            found.append(f"the replaced database is kept as {old}")
        elif old:
            localdb.drop_database(server, old)
    return Restored(manifest.made_at, epoch, found)


def _address(name: str) -> str:
    return make_conninfo(snapshot.owner_url(), dbname=name)


def _require_known_migrations(manifest: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(manifest.migrations) - known)
    if unknown:
        raise RescueError(
            f"The backup was made by Jiafang {manifest.app_version} with migrations that this version does not know "
            f"({', '.join(unknown[:3])}): install that version first. Nothing was changed."
        )


def _require_possible(server: psycopg.Connection[Any], manifest: Manifest, name: str, replace: bool) -> None:
    # A killed restore holds the lock until the server has noticed.
    server.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_PATIENCE])
    try:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    except psycopg.errors.LockNotAvailable as error:
        raise RescueError("Another restore is at work. Nothing was changed.") from error
    row = server.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if not row or not row[0]:
        raise RescueError(
            "The owner may not create a database, and a restore is built in one of its own: as an administrator of "
            "PostgreSQL, ALTER ROLE … CREATEDB. Nothing was changed."
        )
    missing = set(manifest.roles) - {row[0] for row in server.execute("SELECT rolname FROM pg_roles")}
    if missing:
        raise RescueError(
            f"The backup gives rights to roles that this server does not have: {', '.join(sorted(missing))}; "
            "make them first (docs/deployment.md). Nothing was changed."
        )
    if not replace and _exists(server, name) and _has_people(name):
        raise RescueError(f"The database {name} holds data; --replace gives it up. Nothing was changed.")


def _exists(server: psycopg.Connection[Any], name: str) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _has_people(name: str) -> bool:
    with psycopg.connect(_address(name)) as connection:
        present = set(snapshot.table_names(connection))
        if present and not present.issuperset(PEOPLE):
            return True  # not ours to judge: whatever it is, it is not empty
        if not present:
            return False
        snapshot.require_all_rows_visible(connection)
        counts = snapshot.count_rows(connection, list(PEOPLE), lambda done, all_: None)
        return any(counts.values())


def _drop_left_behind(server: psycopg.Connection[Any], name: str) -> None:
    """What a killed restore has left: a database half filled, or one that was replaced and not dropped yet."""
    query = "SELECT datname FROM pg_database WHERE datname = %s OR starts_with(datname, %s)"
    for (left,) in server.execute(query, [f"{name}_restoring", f"{name}_replaced_"]).fetchall():
        localdb.drop_database(server, left)


def _create(server: psycopg.Connection[Any], name: str, manifest: Manifest) -> None:
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}").format(
            sql.Identifier(name), manifest.collate, manifest.ctype
        )
    )


def _load(folder: Path, manifest: Manifest, url: str, progress: Progress) -> None:
    done, total = 0, sum(manifest.tables.values())

    def heard(line: str) -> None:
        nonlocal done
        if found := RESTORING.search(line):
            progress.show("loading the rows", done, total)
            done += manifest.tables.get(found[1], 0)

    pg_restore = programs.program("pg_restore", manifest.dump_major)
    database = str(conninfo_to_dict(url)["dbname"])
    command = [pg_restore, "--verbose", "--exit-on-error", "--no-owner", f"--dbname={database}", folder / DUMP]
    programs.run([str(part) for part in command], url, heard)
    progress.show("loading the rows", 1, 1)


def _verify(manifest: Manifest, fresh: str, anchors: Path, progress: Progress) -> list[str]:
    """Rows, schema, fences, audit chain and encrypted text are as they were."""
    rows = sum(manifest.tables.values())
    with psycopg.connect(_address(fresh)) as connection:
        verification.require_same_rows(
            connection, manifest, lambda done, all_: progress.show("comparing the rows", done, all_)
        )
        verification.require_same_schema(connection, manifest)
        report = verification.require_whole_chain(connection, anchors)
        connection.execute("ANALYZE")
    with led_to(fresh):
        call_command("migrate", interactive=False, verbosity=0)
        read = verification.require_readable(lambda done, all_: progress.show("reading encrypted text", done, all_))
    return [
        f"{rows:,} rows in {len(manifest.tables)} tables, as many as were saved",
        "columns, triggers, rights and policies as they were saved",
        f"{report.entries:,} audit entries, the chain whole over {report.links:,} links",
        f"{read:,} encrypted fields chosen at random were decrypted",
    ]


def _erase_again(name: str, fresh: str) -> list[str]:
    """Keys that were destroyed after the backup was made stay destroyed; return of whom, for what is not sealed."""
    with psycopg.connect(_address(name)) as before:
        if DataKey._meta.db_table not in snapshot.table_names(before):
            return []
        gone = before.execute(
            "SELECT purpose, subject, max(id) FROM keys_datakey WHERE state = 'erased' GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
    people = []
    with psycopg.connect(_address(fresh)) as after:
        for purpose, subject, last in gone:
            destroyed = after.execute(
                "UPDATE keys_datakey SET state = 'erased', wrapped = '', master = ''"
                " WHERE purpose = %s AND subject = %s AND id <= %s AND state <> 'erased'",
                [purpose, subject, last],
            )
            if destroyed.rowcount and purpose == "person":
                people.append(subject)
    return people


def _begin_anew(manifest: Manifest, fresh: str) -> uuid.UUID:
    with led_to(fresh), actor_transaction(system("restore")):
        epoch = RestoreEpoch.objects.create(backup_made_at=manifest.made_at)
        BackupMark.objects.create(made_at=epoch.since, sequence=manifest.last_receipt)
        audit.record(by=system("restore"), action="restore", of=epoch, rows=sum(manifest.tables.values()))
    return epoch.epoch


def _go_back(fresh: str, anchors: Path) -> None:
    """Written before the swap: a restore that is killed between leaves a chain that is longer than it has to be."""
    if anchors != settings.AUDIT_ANCHOR and anchors.exists():
        settings.AUDIT_ANCHOR.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(anchors, settings.AUDIT_ANCHOR)
    with psycopg.connect(_address(fresh)) as connection:
        verification.go_back(connection, settings.AUDIT_ANCHOR)


@contextmanager
def led_to(name: str) -> Iterator[None]:
    """Lead Django to another database of the same server, as the owner."""
    owner = conninfo_to_dict(snapshot.owner_url())
    wanted = {"NAME": name, "USER": owner["user"], "PASSWORD": owner.get("password") or ""}
    before = {key: django_connection.settings_dict[key] for key in wanted}
    django_connection.close()
    django_connection.settings_dict.update(wanted)
    try:
        yield
    finally:
        django_connection.close()
        django_connection.settings_dict.update(before)


def _swap(server: psycopg.Connection[Any], name: str, fresh: str, word: str) -> str:
    """Both names change in one transaction; return what the replaced database is called now, if there was one."""
    old = f"{name}_{word}_{int(time.time())}" if _exists(server, name) else ""
    for attempt in range(1, SWAP_ATTEMPTS + 1):
        _end_sessions(server, name)
        try:
            with server.transaction():
                for before, after in ((name, old), (fresh, name)) if old else ((fresh, name),):
                    server.execute(
                        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(before), sql.Identifier(after))
                    )
            break
        except psycopg.errors.ObjectInUse as error:
            if attempt == SWAP_ATTEMPTS:
                raise RescueError(
                    f"Somebody keeps working with {name}: stop the web server and the workers. Nothing was changed."
                ) from error
    return old


def _end_sessions(server: psycopg.Connection[Any], name: str) -> None:
    """A database with visitors cannot be renamed; each role may send away its own."""
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()"
    )
    server.execute(query, [name])
    addresses = localdb.addresses()
    for url in filter(None, (addresses.app_url, addresses.sequencer_url)):
        with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as visitor:
            visitor.execute(query, [name])
