"""What phones have sent: a receipt for what was taken, and what could not be taken, held visibly."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from jiafang.common.models import Scoped
from jiafang.keys.fields import EncryptedBytesField, EncryptedTextField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models import Person, School


class ItemKind(models.TextChoices):
    """What a phone sends."""

    VISIT = "visit", _("家访记录")
    OUTCOME = "outcome", _("没见成的说明")
    FILE = "file", _("照片或语音")


class Receipt(Scoped):
    """One item of a phone (a record, an outcome, a file) that is here, in the order of commits."""

    Kind = ItemKind

    sequence = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    item = models.UUIDField()
    revision = models.PositiveIntegerField(default=1)
    hash = models.CharField(max_length=64, help_text="keyed hash of the hash of the bytes that came")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    epoch = models.UUIDField()
    held = models.BooleanField(default=False)
    written_at = models.DateTimeField(null=True, help_text="what the phone's clock said: evidence, never an order")
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["item", "kind", "person", "hash"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.item} #{self.sequence}"


class HeldItem(SealedRow):
    """An item that could not be taken as it was: kept whole and sealed until a person has settled it.

    `duty_ids` are the duties that it says it answers; they say who might accept it, and may name nothing. `details`
    hold what stood beside the bytes: of a file its kind and its record.
    """

    class Reason(models.TextChoices):
        REFUSED = "refused", _("内容有不合要求的地方")
        CONFLICT = "conflict", _("同一条记录有两个版本")
        OUT_OF_REACH = "out_of_reach", _("学生或任务已不在您名下")

    class State(models.TextChoices):
        OPEN = "open", _("等待核对")
        TAKEN = "taken", _("已收下")
        REPLACED = "replaced", _("已改好重传")
        DISMISSED = "dismissed", _("本人已放弃")
        LEFT = "left", _("核对后没有收下")

    receipt = models.OneToOneField(Receipt, models.PROTECT, related_name="held_item")
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    item = models.UUIDField()
    revision = models.PositiveIntegerField(default=1)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=40)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    duty_ids = ArrayField(models.BigIntegerField(), default=list)
    details = models.JSONField(default=dict)
    reason = models.CharField(max_length=15, choices=Reason.choices)
    place = models.CharField(max_length=60, blank=True)
    message = EncryptedTextField(purpose="held")
    content = EncryptedBytesField(purpose="held")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    held_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["-held_at"]
        indexes = [
            models.Index(fields=["person", "state"], name="held_item_of_person"),
            models.Index(fields=["reason"], name="held_item_open", condition=models.Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"held {self.receipt_id}"
