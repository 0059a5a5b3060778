"""Students with whom nobody has been in touch for a while: by name to those who answer for them, else as counts."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from jiafang.access import Actor, scope
from jiafang.common.clock import today
from jiafang.insight.scope import COUNT
from jiafang.organization.models import Enrollment, holding
from jiafang.visits.models import LastContact
from jiafang.visits.selectors.classroom import classes_answered_for

DEFAULT_DAYS = 90


def not_met_since(days: int) -> Q:
    """The condition on an enrollment that its student has not been met within so many days."""
    cutoff = today() - dt.timedelta(days=days)
    return Q(student__last_contact=None) | Q(student__last_contact__on__lt=cutoff)


def unseen(actor: Actor, days: int = DEFAULT_DAYS) -> QuerySet[Enrollment, Any]:
    """Students answered for without contact in so many days, those never met first."""
    answered_for = classes_answered_for(actor).order_by().values("pk")
    rows = scope(actor, Enrollment).filter(
        holding(today()), not_met_since(days), school_class_id__in=answered_for, student__deceased=False
    )
    return rows.select_related("student", "student__last_contact", "school_class__cohort").order_by(
        F("student__last_contact__on").asc(nulls_first=True), "school_class_id", "student__pinyin", "pk"
    )


@dataclass(frozen=True)
class UnseenOfSchool:
    school_id: int
    name: str
    total: int
    unseen: int


def unseen_by_school(actor: Actor, days: int = DEFAULT_DAYS) -> list[UnseenOfSchool]:
    """How many of each school's students nobody has met within so many days; the most first."""
    school = "school_class__cohort__school"
    cutoff = today() - dt.timedelta(days=days)
    met = scope(actor, LastContact, COUNT).filter(person_id=OuterRef("student_id"), on__gte=cutoff)
    rows = (
        scope(actor, Enrollment, COUNT)
        .filter(holding(today()))
        .order_by()
        .values(f"{school}_id", f"{school}__name")
        .annotate(total=Count("pk"), unseen=Count("pk", filter=~Exists(met)))
    )
    return [
        UnseenOfSchool(row[f"{school}_id"], row[f"{school}__name"], row["total"], row["unseen"])
        for row in rows.order_by("-unseen", f"{school}__code")
    ]
