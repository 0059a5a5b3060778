"""What the database lets the tests themselves see: everything, but nothing of it while a page, a job or a thread works.

The fence knows nobody on a new connection. A test reads and builds rows on the connection of its own thread as the
machine itself; as long as a request is served on it, it is nobody again, as in production.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.apps import apps
from django.core.signals import request_finished, request_started
from django.db import connection, connections
from django.db.backends.signals import connection_created

from jiafang.access import registry, system
from jiafang.access import transaction as access_transaction
from jiafang.access.transaction import acting
from jiafang.common.models import Scoped

# Lists without secrets: read by everybody who has come in, and written after a claim, as what is scoped.
OPEN_TO_READ = ("care.bureausection", "care.category", "care.categoryrule", "care.resource", "insight.signrule")

_serving = threading.local()
_EVERYTHING = "SELECT set_config('fence.reach', %s, false), set_config('fence.kind', %s, false)"


def _is_test() -> bool:
    of_test = threading.current_thread() is threading.main_thread() or getattr(_serving, "test", False)
    return of_test and not getattr(_serving, "depth", 0)


def _tell(wrapper: Any) -> None:
    # Past Django's own cursor: this is no query of the page whose queries a test counts.
    if wrapper.connection is not None and not wrapper.connection.closed and not wrapper.needs_rollback:
        with wrapper.connection.cursor() as cursor:
            cursor.execute(_EVERYTHING, ["all", "system"] if _is_test() else ["", ""])


def _opened(connection: Any, **signal: Any) -> None:
    connection.execute_wrappers.append(_refuse_nobody)
    _tell(connection)


def _refuse_nobody(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Reading for nobody finds nothing, silently: that is a mistake of the page, and is said aloud here."""
    ours = context["connection"] is connections["default"]  # another connection enters by itself
    if ours and not _is_test() and acting() is None and _fenced().search(str(sql)):
        raise AssertionError(f"nobody acts: open reading(actor) around {str(sql)[:300]}")
    return execute(sql, params, many, context)


@cache
def _fenced() -> re.Pattern[str]:
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True) if issubclass(model, Scoped)]
    tables += [apps.get_model(label)._meta.db_table for label in OPEN_TO_READ]
    return re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE) \"?(?:" + "|".join(tables) + r")\b")


def _begun(**signal: Any) -> None:
    _serving.depth = getattr(_serving, "depth", 0) + 1
    _tell(connection)


def _over(**signal: Any) -> None:
    _serving.depth = max(0, getattr(_serving, "depth", 0) - 1)
    _tell(connection)


def connect() -> None:
    connection_created.connect(_opened, dispatch_uid="tests.fence")
    request_started.connect(_begun, dispatch_uid="tests.fence")
    request_finished.connect(_over, dispatch_uid="tests.fence")


@contextmanager
def as_in_production() -> Iterator[None]:
    """Inside, the test's own connection is nobody until an actor enters."""
    _begun()
    try:
        yield
    finally:
        _over()


@contextmanager
def thread_of_the_test() -> Iterator[None]:
    """A thread in which a test does what it does in its own: it sees everything."""
    _serving.test = True
    _tell(connection)
    try:
        yield
    finally:
        _serving.test = False


@contextmanager
def without_the_first_fence() -> Iterator[None]:
    """Every rule of `access.scope` lets everything through, so that the database alone decides."""
    kept = registry._rules
    registry._rules = _LetsEverythingThrough()
    try:
        yield
    finally:
        registry._rules = kept


class _LetsEverythingThrough(dict[Any, Any]):
    def get(self, key: Any, default: Any = None) -> registry.RuleEntry:
        model, kind, purpose = key
        return registry.RuleEntry(model, kind, purpose, registry.everything, "everything")


@contextmanager
def without_the_second_fence() -> Iterator[None]:
    """The database takes every actor for the machine itself, so that `access.scope` alone decides."""
    kept = access_transaction.enter
    access_transaction.enter = lambda cursor, by: kept(cursor, system(by.kind))
    try:
        yield
    finally:
        access_transaction.enter = kept
