"""The rescue is rehearsed: every day on a small house, at night on the demonstration district."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.scratch import scratch_database
from jiafang.rescue import drill
from jiafang.rescue.errors import RescueError
from tests.rescue.conftest import QUIET, Rescue

LONGEST_SECONDS = 600


def test_the_drill_is_passed(rescue: Rescue) -> None:
    said: list[str] = []
    drill.rehearse(say=said.append, progress=QUIET)
    assert "refused 6 kinds" in "\n".join(said)


def test_a_drill_in_which_damage_goes_unnoticed_is_failed(rescue: Rescue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(drill.HARMS, "no harm at all", "SELECT 'SELECT 1'")
    with pytest.raises(RescueError, match="no harm at all was not noticed"):
        drill.rehearse(say=lambda line: None, progress=QUIET)


@pytest.mark.nightly
def test_the_demonstration_district_is_rescued_within_ten_minutes(tmp_path: Path) -> None:
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    keys = dict.fromkeys(("JIAFANG_MASTER_KEY", "JIAFANG_HASH_KEY", "JIAFANG_AUDIT_KEY"), key)
    keys |= {"JIAFANG_SECRET_KEY": key, "JIAFANG_AUDIT_ANCHOR": str(tmp_path / "anchors")}
    os.environ |= keys
    try:
        with scratch_database("jiafang_drill_nightly") as environment:
            for command in (["demo-fill"], ["restore-drill", "--quiet"]):
                done = subprocess.run(
                    [sys.executable, "-m", "jiafang", *command],
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=LONGEST_SECONDS,
                )
                assert done.returncode == 0, done.stderr
            print(done.stdout)
            assert "1,000 encrypted fields chosen at random were decrypted" in done.stdout
    finally:
        for name in keys:
            del os.environ[name]
