"""How urgent a case is: raised by whoever sees it, lowered by the owner; who must know of it reads from then on."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require
from jiafang.care.models import AlertTier, CaseFile, CaseReader, Level, SubjectKind
from jiafang.care.protocol import is_higher
from jiafang.care.rules import READERS_OF_TIER, due_on, rule_of
from jiafang.care.scope import WORK
from jiafang.care.seats import Seat, holders, place_of, shut_out
from jiafang.care.services.steps import let_read, locked, step
from jiafang.care.workflow import Verb
from jiafang.common.errors import InputFault
from jiafang.notifications.services.notify import notify

LONGEST = 500


def change_tier(*, by: Actor, case_id: int, tier: str, words: str) -> None:
    """Another alert tier, with what was seen. The due day comes nearer or stays, it never moves away.

    On a lower tier nobody is taken off the list of readers: whoever was called in hears how it goes on.
    """
    require(by, "case.work")
    with actor_transaction(by):
        claim(by, CaseFile(pk=case_id), WORK)
        if tier not in AlertTier.values:
            raise InputFault(_("请选择预警等级"), place="tier")
        words = words.strip()
        if not words:
            raise InputFault(_("请写一句看到了什么"), place="words")
        if len(words) > LONGEST:
            raise InputFault(_("最多 %(count)s 字") % {"count": LONGEST}, place="words")
        case = locked(case_id)
        before = AlertTier(case.alert_tier)
        if tier == before:
            return
        raised = is_higher(tier, before)
        if not raised:
            claim(by, case, CHANGE)
        due = min(case.due, due_on(rule_of(case.category, Level(case.level)), tier)) if raised else None
        note = f"{before.label} → {AlertTier(tier).label}。{words}"
        step(by, case, Verb.TIER, due=due, note=note, internal=True, alert_tier=tier)
        called = _call_in(case) if raised else []
        _tell(by, case, called)


def _call_in(case: CaseFile) -> list[Seat]:
    """Those whom the tier names for a student, but nobody of the family."""
    if case.subject_kind != SubjectKind.STUDENT:
        return []
    avoiding, place = shut_out(case.person_id), place_of(case)
    seats = [seat for role in READERS_OF_TIER[case.alert_tier] for seat in holders(role, place)]
    called = [seat for seat in seats if seat.person_id not in avoiding]
    for seat in called:
        let_read(case, seat, CaseReader.Why.ROLE)
    return called


def _tell(by: Actor, case: CaseFile, called: list[Seat]) -> None:
    """The owner and those who were called in, each in the capacity in which they read it."""
    owners = CaseReader.unscoped.filter(case=case, why=CaseReader.Why.OWNER, until=None)
    told = {(row.person_id, row.kind): row.school_id for row in owners}
    told |= {(seat.person_id, seat.kind): seat.school_id for seat in called}
    for (person_id, kind), school_id in told.items():
        if person_id != by.person_id:
            notify(
                by=by, people=[person_id], code="case.tier", object_kind="case", object_id=case.pk,
                school_id=school_id, capacity_kind=kind, once=f"case.tier:{case.pk}:{case.revision}",
            )  # fmt: skip
