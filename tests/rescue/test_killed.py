"""Killed at any moment, a backup is there or not, and a database is the old one or the new one."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from jiafang.rescue.errors import RescueError
from jiafang.rescue.manifest import check_files, read_manifest
from tests import database
from tests.rescue.conftest import Rescue

KILLS = 20


def environment(name: str, anchors: Path) -> dict[str, str]:
    connection.close()
    return os.environ | {
        "DATABASE_URL": database.make_address(database.ADDRESSES.app_url, name),
        "DATABASE_OWNER_URL": database.make_address(database.OWNER_URL, name),
        "JIAFANG_SECRET_KEY": settings.SECRET_KEY,
        "JIAFANG_MASTER_KEY": settings.MASTER_KEY,
        "JIAFANG_HASH_KEY": settings.HASH_KEY,
        "JIAFANG_AUDIT_KEY": ",".join(settings.AUDIT_KEYS),
        "JIAFANG_AUDIT_ANCHOR": str(anchors),
    }


def start(name: str, anchors: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "jiafang", *map(str, arguments)],
        env=environment(name, anchors),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def kill_when_it_says(process: subprocess.Popen[str], part: str, after: float = 0) -> None:
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if part in line:
            time.sleep(after)
            break
    else:
        raise AssertionError(f"it ended before it said {part}: {''.join(said)}")
    process.send_signal(signal.SIGKILL)
    process.stderr.read()
    process.wait()


def is_whole(folder: Path) -> bool:
    try:
        check_files(folder, read_manifest(folder), lambda done, all_: None)
    except RescueError:
        return False
    return True


def names_in(rescue: Rescue) -> set[str]:
    with rescue.connect(rescue.target) as owner:
        return {row[0] for row in owner.execute("SELECT name FROM organization_person")}


def test_a_killed_backup_is_none(rescue: Rescue, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    kill_when_it_says(start(rescue.house, tmp_path / "anchors", "backup", folder), "writing the database")
    assert not folder.exists()
    assert is_whole(rescue.backup(folder))


@pytest.fixture
def changed_since(rescue: Rescue, tmp_path: Path) -> Path:
    """A backup, and a database that has changed since it was made."""
    folder = rescue.backup(tmp_path / "saved")
    rescue.restore(folder)
    with rescue.connect(rescue.target) as owner:
        owner.execute("UPDATE organization_person SET name = '后来改的'")
    return folder


def test_a_killed_restore_leaves_what_was_there(rescue: Rescue, tmp_path: Path, changed_since: Path) -> None:
    process = start(rescue.target, tmp_path / "anchors", "restore", changed_since, "--replace")
    kill_when_it_says(process, "comparing the rows")
    assert names_in(rescue) == {"后来改的"}
    rescue.restore(changed_since, replace=True)
    assert "安小满" in names_in(rescue)
    assert rescue.databases() == [rescue.target]


@pytest.mark.nightly
def test_a_restore_killed_at_random_leaves_the_old_or_the_new(
    rescue: Rescue, tmp_path: Path, changed_since: Path
) -> None:
    chance, seen = random.Random(3), set()
    parts = ["checking the folder", "loading the rows", "comparing the rows", "reading encrypted text"]
    for number in range(KILLS):
        process = start(rescue.target, tmp_path / "anchors", "restore", changed_since, "--replace")
        kill_when_it_says(process, parts[number % len(parts)], after=chance.uniform(0, 0.5))
        found = names_in(rescue)
        assert found == {"后来改的"} or ("安小满" in found and "后来改的" not in found)
        seen.add(frozenset(found))
        with rescue.connect(rescue.target) as owner:
            owner.execute("UPDATE organization_person SET name = '后来改的'")
    assert frozenset({"后来改的"}) in seen
    rescue.restore(changed_since, replace=True)
    assert rescue.databases() == [rescue.target]
