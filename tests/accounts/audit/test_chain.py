"""The chain holds every committed entry, whoever commits when, and is written by one role and one process."""

import threading
from pathlib import Path

import psycopg
import pytest
from django.db import connection as of_the_application
from psycopg.conninfo import make_conninfo

from jiafang.access import system
from jiafang.accounts.audit import record
from jiafang.accounts.audit.chain import Sequencer, connect, head_of, unchained_tail
from jiafang.accounts.audit.checks import is_chained_in_time
from jiafang.accounts.audit.keeping import keep_chain
from jiafang.accounts.audit.verify import verify
from jiafang.accounts.models import AuditLink, User
from tests.accounts.audit.ground import chain_up, owner, write_entries
from tests.database import ADDRESSES

pytestmark = pytest.mark.django_db(transaction=True)
INSERT = """INSERT INTO accounts_auditentry
    (at, capacity, action, object_kind, object_id, why, subjects, details, seal)
    VALUES (now(), '', 'x', '', '', '', '{}', '{}', '')"""


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    return tmp_path / "anchors.jsonl"


def test_every_committed_entry_is_chained_and_found_whole(anchors: Path) -> None:
    write_entries(30)
    assert chain_up(anchors) == 30
    write_entries(5)
    with owner() as connection:
        report = verify(connection, anchors)
        assert (report.faults, report.entries, report.links, report.tail) == ([], 35, 30, 5)
        assert chain_up(anchors) == 5
        assert verify(connection, anchors).tail == 0
        assert unchained_tail(connection)[0] == 0


def test_an_entry_that_is_committed_late_under_a_small_number_is_chained() -> None:
    with owner() as early, owner() as late, connect() as connection:
        sequencer = Sequencer(connection)
        with late.transaction():
            late.execute(INSERT)
            early.execute(INSERT)
            assert sequencer.append() == 1
            assert sequencer.append() == 0
            assert sequencer.floor == 0, "the number of the one who still writes is not passed over"
        assert sequencer.append() == 1
        assert sequencer.floor >= 1
        early.execute(INSERT)
        assert sequencer.append() == 1
        assert AuditLink.objects.count() == 3


def test_numbers_that_were_rolled_back_hold_nobody_up() -> None:
    with owner() as writer, connect() as connection:
        with writer.transaction(force_rollback=True):
            writer.execute(INSERT)
        writer.execute(INSERT)
        sequencer = Sequencer(connection)
        assert sequencer.append() == 1
        assert sequencer.floor == 2


def test_only_one_sequencer_writes() -> None:
    with connect() as first, connect() as second:
        assert Sequencer(first).is_the_only_one()
        assert not Sequencer(second).is_the_only_one()


def test_whoever_stops_the_sequencer_finds_all_chained_and_anchored(anchors: Path) -> None:
    write_entries(8)
    stopping = threading.Event()
    stopping.set()
    with connect() as connection:
        keep_chain(connection, anchors, 60.0, stopping)
        report = verify(connection, anchors)
        assert (report.faults, report.tail, report.anchored) == ([], 0, head_of(connection).sequence)


FORBIDDEN = {
    "application": (
        "UPDATE accounts_auditentry SET why = ''",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
        "INSERT INTO accounts_auditlink VALUES (1, 1, '')",
        "UPDATE accounts_auditlink SET hash = ''",
        "DELETE FROM accounts_auditlink",
        "TRUNCATE accounts_auditlink",
    ),
    "sequencer": (
        INSERT,
        "UPDATE accounts_auditentry SET why = ''",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
        "UPDATE accounts_auditlink SET hash = ''",
        "DELETE FROM accounts_auditlink",
        "TRUNCATE accounts_auditlink",
        "SELECT * FROM organization_person",
    ),
}


@pytest.mark.parametrize(("role", "statement"), [(role, one) for role, all_of in FORBIDDEN.items() for one in all_of])
def test_neither_role_may_do_more_than_its_work(role: str, statement: str) -> None:
    address = {"application": ADDRESSES.app_url, "sequencer": ADDRESSES.sequencer_url}[role]
    assert address
    name = of_the_application.settings_dict["NAME"]
    connection = psycopg.connect(make_conninfo(address, dbname=name), autocommit=True)
    with connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_what_would_be_read_back_differently_is_not_written() -> None:
    with pytest.raises(TypeError):
        record(by=system("test"), action="x", of=User(pk=1), share=0.1)


def test_the_system_check_tells_when_nobody_chains() -> None:
    write_entries(2)
    assert is_chained_in_time(None, databases=["default"]) == []
    with owner() as connection:
        connection.execute("UPDATE accounts_auditentry SET at = at - interval '1 minute'")
    (told,) = is_chained_in_time(None, databases=["default"])
    assert "2 audit entries" in told.msg
    with connect() as connection:
        Sequencer(connection).append()
    assert is_chained_in_time(None, databases=["default"]) == []
