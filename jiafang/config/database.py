"""From a database address to Django's settings, for one of the two roles."""

import os
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from jiafang import localdb

ROLE_VARIABLE = "JIAFANG_DB_ROLE"


def default_database() -> dict[str, Any]:
    """Django's DATABASES["default"]: the plain application role, or the owner when JIAFANG_DB_ROLE=owner."""
    addresses = localdb.addresses()
    if os.environ.get(ROLE_VARIABLE) == "owner":
        return database_settings(owner_url(addresses))
    return database_settings(addresses.app_url)


def owner_url(addresses: localdb.Addresses) -> str:
    if not addresses.owner_url:
        raise localdb.LocalDatabaseError(
            "DATABASE_OWNER_URL is missing: migrations and test databases belong to the owner's role, "
            "DATABASE_URL names the plain role of the application."
        )
    return addresses.owner_url


def role_of(url: str) -> str:
    role = conninfo_to_dict(url).get("user")
    if not role:
        raise localdb.LocalDatabaseError("DATABASE_URL names no user.")
    return str(role)


def _server_options(parts: dict[str, Any]) -> str:
    """A district lies in memory, where a row found by its key costs little more than the next one of a table.

    Left to think of a turning disk, the planner reads tables whole, and asks a policy about everybody in them.
    """
    return f"-c random_page_cost=1.1 {parts.get('options', '')}".strip()


def database_settings(url: str) -> dict[str, Any]:
    """One entry of Django's DATABASES for a postgresql:// address."""
    parts: dict[str, Any] = dict(conninfo_to_dict(url))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", localdb.DATABASE),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        # Under row-level security a statement costs more to plan than to run: each connection plans it once.
        "OPTIONS": parts | {"server_side_binding": True, "prepare_threshold": 2, "options": _server_options(parts)},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
