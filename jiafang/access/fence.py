"""The second fence: row-level security in the database, installed from each app's policies.sql."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction

POLICIES = "policies.sql"


def policy_files() -> list[Path]:
    """The rules in the order in which they build on each other: as the apps are installed."""
    files = [Path(config.path) / POLICIES for config in apps.get_app_configs()]
    return [path for path in files if path.is_file()]


def install(*, using: str = DEFAULT_DB_ALIAS, **signal: Any) -> None:
    """Make the database's rules those of the files; as the owner of the tables, after every migration."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for path in policy_files():
            cursor.execute(path.read_text(encoding="utf-8"))
