"""A small house with data in it, and a name for the database that a restore makes."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from jiafang import localdb
from jiafang.access import actor_transaction, system
from jiafang.rescue.backup import make_backup
from jiafang.rescue.progress import Progress
from jiafang.rescue.restore import Restored, restore_backup
from tests import database
from tests.factories import organization as made

PHONE, ID_NUMBER, ADDRESS = "13700004242", "110101201501014242", "柳叶坡村七组四十二号"
SESSION = "canary0session0key0that0opens0a0door"
QUIET = Progress(None)


@pytest.fixture
def house(transactional_db: None, settings: Any) -> str:
    """A family with everything that is stored encrypted, and somebody who is signed in; the name of the database."""
    name = str(connection.settings_dict["NAME"])
    settings.DATABASE_OWNER_URL = database.make_address(database.OWNER_URL, name)
    with actor_transaction(system("test")):
        child = made.student(made.SchoolClassFactory(), name="安小满")
        child.phone, child.id_number = PHONE, ID_NUMBER
        child.save()
        made.HouseholdFactory(address=ADDRESS)
        made.guardian_of(child)
        made.user_of(child, password="")
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        owner.execute(
            "INSERT INTO django_session VALUES (%s, 'what a session knows', now() + interval '1 day')", [SESSION]
        )
    return name


@dataclass
class Rescue:
    """Backup of the house, restore into another database of the same server."""

    settings: Any
    house: str
    target: str

    @property
    def server(self) -> psycopg.Connection[Any]:
        return psycopg.connect(make_conninfo(database.OWNER_URL, dbname="postgres"), autocommit=True)

    def backup(self, folder: Path, keys_file: Path | None = None) -> Path:
        make_backup(folder, keys_file=keys_file, progress=QUIET)
        return folder

    def restore(self, folder: Path, *, replace: bool = False, keep_old: bool = False) -> Restored:
        return restore_backup(folder, into=self.target, replace=replace, keep_old=keep_old, progress=QUIET)

    def connect(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(make_conninfo(database.OWNER_URL, dbname=name))

    def databases(self) -> list[str]:
        with self.server as server:
            rows = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self.target])
            return sorted(row[0] for row in rows)


@pytest.fixture
def rescue(house: str, settings: Any) -> Iterator[Rescue]:
    wanted = Rescue(settings, house, f"jiafang_rescue_test_{os.getpid()}")
    try:
        yield wanted
    finally:
        with wanted.server as server:
            for name in wanted.databases():
                localdb.drop_database(server, name)
