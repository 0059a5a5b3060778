"""The local PostgreSQL, each time as another process sees it: in a state folder of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from jiafang import localdb
from jiafang.localdb.server import ADMIN

START_AND_WAIT = """
import sys
from jiafang import localdb
addresses = localdb.ensure()
print(addresses.app_url, addresses.owner_url, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def state_home() -> Iterator[Path]:
    """A folder that the server's account may pass, as pytest's own temporary folders are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="jf-"))
    folder.chmod(0o755)
    yield folder
    subprocess.run([sys.executable, "-m", "jiafang.localdb", "stop"], env=_environment(folder), check=False)
    shutil.rmtree(folder, ignore_errors=True)


def _environment(state_home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "JIAFANG_"))}
    return kept | {"JIAFANG_STATE_HOME": str(state_home)} | more


class _User:
    """A process that uses the local database until told to go."""

    def __init__(self, state_home: Path, **more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", START_AND_WAIT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=localdb.CHECKOUT,
            env=_environment(state_home, **more),
        )

    def address(self) -> str:
        return self._addresses[0]

    def owner_address(self) -> str:
        return self._addresses[1]

    @cached_property
    def _addresses(self) -> list[str]:
        assert self.process.stdout
        assert self.process.stderr
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return line.split()

    def go(self) -> None:
        self.process.communicate("\n", timeout=30)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_first_user_starts_it_and_the_last_one_stops_it(state_home: Path) -> None:
    first, second = _User(state_home), _User(state_home)
    url = first.address()
    assert second.address() == url
    first.go()
    assert _answers(url)
    second.go()
    assert not _answers(url)


def test_data_survive_a_restart(state_home: Path) -> None:
    user = _User(state_home)
    owner = user.owner_address()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    user.go()
    again = _User(state_home)
    with psycopg.connect(again.address()) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    again.go()


def test_the_application_is_a_plain_role_that_owns_nothing(state_home: Path) -> None:
    user = _User(state_home)
    with psycopg.connect(user.address(), autocommit=True) as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        owned = connection.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole").fetchone()
        databases = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datdba = current_user::regrole"
        ).fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")
    user.go()
    assert rights == (False, False, False, False)
    assert owned == databases == (0,)


def test_a_stranger_without_the_password_is_turned_away(state_home: Path) -> None:
    user = _User(state_home)
    stranger = user.address().split(":")[0] + "://jiafang_app:guess@" + user.address().split("@")[1]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger)
    user.go()


def test_chinese_words_are_found_by_the_text_search(state_home: Path) -> None:
    user = _User(state_home)
    with psycopg.connect(user.address()) as connection:
        found = connection.execute(
            "SELECT to_tsvector('simple', '家访 记录') @@ to_tsquery('simple', '家访')"
        ).fetchone()
    user.go()
    assert found == (True,)


def test_a_database_is_dropped_although_a_superuser_is_in_it(state_home: Path) -> None:
    """As autovacuum is one, whom the owner may not end by force."""
    user = _User(state_home)
    owner_url = user.owner_address()
    passwords = json.loads(next(state_home.glob("*/passwords.json")).read_text())
    with psycopg.connect(make_conninfo(owner_url, dbname="postgres"), autocommit=True) as owner:
        owner.execute("CREATE DATABASE given_up")
        superuser = make_conninfo(owner_url, dbname="given_up", user=ADMIN, password=passwords[ADMIN])
        with psycopg.connect(superuser) as there:
            leaves = threading.Timer(1, there.close)
            leaves.start()
            localdb.drop_database(owner, "given_up")
            leaves.join()
        left = owner.execute("SELECT count(*) FROM pg_database WHERE datname = 'given_up'").fetchone()
    user.go()
    assert left == (0,)


def test_a_path_with_spaces_and_of_great_length_still_has_a_socket(state_home: Path) -> None:
    home = state_home / "a folder with spaces" / ("long" * 20)
    home.mkdir(parents=True)
    user = _User(home)
    assert _answers(user.address())
    user.go()
    subprocess.run([sys.executable, "-m", "jiafang.localdb", "remove"], env=_environment(home), check=True)


def test_a_server_killed_with_its_machine_starts_again(state_home: Path) -> None:
    user = _User(state_home)
    url = user.address()
    data = next(state_home.glob("*/data-*"))
    postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, 9)
    user.process.kill()
    user.process.communicate()
    again = _User(state_home)
    assert again.address() == url
    assert _answers(url)
    again.go()


def test_no_permission_of_a_folder_that_is_not_its_own_changes(state_home: Path) -> None:
    (state_home / "other").mkdir(mode=0o700)
    before = {path: path.stat().st_mode for path in (*localdb.CHECKOUT.parents, localdb.CHECKOUT, state_home / "other")}
    user = _User(state_home)
    user.address()
    user.go()
    assert {path: path.stat().st_mode for path in before} == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root needs another account")
def test_a_state_folder_that_the_account_cannot_reach_is_refused_in_words(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, "-m", "jiafang", "check"],
        env=_environment(closed / "state"),
        cwd=localdb.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "cannot pass" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_state_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        [sys.executable, "-m", "jiafang", "check"],
        env=_environment(tmp_path / "file" / "state"),
        cwd=localdb.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "JIAFANG_STATE_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_in_the_environment_wins(state_home: Path) -> None:
    user = _User(state_home, DATABASE_URL="postgresql://somebody@elsewhere/their_data")
    assert user.address() == "postgresql://somebody@elsewhere/their_data"
    user.go()
    assert list(state_home.iterdir()) == []


def test_removing_leaves_nothing_behind_but_refuses_while_it_is_used(state_home: Path) -> None:
    user = _User(state_home)
    user.address()
    remove = [sys.executable, "-m", "jiafang.localdb", "remove"]
    refused = subprocess.run(remove, env=_environment(state_home), capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "still in use" in refused.stderr
    user.go()
    subprocess.run(remove, env=_environment(state_home), check=True)
    assert list(state_home.iterdir()) == []
