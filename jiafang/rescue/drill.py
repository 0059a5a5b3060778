"""The rehearsal of a rescue: backup, damage of many kinds, restore; beside the database, which is only read."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jiafang import localdb
from jiafang.rescue import snapshot, verification
from jiafang.rescue.backup import make_backup
from jiafang.rescue.errors import RescueError
from jiafang.rescue.manifest import DUMP, NAME, Manifest
from jiafang.rescue.progress import Progress
from jiafang.rescue.restore import led_to, restore_backup

Say = Callable[[str], None]
FLIP = """UPDATE {0} SET {1} = set_byte({1}, octet_length({1}) - 1, get_byte({1}, octet_length({1}) - 1) # 1)
    WHERE octet_length({1}) > 0"""
# Every kind of harm that somebody with the owner's password could do to a database, with its statements.
HARMS = {
    "a trigger switched off": """
        SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) FROM pg_trigger
        WHERE NOT tgisinternal ORDER BY 1 LIMIT 1""",
    "row-level security taken from a table": """
        SELECT format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', oid::regclass) FROM pg_class
        WHERE relrowsecurity AND relnamespace = 'public'::regnamespace ORDER BY 1 LIMIT 1""",
    "a function of the fence that runs as somebody else": """
        SELECT format('ALTER FUNCTION %s SECURITY INVOKER', oid::regprocedure) FROM pg_proc
        WHERE prosecdef AND pronamespace = to_regnamespace('fence') ORDER BY 1 LIMIT 1""",
    "rights given to everybody": "SELECT 'GRANT UPDATE ON accounts_auditentry TO PUBLIC'",
    "entries removed from the audit": """
        SELECT 'DELETE FROM accounts_auditentry WHERE id = (SELECT max(id) FROM accounts_auditentry)'""",
    "a table emptied": "SELECT 'TRUNCATE visits_visit CASCADE' FROM visits_visit LIMIT 1",
}


def rehearse(*, say: Say, progress: Progress) -> float:
    """Every step of a rescue on a copy; what does not turn out as it must is an error. Return the seconds it took."""
    began = time.monotonic()
    name = f"{conninfo_to_dict(snapshot.owner_url())['dbname']}_drill"
    try:
        with tempfile.TemporaryDirectory(prefix="jiafang-drill-") as place:
            folder = Path(place) / "backup"
            step = time.monotonic()
            manifest = make_backup(folder, keys_file=None, progress=progress)
            say(f"backup: {sum(manifest.tables.values()):,} rows, {_seconds(step)}")
            step = time.monotonic()
            restore_backup(folder, into=name, replace=True, progress=progress)
            say(f"restore into an empty database: {_seconds(step)}")
            say(f"damage to the database: noticed {_damage_database(name, manifest)} kinds of it")
            say(f"damage to the backup: refused {_damage_folder(folder, name)} kinds of it")
            step = time.monotonic()
            restored = restore_backup(folder, into=name, replace=True, progress=progress)
            say(f"restore over the damage: {_seconds(step)}")
            for line in restored.found:
                say(f"  {line}")
    finally:
        with psycopg.connect(make_conninfo(snapshot.owner_url(), dbname="postgres"), autocommit=True) as server:
            localdb.drop_database(server, name)
    return time.monotonic() - began


def _seconds(since: float) -> str:
    return f"{time.monotonic() - since:.1f} s"


def _damage_database(name: str, manifest: Manifest) -> int:
    """Harm of every kind, each has to be noticed; the last one stays for the restore to mend."""
    noticed = 0
    with psycopg.connect(make_conninfo(snapshot.owner_url(), dbname=name)) as owner:
        # A restore writes its own epoch and audit entry, so that harm is told from the state after it.
        counted = snapshot.count_rows(owner, snapshot.table_names(owner), lambda done, all_: None)
        unharmed = replace(manifest, tables=counted, schema=snapshot.schema_hashes(owner))
        for what, query in HARMS.items():
            statements = [row[0] for row in owner.execute(query)]
            for statement in statements:
                owner.execute(statement)
                with _must_notice(what):
                    verification.require_same_schema(owner, unharmed)
                    verification.require_same_rows(owner, unharmed, lambda done, all_: None)
                noticed += 1
            owner.rollback()
        for model, field in verification.sealed_columns():
            owner.execute(sql.SQL(FLIP).format(sql.Identifier(model._meta.db_table), sql.Identifier(str(field.column))))
        owner.commit()
    with led_to(name), _must_notice("an altered ciphertext"):
        verification.require_readable(lambda done, all_: None)
    return noticed + 1


def _damage_folder(folder: Path, name: str) -> int:
    """A flipped bit, a cut file, a missing file: none of them is restored."""
    noticed = 0
    for file in (DUMP, NAME):
        for damage in (_flip, _cut, Path.unlink):
            copy = folder.with_name("damaged")
            shutil.copytree(folder, copy)
            damage(copy / file)
            with _must_notice(f"{damage.__name__} {file}"):
                restore_backup(copy, into=name, replace=True, progress=Progress(None))
            shutil.rmtree(copy)
            noticed += 1
    return noticed


def _flip(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))


def _cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 1)


@contextmanager
def _must_notice(what: str) -> Iterator[None]:
    try:
        yield
    except RescueError:
        return
    raise RescueError(f"The drill failed: {what} was not noticed.")
