"""Nobody answered for the stated number of days: closed, and shown as closed by silence; asked once more before."""

import datetime as dt

from django.utils import timezone

from jiafang.access import Actor, actor_transaction, reading, require
from jiafang.care.models import CaseFile, CaseReader
from jiafang.care.services.one_by_one import one_by_one
from jiafang.care.services.steps import locked, step
from jiafang.care.workflow import SILENCE_DAYS, Verb
from jiafang.common.clock import at, now, today
from jiafang.notifications.services.notify import notify

_DAY = dt.timedelta(days=1)
# How long before the last day whoever confirms is asked once more.
_ASKED_AGAIN = 3 * _DAY


def answer_by(case: CaseFile) -> dt.date | None:
    """The last day on which an answer still comes in time; None where none is waited for."""
    since = case.awaiting_since
    return timezone.localdate(since) + dt.timedelta(days=SILENCE_DAYS) if since else None


def ask_again(*, by: Actor) -> int:
    """Three days before the silence would close it, whoever confirms is asked once more; how many were."""
    require(by, "case.close_silent")
    return one_by_one(_to_answer_before(by, today() + _ASKED_AGAIN + _DAY), lambda pk: _ask(by, pk))


def close_silent(*, by: Actor) -> int:
    """Close what has waited for an answer so long; how many."""
    require(by, "case.close_silent")
    return one_by_one(_to_answer_before(by, today()), lambda pk: _close(by, pk))


def _to_answer_before(by: Actor, day: dt.date) -> list[int]:
    first = at(day - dt.timedelta(days=SILENCE_DAYS), dt.time())
    with reading(by):
        waiting = CaseFile.unscoped.filter(state=CaseFile.State.AWAITING, awaiting_since__lt=first)
        return list(waiting.order_by("awaiting_since", "pk").values_list("pk", flat=True))


def _ask(by: Actor, case_id: int) -> bool:
    with actor_transaction(by):
        case = locked(case_id)
        since, last = case.awaiting_since, answer_by(case)
        if since is None or last is None or last > today() + _ASKED_AGAIN:
            return False
        reads = CaseReader.unscoped.filter(case=case, person_id=case.confirmer_id, until=None).order_by("pk").first()
        told = notify(
            by=by, people=[case.confirmer_id], code="case.asked_again", object_kind="case", object_id=case.pk,
            school_id=reads.school_id if reads else None, capacity_kind=reads.kind if reads else "",
            once=f"case.asked_again:{case.pk}:{since.timestamp():.6f}",
        )  # fmt: skip
        return told > 0


def _close(by: Actor, case_id: int) -> bool:
    with actor_transaction(by):
        case = locked(case_id)
        last = answer_by(case)
        if last is None or last >= today():
            return False
        step(by, case, Verb.SILENCE, closed_at=now(), closed_by_silence=True)
        readers = CaseReader.unscoped.filter(case=case, person_id__in=[case.owner_id, case.confirmer_id], until=None)
        for reader in readers.order_by("pk"):
            notify(
                by=by, people=[reader.person_id], code="case.silent", object_kind="case", object_id=case.pk,
                school_id=reader.school_id, capacity_kind=reader.kind, once=f"case.silent:{case.pk}:{case.revision}",
            )  # fmt: skip
        return True
