"""Whoever raised a case takes it back; whoever owns it ends it when the one it is about is gone."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, VIEW, Actor, actor_transaction, require
from jiafang.care.entitled import raised
from jiafang.care.models import CaseFile, CaseReader
from jiafang.care.protocol import URGENT
from jiafang.care.services.askable import has_left
from jiafang.care.services.reach import reached, read_by, tell, written
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, NotAllowed


def withdraw_case(*, by: Actor, case_id: int, words: str) -> None:
    """With a reason in any case. What is urgent is not taken back but solved."""
    require(by, "case.confirm")
    words = written(words, missing=_("请写一句为什么收回"))
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, VIEW)
        if not ends_without_subject(by, case):
            if not raised_and_answers(by, case):
                raise NotAllowed("case.confirm")
            if case.alert_tier in URGENT:
                raise Conflict(_("较急和紧急的事不能收回,请等办理"))
            if case.owner_id == by.person_id and others_work_on(by, case):
                raise Conflict(_("别人也在跟进这件事,请按“办理完毕”请人确认"))
        step(by, case, Verb.WITHDRAW, result=CaseFile.Result.WITHDRAWN, closed_at=now(), note=words)
        tell(by, case, read_by(case), "case.withdrawn")


def raised_and_answers(by: Actor, case: CaseFile) -> bool:
    """Raised in this capacity, and not put to somebody else, whose word it is now."""
    return raised(by, case) and case.confirmer_id == by.person_id


def ends_without_subject(by: Actor, case: CaseFile) -> bool:
    """By the owner, when a student or a teacher has left: nobody may be there to say whether it is solved."""
    owns = CaseReader.unscoped.filter(case=case, person_id=by.person_id, kind=by.kind, why="owner", until=None)
    return case.owner_id == by.person_id and owns.exists() and has_left(case)


def others_work_on(by: Actor, case: CaseFile) -> bool:
    """Whether anybody besides reads it: what others know of is not taken back by the one who is to do it."""
    return CaseReader.unscoped.filter(case=case, until=None).exclude(person_id=by.person_id).exists()
