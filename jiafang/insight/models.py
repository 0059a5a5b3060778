"""Sums that the database keeps, so that reading them costs the same however much data there is; early signs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiafang.campaigns.models import Campaign, Duty
from jiafang.common.models import Scoped
from jiafang.organization.models import GradeCohort, Person, School, SchoolClass


class DutyTally(Scoped):
    """How many initial duties of a class (or of a school's staff) in a campaign are in one state.

    A trigger on the duties keeps it in the same transaction; nobody writes it otherwise. Follow-up duties are not in
    it. `met_week` is the Monday of the week in which they were met.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tallies")
    school = models.ForeignKey(School, models.CASCADE, null=True, related_name="+")
    cohort = models.ForeignKey(GradeCohort, models.CASCADE, null=True, related_name="+")
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=Duty.State.choices)
    due = models.DateField()
    unassigned = models.BooleanField()
    met_week = models.DateField(null=True)
    count = models.IntegerField()

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["campaign_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "school", "cohort", "school_class", "state", "due", "unassigned", "met_week"],
                nulls_distinct=False,
                name="duty_tally_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.state} in {self.campaign_id}"


class SignRule(models.Model):
    """When the machine points a homeroom teacher to a student; rules are data, and say no more than the sign shows."""

    class Kind(models.TextChoices):
        MOOD_NOTES = "mood_notes", _("家访里多次记下心理方面的留意项")
        FALLING_MARKS = "falling_marks", _("成绩连续下降")
        ABSENCES = "absences", _("出勤率偏低")
        EXAM_SEASON = "exam_season", _("临近毕业考试,且有心理关注标签")
        NO_CONTACT = "no_contact", _("很久没有联系")
        TAGS_TOGETHER = "tags_together", _("几种重点关注同时有")

    kind = models.CharField(_("规则"), max_length=15, choices=Kind.choices, unique=True)
    active = models.BooleanField(_("使用"), default=True)
    days = models.PositiveSmallIntegerField(_("天数"), default=90)
    times = models.PositiveSmallIntegerField(_("次数或百分数"), default=2)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.kind


class Sign(Scoped):
    """A student to whom a rule points, for the homeroom teacher: a suggestion that a person follows or not.

    `numbers` hold what the reason is made of (counts and days), no text. One that was put aside is not shown again for
    a while.
    """

    class State(models.TextChoices):
        OPEN = "open", _("请您看看")
        FOLLOWED = "followed", _("已跟进")
        ASIDE = "aside", _("先不用")
        PASSED = "passed", _("情况已变")

    student = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=15, choices=SignRule.Kind.choices)
    numbers = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    found_on = models.DateField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["-found_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["student", "kind"], condition=Q(state="open"), name="sign_open_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.student_id}"
