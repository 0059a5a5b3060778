"""What the nightly purge has done."""

from typing import ClassVar

from django.db import models

from jiafang.common.models import Scoped


class PurgeRun(Scoped):
    """One run: counts alone, rule by rule, before and after; no text and no id of anybody."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # For each rule: {"rule", "rows", "due", "removed", "left_due", "left"}
    results = models.JSONField(default=list)
    sums_before = models.JSONField(default=dict)
    sums_after = models.JSONField(default=dict)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"purge {self.pk}"

    @property
    def removed(self) -> int:
        return sum(result["removed"] for result in self.results)

    @property
    def whole(self) -> bool:
        """Finished, nothing due is left, and the sums of coverage are what they were."""
        nothing_due = all(result["left_due"] == 0 for result in self.results)
        return self.finished_at is not None and nothing_due and self.sums_before == self.sums_after
