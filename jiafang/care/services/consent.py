"""A teacher or principal agrees that what they confided goes further than to school."""

from jiafang.access import VIEW, Actor, actor_transaction, require
from jiafang.care.models import Side
from jiafang.care.scope import own_side
from jiafang.care.services.put_right import put_right
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.errors import NotAllowed


def consent_upward(*, by: Actor, case_id: int) -> None:
    """By the person concerned alone; twice is once."""
    require(by, "case.confirm")
    with actor_transaction(by):
        case = reached(by, case_id, VIEW)
        if case.person_id != by.person_id or own_side(by, case_id) != Side.TEACHER:
            raise NotAllowed("case.confirm")
        if case.consent_upward:
            return
        step(by, case, Verb.CONSENT, consent_upward=True)
        put_right(by, case)  # where nobody at school could take it, it may go on now
        tell(by, case, case.owner_id, "case.consented")
