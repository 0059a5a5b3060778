"""What a guardian has told about the own child and reads of it, in one piece."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from jiafang.access import Actor, scope
from jiafang.care.entitled import raised
from jiafang.care.models import CaseAction, CaseFile, Message


@dataclass(frozen=True, slots=True)
class OwnMatter:
    """`done`: (day, what, text) that was shared with the family; `said`: (day, by whom, text) that it reads.

    `text`: own words; empty where somebody else raised it, whose words are for those who work on it.
    """

    on: dt.date
    category: str
    state: str
    text: str
    result: str
    done: list[tuple[dt.date, str, str]] = field(default_factory=list)
    said: list[tuple[dt.date, str, str]] = field(default_factory=list)


def own_matters(actor: Actor, student_id: int) -> list[OwnMatter]:
    cases = scope(actor, CaseFile).filter(person_id=student_id).select_related("category").order_by("raised_at", "pk")
    found = {
        case.pk: OwnMatter(
            on=timezone.localtime(case.raised_at).date(),
            category=case.category.name,
            state=str(case.get_state_display()),
            text=case.text if raised(actor, case) else "",
            result="。".join(part for part in (str(case.get_result_display()), case.result_words) if part),
        )
        for case in cases
    }
    for row in scope(actor, CaseAction).filter(case__in=found):
        found[row.case_id].done.append((row.on, str(row.get_kind_display()), row.text))
    for message in scope(actor, Message).filter(case__in=found).select_related("author"):
        on = timezone.localtime(message.sent_at).date()
        found[message.case_id].said.append((on, message.author.name, message.text))
    return list(found.values())
