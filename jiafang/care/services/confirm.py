"""Whoever raised it says whether it is solved; that alone closes a case."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.scope import CONFIRM
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.clock import now
from jiafang.common.errors import InputFault


def confirm_case(*, by: Actor, case_id: int, words: str = "") -> None:
    """It is solved: the case is closed."""
    require(by, "case.confirm")
    with actor_transaction(by):
        case = reached(by, case_id, CONFIRM)
        step(by, case, Verb.CONFIRM, closed_at=now(), note=words.strip()[:LONGEST])
        tell(by, case, case.owner_id, "case.confirmed")


def confirm_orally(*, by: Actor, case_id: int, guardian_id: int, words: str) -> None:
    """The owner writes down that the guardian who was asked has said so, by telephone or at the gate."""
    require(by, "case.work")
    if not words.strip():
        raise InputFault(_("请写一句家长是怎么说的、什么时候说的"), place="words")
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE)
        if guardian_id != case.confirmer_id or guardian_id == by.person_id:
            raise InputFault(_("请选被请来确认的那位家长"), place="guardian_id")
        note = _("口头确认:%(words)s") % {"words": words.strip()[:LONGEST]}
        step(by, case, Verb.CONFIRM, closed_at=now(), note=note)


def deny_case(*, by: Actor, case_id: int, words: str) -> None:
    """It is not solved: back to the owner."""
    require(by, "case.confirm")
    if not words.strip():
        raise InputFault(_("请写一句还差什么"), place="words")
    with actor_transaction(by):
        case = reached(by, case_id, CONFIRM)
        step(by, case, Verb.DENY, note=words.strip()[:LONGEST])
        tell(by, case, case.owner_id, "case.denied")
