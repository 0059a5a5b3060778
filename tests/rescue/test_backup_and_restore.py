"""What was saved comes back whole, or nothing is touched."""

import json
import os
import stat
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from psycopg import sql

from jiafang.access import actor_transaction, system
from jiafang.keys.erasure import destroy_keys_about
from jiafang.organization.models import Person
from jiafang.rescue import snapshot
from jiafang.rescue.backup import require_every_row
from jiafang.rescue.epoch import restore_epoch
from jiafang.rescue.errors import RescueError
from jiafang.rescue.manifest import DUMP, NAME, read_manifest
from jiafang.rescue.programs import program, reading
from jiafang.rescue.restore import led_to
from tests.rescue.conftest import ADDRESS, ID_NUMBER, PHONE, QUIET, SESSION, Rescue

BEGUN_ANEW = {"rescue_backupmark", "rescue_restoreepoch", "accounts_auditentry", "django_session"}


def contents(connection: psycopg.Connection) -> dict[str, str]:
    """A hash of all rows of every table."""
    found = {}
    for table in snapshot.table_names(connection):
        if table not in BEGUN_ANEW:
            query = sql.SQL("SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t")
            row = connection.execute(query.format(sql.Identifier(table))).fetchone()
            found[table] = row[0]
    return found


def test_every_row_comes_back_readable_and_nobody_is_signed_in(rescue: Rescue, tmp_path: Path) -> None:
    rescue.restore(rescue.backup(tmp_path / "saved"))
    with rescue.connect(rescue.house) as before, rescue.connect(rescue.target) as after:
        assert contents(after) == contents(before)
        assert snapshot.schema_hashes(after) == snapshot.schema_hashes(before)
        assert after.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
    with led_to(rescue.target):
        assert Person.unscoped.get(name="安小满").phone == PHONE
        call_command("migrate", check_unapplied=True, verbosity=0)


def test_every_restore_begins_a_life_of_its_own_even_from_the_same_backup(rescue: Rescue, tmp_path: Path) -> None:
    first = restore_epoch()
    folder = rescue.backup(tmp_path / "saved")
    seen = [first, rescue.restore(folder).epoch, rescue.restore(folder, replace=True).epoch]
    assert len(set(seen)) == 3
    with led_to(rescue.target):
        assert restore_epoch() == seen[-1]


def test_the_application_cannot_begin_a_life_itself(house: str) -> None:
    from django.db import ProgrammingError

    from jiafang.rescue.models import RestoreEpoch

    with pytest.raises(ProgrammingError, match="permission denied"):
        RestoreEpoch.objects.create()


def test_data_is_not_given_up_unless_that_is_said(rescue: Rescue, tmp_path: Path) -> None:
    folder = rescue.backup(tmp_path / "saved")
    rescue.restore(folder)
    with rescue.connect(rescue.target) as owner:
        owner.execute("UPDATE organization_person SET name = '后来改的'")
    with pytest.raises(RescueError, match="--replace"):
        rescue.restore(folder)
    with rescue.connect(rescue.target) as owner:
        assert owner.execute("SELECT DISTINCT name FROM organization_person").fetchall() == [("后来改的",)]
    rescue.restore(folder, replace=True, keep_old=True)
    with rescue.connect(rescue.target) as owner:
        assert ("安小满",) in owner.execute("SELECT name FROM organization_person").fetchall()
    assert len(rescue.databases()) == 2


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def count_fewer(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"tables": {}}))


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        (DUMP, flip, "damaged"),
        (DUMP, cut, "bytes"),
        (DUMP, Path.unlink, "missing"),
        (NAME, Path.unlink, "missing"),
        (NAME, cut, "cannot be read"),
        (NAME, count_fewer, "altered"),
    ],
)
def test_a_damaged_folder_is_refused_by_the_name_of_the_file(
    rescue: Rescue, tmp_path: Path, name: str, damage, said: str
) -> None:
    folder = rescue.backup(tmp_path / "saved")
    damage(folder / name)
    with pytest.raises(RescueError) as refusal:
        rescue.restore(folder)
    assert str(folder / name) in refusal.value.message
    assert said in refusal.value.message
    assert rescue.databases() == []


def test_a_backup_of_another_master_key_is_refused_before_anything_else(
    rescue: Rescue, tmp_path: Path, settings
) -> None:
    folder = rescue.backup(tmp_path / "saved")
    settings.MASTER_KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
    with pytest.raises(RescueError, match="another master key"):
        rescue.restore(folder)
    assert rescue.databases() == []


def test_a_backup_of_a_later_version_is_refused(rescue: Rescue, tmp_path: Path) -> None:
    with rescue.connect(rescue.house) as owner:
        owner.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('visits', '9999_later', now())")
    folder = rescue.backup(tmp_path / "saved")
    with rescue.connect(rescue.house) as owner:
        owner.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    with pytest.raises(RescueError, match=r"visits\.9999_later"):
        rescue.restore(folder)


def test_rows_that_are_hidden_from_the_owner_are_no_backup(rescue: Rescue, tmp_path: Path) -> None:
    with rescue.connect(rescue.house) as owner:
        owner.execute("CREATE TABLE hidden (n int); INSERT INTO hidden VALUES (1)")
        owner.execute("ALTER TABLE hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    try:
        with pytest.raises(RescueError, match="hidden"):
            rescue.backup(tmp_path / "saved")
        with rescue.connect(rescue.house) as owner:
            owner.execute("CREATE POLICY a_part ON hidden USING (n > 1)")
        with pytest.raises(RescueError, match="hidden"):
            rescue.backup(tmp_path / "saved")
        assert list(tmp_path.iterdir()) == []
        with rescue.connect(rescue.house) as owner:
            owner.execute("CREATE POLICY everything ON hidden TO current_user USING (true)")
        assert read_manifest(rescue.backup(tmp_path / "saved")).tables["hidden"] == 1
    finally:
        with rescue.connect(rescue.house) as owner:
            owner.execute("DROP TABLE hidden")


def test_a_dump_without_its_rows_is_noticed(rescue: Rescue, tmp_path: Path) -> None:
    folder = rescue.backup(tmp_path / "saved")
    manifest = read_manifest(folder)
    require_every_row(folder / DUMP, manifest.dump_major, manifest.tables, QUIET)
    more = manifest.tables | {"organization_person": manifest.tables["organization_person"] + 1}
    with pytest.raises(RescueError, match="organization_person"):
        require_every_row(folder / DUMP, manifest.dump_major, more, QUIET)


def test_the_backup_holds_no_encrypted_text_no_session_and_no_key(rescue: Rescue, tmp_path: Path) -> None:
    folder = rescue.backup(tmp_path / "saved", keys_file=tmp_path / "keys")
    with reading([program("pg_restore", read_manifest(folder).dump_major), "--file=-", folder / DUMP]) as stream:
        dumped = stream.read()
    assert "安小满".encode() in dumped  # names are searched and stay plain: the look does see what is there
    everything = dumped + b"".join(path.read_bytes() for path in folder.iterdir())
    keys = json.loads((tmp_path / "keys").read_text())
    secret = [PHONE, ID_NUMBER, ADDRESS, SESSION, *(text for name, text in keys.items() if "KEY" in name and text)]
    assert [text for text in secret if text.encode() in everything] == []
    assert keys["JIAFANG_MASTER_KEY"] == django_settings.MASTER_KEY
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_who_was_erased_after_the_backup_stays_erased(rescue: Rescue, tmp_path: Path) -> None:
    folder = rescue.backup(tmp_path / "saved")
    rescue.restore(folder)
    with led_to(rescue.target), actor_transaction(system("test")):
        child = Person.unscoped.get(name="安小满")
        destroy_keys_about(child.pk)
    restored = rescue.restore(folder, replace=True)
    assert f"erase-person`: {child.pk}" in "\n".join(restored.found)
    with led_to(rescue.target):
        assert Person.unscoped.get(pk=child.pk).phone != PHONE


def test_a_backup_of_a_house_in_which_somebody_was_erased_is_restored(rescue: Rescue, tmp_path: Path) -> None:
    with actor_transaction(system("test")):
        child = Person.unscoped.get(name="安小满")
        destroy_keys_about(child.pk)
    rescue.restore(rescue.backup(tmp_path / "saved"))
    with led_to(rescue.target):
        assert Person.unscoped.get(pk=child.pk).phone == ""


def test_the_keys_are_not_put_into_the_folder(rescue: Rescue, tmp_path: Path) -> None:
    with pytest.raises(RescueError, match="must not have the other"):
        rescue.backup(tmp_path / "saved", keys_file=tmp_path / "saved" / "keys")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_does_not_overwrite_another(rescue: Rescue, tmp_path: Path) -> None:
    folder = rescue.backup(tmp_path / "saved")
    before = os.stat(folder / NAME).st_mtime_ns
    with pytest.raises(RescueError, match="not empty"):
        rescue.backup(folder)
    assert os.stat(folder / NAME).st_mtime_ns == before
