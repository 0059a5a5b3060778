"""What must be true of a restored database before anybody works with it."""

import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection as django_connection
from django.db import models

from jiafang.accounts.audit import anchor, chain
from jiafang.accounts.audit.verify import Report, verify
from jiafang.keys.fields import Sealed, SealedField
from jiafang.keys.sealing import sealed_fields, sealed_models
from jiafang.rescue import snapshot
from jiafang.rescue.errors import RescueError
from jiafang.rescue.manifest import Manifest

SAMPLE = 1000
Show = Callable[[float, float], None]
Connection = psycopg.Connection[Any]


def audit_state(connection: Connection) -> dict[str, Any]:
    """How many entries there are and where their chain ends."""
    row = connection.execute("SELECT count(*) FROM accounts_auditentry").fetchone()
    head = chain.head_of(connection)
    return {"entries": row[0] if row else 0, "chained": head.sequence, "head": head.hash.hex()}


def require_same_rows(connection: Connection, manifest: Manifest, show: Show) -> None:
    """Every table has exactly the rows that were counted when the backup was made."""
    snapshot.require_all_rows_visible(connection)
    found = snapshot.count_rows(connection, snapshot.table_names(connection), show)
    names = sorted(found.keys() | manifest.tables.keys())
    wrong = [
        f"{name}: {found.get(name)} of {manifest.tables.get(name)}"
        for name in names
        if found.get(name) != manifest.tables.get(name)
    ]
    if wrong:
        raise RescueError(f"Rows are missing or too many after the restore ({'; '.join(wrong)}). Nothing was changed.")


def require_same_schema(connection: Connection, manifest: Manifest) -> None:
    """Columns, triggers, rights and policies are those of the backup: a restore without its fences is none."""
    found = snapshot.schema_hashes(connection)
    wrong = [part for part, digest in manifest.schema.items() if found.get(part) != digest]
    if wrong:
        raise RescueError(f"The restored schema differs in: {', '.join(wrong)}. Nothing was changed.")


def require_whole_chain(connection: Connection, anchors: Path) -> Report:
    """The audit chain is as it was written, up to where this backup ends; what came later is given up with it."""
    with tempfile.TemporaryDirectory() as folder:
        heads = Path(folder) / "anchors"
        if anchors.exists():
            shutil.copyfile(anchors, heads)
        go_back(connection, heads)
        report = verify(connection, heads)
    if not report.is_whole:
        raise RescueError(f"The audit chain is not whole: {'; '.join(report.faults[:5])}. Nothing was changed.")
    return report


def go_back(connection: Connection, anchors: Path) -> None:
    """Write down outside the database that a restore went back to the head that it has now."""
    head = chain.head_of(connection)
    connection.rollback()
    if head.sequence or anchors.exists():
        anchor.write(anchors, head.sequence, head.hash, event=anchor.RESTORED)


def sealed_columns() -> list[tuple[type[models.Model], SealedField]]:
    """Every column that holds encrypted text."""
    return [(model, field) for model in sealed_models() for field in sealed_fields(model)]


def require_readable(show: Show, sample: int = SAMPLE) -> int:
    """Decrypt fields chosen at random from all columns, through Django's present connection; say how many."""
    chosen = _choose(sample)
    for done, (model, field, pk) in enumerate(chosen, start=1):
        try:
            sealed: Sealed = model._base_manager.only(field.attname).get(pk=pk).__dict__[field.attname]
            value = sealed.open(pk)
        except Exception as error:
            raise RescueError(
                f"{model._meta.db_table} {pk}: {field.column} cannot be decrypted ({error!r}). Nothing was changed."
            ) from error
        if not value and not sealed.is_erased():
            raise RescueError(f"{model._meta.db_table} {pk}: {field.column} came out empty. Nothing was changed.")
        show(done, len(chosen))
    return len(chosen)


def _choose(sample: int) -> list[tuple[type[models.Model], SealedField, Any]]:
    """Fields in equal parts from every column; what a small column cannot give the large ones make up."""
    columns, quoted = [], django_connection.ops.quote_name
    with django_connection.cursor() as cursor:
        for model, field in sealed_columns():
            table, column = (quoted(str(name)) for name in (model._meta.db_table, field.column))
            key = quoted(str(model._meta.pk.column))
            cursor.execute(
                f"SELECT {key} FROM {table} WHERE octet_length({column}) > 0 ORDER BY random() LIMIT %s",  # noqa: S608
                [sample],
            )
            columns.append([(model, field, row[0]) for row in cursor.fetchall()])
    columns.sort(key=len)
    chosen: list[tuple[type[models.Model], SealedField, Any]] = []
    for number, rows in enumerate(columns):
        chosen += rows[: (sample - len(chosen)) // (len(columns) - number)]
    random.shuffle(chosen)
    return chosen
