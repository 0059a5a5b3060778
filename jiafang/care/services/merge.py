"""Two cases that are one."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.models import INNER_SIDES, AlertTier, CaseFile, Level
from jiafang.care.protocol import is_higher
from jiafang.care.rules import due_on, roles_of_tier, rule_of
from jiafang.care.scope import LEAD
from jiafang.care.seats import place_of
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached, read_by, tell
from jiafang.care.services.steps import let_roles_read, step
from jiafang.care.workflow import LIVE, Verb
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault


def merge_cases(*, by: Actor, case_id: int, into_id: int, words: str) -> None:
    """Close one as a double of another about the same; who reads the one does not read the other by that.

    How urgent it is and by when goes along, so that nothing is put off by it; whom a higher tier names reads from then
    on, and all who work on either are told. Whoever raised it is told too, and has it opened again if it was none.
    """
    require(by, "case.work")
    if case_id == into_id:
        raise InputFault(_("请选另一件"), place="into_id")
    with actor_transaction(by):
        # Locked in one order, so that two merges across do not wait for each other.
        both = {pk: reached(by, pk, CHANGE, LEAD) for pk in sorted((case_id, into_id))}
        case, into = both[case_id], both[into_id]
        if _about(case) != _about(into):
            raise InputFault(_("只有同一个人(或同一所学校)的事才能并"), place="into_id")
        if into.state not in LIVE:
            raise Conflict(_("要并入的那一件已经办结"))
        if into.state == CaseFile.State.AWAITING and is_higher(case.alert_tier, into.alert_tier):
            raise Conflict(_("要并入的那一件在等确认,更急的事不能并进去"))
        step(
            by, case, Verb.MERGE, result=CaseFile.Result.MERGED, merged_into=into, closed_at=now(),
            note=words.strip()[:LONGEST], internal=True,
        )  # fmt: skip
        tell(by, case, {case.raised_by_id, case.confirmer_id, *read_by(case, *INNER_SIDES)}, "case.merged")
        called = _make_as_urgent(by, into, case)
        tell(by, into, read_by(into, *INNER_SIDES), "case.tier" if called else "case.joined")


def _make_as_urgent(by: Actor, into: CaseFile, case: CaseFile) -> bool:
    """The higher tier and the earlier day of the two; whether the one that goes on is more urgent now."""
    raised = is_higher(case.alert_tier, into.alert_tier)
    if not raised and case.due >= into.due:
        return False
    tier = AlertTier(case.alert_tier if raised else into.alert_tier)
    due = min(case.due, into.due, due_on(rule_of(into.category, Level(into.level)), tier))
    note = _("并进来的一件更急:%(tier)s,%(due)s前") % {"tier": tier.label, "due": due.isoformat()}
    step(by, into, Verb.TIER if raised else Verb.DUE, due=due, note=note, internal=True, alert_tier=tier)
    if raised:
        let_roles_read(into, roles_of_tier(into), place_of(into))
    return True


def _about(case: CaseFile) -> tuple[str, int | None, int | None]:
    return case.subject_kind, case.person_id, case.school_id
