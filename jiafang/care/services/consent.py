"""A teacher or principal agrees that what they confided goes further than to school."""

from jiafang.access import VIEW, Actor, actor_transaction, require
from jiafang.accounts import audit
from jiafang.care.services.reach import reached, tell
from jiafang.common.errors import NotAllowed


def consent_upward(*, by: Actor, case_id: int) -> None:
    """By the person concerned alone; twice is once."""
    require(by, "case.confirm")
    with actor_transaction(by):
        case = reached(by, case_id, VIEW)
        if case.person_id != by.person_id:
            raise NotAllowed("case.confirm")
        if case.consent_upward:
            return
        case.consent_upward = True
        case.revision += 1
        case.save()
        audit.record(by=by, action="case.consented", of=case, subjects=[by.person_id])
        tell(by, case, case.owner_id, "case.consented")
