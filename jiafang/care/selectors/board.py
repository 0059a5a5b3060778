"""Which cases stand on somebody's board, in the order of their due days; no text of a case is looked at here."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields.array import SliceTransform  # type: ignore[attr-defined]  # not in the stubs
from django.db import connection
from django.db.models import Case, Count, Q, QuerySet, Value, When

from jiafang.access import Actor, scope
from jiafang.access.actor import CADRE, COUNSELOR, DIRECTOR, PRINCIPAL
from jiafang.care.models import CaseAction, CaseFile, Escalation, Referral
from jiafang.care.protocol import ORDER
from jiafang.care.scope import ANSWER, WORK, work_on_them
from jiafang.care.workflow import IN_HAND, LIVE
from jiafang.common.clock import today

State = CaseFile.State


class Part(StrEnum):
    """The parts of a board: what waits for one's own hand, for one's own word, and everything that one works on."""

    MINE = "mine"
    CONFIRM = "confirm"
    ASKED = "asked"  # referrals to answer
    ALL = "all"


_WHOLE_FIRST = (Part.ALL, Part.MINE, Part.CONFIRM)
_PARTS: dict[str, tuple[Part, ...]] = {
    PRINCIPAL: (*_WHOLE_FIRST, Part.ASKED),
    CADRE: (*_WHOLE_FIRST, Part.ASKED),
    DIRECTOR: _WHOLE_FIRST,
    COUNSELOR: (Part.ASKED, Part.MINE, Part.ALL),
}
_OWN_FIRST = (Part.MINE, Part.CONFIRM, Part.ALL, Part.ASKED)


def parts_of(actor: Actor) -> tuple[Part, ...]:
    """The parts of the board of this role, the first of them shown first."""
    return _PARTS.get(actor.kind, _OWN_FIRST)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is chosen on a board; empty: any. A closed case is shown only when its state is asked for."""

    state: str = ""
    category: int | None = None
    tier: str = ""
    level: str = ""
    school: int | None = None
    overdue: bool = False
    meeting: bool = False


DUE_FIRST = ("due", "pk")


def overdue() -> Q:
    return Q(state__in=IN_HAND, due__lt=today())


def worked_on(actor: Actor) -> QuerySet[CaseFile]:
    """Cases whose inner work the actor reads; own matters as a teacher or parent are on a page of their own."""
    return scope(actor, CaseFile, WORK)


def _of_part(actor: Actor, part: Part) -> Q:
    if part == Part.CONFIRM:
        return Q(confirmer_id=actor.person_id, state=State.AWAITING)
    if part == Part.MINE:
        accepted = scope(actor, Referral, ANSWER).filter(state=Referral.State.ACCEPTED)
        return Q(owner_id=actor.person_id) | Q(pk__in=accepted.values("case_id"))
    return Q()


def _chosen(actor: Actor, part: Part, wanted: Wanted) -> Q:
    rows = _of_part(actor, part) & (Q(state=wanted.state) if wanted.state else Q(state__in=LIVE))
    if wanted.category is not None:
        rows &= Q(category_id=wanted.category)
    if wanted.tier:
        rows &= Q(alert_tier=wanted.tier)
    if wanted.level:
        rows &= Q(level=wanted.level)
    if wanted.school is not None:
        rows &= Q(school_id=wanted.school)
    if wanted.overdue:
        rows &= overdue()
    if wanted.meeting:
        rows &= Q(for_meeting=True)
    return rows


def on_board(actor: Actor, part: Part, wanted: Wanted) -> QuerySet[CaseFile]:
    """The cases of a part, what is due first at the top."""
    return worked_on(actor).filter(_chosen(actor, part, wanted)).order_by(*DUE_FIRST)


def by_number(actor: Actor, cases: Collection[int]) -> QuerySet[CaseFile]:
    """Cases that were found on the board, what is due first at the top."""
    return scope(actor, CaseFile).filter(pk__in=cases).order_by(*DUE_FIRST)


@dataclass(frozen=True, slots=True)
class Found:
    """How many are open in each part, how many of all are overdue, how many are chosen, and some of the chosen."""

    parts: dict[str, int]
    overdue: int
    chosen: int
    cases: list[int]


def find(actor: Actor, part: Part, wanted: Wanted, lines: range) -> Found:
    """Counts, and which of the chosen stand in these lines.

    In one query: of thousands of cases the most time goes into finding which of them one reads.
    """
    parts = [one for one in parts_of(actor) if one != Part.ASKED]
    live = Q(state__in=LIVE)
    sums: dict[str, Any] = {one.value: Count("pk", filter=live & _of_part(actor, one)) for one in parts}
    chosen = _chosen(actor, part, wanted)
    all_lines = ArrayAgg("pk", filter=chosen, order_by=DUE_FIRST, default=Value([]))
    found = (
        worked_on(actor)
        .filter(state__in={*LIVE, *filter(None, [wanted.state])})
        .order_by()
        .aggregate(
            **sums,
            overdue=Count("pk", filter=overdue()),
            chosen=Count("pk", filter=chosen),
            cases=SliceTransform(lines.start + 1, lines.stop, all_lines),
        )
    )
    counts = {one.value: found[one.value] for one in parts}
    if Part.ASKED in parts_of(actor):
        counts[Part.ASKED.value] = waiting_referrals(actor).order_by().count()
    return Found(counts, found["overdue"], found["chosen"], found["cases"])


def climbing(cases: Collection[int]) -> dict[int, dt.datetime]:
    """When each of these climbs if nothing is done, as it was announced."""
    said = work_on_them(Escalation, cases).filter(done_at=None, called_off_at=None)
    return dict(said.order_by("-not_before").values_list("case_id", "not_before"))


def done_last(cases: Collection[int]) -> dict[int, tuple[str, dt.date]]:
    """Kind and day of what was done last on each of these."""
    last = work_on_them(CaseAction, cases).order_by("case_id", "-on", "-pk").distinct("case_id")
    return {case: (kind, on) for case, kind, on in last.values_list("case_id", "kind", "on")}


def waiting_referrals(actor: Actor) -> QuerySet[Referral]:
    """Asked of the actor and not yet answered, the urgent first; the case itself is read only when it was accepted."""
    urgency = Case(*(When(alert_tier=tier, then=at) for at, tier in enumerate(reversed(ORDER))))
    return scope(actor, Referral, ANSWER).filter(state=Referral.State.ASKED).order_by(urgency, "asked_at", "pk")


def names_in(cases: Collection[int]) -> dict[int, str]:
    """Whom cases are about, who owns and who confirms them, as far as the database knows them to be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM fence.names_in_cases(%s)", [list(cases)])
        return dict(cursor.fetchall())
