"""What somebody may do with a case now, and to whom they may give it: pages draw their buttons from it."""

from jiafang.access import CHANGE, Actor, may, scope
from jiafang.care.models import AlertTier, CaseFile, Level, Role, Side, SubjectKind
from jiafang.care.scope import CONFIRM, LEAD, WORK, own_side
from jiafang.care.seats import Seat, holders, place_of, shut_out
from jiafang.care.services.reopen import may_reopen
from jiafang.care.services.send import needs_consent
from jiafang.care.workflow import ABOVE, CASE, LIVE, Verb

State = CaseFile.State


def offers(actor: Actor, case: CaseFile) -> frozenset[str]:
    """Names of verbs that this actor may do with the case in its present state."""
    owner, confirmer, leads, works = (
        scope(actor, CaseFile, purpose).filter(pk=case.pk).exists() for purpose in (CHANGE, CONFIRM, LEAD, WORK)
    )
    works = works and may(actor, "case.work")
    state = State(case.state)
    found = {"say"} if own_side(actor, case.pk) else set()

    def offer(name: str, holds: bool, verb: Verb | None = None) -> None:
        if holds and (verb is None or state in CASE[verb]):
            found.add(name)

    upward = Level(case.level) in ABOVE and not needs_consent(case)
    offer("act", works and state in LIVE)
    offer("propose", owner, Verb.PROPOSE)
    offer("confirm", confirmer and actor.person_id != case.owner_id, Verb.CONFIRM)
    offer("deny", confirmer and actor.person_id != case.owner_id, Verb.DENY)
    offer("confirm_orally", owner and case.subject_kind == SubjectKind.STUDENT, Verb.CONFIRM)
    offer("assign", owner or leads, Verb.ASSIGN)
    offer("refer", (owner or leads) and state in LIVE)
    offer("send_up", owner and upward, Verb.SEND_UP)
    offer("send_down", owner and case.level in (Level.SCHOOL, Level.SECTION, Level.DIRECTOR), Verb.SEND_DOWN)
    offer("merge", owner or leads, Verb.MERGE)
    offer("name_reader", owner or leads)
    raised = case.raised_by_id == actor.person_id and case.raised_as == actor.kind
    offer("withdraw", raised and case.alert_tier in (AlertTier.GREEN, AlertTier.YELLOW), Verb.WITHDRAW)
    again = (owner or confirmer or leads or raised) and may_reopen(actor, case) and case.merged_into_id is None
    offer("reopen", again, Verb.REOPEN)
    confided = own_side(actor, case.pk) == Side.TEACHER and case.person_id == actor.person_id
    offer("consent", confided and needs_consent(case) and state in LIVE)
    return frozenset(found)


def candidates(actor: Actor, case: CaseFile, role: str) -> list[Seat]:
    """Who holds the role for the place of the case and may own or read it; nobody for somebody who may not give it."""
    if not any(scope(actor, CaseFile, purpose).filter(pk=case.pk).exists() for purpose in (CHANGE, LEAD)):
        return []
    shut = shut_out(case.person_id)
    return [seat for seat in holders(Role(role), place_of(case)) if seat.person_id not in shut]
