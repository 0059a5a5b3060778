"""Photos and voice notes of a visit: sealed, never served inline."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiafang.common.models import Scoped
from jiafang.keys.fields import EncryptedBytesField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models import Person
from jiafang.visits.models.record import Visit


class Attachment(SealedRow):
    """One file of a record. The id is made by the phone."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("照片")
        VOICE = "voice", _("语音")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    content = EncryptedBytesField(purpose="visit", subject="visit_id")
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    came_as = models.CharField(max_length=64, help_text="keyed hash of the bytes that came")
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["added_at"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.visit_id}"
