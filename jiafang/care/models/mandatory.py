"""Suspected harm to a minor (强制报告): sealed under a key of its own, read by those who are named and nobody else."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiafang.care.models.catalogue import Role
from jiafang.common.models import Scoped
from jiafang.keys.fields import EncryptedTextField
from jiafang.keys.sealing import SealedRow
from jiafang.organization.models import Person, School


class MandatoryReport(SealedRow):
    """Whom it is about is sealed too. It belongs to no case, no count and no list but that of its readers."""

    origin = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    reported_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    about = EncryptedTextField(_("涉及的孩子"), purpose="sealed_report")
    seen = EncryptedTextField(_("看到、听到什么"), purpose="sealed_report")
    noticed_at = models.DateTimeField(_("什么时候发现"))
    police_called_at = models.DateTimeField(_("什么时候报警"), null=True, blank=True)
    police_receipt = EncryptedTextField(_("警方受理回执号"), purpose="sealed_report")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["-written_at"]

    def __str__(self) -> str:
        return f"mandatory report {self.pk}"


class ReportAddition(SealedRow):
    """What was added later; nothing of a report is ever changed."""

    origin = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(MandatoryReport, models.CASCADE, related_name="additions")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    text = EncryptedTextField(purpose="sealed_report", subject="report_id")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["added_at", "id"]

    def __str__(self) -> str:
        return f"addition to {self.report_id}"


class SealedReader(Scoped):
    """Somebody named who reads a sealed report, in one capacity, as long as they hold the post that is their `role`.

    Without a role it is the row of whoever wrote it.
    """

    report = models.ForeignKey(MandatoryReport, models.CASCADE, related_name="readers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["report", "person", "kind", "school", "role"],
                condition=Q(until=None),
                nulls_distinct=False,
                name="sealed_reader_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} reads sealed {self.report_id}"


class StandingSealedReader(Scoped):
    """Whom a school, or the bureau (no school), has named to read its mandatory reports from now on."""

    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    role = models.CharField(max_length=20, choices=Role.choices)
    until = models.DateTimeField(null=True, blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["school", "person"],
                condition=Q(until=None),
                nulls_distinct=False,
                name="standing_sealed_reader_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} for {self.school_id}"
