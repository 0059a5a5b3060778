"""A commit that is killed with kill -9 midway leaves nothing behind, and can be asked for again."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection, transaction

from jiafang.access import Actor, system
from jiafang.organization.models import Enrollment, Person, Post, RosterFile, RosterImport, School
from jiafang.organization.services.roster import check_import, commit_import, confirm, upload_roster
from jiafang.organization.services.roster.commit import being_written
from tests.organization.roster.workbooks import ours, small_school

pytestmark = pytest.mark.django_db(transaction=True)

# Writes the plan and stops just before the transaction would end, as a slow machine might at any point.
COMMIT_AND_STOP = """
import sys, time, django
django.setup()
from jiafang.access import system
from jiafang.organization import changes
from jiafang.organization.models import Person
from jiafang.organization.services.roster import commit_import

def stop(by, announced):
    print(Person.unscoped.count(), flush=True)
    time.sleep(600)

changes.subscribe(stop)
commit_import(by=system("test"), import_id=int(sys.argv[1]))
"""


def confirmed(importer: Actor) -> RosterImport:
    row = upload_roster(by=importer, files=[ours(small_school())], school_year=2026)
    check_import(by=importer, import_id=row.pk)
    return confirm(by=importer, import_id=row.pk)


def test_kill_nine_midway_leaves_nothing_behind(importer: Actor, database_environment: dict[str, str]) -> None:
    row = confirmed(importer)
    environment = os.environ | database_environment | {"DJANGO_SETTINGS_MODULE": "jiafang.config.settings"}
    child = subprocess.Popen(
        [sys.executable, "-c", COMMIT_AND_STOP, str(row.pk)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    written = int(child.stdout.readline())
    assert written > 0
    row.refresh_from_db()
    assert row.progress["step"] != "queued"
    with transaction.atomic():
        assert being_written()
    child.send_signal(signal.SIGKILL)
    child.wait()
    _until_the_server_notices()
    for model in (Person, School, Post, Enrollment):
        assert not model.unscoped.exists(), model
    row.refresh_from_db()
    assert row.state == RosterImport.State.COMMITTING
    assert RosterFile.unscoped.filter(roster_import=row).exists()


def test_what_was_killed_can_be_committed_again(importer: Actor) -> None:
    row = confirmed(importer)
    RosterImport.unscoped.filter(pk=row.pk).update(progress={"step": "people", "done": 5, "total": 100, "seconds": 1})
    confirm(by=importer, import_id=row.pk)
    assert commit_import(by=system("test"), import_id=row.pk).state == RosterImport.State.COMMITTED
    assert Person.unscoped.filter(name="陈一帆").exists()


def _until_the_server_notices() -> None:
    """The server ends the dead process's transaction when it next looks at its socket."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%%'"
            )
            if cursor.fetchone()[0] == 0:
                return
    raise AssertionError("the server still holds the transaction of a dead process")
