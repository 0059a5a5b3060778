"""Nobody answered for the stated number of days: closed, and shown as closed by silence; asked once more before."""

import datetime as dt

from jiafang.access import Actor, actor_transaction, reading, require
from jiafang.care.models import CaseFile, CaseReader
from jiafang.care.services.one_by_one import one_by_one
from jiafang.care.services.steps import locked, step
from jiafang.care.workflow import SILENCE_DAYS, Verb
from jiafang.common.clock import now
from jiafang.notifications.services.notify import notify

_SILENCE = dt.timedelta(days=SILENCE_DAYS)
_ASK_AGAIN_AFTER = _SILENCE - dt.timedelta(days=3)


def ask_again(*, by: Actor) -> int:
    """Three days before the silence would close it, whoever confirms is asked once more; how many were."""
    require(by, "case.close_silent")
    return one_by_one(_waiting_since(by, _ASK_AGAIN_AFTER), lambda pk: _ask(by, pk))


def close_silent(*, by: Actor) -> int:
    """Close what has waited for an answer so long; how many."""
    require(by, "case.close_silent")
    return one_by_one(_waiting_since(by, _SILENCE), lambda pk: _close(by, pk))


def _waiting_since(by: Actor, time: dt.timedelta) -> list[int]:
    with reading(by):
        waiting = CaseFile.unscoped.filter(state=CaseFile.State.AWAITING, awaiting_since__lte=now() - time)
        return list(waiting.order_by("awaiting_since", "pk").values_list("pk", flat=True))


def _ask(by: Actor, case_id: int) -> bool:
    with actor_transaction(by):
        case = locked(case_id)
        since = case.awaiting_since
        if since is None or since > now() - _ASK_AGAIN_AFTER:
            return False
        reads = CaseReader.unscoped.filter(case=case, person_id=case.confirmer_id, until=None).order_by("pk").first()
        told = notify(
            by=by, people=[case.confirmer_id], code="case.asked", object_kind="case", object_id=case.pk,
            school_id=reads.school_id if reads else None, capacity_kind=reads.kind if reads else "",
            once=f"case.asked.again:{case.pk}:{since.timestamp():.6f}",
        )  # fmt: skip
        return told > 0


def _close(by: Actor, case_id: int) -> bool:
    with actor_transaction(by):
        case = locked(case_id)
        if case.awaiting_since is None or case.awaiting_since > now() - _SILENCE:
            return False
        step(by, case, Verb.SILENCE, closed_at=now(), closed_by_silence=True)
        readers = CaseReader.unscoped.filter(case=case, person_id__in=[case.owner_id, case.confirmer_id], until=None)
        for reader in readers.order_by("pk"):
            notify(
                by=by, people=[reader.person_id], code="case.silent", object_kind="case", object_id=case.pk,
                school_id=reader.school_id, capacity_kind=reader.kind, once=f"case.silent:{case.pk}:{case.revision}",
            )  # fmt: skip
        return True
