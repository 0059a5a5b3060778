"""The homeroom teacher follows a sign or puts it aside."""

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts import audit
from jiafang.common.clock import today
from jiafang.common.errors import NotAllowed
from jiafang.insight.models import Sign


def decide_sign(*, by: Actor, sign_id: int, followed: bool) -> Sign:
    """Twice is once; the first decision stays."""
    require(by, "sign.decide")
    with actor_transaction(by):
        if not scope(by, Sign, CHANGE).filter(pk=sign_id).exists():
            raise NotAllowed("sign.decide")
        claim(by, Sign(pk=sign_id), CHANGE)
        row = Sign.unscoped.select_for_update(of=("self",)).get(pk=sign_id)
        if row.state == Sign.State.OPEN:
            row.state = Sign.State.FOLLOWED if followed else Sign.State.ASIDE
            row.decided_by_id, row.decided_on = by.person_id, today()
            row.save(update_fields=["state", "decided_by", "decided_on"])
            audit.record(by=by, action="sign.decided", of=row, subjects=[row.student_id], followed=followed)
    return row
