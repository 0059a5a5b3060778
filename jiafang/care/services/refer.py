"""A case is put to a counselor or another role, who accepts, refuses, or gives it back."""

from django.db import IntegrityError
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, savepoint, scope
from jiafang.accounts import audit
from jiafang.care.entitled import AT_SCHOOL, level_with, roles_to_ask
from jiafang.care.models import CaseReader, Level, Referral, Role
from jiafang.care.rules import rule_of
from jiafang.care.scope import ANSWER, KIND_OF_ROLE, LEAD
from jiafang.care.seats import owner_from, place_of, shut_out
from jiafang.care.services.assign import place_for, seat_of
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached, tell, written
from jiafang.care.services.steps import let_read, locked, step
from jiafang.care.workflow import LIVE, REFERRAL, Verb
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.notifications.services.notify import notify

State = Referral.State


def refer_case(*, by: Actor, case_id: int, to_person_id: int, to_role: str, reason: str) -> Referral:
    """Until it is accepted, the one who is asked reads about whom it is, how urgent it is, and the reason."""
    require(by, "case.work")
    reason = written(reason, place="reason", missing=_("请写一句为什么转介"))
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, LEAD)
        if case.state not in LIVE:
            raise Conflict(_("这件事已经办结"))
        seat = seat_of(case, to_person_id, to_role, among=roles_to_ask(case))
        if seat.person_id in (by.person_id, case.owner_id):
            raise InputFault(_("这件事已经在他(她)手上"), place="seat")
        made = Referral(
            case=case,
            about_id=case.person_id,
            alert_tier=case.alert_tier,
            asked_by_id=by.person_id,
            to_person_id=seat.person_id,
            to_role=to_role,
            to_school_id=seat.school_id,
            reason=reason,
        )
        try:
            with savepoint():
                made.save()
        except IntegrityError:
            raise Conflict(_("已经转介给这个人了,请等答复")) from None
        audit.record(by=by, action="case.referred", of=made, case=case.pk)
        notify(
            by=by, people=[seat.person_id], code="case.referral", object_kind="referral", object_id=made.pk,
            school_id=seat.school_id, capacity_kind=seat.kind, once=f"case.referral:{made.pk}",
        )  # fmt: skip
    return made


def answer_referral(*, by: Actor, referral_id: int, accept: bool, words: str, take_over: bool = False) -> None:
    """Accepting opens the case; with `take_over` it becomes one's own. Refusing says why."""
    require(by, "case.work")
    if not accept and not words.strip():
        raise InputFault(_("请写一句为什么不接,对方好另想办法"), place="words")
    with actor_transaction(by):
        row = _answerable(by, referral_id, State.ACCEPTED if accept else State.REFUSED, words)
        case = locked(row.case_id)
        if accept:
            if case.state not in LIVE:
                raise Conflict(_("这件事已经办结"))
            seat = seat_of(case, by.person_id, row.to_role, among=roles_to_ask(case))
            let_read(case, seat, CaseReader.Why.REFERRAL)
            if take_over and (level_with(case, seat.role) in AT_SCHOOL) != (case.level in AT_SCHOOL):
                raise InputFault(_("这件事由局里负责,您可以接下来一起办"), place="take_over")
            if take_over and case.owner_id != by.person_id:
                before = case.owner_id
                place, level = place_for(case, seat.person_id, seat.role), level_with(case, seat.role)
                step(by, case, Verb.ASSIGN, to=seat, level=level, internal=True, section_id=place.section_id)
                tell(by, case, {before, case.confirmer_id} - {row.asked_by_id}, "case.moved")
        audit.record(by=by, action="case.referral_answered", of=row, case=case.pk, accepted=accept)
        tell(by, case, row.asked_by_id, "case.referral_answered")


def return_referral(*, by: Actor, referral_id: int, words: str) -> None:
    """Given back with a word; whoever had taken the case over gives that back as well, and reads it no more."""
    require(by, "case.work")
    words = written(words, missing=_("请写一句交回的原因和现在的情况"))
    with actor_transaction(by):
        row = _answerable(by, referral_id, State.RETURNED, words)
        case = locked(row.case_id)
        if case.owner_id == by.person_id and case.state in LIVE:
            level = Level(case.level)
            role = Role(rule_of(case.category, level).owner)
            avoiding = {by.person_id, *shut_out(case.person_id)}
            level, seat = owner_from(level, place_of(case), role, avoiding=avoiding)
            step(by, case, Verb.HAND_OVER, to=seat, level=level, internal=True)
            tell(by, case, seat.person_id, "case.handed_over")
        ended = (CaseReader.Why.REFERRAL, CaseReader.Why.FORMER)
        kind = KIND_OF_ROLE[Role(row.to_role)]
        mine = CaseReader.unscoped.filter(case=case, person_id=by.person_id, kind=kind, until=None, why__in=ended)
        mine.update(until=now())
        audit.record(by=by, action="case.referral_returned", of=row, case=case.pk)
        tell(by, case, row.asked_by_id, "case.referral_answered")


def _answerable(by: Actor, referral_id: int, to: State, words: str) -> Referral:
    seen = scope(by, Referral, ANSWER).filter(pk=referral_id).first()
    if seen is None:
        raise NotAllowed("case.work")
    claim(by, seen, ANSWER)
    locked(seen.case_id)
    row = Referral.unscoped.select_for_update(of=("self",)).get(pk=referral_id)
    if to not in REFERRAL[State(row.state)]:
        raise Conflict(_("这次转介已经答复过了"))
    row.state, row.answered_at, row.answer = to, now(), words.strip()[:LONGEST]
    row.save()
    return row
