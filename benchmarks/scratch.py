"""An empty, migrated database for one benchmark, made by the owner and dropped at the end, and keys of its own."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from jiafang import localdb
from jiafang.config import database


def _address(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextmanager
def scratch_database(name: str) -> Iterator[dict[str, str]]:
    """Environment variables that lead `jiafang` to a database of its own, with keys of its own."""
    os.environ.setdefault("JIAFANG_SECRET_KEY", secrets.token_urlsafe(50))
    for key in ("JIAFANG_MASTER_KEY", "JIAFANG_HASH_KEY", "JIAFANG_AUDIT_KEY"):
        os.environ.setdefault(key, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    addresses = localdb.ensure()
    owner_url = database.owner_url(addresses)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        localdb.drop_database(owner, name)
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            localdb.open_to_app(_address(owner_url, name), database.role_of(addresses.app_url))
            environment = os.environ | {
                "DATABASE_URL": _address(addresses.app_url, name),
                "DATABASE_OWNER_URL": _address(owner_url, name),
                "DATABASE_SEQUENCER_URL": _address(addresses.sequencer_url or "", name),
                "DJANGO_SETTINGS_MODULE": "jiafang.config.settings",
            }
            subprocess.run(
                [sys.executable, "-m", "jiafang", "migrate", "--verbosity", "0"], env=environment, check=True
            )
            yield environment
        finally:
            localdb.drop_database(owner, name)
