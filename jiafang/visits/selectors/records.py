"""One record as it can be read, with its earlier revisions."""

import uuid
from dataclasses import dataclass

from jiafang.access import CHANGE, Actor, scope
from jiafang.campaigns.models import Duty
from jiafang.common.clock import today
from jiafang.organization.models import grade_name
from jiafang.visits.models import Visit, VisitRevision


@dataclass(frozen=True, slots=True)
class RecordPage:
    """`about`: (name, class or school) of those met."""

    visit: Visit
    about: list[tuple[str, str]]
    may_change: bool
    revisions: list[VisitRevision]


def record_page(actor: Actor, pk: uuid.UUID) -> RecordPage | None:
    """The record within reach, or None."""
    visit = (
        scope(actor, Visit)
        .select_related("campaign", "recorded_by", "appointment")
        .prefetch_related("visitors", "participants__person")
        .filter(pk=pk)
        .first()
    )
    if visit is None:
        return None
    return RecordPage(
        visit=visit,
        about=about(visit),
        may_change=scope(actor, Visit, CHANGE).filter(pk=pk).exists(),
        revisions=list(
            scope(actor, VisitRevision).filter(visit=visit).select_related("saved_by").order_by("-revision")
        ),
    )


def about(visit: Visit) -> list[tuple[str, str]]:
    """Whom a record that the actor may read is about."""
    day = today()
    rows = visit.duties.order_by("pk").values_list(
        "person__name", "school_class__name", "cohort__stage", "cohort__entry_year", "school__name"
    )
    return [
        (name, f"{grade_name(stage, entry_year, day)}{class_name}" if class_name and stage else school or "")
        for name, class_name, stage, entry_year, school in rows
    ]


def duties_of(visit: Visit) -> list[Duty]:
    return list(visit.duties.select_related("person").order_by("pk"))
