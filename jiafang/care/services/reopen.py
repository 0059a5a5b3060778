"""A closed case goes on."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, VIEW, Actor, actor_transaction, require
from jiafang.care.models import CaseFile, Level, Role
from jiafang.care.rules import due_on, rule_of
from jiafang.care.scope import CONFIRM, LEAD
from jiafang.care.seats import holders, owner_from, place_of, shut_out
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.errors import Conflict, InputFault, NotAllowed


def reopen_case(*, by: Actor, case_id: int, words: str) -> None:
    """By its owner, whoever raised or confirmed it, or whoever leads; to the owner, or whoever is that by now."""
    require(by, "case.confirm")
    if not words.strip():
        raise InputFault(_("请写一句为什么重新打开"), place="words")
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, CONFIRM, LEAD, VIEW)
        if not may_reopen(by, case):
            raise NotAllowed("case.confirm")
        if case.merged_into_id is not None:
            raise Conflict(_("这件事已经并入另一件,请打开那一件"))
        level = Level(case.level)
        rule = rule_of(case.category, level)
        still = holders(Role(case.owner_role), place_of(case))
        seat = next((one for one in still if one.person_id == case.owner_id), None)
        if seat is None:
            level, seat = owner_from(level, place_of(case), Role(rule.owner), avoiding=shut_out(case.person_id))
        step(
            by, case, Verb.REOPEN, to=seat, level=level, due=due_on(rule, case.alert_tier),
            note=words.strip()[:LONGEST], times_reopened=case.times_reopened + 1,
        )  # fmt: skip
        tell(by, case, case.owner_id, "case.reopened")


def may_reopen(by: Actor, case: CaseFile) -> bool:
    return by.person_id in (case.owner_id, case.confirmer_id, case.raised_by_id) or by.kind in ("principal", "director")
