"""Which cases stand on somebody's board, in the order of their due days; no text of a case is looked at here."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Q, QuerySet, Subquery, When

from jiafang.access import Actor, scope
from jiafang.access.actor import CADRE, COUNSELOR, DIRECTOR, PRINCIPAL
from jiafang.care.models import CaseAction, CaseFile, Escalation, Referral
from jiafang.care.protocol import ORDER
from jiafang.care.scope import ANSWER, WORK, work_on_it
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


OVERDUE = Q(state__in=IN_HAND)


def overdue() -> Q:
    return OVERDUE & Q(due__lt=today())


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


def on_board(actor: Actor, part: Part, wanted: Wanted) -> QuerySet[CaseFile]:
    """The cases of a part, what is due first at the top."""
    rows = worked_on(actor).filter(_of_part(actor, part))
    rows = rows.filter(state=wanted.state) if wanted.state else rows.filter(state__in=LIVE)
    if wanted.category is not None:
        rows = rows.filter(category_id=wanted.category)
    if wanted.tier:
        rows = rows.filter(alert_tier=wanted.tier)
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    if wanted.school is not None:
        rows = rows.filter(school_id=wanted.school)
    if wanted.overdue:
        rows = rows.filter(overdue())
    if wanted.meeting:
        rows = rows.filter(for_meeting=True)
    return rows.order_by("due", "pk")


def with_what_comes(rows: QuerySet[CaseFile]) -> QuerySet[CaseFile, Any]:
    """Each with when it climbs if nothing is done, as it was announced, and with kind and day of what was done last."""
    said = work_on_it(Escalation).filter(done_at=None, called_off_at=None).order_by("not_before")
    last = work_on_it(CaseAction).order_by("-on", "-pk")
    return rows.annotate(
        climbs_at=Subquery(said.values("not_before")[:1]),
        last_kind=Subquery(last.values("kind")[:1]),
        last_on=Subquery(last.values("on")[:1]),
    )


def waiting_referrals(actor: Actor) -> QuerySet[Referral]:
    """Asked of the actor and not yet answered, the urgent first; the case itself is read only when it was accepted."""
    urgency = Case(*(When(alert_tier=tier, then=at) for at, tier in enumerate(reversed(ORDER))))
    return scope(actor, Referral, ANSWER).filter(state=Referral.State.ASKED).order_by(urgency, "asked_at", "pk")


def counts(actor: Actor) -> dict[str, int]:
    """How many there are in each part that is open, in one query, and how many of all are overdue."""
    parts = [part for part in parts_of(actor) if part != Part.ASKED]
    sums: dict[str, Any] = {part.value: Count("pk", filter=_of_part(actor, part)) for part in parts}
    found = worked_on(actor).filter(state__in=LIVE).order_by().aggregate(**sums, overdue=Count("pk", filter=overdue()))
    if Part.ASKED in parts_of(actor):
        found[Part.ASKED.value] = waiting_referrals(actor).order_by().count()
    return found


def names_in(cases: Collection[int]) -> dict[int, str]:
    """Whom cases are about, who owns and who confirms them, as far as the database knows them to be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM fence.names_in_cases(%s)", [list(cases)])
        return dict(cursor.fetchall())
