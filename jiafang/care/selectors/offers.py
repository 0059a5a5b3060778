"""What somebody may do with a case now, and to whom they may give it: pages draw their buttons from it."""

from dataclasses import dataclass

from jiafang.access import CHANGE, Actor, may, scope
from jiafang.care.entitled import kept, leads, roles_to_ask, roles_to_give, roles_to_send_down
from jiafang.care.models import CaseFile, Level, Role, Side
from jiafang.care.scope import CONFIRM, LEAD, WORK, own_side
from jiafang.care.seats import Seat, holders, place_of, shut_out
from jiafang.care.services.askable import guardians
from jiafang.care.services.reopen import goes_on_elsewhere, may_reopen
from jiafang.care.services.withdraw import URGENT, ends_without_subject, others_work_on, raised_and_answers
from jiafang.care.workflow import ABOVE, CASE, LIVE, Verb
from jiafang.organization.models import Person

State = CaseFile.State


@dataclass(frozen=True, slots=True)
class Candidate(Seat):
    """Somebody to whom it may be given, with the name."""

    name: str = ""


def offers(actor: Actor, case: CaseFile) -> frozenset[str]:
    """Names of verbs that this actor may do with the case in its present state."""
    owner, confirmer, reads_inner, works = (
        scope(actor, CaseFile, purpose).filter(pk=case.pk).exists() for purpose in (CHANGE, CONFIRM, LEAD, WORK)
    )
    works = works and may(actor, "case.work")
    lead = reads_inner and leads(actor, case)
    side = own_side(actor, case.pk)
    state = State(case.state)
    found = {"say"} if side else set()

    def offer(name: str, holds: bool, verb: Verb | None = None) -> None:
        if holds and (state in LIVE if verb is None else state in CASE[verb]):
            found.add(name)

    others = confirmer and actor.person_id != case.owner_id
    level = Level(case.level)
    offer("act", works)
    offer("propose", owner, Verb.PROPOSE)
    offer("take_back", owner, Verb.TAKE_BACK)
    offer("confirm", others, Verb.CONFIRM)
    offer("deny", confirmer, Verb.DENY)
    offer("confirm_orally", owner and case.confirmer_id in guardians(case), Verb.CONFIRM)
    offer("assign", owner or lead, Verb.ASSIGN)
    offer("hand_over", owner or lead, Verb.HAND_OVER)
    offer("refer", (owner or lead) and bool(roles_to_ask(case)))
    offer("name_reader", (owner or lead) and bool(roles_to_ask(case)))
    if owner or lead:
        found.add("dismiss_reader")
    offer("send_up", owner and level in ABOVE and not kept(case), Verb.SEND_UP)
    offer("send_down", owner and bool(roles_to_send_down(case)), Verb.SEND_DOWN)
    offer("merge", owner or lead, Verb.MERGE)
    offer("withdraw", bool(side) and _may_withdraw(actor, case), Verb.WITHDRAW)
    again = bool(side) and may_reopen(actor, case) and not goes_on_elsewhere(actor, case)
    offer("reopen", again, Verb.REOPEN)
    offer("consent", side == Side.TEACHER and case.person_id == actor.person_id and kept(case), Verb.CONSENT)
    return frozenset(found)


def _may_withdraw(actor: Actor, case: CaseFile) -> bool:
    if ends_without_subject(actor, case):
        return True
    if not raised_and_answers(actor, case) or case.alert_tier in URGENT:
        return False
    return case.owner_id != actor.person_id or not others_work_on(actor, case)


def candidates(actor: Actor, case: CaseFile, role: str) -> list[Candidate]:
    """Who holds the role for the place of the case and may be given it; nobody for somebody who may not give it."""
    within = any(scope(actor, CaseFile, purpose).filter(pk=case.pk).exists() for purpose in (CHANGE, LEAD))
    if not within or role not in roles_to_give(actor, case):
        return []
    shut = shut_out(case.person_id)
    seats = [seat for seat in holders(Role(role), place_of(case)) if seat.person_id not in shut]
    names = dict(scope(actor, Person).filter(pk__in=[seat.person_id for seat in seats]).values_list("pk", "name"))
    return [
        Candidate(
            seat.person_id, seat.role, seat.kind, seat.school_id, seat.school_class_id, seat.cohort_id,
            names.get(seat.person_id, ""),
        )
        for seat in seats
    ]  # fmt: skip
