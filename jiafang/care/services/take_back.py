"""The owner takes a result back before anybody has answered: it is in hand again, and the due day counts as before."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.services.reach import reached, tell, written
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb


def take_back_result(*, by: Actor, case_id: int, words: str) -> None:
    """With a reason, which whoever was asked reads: they are told that nothing waits for their word."""
    require(by, "case.work")
    words = written(words, missing=_("请写一句为什么收回结果"))
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE)
        step(by, case, Verb.TAKE_BACK, note=words)
        tell(by, case, case.confirmer_id, "case.taken_back")
