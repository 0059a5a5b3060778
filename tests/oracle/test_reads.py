"""Looking changes nothing: after every page has been read, the database holds what it held, and the trace of it."""

import pytest
from django.db import connection

from tests.factories import organization as make
from tests.oracle.changes import undone
from tests.oracle.expected import EXPECTED
from tests.oracle.facts import World
from tests.oracle.oracle import Subject
from tests.oracle.questions import Question, named_addresses, questions
from tests.oracle.walk import TRACES, Walker

READERS = [
    Subject("administrator", "administrator"),
    Subject("director", "director"),
    Subject("principal one", "principal", "one"),
    Subject("homeroom 1a", "teacher", "one"),
    Subject("mother a", "guardian"),
]


def state_of_the_database() -> dict[str, str]:
    """A digest of every table but those of traces."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted({name for (name,) in cursor.fetchall()} - TRACES)
        digests = {}
        for table in tables:
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{table}\" t")
            digests[table] = cursor.fetchone()[0]
    return digests


def readable(world: World, walker: Walker) -> list[Question]:
    """One question for each page that the subject may open."""
    found: dict[str, Question] = {}
    for question in questions(world):
        fine = question.method == "GET" and 200 in walker.statuses(question)
        if fine and question.name != "account_logout":
            found.setdefault(f"{question.name} {bool(question.data)}", question)
    return list(found.values())


@pytest.mark.parametrize("subject", READERS, ids=str)
def test_reading_every_page_writes_nothing_but_its_trace(world: World, subject: Subject) -> None:
    with undone():
        walker = Walker(world, subject)
        asked = readable(world, walker)
        before = state_of_the_database()
        answers = {question.name: walker.ask_for_good(question).status for question in asked}
        after = state_of_the_database()
    assert {table for table in before if before[table] != after[table]} == set()
    assert list(answers.values()).count(200) > len(answers) / 2, answers


def test_every_page_that_can_be_read_is_read_by_somebody(world: World) -> None:
    with undone():
        read = {q.name for subject in READERS for q in readable(world, Walker(world, subject))}
    pages = {name for name in named_addresses() if name in EXPECTED and "GET" in EXPECTED[name].methods}
    assert pages - read <= {"account_logout", "api:api-root"}


def test_a_write_would_be_noticed(world: World) -> None:
    with undone():
        before = state_of_the_database()
        make.VillageFactory()
        after = state_of_the_database()
    assert [table for table in before if before[table] != after[table]] == ["organization_village"]
