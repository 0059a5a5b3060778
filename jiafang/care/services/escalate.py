"""A case that is overdue climbs: announced first, then once, by the machine; also when the machine stood still.

What the owner does in time calls it off only by taking the case out of the own hand (its result put to whoever
confirms, sent up, ended) or when somebody entitled to it moves the due day. A further action after the due day does
not: as long as the day is past and nothing is solved, whoever is above hears of it. Each case has a transaction of its
own in which it is locked and looked at anew, so that runs may overlap, stop anywhere and begin again.
"""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q

from jiafang.access import Actor, actor_transaction, reading, require
from jiafang.care.climbing import CLIMBS, NOTICE, climbs, end_of, not_before, seat_above
from jiafang.care.models import CaseFile, CaseReader, Escalation
from jiafang.care.rules import due_on, rule_of
from jiafang.care.seats import Seat
from jiafang.care.services.one_by_one import one_by_one
from jiafang.care.services.reach import let_rule_read
from jiafang.care.services.steps import locked, step
from jiafang.care.workflow import IN_HAND, Verb
from jiafang.common.clock import now, today
from jiafang.common.errors import NotReady
from jiafang.notifications.models import Notification
from jiafang.notifications.services.notify import notify

_OPEN = Q(done_at=None, called_off_at=None)
# For so long after the due day an owner is told of it: whoever was told and has read it long ago is not told again.
_TOLD_WITHIN = dt.timedelta(days=30)


def announce_due(*, by: Actor) -> int:
    """Say of each case whose due day is at hand that it will climb; of how many it was said.

    A short time is announced as soon as it is seen: a case that has one day, on the day on which it was raised.
    """
    require(by, "case.escalate")
    with reading(by):
        said = Escalation.unscoped.filter(_OPEN, case=OuterRef("pk"), level=OuterRef("level"), due=OuterRef("due"))
        at_hand = CaseFile.unscoped.filter(CLIMBS, ~Exists(said), due__lt=today() + NOTICE)
        found = list(at_hand.order_by("due", "pk").values_list("pk", flat=True))
    return one_by_one(found, lambda pk: _announce(by, pk))


def follow_announced(*, by: Actor) -> int:
    """Call off what no longer will climb; tell new owners of what was said to those before; how many rows changed."""
    require(by, "case.escalate")
    with reading(by):
        found = _no_longer_as_said()
    return one_by_one(found, lambda pk: _follow(by, pk))


def escalate_overdue(*, by: Actor) -> int:
    """Let what was announced and is overdue climb; how many did."""
    require(by, "case.escalate")
    with reading(by):
        ripe = Escalation.unscoped.filter(
            _OPEN, not_before__lte=now(), due__lt=today(), level=F("case__level"), due=F("case__due")
        )
        found = list(ripe.order_by("due", "pk").values_list("pk", flat=True))
    return one_by_one(found, lambda pk: _climb(by, pk))


def tell_overdue(*, by: Actor) -> int:
    """Tell the owner once of what is overdue and goes nowhere: confided, with the director, nobody above."""
    require(by, "case.escalate")
    with reading(by):
        climbing = Escalation.unscoped.filter(_OPEN, case=OuterRef("pk"), level=OuterRef("level"), due=OuterRef("due"))
        overdue = CaseFile.unscoped.filter(
            ~Exists(climbing), state__in=IN_HAND, due__lt=today(), due__gte=today() - _TOLD_WITHIN
        )
        dues = dict(overdue.order_by("due", "pk").values_list("pk", "due"))
        onces = {_once_overdue(pk, due): pk for pk, due in dues.items()}
        told = set(Notification.unscoped.filter(once__in=onces).values_list("once", flat=True))
    return one_by_one([pk for once, pk in onces.items() if once not in told], lambda pk: _tell_overdue(by, pk))


def _tell_overdue(by: Actor, case_id: int) -> bool:
    with actor_transaction(by):
        case = locked(case_id)
        if case.state not in IN_HAND or case.due >= today():
            return False
        owner = CaseReader.unscoped.filter(case=case, why=CaseReader.Why.OWNER, until=None)
        _tell(by, case, owner, code="case.overdue", once=_once_overdue(case.pk, case.due))
        return True


def _once_overdue(case_id: int, due: dt.date) -> str:
    return f"case.overdue:{case_id}:{due.isoformat()}"


def _announce(by: Actor, case_id: int) -> bool:
    with actor_transaction(by):
        case = locked(case_id)
        row = Escalation.unscoped.filter(case=case, level=case.level, due=case.due).first()
        if not climbs(case) or case.due >= today() + NOTICE or (row is not None and _is_open(row)):
            return False
        try:
            _level, above, _place = seat_above(case)
        except NotReady:
            return False  # nobody is above: it stays overdue where it is
        # The same day on the same level once more (denied, sent down again): said once more.
        row = row or Escalation(case=case, level=case.level, due=case.due)
        row.announced_at, row.done_at, row.called_off_at = now(), None, None
        row.not_before = not_before(case, row.announced_at)
        row.save()
        _tell_that_it_will(by, row, above)
        return True


def _no_longer_as_said() -> list[int]:
    """Open ones whose case has moved, whose owner is new to it, or that a clock set back would hold up."""
    rows = Escalation.unscoped.filter(_OPEN).select_related("case__category")
    rows = rows.defer("case__text", "case__result_words")
    owners = {_once(row): row for row in rows}
    told = set(
        Notification.unscoped.filter(once__in=owners, person_id__in={row.case.owner_id for row in rows}).values_list(
            "once", "person_id"
        )
    )
    latest = now() + NOTICE
    return [
        row.pk
        for once, row in owners.items()
        if not _stands(row, row.case)
        or (once, row.case.owner_id) not in told
        or row.not_before > max(latest, end_of(row.due))
    ]


def _follow(by: Actor, escalation_id: int) -> bool:
    with actor_transaction(by):
        case, row = _both(escalation_id)
        if not _is_open(row):
            return False
        if not _stands(row, case):
            row.called_off_at = now()
            row.save(update_fields=["called_off_at"])
            return True
        try:
            _level, above, _place = seat_above(case)
        except NotReady:
            return False
        # It was said by a clock that has been set back since: the warning counts from now.
        row.not_before = min(row.not_before, not_before(case, now()))
        row.save(update_fields=["not_before"])
        _tell_that_it_will(by, row, above)
        return True


def _climb(by: Actor, escalation_id: int) -> bool:
    with actor_transaction(by):
        case, row = _both(escalation_id)
        if not _is_open(row) or not _stands(row, case) or row.not_before > now() or row.due >= today():
            return False
        try:
            level, above, place = seat_above(case)
        except NotReady:
            return False
        before = _told_of_climbing(case)
        due = due_on(rule_of(case.category, level), case.alert_tier)
        step(by, case, Verb.ESCALATE, to=above, level=level, due=due, section_id=place.section_id)
        let_rule_read(case, place)
        row.done_at = now()
        row.save(update_fields=["done_at"])
        _tell(by, case, before, code="case.escalated", once=f"case.escalated:{case.pk}:{case.revision}")
        _tell(by, case, [above], code="case.owned", once=f"case.owned:{case.pk}:{case.revision}")
        return True


def _both(escalation_id: int) -> tuple[CaseFile, Escalation]:
    """The case first, as everybody locks it, then what was said of it."""
    case_id = Escalation.unscoped.values_list("case_id", flat=True).get(pk=escalation_id)
    case = locked(case_id)
    return case, Escalation.unscoped.select_for_update(of=("self",)).get(pk=escalation_id)


def _is_open(row: Escalation) -> bool:
    return row.done_at is None and row.called_off_at is None


def _stands(row: Escalation, case: CaseFile) -> bool:
    """Whether the case is still where it was said of it, and would climb."""
    return climbs(case) and (row.level, row.due) == (case.level, case.due)


def _told_of_climbing(case: CaseFile) -> list[CaseReader]:
    """The owner, whoever raised it, whom it concerns and who is to confirm it, in the capacities in which they read."""
    part = Q(why__in=[CaseReader.Why.OWNER, CaseReader.Why.RAISER, CaseReader.Why.CONCERNED])
    rows = CaseReader.unscoped.filter(part | Q(person_id=case.confirmer_id), case=case, until=None)
    return sorted(rows, key=lambda row: (row.why != CaseReader.Why.OWNER, row.pk))


def _once(row: Escalation) -> str:
    return f"case.escalating:{row.pk}:{row.announced_at.timestamp():.6f}"


def _tell_that_it_will(by: Actor, row: Escalation, above: Seat) -> None:
    """Those who take part, and whoever owns it next: not yet a reader, and so told that something comes, not what."""
    case = row.case
    readers = _told_of_climbing(case)
    _tell(by, case, readers, code="case.escalating", once=_once(row))
    if above.person_id not in {reader.person_id for reader in readers}:
        notify(
            by=by, people=[above.person_id], code="case.coming", object_kind="case_board", object_id="",
            school_id=above.school_id, capacity_kind=above.kind, once=_once(row),
        )  # fmt: skip


def _tell(by: Actor, case: CaseFile, whom: Iterable[CaseReader | Seat], *, code: str, once: str) -> None:
    for reader in whom:
        notify(
            by=by, people=[reader.person_id], code=code, object_kind="case", object_id=case.pk,
            school_id=reader.school_id, capacity_kind=reader.kind, once=once,
        )  # fmt: skip
