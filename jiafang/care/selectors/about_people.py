"""Open cases about those whom somebody is to meet, what is due first at the top; no text of a case is looked at."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from jiafang.access import Actor
from jiafang.care.selectors.board import worked_on
from jiafang.care.workflow import LIVE


@dataclass(frozen=True, slots=True)
class OpenCase:
    """One case in as few words as there are; without a person it is about the school."""

    pk: int
    person_id: int | None
    school_id: int
    school: str
    category: str
    tier: str
    state: str
    due: dt.date


def open_cases(actor: Actor, people: Collection[int], schools: Collection[int]) -> list[OpenCase]:
    """Cases on whose list of readers the actor is at work: about one of these people, or one of these schools."""
    about = Q(person_id__in=people) | Q(person=None, school_id__in=schools)
    rows = worked_on(actor).filter(about, state__in=LIVE).order_by("due", "pk")
    found = rows.values_list(
        "pk", "person_id", "school_id", "school__name", "category__name", "alert_tier", "state", "due"
    )
    return [OpenCase(*row) for row in found]
