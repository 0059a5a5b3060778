"""Keys are replaced while everybody works, by a process that may die at any moment."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from jiafang.access import actor_transaction, system
from jiafang.common.errors import NotReady
from jiafang.keys import rotation
from jiafang.keys.masters import fingerprint, masters, new_secret
from jiafang.keys.models import DataKey, KeyRotation
from jiafang.keys.rotation import wrap_anew
from jiafang.keys.secrets import seal, unseal
from jiafang.organization.models import Person
from tests.factories.organization import PersonFactory
from tests.keys import house

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def furnished():
    house.furnish()
    return house.read_everything()


def test_after_a_rotation_every_text_lies_under_a_new_key_and_the_old_ones_are_gone(furnished) -> None:
    newest_before = house.newest_key()
    outcome = house.rotate_all()
    assert outcome.complete
    assert (outcome.moved, outcome.old_references, outcome.old_keys) == (furnished, 0, 0)
    assert DataKey.objects.order_by("pk")[0].pk > newest_before
    assert house.read_everything() == furnished
    assert KeyRotation.objects.get().finished_at is not None


def test_a_second_rotation_replaces_them_again(furnished) -> None:
    first, second = house.rotate_all(), house.rotate_all()
    assert first.complete
    assert second.complete
    assert (second.moved, house.read_everything()) == (furnished, furnished)


def test_rows_read_before_a_rotation_are_still_readable_after_it(furnished) -> None:
    before = list(Person.unscoped.exclude(phone_hash=""))
    house.rotate_all()
    assert all(person.phone for person in before)


def test_rows_read_before_a_rotation_are_saved_under_the_new_key(furnished) -> None:
    before = Person.unscoped.exclude(phone_hash="")[0]
    house.rotate_all()
    before.save()
    assert house.rotate_all().complete
    assert Person.unscoped.get(pk=before.pk).phone == before.phone


def test_rotation_puts_everything_under_the_newest_master_key(furnished, settings) -> None:
    old = masters().newest
    settings.MASTER_KEYS_OLD, settings.MASTER_KEY = settings.MASTER_KEY, new_secret()
    assert house.rotate_all().complete
    assert set(DataKey.objects.values_list("master", flat=True)) == {masters().newest} != {old}
    settings.MASTER_KEYS_OLD = ""
    assert house.read_everything() == furnished


def test_the_master_key_alone_can_be_replaced_without_moving_a_text(furnished, settings) -> None:
    keys_before = set(DataKey.objects.values_list("pk", flat=True))
    settings.MASTER_KEYS_OLD, settings.MASTER_KEY = settings.MASTER_KEY, new_secret()
    assert wrap_anew(transaction=house.transaction, progress=house.silent) == 0
    settings.MASTER_KEYS_OLD = ""
    assert set(DataKey.objects.values_list("pk", flat=True)) == keys_before
    assert house.read_everything() == furnished


def test_secrets_of_libraries_survive_a_rotation(furnished) -> None:
    sealed = seal(b"a shared secret", "of somebody")
    assert house.rotate_all().complete
    assert unseal(sealed, "of somebody") == b"a shared secret"


def test_a_text_whose_key_is_lost_makes_the_rotation_say_so(furnished, monkeypatch) -> None:
    person = Person.unscoped.exclude(phone_hash="")[0]
    DataKey.objects.filter(purpose="person", subject=str(person.pk)).delete()
    monkeypatch.setattr(rotation, "PATIENCE", 0)
    outcome = house.rotate_all()
    assert not outcome.complete
    assert outcome.old_references == 1
    assert KeyRotation.objects.get().finished_at is None


def test_a_writer_who_holds_a_key_is_waited_for_and_not_overwritten(furnished, monkeypatch) -> None:
    person = Person.unscoped.exclude(phone_hash="")[0]
    monkeypatch.setattr(rotation, "PATIENCE", 0)
    with actor_transaction(system("test")):
        row = Person.unscoped.select_for_update(of=("self",)).get(pk=person.pk)
        row.phone = "13911112222"
        row.save()
        pid = house_process(monkeypatch)
    assert pid == 3, "the rotation was complete although somebody held an old key"
    assert Person.unscoped.get(pk=person.pk).phone == "13911112222"
    assert house.rotate_all().complete
    assert Person.unscoped.get(pk=person.pk).phone == "13911112222"


def house_process(monkeypatch: pytest.MonkeyPatch) -> int:
    """A rotation in a thread of its own; 0 when complete, 3 when not."""
    from threading import Thread

    codes: list[int] = []

    def work() -> None:
        try:
            codes.append(0 if house.rotate_all().complete else 3)
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join(60)
    return codes[0]


def test_only_one_rotation_runs_at_a_time(monkeypatch) -> None:
    from threading import Thread

    monkeypatch.setattr(rotation, "LOCK_PATIENCE", 0)
    refused: list[bool] = []

    def work() -> None:
        try:
            house.rotate_all()
        except NotReady:
            refused.append(True)
        finally:
            connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [rotation.LOCK])
        thread = Thread(target=work)
        thread.start()
        thread.join(30)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [rotation.LOCK])
    assert refused == [True]


def kill_and_prove(kills: int, log: Path, environment: dict[str, str], seed: int) -> None:
    house.furnish()
    texts, chance, killed = house.read_everything(), random.Random(seed), 0
    rotations = KeyRotation.objects.count()
    with house.writing(log):
        while killed < kills:
            pid = house.in_a_process(lambda: house.rotate_all(batch=3) and None)
            time.sleep(chance.uniform(0, 0.5))
            killed += house.kill(pid)
            if killed % 10 == 0:
                assert house.read_everything() == texts
        ended = subprocess.run(
            [sys.executable, "-m", "jiafang", "rotate-keys"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "References to old keys: 0. Old keys left: 0." in ended.stdout
    assert KeyRotation.objects.count() > rotations
    assert not DataKey.objects.filter(pk__lte=KeyRotation.objects.last().below).exists()
    assert house.read_everything() == texts
    written = house.last_written(log)
    assert len(written) > 5
    for (label, pk, name), text in written.items():
        assert getattr(apps.get_model(label).unscoped.get(pk=pk), name) == text


@pytest.fixture
def environment(database_environment: dict[str, str]) -> dict[str, str]:
    import os

    return os.environ | database_environment


def test_a_rotation_killed_at_random_moments_under_load_loses_nothing(tmp_path, environment) -> None:
    kill_and_prove(3, tmp_path / "written", environment, seed=3)


@pytest.mark.nightly
def test_a_rotation_killed_a_hundred_times_under_load_loses_nothing(tmp_path, environment) -> None:
    kill_and_prove(100, tmp_path / "written", environment, seed=100)


def test_the_command_fails_when_a_reference_is_left(environment, settings) -> None:
    PersonFactory(phone="13900000001")
    other = environment | {"JIAFANG_MASTER_KEY": new_secret(), "JIAFANG_MASTER_KEYS_OLD": ""}
    ended = subprocess.run(
        [sys.executable, "-m", "jiafang", "rotate-keys", "--master-only"],
        env=other, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode != 0
    assert fingerprint(b"x" * 32) not in ended.stderr
    assert Person.unscoped.get().phone == "13900000001"


def test_a_key_that_was_being_made_when_the_rotation_began_is_waited_for(furnished, monkeypatch) -> None:
    monkeypatch.setattr(rotation, "PATIENCE", 0)
    with actor_transaction(system("test")):
        PersonFactory(phone="13900000077")
        assert house_process(monkeypatch) == 3
    assert house.rotate_all().complete
    assert KeyRotation.objects.count() == 1
