"""Whoever asked for somebody's help takes it back before it is answered."""

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require, scope
from jiafang.accounts import audit
from jiafang.care.models import Referral
from jiafang.care.scope import WORK
from jiafang.care.services.reach import reached
from jiafang.care.services.steps import give_back
from jiafang.common.errors import Conflict, NotAllowed


def take_back_referral(*, by: Actor, referral_id: int) -> None:
    """As long as they work on the case; what was accepted is given back by whoever accepted it."""
    require(by, "case.work")
    with actor_transaction(by):
        seen = scope(by, Referral).filter(pk=referral_id, asked_by_id=by.person_id).first()
        if seen is None:
            raise NotAllowed("case.work")
        case = reached(by, seen.case_id, WORK)
        row = Referral.unscoped.select_for_update(of=("self",)).get(pk=referral_id)
        if row.state != Referral.State.ASKED:
            raise Conflict(_("这次转介已经答复过了"))
        give_back(row, _("提出转介的人收回了"))
        audit.record(by=by, action="case.referral_taken_back", of=row, case=case.pk)
