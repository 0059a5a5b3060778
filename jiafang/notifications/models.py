"""What somebody is told to look at: a code and a place, never a name or a text."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from jiafang.common.models import Scoped
from jiafang.organization.models import Person, School

# One word of visible ASCII: nothing that a person has written fits through here.
_WORD = r"^[!-~]*$"


class Notification(Scoped):
    """One thing for one person, in the capacity in which it concerns them (empty: in any), until it was read."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    capacity_kind = models.CharField(max_length=20, blank=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+", db_index=False)
    code = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    once = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="notification_feed"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notification_unread"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "once"], condition=~Q(once=""), name="notification_once"),
            models.CheckConstraint(
                condition=Q(code__regex=_WORD, object_kind__regex=_WORD, object_id__regex=_WORD, once__regex=_WORD),
                name="notification_holds_no_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} for {self.person_id}"
