"""A phone may forget what every backup holds that could still be brought back, and nothing else."""

import datetime as dt
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection

from jiafang.common.clock import now
from jiafang.rescue.models import BackupMark
from jiafang.rescue.restore import led_to
from jiafang.visits.models import Receipt
from jiafang.visits.sync.receipts import standing
from tests.database import _connect
from tests.factories import organization as make
from tests.rescue.conftest import Rescue, house, rescue

__all__ = ["house", "rescue"]
pytestmark = pytest.mark.django_db(transaction=True)


def mark(days_ago: float, sequence: int) -> None:
    with _connect(connection.settings_dict["NAME"]) as owner:
        owner.execute(
            "INSERT INTO rescue_backupmark (made_at, sequence) VALUES (%s, %s)",
            [now() - dt.timedelta(days=days_ago), sequence],
        )


@pytest.mark.parametrize(
    ("kept", "marks", "safe"),
    [
        (30, [], 0),
        (30, [(0.1, 7)], 7),
        (30, [(29, 3), (8, 5), (0.1, 7)], 3),
        (30, [(40, 1), (29, 3), (0.1, 7)], 3),
        (30, [(80, 1), (40, 2)], 2),
        (0, [(29, 3), (0.1, 7)], 7),
        (30, [(5, 9), (2, 4)], 4),
    ],
)
def test_only_what_lies_below_every_backup_of_the_window_is_safe(settings, kept, marks, safe):
    settings.BACKUPS_KEPT_DAYS = kept
    for days_ago, sequence in marks:
        mark(days_ago, sequence)
    assert standing().safe_through == safe


def test_the_application_cannot_say_that_something_is_safe():
    with pytest.raises(ProgrammingError, match="permission denied"):
        BackupMark.objects.create(made_at=now(), sequence=9)


def test_a_backup_and_a_restore_say_how_far_they_reach(rescue: Rescue, tmp_path: Path):
    person = make.PersonFactory()
    for sequence in (1, 2, 3):
        Receipt.unscoped.create(
            sequence=sequence, kind="visit", item=uuid.uuid4(), hash="", person=person, epoch=uuid.uuid4()
        )
    call_command("backup", tmp_path / "saved", quiet=True)
    assert BackupMark.objects.get().sequence == 3
    rescue.restore(tmp_path / "saved")
    with led_to(rescue.target):
        assert [one.sequence for one in BackupMark.objects.all()] == [3]
