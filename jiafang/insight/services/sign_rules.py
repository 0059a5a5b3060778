"""Which rules of early signs are used, and with which numbers."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require
from jiafang.accounts import audit
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.insight.models import SignRule

MOST_DAYS, MOST_TIMES = 730, 100


def change_sign_rule(*, by: Actor, rule_id: int, active: bool, days: int, times: int) -> None:
    require(by, "sign.rules")
    if not 1 <= days <= MOST_DAYS:
        raise InputFault(_("天数请填 1 到 %(most)s") % {"most": MOST_DAYS}, place="days")
    if not 1 <= times <= MOST_TIMES:
        raise InputFault(_("请填 1 到 %(most)s") % {"most": MOST_TIMES}, place="times")
    with actor_transaction(by):
        claim(by, SignRule(pk=rule_id), CHANGE)
        row = SignRule.objects.select_for_update().filter(pk=rule_id).first()
        if row is None:
            raise NotAllowed("sign.rules")
        row.active, row.days, row.times = active, days, times
        row.save()
        audit.record(by=by, action="sign.rule_changed", of=row, kind=row.kind, days=days, times=times)
