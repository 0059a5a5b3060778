"""The record of a visit; a revision never erases the earlier one."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiafang.campaigns.models import Appointment, Campaign, Channel, Duty
from jiafang.care.models import AlertTier, CaseFile
from jiafang.common.models import Scoped
from jiafang.keys.fields import EncryptedJSONField, EncryptedTextField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models import Person


class Visit(SealedRow):
    """One meeting as it was; the newest revision. The id is made by the client."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    revision = models.PositiveIntegerField(default=1)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="visits")
    appointment = models.ForeignKey(Appointment, models.PROTECT, null=True, blank=True, related_name="visits")
    duties = models.ManyToManyField(Duty, related_name="visits")
    visitors = models.ManyToManyField(Person, related_name="+")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    channel = models.CharField(_("方式"), max_length=10, choices=Channel.choices)
    started_at = models.DateTimeField(_("开始"))
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True)
    finding = EncryptedTextField(_("一句话记录"), purpose="visit")
    chips = models.JSONField(default=list)
    guardian_opinion = EncryptedTextField(_("家长意见"), purpose="visit")
    notices_conveyed = models.BooleanField(_("已告知"), default=False)
    follow_up = models.BooleanField(_("需要回访"))
    answers = EncryptedJSONField(purpose="visit", default=list)
    recorded_at = models.DateTimeField(auto_now_add=True)
    form_seconds = models.PositiveIntegerField(null=True, blank=True)
    body_hash = models.CharField(max_length=64, blank=True)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="visit_end_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class Participant(SealedRow):
    """Somebody who took part: a known guardian, or a relation in words, each with an own channel."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    relation = EncryptedTextField(_("关系"), purpose="visit", subject="visit_id")
    channel = models.CharField(_("方式"), max_length=10, choices=Channel.choices)

    class Meta(Scoped.Meta):
        pass

    def __str__(self) -> str:
        return self.relation


class Note(SealedRow):
    """What was heard about one of those met, on one axis or in general; sealed under that person's key."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="notes")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    axis = models.CharField(max_length=20, blank=True)
    text = EncryptedTextField(purpose="person", subject="person_id")

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["visit", "person", "axis"], name="note_once")]

    def __str__(self) -> str:
        return f"note of {self.visit_id}"


class RaisedConcern(SealedRow):
    """A difficulty heard on a visit, with how urgent it is. The id is made by the client."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="concerns")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    # The code in the bureau's table of categories. Not a key: a backup may be older than the table was.
    category = models.CharField(_("类别"), max_length=20)
    alert_tier = models.CharField(_("预警等级"), max_length=8, choices=AlertTier.choices, default=AlertTier.GREEN)
    text = EncryptedTextField(purpose="person", subject="person_id")
    follow_up = models.BooleanField(_("需要跟进"), default=True)
    case = models.ForeignKey(CaseFile, models.SET_NULL, null=True, blank=True, related_name="+")
    raised_at = models.DateTimeField(auto_now_add=True)

    # Of rows read through `categories.named`.
    category_name: str | None

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["raised_at"]

    def __str__(self) -> str:
        return f"concern {self.pk}"


class VisitRevision(SealedRow):
    """An earlier state of a record, kept whole."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    body = EncryptedTextField(purpose="visit", subject="visit_id")
    saved_at = models.DateTimeField(auto_now_add=True)
    saved_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["visit", "revision"], name="visit_revision_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} r{self.revision}"


class LastContact(Scoped):
    """The latest day on which somebody was met; kept beside the records so that lists need not search them."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="last_contact")
    on = models.DateField()
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+")

    class Meta(Scoped.Meta):
        indexes = [models.Index(fields=["on"], name="last_contact_on")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.on}"
