"""The database as its owner sees it in one moment: rows, schema, fences."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from jiafang.rescue.errors import RescueError

# A sign-in of the time of the backup must not come to life again, and a stolen backup must not open a session.
EMPTIED = ("django_session",)

# Names and settings, not expressions: PostgreSQL writes some of those differently after a restore.
# The tables are in public; the functions that decide who sees what are in a schema of their own.
OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
SCHEMA = {
    "columns": """
        SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v') AND {ours} AND a.attnum > 0 AND NOT a.attisdropped
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype FROM pg_constraint
        JOIN pg_namespace n ON n.oid = connamespace WHERE {ours}
    """,
    "indexes": """
        SELECT n.nspname, tablename, indexname FROM pg_indexes JOIN pg_namespace n ON n.nspname = schemaname
        WHERE {ours}
    """,
    "triggers": "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """
        SELECT p.oid::regprocedure::text, md5(prosrc), prosecdef, proconfig::text, proacl::text FROM pg_proc p
        JOIN pg_namespace n ON n.oid = pronamespace WHERE {ours}
    """,
    "row-level security": """
        SELECT c.oid::regclass::text, relrowsecurity, relforcerowsecurity FROM pg_class c
        JOIN pg_namespace n ON n.oid = relnamespace WHERE {ours} AND relkind = 'r'
    """,
    "policies": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual IS NULL, with_check IS NULL FROM pg_policies
    """,
    "rights": """
        SELECT c.oid::regclass::text, a.grantee::regrole::text, a.privilege_type, a.is_grantable
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
        WHERE {ours} AND a.grantee <> c.relowner
    """,
    "rights to schemas": "SELECT n.nspname, n.nspacl::text FROM pg_namespace n WHERE {ours} AND n.nspname <> 'public'",
}

HIDDEN = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND row_security_active(c.oid)
    AND (
        NOT EXISTS (
            SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('*', 'r')
            AND pg_get_expr(p.polqual, p.polrelid) = 'true' AND {mine}
        )
        OR EXISTS (
            SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive AND p.polcmd IN ('*', 'r')
            AND pg_get_expr(p.polqual, p.polrelid) <> 'true' AND {mine}
        )
    )
    ORDER BY 1
"""
MINE = "EXISTS (SELECT 1 FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(current_user, r, 'MEMBER'))"

Connection = psycopg.Connection[Any]


def owner_url() -> str:
    """Where the owner of the tables signs in."""
    url = settings.DATABASE_OWNER_URL
    if not url:
        raise RescueError("DATABASE_OWNER_URL is missing: backup and restore are the work of the tables' owner.")
    return str(url)


def table_names(connection: Connection) -> list[str]:
    """Every table of the house."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
    )
    return [row[0] for row in rows]


def require_owner(connection: Connection) -> None:
    """Refuse a role that does not own the tables: it would see what its policies show, or nothing."""
    row = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND NOT pg_has_role(current_user, relowner, 'MEMBER')"
    ).fetchone()
    if row and row[0]:
        raise RescueError("DATABASE_OWNER_URL names a role that does not own the tables; a backup is the owner's work.")


def require_all_rows_visible(connection: Connection) -> None:
    """Refuse when row-level security could hide rows from us: a backup without them would look like a good one."""
    hidden = [row[0] for row in connection.execute(HIDDEN.format(mine=MINE))]
    if hidden:
        raise RescueError(
            f"Row-level security hides rows of {', '.join(hidden)} from the owner: "
            "each needs a policy that shows the owner everything. No backup was made."
        )


def count_rows(connection: Connection, tables: list[str], show: Callable[[float, float], None]) -> dict[str, int]:
    """How many rows each table has."""
    counts = {}
    for number, table in enumerate(tables, start=1):
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        counts[table] = row[0] if row else 0
        show(number, len(tables))
    return counts


def schema_hashes(connection: Connection) -> dict[str, str]:
    """One hash for each part of the schema, the fences among them."""
    hashes = {}
    for part, query in SCHEMA.items():
        rows = sorted(
            json.dumps(row, default=str) for row in connection.execute(query.replace("{ours}", OURS)).fetchall()
        )
        hashes[part] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return hashes


def applied_migrations(connection: Connection) -> list[str]:
    """The migrations that made this schema."""
    return [
        f"{app}.{name}" for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
    ]


def granted_roles(connection: Connection) -> list[str]:
    """The roles that were given rights or policies; a restore needs every one of them."""
    rows = connection.execute("""
        SELECT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> 0
        UNION SELECT r::regrole::text FROM pg_policy p, unnest(p.polroles) r WHERE r <> 0 ORDER BY 1
    """)
    return [row[0] for row in rows]


def locale_of(connection: Connection) -> tuple[str, str]:
    """How this database sorts and tells letters."""
    row = connection.execute(
        "SELECT datcollate, datctype FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    assert row is not None
    return row[0], row[1]
