"""The one way in which a case changes its state, level or owner: locked, by the table, with step and audit entry."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.care.models import CaseFile, CaseReader, CaseStep, Level, Referral, Role
from jiafang.care.seats import Place, Seat, holders, shut_out
from jiafang.care.workflow import Verb, next_state
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, NotAllowed

from django.utils.translation import gettext as _  # isort: skip


def locked(case_id: int, *, revision: int | None = None) -> CaseFile:
    """The row, held until the transaction ends; a revision that is no longer the newest is refused.

    The caller has claimed it.
    """
    case = CaseFile.unscoped.select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is None:
        raise NotAllowed("case.read")
    if revision is not None and revision != case.revision:
        raise Conflict(_("这件事刚刚有了变化。您填的都还在,请先看看现在的情况。"))
    return case


def step(
    by: Actor,
    case: CaseFile,
    verb: Verb,
    *,
    to: Seat | None = None,
    level: Level | None = None,
    due: dt.date | None = None,
    note: str = "",
    internal: bool = False,
    **changes: Any,
) -> CaseStep:
    """Do what the table allows with a locked case; `to` becomes the owner, `changes` are further fields."""
    before = (case.state, case.level, case.owner_id)
    case.state = next_state(case, verb)
    for name, value in changes.items():
        setattr(case, name, value)
    if level is not None and level != case.level:
        case.level, case.on_this_level_since = level, now()
    if due is not None:
        case.due = due
    if case.state != CaseFile.State.AWAITING:
        case.awaiting_since = None
    if case.state not in (CaseFile.State.AWAITING, CaseFile.State.CLOSED):
        case.result, case.result_words, case.closed_at, case.closed_by_silence = "", "", None, False
    case.revision += 1
    if to is not None:
        own(case, to)
    case.save()
    if case.state == CaseFile.State.CLOSED:
        for row in Referral.unscoped.filter(case=case, state=Referral.State.ASKED):
            give_back(row, _("这件事已经办结,不用再答复"))
    made = CaseStep(
        case=case,
        by_id=by.person_id or None,
        verb=verb,
        from_state=before[0],
        to_state=case.state,
        from_level=before[1],
        to_level=case.level,
        from_owner_id=before[2],
        to_owner_id=case.owner_id,
        internal=internal,
        note=note,
    )
    made.save()
    audit.record(by=by, action=f"case.{verb}", of=case, subjects=[case.person_id] if case.person_id else [])
    return made


def give_back(row: Referral, why: str) -> None:
    """Nobody is asked any more; the case of the referral is locked."""
    row.state, row.answered_at, row.answer = Referral.State.RETURNED, now(), why
    row.save()


def own(case: CaseFile, seat: Seat) -> None:
    """Make somebody the owner: the one before keeps reading as a former one, unless it is the same person."""
    case.owner_id, case.owner_role = seat.person_id, Role(seat.role)
    owners = CaseReader.unscoped.filter(case=case, why=CaseReader.Why.OWNER, until=None)
    for row in owners.exclude(person_id=seat.person_id, kind=seat.kind):
        row.until = now()
        row.save(update_fields=["until"])
        _let_read(case, row.person_id, row, CaseReader.Why.FORMER)
    let_read(case, seat, CaseReader.Why.OWNER)


def let_read(case: CaseFile, seat: Seat, why: str) -> None:
    """Put somebody on the list of readers in the capacity of the seat; twice is once."""
    row = CaseReader(
        person_id=seat.person_id,
        kind=seat.kind,
        school_id=seat.school_id,
        school_class_id=seat.school_class_id,
        cohort_id=seat.cohort_id,
        side=seat.side,
    )
    _let_read(case, seat.person_id, row, why)


def let_roles_read(case: CaseFile, roles: Iterable[Role], place: Place) -> list[Seat]:
    """Whoever holds one of the roles for the place reads it, but nobody whom it is about or of their family; those."""
    avoiding = shut_out(case.person_id)
    seats = [seat for role in roles for seat in holders(role, place) if seat.person_id not in avoiding]
    for seat in seats:
        let_read(case, seat, CaseReader.Why.ROLE)
    return seats


def _let_read(case: CaseFile, person_id: int, like: CaseReader, why: str) -> None:
    CaseReader.unscoped.bulk_create(
        [
            CaseReader(
                case=case,
                person_id=person_id,
                kind=like.kind,
                school_id=like.school_id,
                school_class_id=like.school_class_id,
                cohort_id=like.cohort_id,
                side=like.side,
                why=why,
            )
        ],
        ignore_conflicts=True,
    )
