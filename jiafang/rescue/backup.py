"""A backup is made beside its place and takes it when whole: a killed one leaves nothing that looks like a backup."""

import os
import re
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from jiafang.common.clock import now
from jiafang.rescue import keys, programs, snapshot
from jiafang.rescue.errors import RescueError
from jiafang.rescue.manifest import ANCHORS, DUMP, Manifest, describe
from jiafang.rescue.marks import LAST_RECEIPT
from jiafang.rescue.progress import Progress
from jiafang.rescue.verification import audit_state

DUMPING = re.compile(r'dumping contents of table "public\.(\w+)"')
COPYING = re.compile(rb"COPY public\.\"?(\w+)\"? ")


def make_backup(folder: Path, *, keys_file: Path | None, progress: Progress) -> Manifest:
    """Write database and files as of one moment into a new folder, and the keys apart from it."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RescueError(f"{folder} is there already and not empty; a backup takes a new folder.")
    if keys_file:
        keys.write_keys(keys_file, folder)
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    try:
        manifest = _fill(making, progress)
        manifest.write(making)
        _to_disk(making)
        os.replace(making, folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return manifest


def _fill(making: Path, progress: Progress) -> Manifest:
    owner_url = snapshot.owner_url()
    if settings.AUDIT_ANCHOR.exists():
        shutil.copyfile(settings.AUDIT_ANCHOR, making / ANCHORS)
    with psycopg.connect(owner_url, application_name="jiafang backup") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot.require_owner(connection)
        snapshot.require_all_rows_visible(connection)
        made_at, tables = now(), snapshot.table_names(connection)
        counts = snapshot.count_rows(connection, tables, lambda done, all_: progress.show("counting rows", done, all_))
        emptied = [table for table in snapshot.EMPTIED if table in counts]
        counts |= dict.fromkeys(emptied, 0)
        row = connection.execute("SELECT pg_export_snapshot(), current_setting('server_version_num')::int").fetchone()
        assert row is not None
        name, server_major = row[0], row[1] // 10000
        pg_dump = programs.program("pg_dump", server_major)
        _dump(pg_dump, making / DUMP, name, counts, emptied, owner_url, progress)
        collate, ctype = snapshot.locale_of(connection)
        manifest = Manifest(
            made_at=made_at,
            app_version=version("jiafang"),
            server_major=server_major,
            dump_major=programs.major(pg_dump),
            collate=collate,
            ctype=ctype,
            roles=snapshot.granted_roles(connection),
            keys=keys.fingerprints(),
            migrations=snapshot.applied_migrations(connection),
            tables=counts,
            emptied=emptied,
            schema=snapshot.schema_hashes(connection),
            audit=audit_state(connection),
            last_receipt=_last_receipt(connection),
        )
    require_every_row(making / DUMP, manifest.dump_major, counts, progress)
    paths = sorted(path for path in making.rglob("*") if path.is_file())
    manifest.files.update({path.relative_to(making).as_posix(): describe(path) for path in paths})
    return manifest


def _last_receipt(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute(LAST_RECEIPT).fetchone()
    return row[0] if row else 0


def _dump(
    pg_dump: Path, target: Path, name: str, counts: dict[str, int], emptied: list[str], url: str, progress: Progress
) -> None:
    done, total = 0, sum(counts.values())

    def heard(line: str) -> None:
        nonlocal done
        # A table is named when it begins: what was begun before it is done.
        if found := DUMPING.search(line):
            progress.show("writing the database", done, total)
            done += counts.get(found[1], 0)

    # Row security stays on, else PostgreSQL refuses; that the owner sees every row was seen to above.
    command: list[str | Path] = [
        pg_dump,
        "--format=custom",
        "--verbose",
        "--enable-row-security",
        "--no-owner",
        f"--snapshot={name}",
    ]
    left_out = [f"--exclude-table-data=public.{table}" for table in emptied]
    programs.run([*command, *left_out, f"--file={target}"], url, heard)
    progress.show("writing the database", 1, 1)


def require_every_row(dump: Path, dump_major: int, counts: dict[str, int], progress: Progress) -> None:
    """The rows that the dump holds, counted in the dump itself."""
    seen = dict.fromkeys(counts, 0)
    done, total, table = 0, sum(counts.values()), ""
    command: list[str | Path] = [programs.program("pg_restore", dump_major), "--data-only", "--file=-", dump]
    with programs.reading(command) as lines:
        for line in lines:
            if table and line == b"\\.\n":
                table = ""
            elif table:
                seen[table] += 1
                done += 1
                if done % 10000 == 0:
                    progress.show("reading it back", done, total)
            elif found := COPYING.match(line):
                table = found[1].decode()
    wrong = [f"{table}: {seen[table]:,} of {rows:,}" for table, rows in counts.items() if seen[table] != rows]
    if wrong:
        raise RescueError(f"The dump does not hold every row ({'; '.join(wrong)}). No backup was made.")
    progress.show("reading it back", 1, 1)


def _to_disk(folder: Path) -> None:
    """On disk, and for this account alone: a copy of the folder elsewhere keeps the files shut, not the folder."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o700 if path.is_dir() else 0o600)
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
