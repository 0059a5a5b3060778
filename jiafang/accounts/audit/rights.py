"""Who may touch the audit's tables: the application inserts and reads entries, the sequencer reads them and links."""

from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

TABLES = ("accounts_auditentry", "accounts_auditlink")
OWNED = """SELECT bool_and(pg_get_userbyid(relowner) = current_user), count(*) FROM pg_class
    WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace"""
GRANTED = """SELECT DISTINCT grantee FROM information_schema.role_table_grants
    WHERE table_schema = 'public' AND table_name = ANY(%s) AND grantee <> current_user"""


def settle_rights(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """After every migration, as the owner: roles may have been made since the last one."""
    with connections[using].cursor() as cursor:
        cursor.execute(OWNED, [list(TABLES)])
        owned, tables = cursor.fetchone()
        if not owned or tables < len(TABLES):
            return
        cursor.execute(GRANTED, [list(TABLES)])
        others = {row[0] for row in cursor.fetchall()}
        chains = _sequencer_role()
        for role in others - {chains}:
            _run(cursor, "REVOKE UPDATE, DELETE, TRUNCATE ON accounts_auditentry FROM {}", role)
            _run(cursor, "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON accounts_auditlink FROM {}", role)
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [chains])
        if cursor.fetchone() is not None:
            _run(cursor, "REVOKE ALL ON accounts_auditentry, accounts_auditlink FROM {}", chains)
            _run(cursor, "GRANT SELECT ON accounts_auditentry, accounts_auditentry_id_seq TO {}", chains)
            _run(cursor, "GRANT SELECT, INSERT ON accounts_auditlink TO {}", chains)


def _sequencer_role() -> str:
    return str(conninfo_to_dict(settings.DATABASE_SEQUENCER_URL or "").get("user") or "jiafang_sequencer")


def _run(cursor: Any, statement: str, role: str) -> None:
    cursor.execute(sql.SQL(statement).format(sql.Identifier(role)))
