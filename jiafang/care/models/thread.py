"""The three-party thread of a case: who can read a message is said before it is sent, and never changes."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from jiafang.care.models.case import CaseFile, Side
from jiafang.common.models import Scoped
from jiafang.keys.fields import EncryptedTextField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models import Person


class Message(SealedRow):
    """Read by readers of the case on one of the sides of `audience`, the own side always among them."""

    origin = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(CaseFile, models.CASCADE, related_name="messages")
    author = models.ForeignKey(Person, models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=Side.choices)
    audience = ArrayField(models.CharField(max_length=10, choices=Side.choices))
    text = EncryptedTextField(purpose="case", subject="case_id")
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["sent_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(audience__contains=[models.F("side")]), name="message_reaches_own_side"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="message_from_a_side"),
        ]
        indexes = [models.Index(fields=["case", "sent_at"], name="message_case")]

    def __str__(self) -> str:
        return f"message in {self.case_id}"


class MessageReceipt(Scoped):
    """That somebody has read a message, and when."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="receipts")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    read_at = models.DateTimeField(auto_now_add=True)

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["message", "person"], name="message_receipt_once")]

    def __str__(self) -> str:
        return f"{self.person_id} read {self.message_id}"
