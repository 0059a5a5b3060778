"""Questions that a bureau or a school adds to the record of a tier."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiafang.campaigns.models import Tier
from jiafang.common.models import Scoped
from jiafang.organization.models import Person, School


class QuestionSet(Scoped):
    """One version of what an owner (the bureau, or a school) adds for a tier; never changed once published."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("使用中")
        RETIRED = "retired", _("已停用")

    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    tier = models.CharField(_("层级"), max_length=20, choices=Tier.choices)
    version = models.PositiveIntegerField()
    title = models.CharField(_("名称"), max_length=100)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.DRAFT)
    definition = models.JSONField()
    file_name = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "tier", "version"], nulls_distinct=False, name="question_set_version_once"
            ),
            models.UniqueConstraint(
                fields=["school", "tier"],
                condition=Q(state="published"),
                nulls_distinct=False,
                name="question_set_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"
