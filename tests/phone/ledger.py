"""What was called saved, kept by the test alone; and what has become of it on the server and on the phones."""

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.timezone import localdate

from jiafang.campaigns.models import Duty
from jiafang.visits.models import Attachment, HeldItem, ItemKind, Receipt, Visit, VisitRevision


@dataclass(frozen=True)
class Saved:
    """One thing that was called saved. The token stands in its text, once in the whole world."""

    token: str
    kind: str
    id: str
    device: str
    person: int
    duties: tuple[int, ...] = ()
    day: dt.date | None = None


@dataclass
class Ledger:
    saved: dict[str, Saved] = field(default_factory=dict)
    # What a crash cut off before anything was called saved: it may be there, once, or not at all.
    maybe: dict[str, Saved] = field(default_factory=dict)
    # What the person has replaced by a merged version, knowing both.
    merged: set[str] = field(default_factory=set)
    # What the person has taken off the list, after the server had said that it holds it.
    dismissed: set[str] = field(default_factory=set)

    def known(self) -> dict[str, Saved]:
        return self.saved | self.maybe


def token_of(text: str) -> str:
    return text.split(" ", 1)[0]


def on_server() -> Counter[str]:
    """How often the server has each thing: records in any revision by token, outcomes and files by id, held or not."""
    found: Counter[str] = Counter(token_of(visit.finding) for visit in Visit.unscoped.all())
    found.update(token_of(json.loads(row.body)["finding"]) for row in VisitRevision.unscoped.all())
    for item in HeldItem.unscoped.all():
        of_record = item.kind == ItemKind.VISIT
        found[token_of(json.loads(bytes(item.content))["finding"]) if of_record else str(item.item)] += 1
    found.update(str(pk) for pk in Attachment.unscoped.values_list("pk", flat=True))
    taken = Receipt.unscoped.filter(kind=ItemKind.OUTCOME, held_item=None)
    found.update(str(item) for item in taken.values_list("item", flat=True))
    return found


def on_phone(items: list[dict[str, Any]]) -> set[str]:
    return {token_of(item["body"]["finding"]) if item["kind"] == "visit" else item["id"] for item in items}


def met_by_model(ledger: Ledger, duties: list[int]) -> dict[int, set[dt.date]]:
    """For every duty the days on which a record of the server says that its person was met, read off the ledger."""
    days: dict[int, set[dt.date]] = {duty: set() for duty in duties}
    known = ledger.known()
    for visit in Visit.unscoped.all():
        saved = known[token_of(visit.finding)]
        assert saved.day is not None
        for duty in saved.duties:
            days[duty].add(saved.day)
    return days


def coverage_faults(ledger: Ledger, duties: list[int]) -> list[str]:
    """Where the server's coverage is not what follows from its records."""
    model = met_by_model(ledger, duties)
    faults = []
    for duty in Duty.unscoped.filter(pk__in=duties):
        days = model[duty.pk]
        if days and (duty.state != Duty.State.MET or duty.met_on not in days):
            faults.append(f"duty {duty.pk} is {duty.state} on {duty.met_on}, met on {sorted(days)}")
        if not days and (duty.state == Duty.State.MET or duty.met_on is not None):
            faults.append(f"duty {duty.pk} is {duty.state} on {duty.met_on} without a record")
    return faults


def day_of(started_at: str) -> dt.date:
    return localdate(dt.datetime.fromisoformat(started_at))
