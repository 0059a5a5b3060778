"""Whoever raised it says whether it is solved; that alone closes a case."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.scope import CONFIRM
from jiafang.care.services.askable import guardians
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached, tell, written
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault


def confirm_case(*, by: Actor, case_id: int, words: str = "") -> None:
    """It is solved: the case is closed."""
    require(by, "case.confirm")
    with actor_transaction(by):
        case = reached(by, case_id, CONFIRM)
        if case.owner_id == by.person_id:
            raise Conflict(_("自己办的事要由别人确认:请先选“还没解决”,再请家长或本人来确认"))
        step(by, case, Verb.CONFIRM, closed_at=now(), note=words.strip()[:LONGEST])
        tell(by, case, {case.owner_id, case.raised_by_id}, "case.confirmed")


def confirm_orally(*, by: Actor, case_id: int, guardian_id: int, words: str) -> None:
    """The owner writes down that the guardian who was asked has said so, by telephone or at the gate."""
    require(by, "case.work")
    words = written(words, missing=_("请写一句家长是怎么说的、什么时候说的"))
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE)
        if guardian_id != case.confirmer_id or guardian_id == by.person_id or guardian_id not in guardians(case):
            raise InputFault(_("请选被请来确认的那位家长"), place="guardian_id")
        step(by, case, Verb.CONFIRM, closed_at=now(), note=_("口头确认:%(words)s") % {"words": words})
        # Whoever is said to have said it hears of it.
        tell(by, case, {case.confirmer_id, case.raised_by_id}, "case.confirmed")


def deny_case(*, by: Actor, case_id: int, words: str) -> None:
    """It is not solved: back to the owner."""
    require(by, "case.confirm")
    words = written(words, missing=_("请写一句还差什么"))
    with actor_transaction(by):
        case = reached(by, case_id, CONFIRM)
        step(by, case, Verb.DENY, note=words)
        tell(by, case, case.owner_id, "case.denied")
