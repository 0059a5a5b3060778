"""Sums that the database keeps, so that reading them costs the same however much data there is."""

from typing import ClassVar

from django.db import models

from jiafang.campaigns.models import Campaign, Duty
from jiafang.common.models import Scoped
from jiafang.organization.models import GradeCohort, School, SchoolClass


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
