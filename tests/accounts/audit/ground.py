"""A small audit: entries written as the application writes them, chained by the sequencer, its head anchored."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection as of_the_application
from django.db import transaction
from psycopg.conninfo import make_conninfo

from jiafang.access import system
from jiafang.accounts.audit import Reading, opened, record
from jiafang.accounts.audit.anchor import write
from jiafang.accounts.audit.chain import Sequencer, connect, head_of
from jiafang.accounts.models import User
from tests.database import OWNER_URL

CHANCE = random.Random(7)


def write_entries(count: int) -> None:
    """Changes and openings of all shapes, some in one transaction with others."""
    by = system("test")
    with transaction.atomic():
        for number in range(count):
            of = User(pk=number % 5 + 1)
            if number % 3:
                students = CHANCE.sample(range(1, 400), number % 4 + 1)
                opened(by=by, reading=Reading.BRIEF, students=students, of=of, why=f"appointment {number}")
            else:
                record(by=by, action="person.corrected", of=of, fields=["name", "生日"], count=number, new=True)


def chain_up(anchors: Path) -> int:
    """What the sequencer does once: how many entries it chained."""
    with connect() as connection:
        added = Sequencer(connection).append()
        head = head_of(connection)
    write(anchors, head.sequence, head.hash)
    return added


@contextmanager
def owner() -> Iterator[psycopg.Connection[Any]]:
    """The owner of the database, who may do anything in it but has no key."""
    name = of_the_application.settings_dict["NAME"]
    with psycopg.connect(make_conninfo(OWNER_URL, dbname=name), autocommit=True) as connection:
        yield connection
