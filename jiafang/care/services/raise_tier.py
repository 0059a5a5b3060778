"""How urgent a case is: raised by whoever sees it, lowered by the owner; who must know of it reads from then on."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.models import AlertTier, Level
from jiafang.care.protocol import is_higher
from jiafang.care.rules import due_on, roles_of_tier, rule_of
from jiafang.care.scope import WORK
from jiafang.care.seats import place_of
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import let_roles_read, step
from jiafang.care.workflow import Verb
from jiafang.common.errors import InputFault

LONGEST = 500


def change_tier(*, by: Actor, case_id: int, tier: str, words: str) -> None:
    """Another alert tier, with what was seen. The due day comes nearer or stays, it never moves away.

    On a lower tier nobody is taken off the list of readers: whoever was called in hears how it goes on.
    """
    require(by, "case.work")
    with actor_transaction(by):
        case = reached(by, case_id, WORK)
        if tier not in AlertTier.values:
            raise InputFault(_("请选择预警等级"), place="tier")
        words = words.strip()
        if not words:
            raise InputFault(_("请写一句看到了什么"), place="words")
        if len(words) > LONGEST:
            raise InputFault(_("最多 %(count)s 字") % {"count": LONGEST}, place="words")
        before = AlertTier(case.alert_tier)
        if tier == before:
            return
        raised = is_higher(tier, before)
        if not raised:
            reached(by, case_id, CHANGE)
        due = min(case.due, due_on(rule_of(case.category, Level(case.level)), tier)) if raised else None
        note = f"{before.label} → {AlertTier(tier).label}。{words}"
        step(by, case, Verb.TIER, due=due, note=note, internal=True, alert_tier=tier)
        # Those whom the tier names for a student, but nobody of the family.
        called = let_roles_read(case, roles_of_tier(case) if raised else (), place_of(case))
        tell(by, case, {case.owner_id, *(seat.person_id for seat in called)}, "case.tier")
