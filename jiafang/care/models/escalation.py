"""Climbing by rules: announced first, done once."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from jiafang.care.models.case import CaseFile
from jiafang.care.models.catalogue import Level
from jiafang.common.models import Scoped
from jiafang.organization.models import Person


class Escalation(Scoped):
    """That a case will climb, or has climbed, because its due day on a level has passed.

    Announced first; not before `not_before` does it happen; `called_off_at` when something was done in time.
    """

    case = models.ForeignKey(CaseFile, models.CASCADE, related_name="escalations")
    level = models.CharField(max_length=10, choices=Level.choices)
    due = models.DateField()
    announced_at = models.DateTimeField()
    not_before = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    called_off_at = models.DateTimeField(null=True, blank=True)

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["case", "level", "due"], name="escalation_once"),
            models.CheckConstraint(condition=Q(done_at=None) | Q(called_off_at=None), name="escalation_one_end"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} from {self.level}"


class SavedFilter(Scoped):
    """A selection on a board that somebody keeps under a name."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    board = models.CharField(max_length=20)
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=400)

    class Meta(Scoped.Meta):
        ordering: ClassVar[list[str]] = ["name"]
        constraints = [models.UniqueConstraint(fields=["person", "board", "name"], name="saved_filter_once")]

    def __str__(self) -> str:
        return self.name
