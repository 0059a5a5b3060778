"""Each fence, taken away and put back while the process runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from psycopg import sql

from jiafang.accounts import audit
from jiafang.keys.fields import Sealed

GUARDED = """SELECT relname, relforcerowsecurity FROM pg_class
    WHERE relrowsecurity AND relnamespace = 'public'::regnamespace ORDER BY 1"""
DOORS = ("jiafang.web.accounts.doors.DoorsMiddleware", "jiafang.web.headers.HeadersMiddleware")

Application = Callable[..., Any]


@contextmanager
def without_row_security() -> Iterator[None]:
    """Policies stay where they are and are not asked."""
    with psycopg.connect(str(settings.DATABASE_OWNER_URL), autocommit=True) as owner:
        tables = [row[0] for row in owner.execute(GUARDED)]
        assert tables, "no table has row-level security: there is nothing to compare with"
        _alter(owner, tables, "DISABLE")
        try:
            yield
        finally:
            _alter(owner, tables, "ENABLE")


def _alter(owner: psycopg.Connection[Any], tables: list[str], verb: str) -> None:
    for table in tables:
        owner.execute(sql.SQL("ALTER TABLE {} {} ROW LEVEL SECURITY").format(sql.Identifier(table), sql.SQL(verb)))


@contextmanager
def without_audit() -> Iterator[None]:
    """Nothing is written down, wherever the writers have been imported to."""
    writers = (audit.record, audit.opened)
    with ExitStack() as stack:
        for module in [module for name, module in sys.modules.items() if name.startswith("jiafang.")]:
            for name, value in list(vars(module).items()):
                if any(value is writer for writer in writers):
                    stack.enter_context(patch.object(module, name, lambda **told: None))
        yield


@contextmanager
def without_keys() -> Iterator[None]:
    """Texts are at hand as if they were stored plain: neither keys are fetched nor anything is decrypted."""
    plain: dict[bytes, Any] = {}
    sealed = Sealed.open

    def at_hand(self: Sealed, pk: Any) -> Any:
        if self.stored not in plain:
            plain[self.stored] = sealed(self, pk)
        return plain[self.stored]

    with patch.object(Sealed, "open", at_hand):
        yield


@contextmanager
def without_doors() -> Iterator[Application]:
    """An application whose sessions are Django's own."""
    rest = [name for name in settings.MIDDLEWARE if name not in DOORS]
    assert len(rest) == len(settings.MIDDLEWARE) - len(DOORS)
    with override_settings(MIDDLEWARE=rest):
        yield WSGIHandler()
