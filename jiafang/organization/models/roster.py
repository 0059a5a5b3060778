"""What the bureau brings in: an import with its files, its preview and its progress."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jiafang.keys.fields import EncryptedBytesField, EncryptedJSONField
from jiafang.keys.sealing import SealedRow


class RosterImport(SealedRow):
    """One import: uploaded → (mapping) → previewed → committing → committed, or failed / abandoned."""

    class Kind(models.TextChoices):
        UPDATE = "update", _("更新名册")
        ROLL_OVER = "roll_over", _("学年升级")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("已上传")
        MAPPING = "mapping", _("待确认列名")
        CHECKING = "checking", _("检查中")
        PREVIEWED = "previewed", _("待确认")
        COMMITTING = "committing", _("导入中")
        COMMITTED = "committed", _("已导入")
        FAILED = "failed", _("未能导入")
        ABANDONED = "abandoned", _("已放弃")

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.UPDATE)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UPLOADED)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    options = models.JSONField(default=dict)
    preview = EncryptedJSONField(purpose="import")
    preview_hash = models.CharField(max_length=64, blank=True)
    # What a commit would write; emptied once the import is over.
    plan = EncryptedBytesField(purpose="import")
    progress = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class RosterFile(SealedRow):
    """A file as it was uploaded; removed once the import is committed or abandoned."""

    roster_import = models.ForeignKey(RosterImport, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    content = EncryptedBytesField(purpose="import", subject="roster_import_id")
    size = models.PositiveIntegerField()

    class Meta(SealedRow.Meta):
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.name


class HeaderMapping(models.Model):
    """How the user once mapped headers that were not recognized, remembered by the headers' fingerprint."""

    fingerprint = models.CharField(max_length=64, unique=True)
    mapping = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.fingerprint
