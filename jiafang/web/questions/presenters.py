"""What the pages of added questions show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from jiafang.campaigns.models import Tier
from jiafang.visits.body import Answers
from jiafang.visits.models import QuestionSet
from jiafang.visits.questions.define import questions_in
from jiafang.visits.questions.faults import Fault
from jiafang.visits.questions.versions import asked_of
from jiafang.web.components.shapes import Fault as ShownFault

TONES = {QuestionSet.State.DRAFT: "due", QuestionSet.State.PUBLISHED: "met", QuestionSet.State.RETIRED: "declined"}


@dataclass(frozen=True)
class SetRow:
    """One version in a list."""

    url: str
    title: str
    version: int
    tier: str
    tone: str
    state: str
    where: str
    published: Any


@dataclass(frozen=True)
class AskedSet:
    """A set as a page draws it: its JSON block and the name of that block."""

    block: str
    title: str
    data: dict[str, Any]


def set_row(row: QuestionSet) -> SetRow:
    state = QuestionSet.State(row.state)
    return SetRow(
        url=reverse("question_set", args=[row.pk]),
        title=row.title,
        version=row.version,
        tier=str(Tier(row.tier).label),
        tone=TONES[state],
        state=str(state.label),
        where=row.school.name if row.school else "",
        published=row.published_at,
    )


def shown_faults(faults: Iterable[Fault], *, serious: bool = True) -> list[ShownFault]:
    return [ShownFault(fault.message, sheet=fault.sheet, row=fault.row, serious=serious) for fault in faults]


def remarks_of(row: QuestionSet) -> list[ShownFault]:
    return shown_faults((Fault.from_json(one) for one in row.definition.get("remarks", [])), serious=False)


def number_of(row: QuestionSet) -> int:
    return sum(1 for question in questions_in(row.definition["items"]) if question["type"] != "note")


def speaks_english(row: QuestionSet) -> bool:
    return any("en" in question.get("label", {}) for question in questions_in(row.definition["items"]))


def asked(sets: Iterable[QuestionSet], answers: Iterable[Answers] = ()) -> list[AskedSet]:
    """What `questions/asked.html` draws in a record; with the answers that are there already."""
    known: Mapping[int, Any] = {one.set_id: dict(one.values) for one in answers}
    return [
        AskedSet(
            block=f"questions-{row.pk}",
            title=row.title,
            data={"set": row.pk, "version": row.version, "definition": asked_of(row), "values": known.get(row.pk)},
        )
        for row in sets
    ]
