"""Many rows at once: COPY into a staging table, INSERT … SELECT or UPDATE … FROM it.

COPY straight into a table fails under row-level security, and a statement for each row takes minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Model

from jiafang.common.errors import Conflict
from jiafang.keys.sealing import seal_columns

BLOCK = 1 << 16
SEALED_AT_ONCE = 5000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows of the named fields; every other field has its default."""
    given: list[Any] = [model._meta.get_field(name) for name in names]
    others = [
        field
        for field in model._meta.concrete_fields
        if field not in given and not (field.primary_key and "id" not in names)
    ]
    defaults = [_text(field.get_prep_value(field.get_default())) for field in others]
    fields: list[Any] = [*given, *others]
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{field.column}"' for field in fields)
        table = f'"{model._meta.db_table}"'
        _stage(cursor, table, columns, _sealed(model, names, rows, new=True), defaults)
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM roster_staging")  # noqa: S608
        count = int(cursor.rowcount)
        cursor.execute("DROP TABLE roster_staging")
    return count


def update_rows(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set the named fields of rows given as (id, values…); every row must be there."""
    if not rows:
        return
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    with connection.cursor() as cursor:
        table = f'"{model._meta.db_table}"'
        columns = ", ".join(['"id"', *(f'"{field.column}"' for field in fields)])
        _stage(cursor, table, columns, _sealed(model, ("id", *names), rows, new=False), [])
        settings = ", ".join(f'"{field.column}" = s."{field.column}"' for field in fields)
        cursor.execute(f'UPDATE {table} t SET {settings} FROM roster_staging s WHERE t."id" = s."id"')  # noqa: S608
        found = int(cursor.rowcount)
        cursor.execute("DROP TABLE roster_staging")
    if found != len(rows):
        raise Conflict(f"{model._meta.label}: {found} of {len(rows)} rows were there to be changed")


def _stage(
    cursor: Any,
    table: str,
    columns: str,
    blocks: Iterable[Sequence[Sequence[Any]]],
    defaults: Sequence[str],
) -> None:
    cursor.execute(
        f"CREATE TEMP TABLE roster_staging ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA"  # noqa: S608
    )
    tail = "".join(f"\t{value}" for value in defaults) + "\n"
    # A block at a time, for its keys are looked up between two COPYs.
    for rows in blocks:
        with cursor.copy(f"COPY roster_staging ({columns}) FROM STDIN") as copy:
            block: list[str] = []
            size = 0
            for row in rows:
                line = "\t".join([_text(value) for value in row]) + tail
                block.append(line)
                size += len(line)
                if size >= BLOCK:
                    copy.write("".join(block))
                    block, size = [], 0
            copy.write("".join(block))


def _sealed(
    model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, new: bool
) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows in blocks, with the columns sealed that are never written plain."""
    remaining = iter(rows)
    while block := list(islice(remaining, SEALED_AT_ONCE)):
        yield seal_columns(model, names, block, new=new)


def _text(value: Any) -> str:
    """One value in the text format of COPY."""
    if type(value) is str:
        return value.translate(ESCAPES) if "\\" in value or not value.isprintable() else value
    if value is None:
        return "\\N"
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, (bytes, memoryview)):
        return "\\\\x" + bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(f'"{_text(str(item))}"' for item in value) + "}"
    return str(value).translate(ESCAPES)
