"""Giving a case to somebody on its level; whoever leads gives it within the school or the bureau."""

import datetime as dt
from collections.abc import Collection

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.entitled import leads, level_with, roles_to_give
from jiafang.care.models import CaseFile, Role, SectionMember
from jiafang.care.scope import LEAD
from jiafang.care.seats import Place, Seat, holders, place_of, shut_out
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.clock import today
from jiafang.common.errors import InputFault
from jiafang.organization.models import holding

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
    """The owner, or whoever leads, gives it to somebody who holds the role. To go up there is another way.

    Whoever leads may also leave it with its owner and give another day, so that what needs time does not climb.
    """
    require(by, "case.work")
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, LEAD, revision=revision)
        place = place_for(case, to_person_id, role)
        seat = seat_of(case, to_person_id, role, among=roles_to_give(by, case), place=place)
        due = checked_due(due)
        own = by.person_id in (case.owner_id, seat.person_id)
        if due is not None and due > case.due and (own or not leads(by, case)):
            raise InputFault(_("期限只能提前;要往后推,请上一级来改"), place="due")
        if (seat.person_id, seat.role) == (case.owner_id, case.owner_role):
            _give_another_day(by, case, due, note.strip())
            return
        before = case.owner_id
        step(
            by, case, Verb.ASSIGN, to=seat, level=level_with(case, seat.role), due=due,
            note=note.strip(), internal=True, section_id=place.section_id,
        )  # fmt: skip
        tell(by, case, seat.person_id, "case.owned")
        tell(by, case, {before, case.confirmer_id} - {seat.person_id}, "case.moved")


def sets_another_day(actor: Actor, case: CaseFile) -> bool:
    """Whoever leads where it is, but not of what they own themselves: that would never climb."""
    return leads(actor, case) and actor.person_id != case.owner_id


def _give_another_day(by: Actor, case: CaseFile, due: dt.date | None, note: str) -> None:
    if due is None or due == case.due or not sets_another_day(by, case):
        raise InputFault(_("这件事已经在他(她)手上"), place="seat")
    days = f"{case.due.isoformat()} → {due.isoformat()}"
    step(by, case, Verb.DUE, due=due, note=f"{days}。{note}" if note else days)
    tell(by, case, {case.owner_id, case.raised_by_id, case.confirmer_id}, "case.due")


def seat_of(case: CaseFile, person_id: int, role: str, *, among: Collection[Role], place: Place | None = None) -> Seat:
    """The seat of this person in the role for the case; raises InputFault when it is not held or may not be."""
    if role in among and person_id not in shut_out(case.person_id):
        for seat in holders(Role(role), place or place_of(case)):
            if seat.person_id == person_id:
                return seat
    raise InputFault(_("这个人现在不能负责这件事,请另选一位"), place="seat")


def place_for(case: CaseFile, person_id: int, role: str) -> Place:
    """Where the case is once this person owns it: at the bureau it is always with a section.

    With the one that it has, if the person works there or is asked as paired with the school; else with their own.
    """
    place = place_of(case)
    if role not in (Role.SECTION, Role.CADRE):
        return place
    members = SectionMember.unscoped.filter(holding(today()), person_id=person_id, section__active=True)
    own = list(members.order_by("-head", "start", "pk").values_list("section_id", flat=True))
    first = place.section_id or case.category.section_id
    section_id = first if first in own or (role == Role.CADRE and first) else next(iter(own), None)
    if section_id is None:
        raise InputFault(_("请先定由哪个科室负责,再交给干部"), place="seat")
    return Place(place.school_id, place.school_class_id, section_id)


def checked_due(due: dt.date | None) -> dt.date | None:
    if due is not None and not today() <= due <= today() + FURTHEST:
        raise InputFault(_("期限请选今天到一年以内"), place="due")
    return due
