"""Whoever raised a case takes it back."""

from django.utils.translation import gettext as _

from jiafang.access import VIEW, Actor, actor_transaction, require
from jiafang.care.models import AlertTier, CaseFile
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault, NotAllowed


def withdraw_case(*, by: Actor, case_id: int, words: str) -> None:
    """It was a mistake, or has settled itself; what is urgent is not taken back but solved."""
    require(by, "case.confirm")
    if not words.strip():
        raise InputFault(_("请写一句为什么收回"), place="words")
    with actor_transaction(by):
        case = reached(by, case_id, VIEW)
        if case.raised_by_id != by.person_id or case.raised_as != by.kind:
            raise NotAllowed("case.confirm")
        if case.alert_tier in (AlertTier.ORANGE, AlertTier.RED):
            raise Conflict(_("较急和紧急的事不能收回,请等办理"))
        note = words.strip()[:LONGEST]
        step(by, case, Verb.WITHDRAW, result=CaseFile.Result.WITHDRAWN, closed_at=now(), note=note)
        tell(by, case, case.owner_id, "case.confirmed")
