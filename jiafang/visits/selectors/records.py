"""One record as it can be read, with its earlier revisions."""

import uuid
from dataclasses import dataclass, replace

from jiafang.access import CHANGE, Actor, scope
from jiafang.campaigns.models import Duty
from jiafang.common.clock import today
from jiafang.organization.models import grade_name
from jiafang.visits.axes import AXES
from jiafang.visits.body import Body, ConcernDraft, NoteDraft, body_of, in_order
from jiafang.visits.categories import named
from jiafang.visits.models import Note, RaisedConcern, Visit, VisitRevision


@dataclass(frozen=True, slots=True)
class Heard:
    """What was noted about one of those met: (axis or "", text)."""

    name: str
    notes: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """`about`: (name, class or school) of those met."""

    visit: Visit
    about: list[tuple[str, str]]
    heard: list[Heard]
    concerns: list[RaisedConcern]
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
        heard=_heard(actor, visit),
        concerns=list(named(scope(actor, RaisedConcern)).filter(visit=visit).select_related("person", "visit")),
        may_change=scope(actor, Visit, CHANGE).filter(pk=pk).exists(),
        revisions=list(
            scope(actor, VisitRevision).filter(visit=visit).select_related("saved_by").order_by("-revision")
        ),
    )


def _heard(actor: Actor, visit: Visit) -> list[Heard]:
    """The notes that may be read, person by person, axis by axis."""
    labels = {axis.code: str(axis.label) for axis in AXES[visit.campaign.tier]}
    # An axis that the house has given up since stands at the end.
    order = {axis: place for place, axis in enumerate(["", *labels])}
    found: dict[int, Heard] = {}
    rows = scope(actor, Note).filter(visit=visit).select_related("person")
    for note in sorted(rows, key=lambda note: (note.person.pinyin, note.person_id, order.get(note.axis, len(order)))):
        heard = found.setdefault(note.person_id, Heard(note.person.name, []))
        heard.notes.append((labels.get(note.axis, ""), note.text))
    return list(found.values())


def body_for(actor: Actor, visit: Visit) -> Body:
    """The body of a record without what the actor may not read of it."""
    notes, concerns = scope(actor, Note).filter(visit=visit), scope(actor, RaisedConcern).filter(visit=visit)
    return replace(
        body_of(visit),
        notes=tuple(sorted(NoteDraft(row.person_id, row.axis, row.text) for row in notes)),
        concerns=in_order(
            ConcernDraft(row.pk, row.person_id, row.category, row.alert_tier, row.text, row.follow_up)
            for row in concerns
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
