"""What is written to the database meanwhile, and undoing it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

WRITING = re.compile(r"\s*(?:WITH\b.*?\)\s*)?(INSERT|UPDATE|DELETE)\s+(?:INTO\s+|FROM\s+)?\"?(\w+)", re.I | re.S)
CLAIM = "SELECT fence.claim(%s, %s, %s)"
SAVEPOINT = re.compile(r"(ROLLBACK TO )?SAVEPOINT \"?(\w+)")


@contextmanager
def undone() -> Iterator[None]:
    """Undo what happens inside; a durable transaction may still open in it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own test case does
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def quickly_undone() -> Iterator[None]:
    """The same inside of `undone`, for one question among many: half the ways to the database.

    What a request sets for its transaction, such as who asks, is undone as well.
    """
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT question")
    try:
        yield
    finally:
        connection.needs_rollback = False
        connection.run_on_commit = []
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT question; RELEASE SAVEPOINT question")


class Writes:
    """Notes the tables of which rows are written and not taken back, and what was claimed for that."""

    def __init__(self) -> None:
        self._noted: list[str] = []
        self._marks: dict[str, int] = {}
        self.claims: list[tuple[str, str, tuple[str, ...]]] = []

    @property
    def tables(self) -> set[str]:
        return set(self._noted)

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        text = sql if isinstance(sql, str) else str(sql)
        if text == CLAIM:
            purpose, table, pks = params
            self.claims.append((purpose, table, tuple(pks)))
        start = text[:9].lstrip().upper()
        if start.startswith(("INSERT", "UPDATE", "DELETE", "WITH")):
            found = WRITING.match(text)
            if found and context["cursor"].rowcount != 0:
                self._noted.append(found[2])
        elif start.startswith(("SAVEPOINT", "ROLLBACK")):
            found = SAVEPOINT.match(text)
            if found and found[1]:
                del self._noted[self._marks.get(found[2], 0) :]
            elif found:
                self._marks[found[2]] = len(self._noted)
        return result


@contextmanager
def writes() -> Iterator[Writes]:
    noted = Writes()
    with connection.execute_wrapper(noted):
        yield noted
