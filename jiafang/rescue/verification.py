"""What must be true of a restored database before anybody works with it."""

import random
from collections.abc import Callable
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection as django_connection
from django.db import models

from jiafang.common.encrypted import EncryptedTextField
from jiafang.rescue import snapshot
from jiafang.rescue.errors import RescueError
from jiafang.rescue.manifest import Manifest

SAMPLE = 1000
Show = Callable[[float, float], None]


def audit_state(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """How far the audit table reaches."""
    row = connection.execute("SELECT count(*), max(id) FROM accounts_auditentry").fetchone()
    assert row is not None
    return {"entries": row[0], "last": row[1]}


def require_same_rows(connection: psycopg.Connection[Any], manifest: Manifest, show: Show) -> None:
    """Every table has exactly the rows that were counted when the backup was made."""
    snapshot.require_all_rows_visible(connection)
    found = snapshot.count_rows(connection, snapshot.table_names(connection), show)
    if found != manifest.tables:
        names = sorted(found.keys() | manifest.tables.keys())
        wrong = [
            f"{name}: {found.get(name)} of {manifest.tables.get(name)}"
            for name in names
            if found.get(name) != manifest.tables.get(name)
        ]
        raise RescueError(f"Rows are missing or too many after the restore ({'; '.join(wrong)}). Nothing was changed.")


def require_same_schema(connection: psycopg.Connection[Any], manifest: Manifest) -> None:
    """Columns, triggers, rights and policies are those of the backup: a restore without its fences is none."""
    found = snapshot.schema_hashes(connection)
    wrong = [part for part, digest in manifest.schema.items() if found.get(part) != digest]
    if wrong:
        raise RescueError(f"The restored schema differs in: {', '.join(wrong)}. Nothing was changed.")


def encrypted_fields() -> list[tuple[type[models.Model], EncryptedTextField]]:
    """Every column that holds encrypted text."""
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


def require_readable(show: Show, sample: int = SAMPLE) -> int:
    """Decrypt encrypted fields chosen at random from all columns, through Django's present connection; say how many."""
    chosen = _choose(sample)
    for done, (model, field, pk) in enumerate(chosen, start=1):
        try:
            text = getattr(model._base_manager.only(field.attname).get(pk=pk), field.attname)
        except Exception as error:
            raise RescueError(
                f"{model._meta.db_table} {pk}: {field.column} cannot be decrypted ({error!r}). Nothing was changed."
            ) from error
        if not text:
            raise RescueError(f"{model._meta.db_table} {pk}: {field.column} came out empty. Nothing was changed.")
        show(done, len(chosen))
    return len(chosen)


def _choose(sample: int) -> list[tuple[type[models.Model], EncryptedTextField, Any]]:
    """Fields in equal parts from every column; what a small column cannot give the large ones make up."""
    columns, quoted = [], django_connection.ops.quote_name
    with django_connection.cursor() as cursor:
        for model, field in encrypted_fields():
            table, column = (quoted(str(name)) for name in (model._meta.db_table, field.column))
            key = quoted(str(model._meta.pk.column))
            cursor.execute(
                f"SELECT {key} FROM {table} WHERE octet_length({column}) > 0 ORDER BY random() LIMIT %s",  # noqa: S608
                [sample],
            )
            columns.append([(model, field, row[0]) for row in cursor.fetchall()])
    columns.sort(key=len)
    chosen: list[tuple[type[models.Model], EncryptedTextField, Any]] = []
    for number, rows in enumerate(columns):
        chosen += rows[: (sample - len(chosen)) // (len(columns) - number)]
    random.shuffle(chosen)
    return chosen
