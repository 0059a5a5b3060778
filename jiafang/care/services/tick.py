"""Ticking what the protocol of an alert tier asks for; twice is once."""

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require
from jiafang.accounts import audit
from jiafang.care.models import CaseFile, ChecklistTick
from jiafang.care.protocol import item_of
from jiafang.care.scope import WORK
from jiafang.care.services.reach import reached
from jiafang.common.errors import InputFault


def tick(*, by: Actor, case_id: int, tier: str, item: str) -> None:
    """It was done: said by whoever reads the inner work, also where the tier has changed meanwhile."""
    require(by, "case.work")
    with actor_transaction(by):
        case = _reached(by, case_id, tier, item)
        _tick, new = ChecklistTick.unscoped.get_or_create(
            case=case, tier=tier, item=item, defaults={"by_id": by.person_id}
        )
        if new:
            _note(by, case, "case.tick", tier, item)


def untick(*, by: Actor, case_id: int, tier: str, item: str) -> None:
    """It was ticked by mistake."""
    require(by, "case.work")
    with actor_transaction(by):
        case = _reached(by, case_id, tier, item)
        gone, _kinds = ChecklistTick.unscoped.filter(case=case, tier=tier, item=item).delete()
        if gone:
            _note(by, case, "case.untick", tier, item)


def _reached(by: Actor, case_id: int, tier: str, item: str) -> CaseFile:
    case = reached(by, case_id, WORK)
    if item_of(tier, item) is None:
        raise InputFault(_("清单里没有这一项,请刷新页面"), place="item")
    return case


def _note(by: Actor, case: CaseFile, action: str, tier: str, item: str) -> None:
    about = [case.person_id] if case.person_id else []
    audit.record(by=by, action=action, of=case, subjects=about, tier=tier, item=item)
