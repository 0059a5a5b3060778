"""Somebody who works on a case reminds its owner of it; once a day is enough."""

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require
from jiafang.accounts import audit
from jiafang.care.scope import WORK
from jiafang.care.services.reach import reached, tell
from jiafang.care.workflow import IN_HAND
from jiafang.common.clock import today
from jiafang.common.errors import Conflict


def remind_owner(*, by: Actor, case_id: int) -> str:
    """Tell the owner that the case waits; the owner's name. Raises Conflict when there is nobody to remind."""
    require(by, "case.work")
    with actor_transaction(by):
        case = reached(by, case_id, WORK)
        if case.state not in IN_HAND:
            raise Conflict(_("已经办完,不用再提醒"))
        if case.owner_id == by.person_id:
            raise Conflict(_("负责人就是您自己"))
        if not tell(by, case, case.owner_id, "case.reminded", once=f"case.reminded:{case.pk}:{today().isoformat()}"):
            raise Conflict(_("今天已经提醒过%(name)s") % {"name": case.owner.name})
        audit.record(by=by, action="case.remind", of=case, subjects=[case.person_id] if case.person_id else [])
        return str(case.owner.name)
