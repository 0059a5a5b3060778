"""How many cases there are, kept by the database, so that those who may not read one may still count."""

from django.db import models

from jiafang.care.models.case import CaseFile
from jiafang.care.models.catalogue import Category, Level
from jiafang.common.models import Scoped
from jiafang.organization.models import School


class CaseTally(Scoped):
    """The number of cases of a school with one category, level, state and due week; no names, no texts.

    A trigger on the cases keeps it in the same transaction; nobody writes it otherwise.
    """

    school = models.ForeignKey(School, models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, related_name="+")
    level = models.CharField(max_length=10, choices=Level.choices)
    state = models.CharField(max_length=10, choices=CaseFile.State.choices)
    due_week = models.DateField(help_text="the Monday of the week in which they are due")
    count = models.IntegerField()

    class Meta(Scoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["school", "category", "level", "state", "due_week"], name="case_tally_key")
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.state} at {self.school_id}"
