"""A closed case goes on."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, VIEW, Actor, actor_transaction, require, scope
from jiafang.care.entitled import leads
from jiafang.care.models import CaseFile, Level
from jiafang.care.rules import due_on, rule_of
from jiafang.care.scope import CONFIRM, LEAD
from jiafang.care.services.put_right import put_right
from jiafang.care.services.reach import reached, tell, written
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.errors import Conflict, NotAllowed


def reopen_case(*, by: Actor, case_id: int, words: str) -> None:
    """By its owner, whoever raised or confirmed it, or whoever leads; to the owner, or whoever is that by now."""
    require(by, "case.confirm")
    words = written(words, missing=_("请写一句为什么重新打开"))
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, CONFIRM, VIEW)
        if not may_reopen(by, case):
            raise NotAllowed("case.confirm")
        if goes_on_elsewhere(by, case):
            raise Conflict(_("这件事已经并入另一件,请打开那一件"))
        due = due_on(rule_of(case.category, Level(case.level)), case.alert_tier)
        step(
            by, case, Verb.REOPEN, due=due, note=words, times_reopened=case.times_reopened + 1, merged_into=None
        )  # fmt: skip
        put_right(by, case)
        tell(by, case, {case.owner_id, case.confirmer_id}, "case.reopened")


def may_reopen(by: Actor, case: CaseFile) -> bool:
    """Of those who read it."""
    if by.person_id in (case.owner_id, case.confirmer_id, case.raised_by_id):
        return True
    return leads(by, case) and scope(by, CaseFile, LEAD).filter(pk=case.pk).exists()


def goes_on_elsewhere(by: Actor, case: CaseFile) -> bool:
    """Joined to one that is still open and that one reads; whoever does not read that one has this one opened again."""
    if case.merged_into_id is None:
        return False
    other = scope(by, CaseFile).filter(pk=case.merged_into_id)
    return other.exclude(state=CaseFile.State.CLOSED).exists()
