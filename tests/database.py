"""The test databases: made and migrated by the owner, used by the tests as the plain application role.

Loaded as a pytest plugin before the settings are, so that the local PostgreSQL runs when they are read.
Migrations run once for each state of the schema, into a template that every test process clones.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jiafang import localdb
from jiafang.config import database

PREFIX = "jiafang_test"
TEMPLATES_KEPT = 3
LOCK_KEY = 0x6A66  # one maker of templates at a time

ADDRESSES = localdb.ensure()
if os.environ.get("DATABASE_URL"):
    # Only a local database brings its keys along; tests on another one use keys of their own.
    os.environ.setdefault("JIAFANG_SECRET_KEY", secrets.token_urlsafe(50))
    for variable in ("JIAFANG_MASTER_KEY", "JIAFANG_HASH_KEY"):
        os.environ.setdefault(variable, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
OWNER_URL = database.owner_url(ADDRESSES)


def _checkout_key() -> str:
    # Several checkouts may share one server.
    return hashlib.sha256(str(localdb.CHECKOUT).encode()).hexdigest()[:6]


def _connect(name: str = "postgres") -> psycopg.Connection[Any]:
    return psycopg.connect(make_conninfo(OWNER_URL, dbname=name), autocommit=True)


def _schema_state() -> str:
    """A hash of everything that decides what an empty, migrated database contains."""
    import django
    from django.apps import apps

    digest = hashlib.sha256(f"{django.__version__} {database.role_of(ADDRESSES.app_url)}".encode())
    for config in apps.get_app_configs():
        folder = Path(config.path)
        for path in sorted(
            [
                *folder.glob("migrations/**/*"),
                *folder.glob("models*/**/*.py"),
                *folder.glob("models.py"),
                *folder.glob("policies.sql"),
            ]
        ):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{config.label}/{path.relative_to(folder)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _default_connection(url: str, name: str) -> Iterator[None]:
    """Point Django's default connection at a database and role."""
    from django.db import connection

    before = {key: connection.settings_dict[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    connection.close()
    wanted = database.database_settings(url) | {"NAME": name}
    connection.settings_dict.update({key: wanted[key] for key in before})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _names(connection: psycopg.Connection[Any], prefix: str) -> list[str]:
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC", [prefix]
    )
    return [row[0] for row in rows]


def _migrated_template(connection: psycopg.Connection[Any]) -> str:
    from django.core.management import call_command

    prefix = f"{PREFIX}_{_checkout_key()}_template"
    name = f"{prefix}_{_schema_state()}"
    connection.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
    try:
        if name not in _names(connection, prefix):
            making = f"{PREFIX}_{_checkout_key()}_making"
            localdb.drop_database(connection, making)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
            localdb.open_to_app(make_conninfo(OWNER_URL, dbname=making), database.role_of(ADDRESSES.app_url))
            with _default_connection(OWNER_URL, making):
                call_command("migrate", interactive=False, verbosity=0)
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
            )
            for old in _names(connection, prefix)[TEMPLATES_KEPT:]:
                localdb.drop_database(connection, old)
        return name
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


def _drop_left_behind(connection: psycopg.Connection[Any]) -> None:
    """Drop the databases of test processes that were killed."""
    prefix = f"{PREFIX}_{_checkout_key()}_run_"
    for name in _names(connection, prefix):
        process = int(name.removeprefix(prefix))
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            # A child of the killed process may still be connected; the next run looks again.
            with suppress(psycopg.errors.InsufficientPrivilege):
                localdb.drop_database(connection, name)
        except PermissionError:
            pass


@contextmanager
def own_database() -> Iterator[None]:
    """One clone of the migrated template for this process."""
    name = f"{PREFIX}_{_checkout_key()}_run_{os.getpid()}"
    with _connect() as connection:
        _drop_left_behind(connection)
        template = _migrated_template(connection)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        with _default_connection(ADDRESSES.app_url, name), _flush_by_owner(name):
            yield
        localdb.drop_database(connection, name)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Replaces pytest-django's."""
    with django_db_blocker.unblock(), own_database():
        yield


@pytest.fixture
def database_environment(transactional_db: None) -> dict[str, str]:
    """Environment variables that lead another process to this test's database and keys."""
    from django.conf import settings
    from django.db import connection

    from jiafang.keys.masters import key_values

    name = connection.settings_dict["NAME"]
    return {
        "DATABASE_URL": make_address(ADDRESSES.app_url, name),
        "DATABASE_OWNER_URL": make_address(OWNER_URL, name),
        "JIAFANG_SECRET_KEY": settings.SECRET_KEY,
        "JIAFANG_AUDIT_ANCHOR": str(settings.AUDIT_ANCHOR),
        **key_values(),
    }


def make_address(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextmanager
def _flush_by_owner(name: str) -> Iterator[None]:
    """Empty the tables after a transactional test as the owner, for the application role may not TRUNCATE.

    Rows that migrations put in stay. Table sizes are looked at, not rows: row-level security hides rows.
    """
    from django.test import TransactionTestCase

    kept = set(_filled_tables(name))

    def fixture_teardown(test_case: TransactionTestCase) -> None:
        from django.db import connection

        connection.close()
        written = [table for table in _filled_tables(name) if table not in kept]
        if written:
            with _connect(name) as owner:
                owner.execute("SET lock_timeout = '20s'")
                owner.execute(
                    sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(
                        sql.SQL(", ").join(sql.Identifier(table) for table in written)
                    )
                )

    before = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # Django's own hook, untyped
    TransactionTestCase._fixture_teardown = fixture_teardown  # type: ignore[attr-defined]
    try:
        yield
    finally:
        TransactionTestCase._fixture_teardown = before  # type: ignore[attr-defined]


def _filled_tables(name: str) -> list[str]:
    with _connect(name) as owner:
        rows = owner.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND pg_relation_size(oid) > 0"
        )
        return [row[0] for row in rows]
