"""Data keys, wrapped, and the rotations that replace them."""

from typing import ClassVar

from django.db import models


class DataKey(models.Model):
    """One key for the texts about one subject, wrapped by a master key; erasure empties it for ever."""

    class State(models.TextChoices):
        CURRENT = "current"  # what is written now is sealed with it
        RETIRED = "retired"  # a rotation is moving its texts
        ERASED = "erased"  # destroyed: its texts can never be read again

    purpose = models.CharField(max_length=20)
    subject = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CURRENT)
    master = models.CharField(max_length=16, blank=True)
    wrapped = models.BinaryField(default=b"")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "subject"], condition=models.Q(state="current"), name="data_key_one_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject}: {self.state}"


class KeyRotation(models.Model):
    """A rotation: every key up to `below` is to be replaced and destroyed; unfinished ones are taken up again."""

    below = models.BigIntegerField()
    began_in = models.BigIntegerField(help_text="the transaction number at the beginning")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    moved = models.PositiveBigIntegerField(default=0)
    destroyed = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"rotation of keys up to {self.below}"
