"""Giving a case to somebody on the same level."""

import datetime as dt

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.models import CaseFile, CaseReader, Role
from jiafang.care.scope import LEAD
from jiafang.care.seats import Seat, holders, place_of, shut_out
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.clock import today
from jiafang.common.errors import InputFault

FURTHEST = dt.timedelta(days=366)


def assign_case(
    *,
    by: Actor,
    case_id: int,
    to_person_id: int,
    role: str,
    due: dt.date | None = None,
    revision: int | None = None,
    note: str = "",
) -> None:
    """The owner, or whoever leads, gives it to somebody who holds the role; the level stays."""
    require(by, "case.work")
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, LEAD, revision=revision)
        seat = seat_of(case, to_person_id, role)
        if seat.side != owner_side(case):
            raise InputFault(_("这个人不在这一级。要换一级,请用“往上报”或“交下去办”。"), place="seat")
        step(by, case, Verb.ASSIGN, to=seat, due=checked_due(due), note=note.strip(), internal=True)
        tell(by, case, seat.person_id, "case.owned")


def seat_of(case: CaseFile, person_id: int, role: str, *, section_id: int | None = None) -> Seat:
    """The seat of this person in the role for the case; raises InputFault when it is not held or may not be."""
    place = place_of(case)
    if section_id is not None:
        place = type(place)(place.school_id, place.school_class_id, section_id)
    if role in Role.values and person_id not in shut_out(case.person_id):
        for seat in holders(Role(role), place):
            if seat.person_id == person_id:
                return seat
    raise InputFault(_("这个人现在不能负责这件事,请另选一位"), place="seat")


def checked_due(due: dt.date | None) -> dt.date | None:
    if due is not None and not today() <= due <= today() + FURTHEST:
        raise InputFault(_("期限请选今天到一年以内"), place="due")
    return due


def owner_side(case: CaseFile) -> str:
    row = CaseReader.unscoped.filter(case=case, why=CaseReader.Why.OWNER, until=None).first()
    return row.side if row else ""
