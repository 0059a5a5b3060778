"""The lives of this database, and how far its backups reach."""

import uuid

from django.db import models


class RestoreEpoch(models.Model):
    """One life of the database, begun by its first migration or by a restore; the newest row is the present one.

    Random, not counted: two restores of one backup are two lives, and a phone that knows the one must notice the other.
    """

    epoch = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    since = models.DateTimeField(auto_now_add=True)
    backup_made_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.epoch} since {self.since:%Y-%m-%d %H:%M}"


class BackupMark(models.Model):
    """A backup that is whole, and the last receipt in it.

    A restore leaves one too: backups of the life before may still be brought back, and hold nothing that comes after.
    """

    made_at = models.DateTimeField()
    sequence = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="backup_mark_made_at")]

    def __str__(self) -> str:
        return f"#{self.sequence} at {self.made_at:%Y-%m-%d %H:%M}"
