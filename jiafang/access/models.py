"""Grants: single openings written by the apps above (a co-visitor's brief, a referral)."""

from django.db import models

from jiafang.common.models import Scoped


class Grant(Scoped):
    """One person may see one thing until a moment, and why; plain ids, since this room knows no room above."""

    person_id = models.BigIntegerField()
    object_kind = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    until = models.DateTimeField(null=True)
    why = models.CharField(max_length=200)

    class Meta(Scoped.Meta):
        indexes = [models.Index(fields=["person_id", "object_kind"], name="grant_person_kind")]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.object_kind} {self.object_id}"
