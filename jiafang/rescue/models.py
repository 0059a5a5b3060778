"""The lives of this database."""

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
