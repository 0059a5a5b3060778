"""A case as it should be today: where its student is, owned and confirmed by somebody who can, read by nobody else.

Asked again it changes nothing, so that what a change missed the calendar finds the next morning.
"""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from jiafang.access import Actor
from jiafang.access.actor import CADRE, COHORT_LEAD, DIRECTOR, GUARDIAN, PRINCIPAL, TEACHER
from jiafang.accounts import audit
from jiafang.care.entitled import AT_SCHOOL, kept
from jiafang.care.models import CaseFile, CaseReader, Level, Referral, Role, SubjectKind
from jiafang.care.offices import Offices, row_of
from jiafang.care.rules import owner_by, reading_roles, rule_of
from jiafang.care.scope import KIND_OF_ROLE
from jiafang.care.seats import Place, Seat, holders, place_of, shut_out
from jiafang.care.services.askable import ask, askable, guardians_to_ask
from jiafang.care.services.reach import tell
from jiafang.care.services.steps import give_back, let_read, let_roles_read, step
from jiafang.care.workflow import LIVE, Verb
from jiafang.common.clock import now, today
from jiafang.organization.models import Enrollment, Person, holding

State = CaseFile.State
Rows = list[CaseReader]
# In which role somebody follows whoever raised a case in this capacity.
_ROLE_OF_RAISER = {
    TEACHER: Role.HOMEROOM_TEACHER,
    COHORT_LEAD: Role.COHORT_LEAD,
    PRINCIPAL: Role.PRINCIPAL,
    CADRE: Role.CADRE,
    DIRECTOR: Role.DIRECTOR,
}


OPEN_REFERRALS = Referral.unscoped.filter(state__in=["asked", "accepted"])


def who_may_answer(role: str, place: Place, person_id: int | None) -> set[int]:
    """To whom a case about this person can be referred in the role today."""
    return {seat.person_id for seat in holders(Role(role), place)} - shut_out(person_id)


def put_right(by: Actor, case: CaseFile) -> bool:
    """Bring a locked case in line with the posts of today; whether anything was to be done."""
    place = place_today(case)
    moved = place != place_of(case)
    standing, fallen = _sorted(case, place)
    _end(fallen)
    if case.state not in LIVE:
        _note_ended(by, case, fallen)
        return bool(fallen)
    # Who follows is looked for where the case is now.
    left = case.school_class_id is not None and place.school_class_id is None
    case.school_id, case.school_class_id = place.school_id, place.school_class_id
    level = Level.SCHOOL if left and case.level in AT_SCHOOL else Level(case.level)
    referred = _give_back_referrals(by, case, place)
    owner, confirmer = case.owner_id, case.confirmer_id
    seat = None
    if level != case.level or not _owned(case, standing):
        level, seat = _successor(case, level, place)
        if seat is None:
            tell(by, case, case.confirmer_id, "case.waiting")
    if seat is not None:
        case.owner_id = seat.person_id  # nobody is found to judge their own work
    _find_confirmer(case, standing)
    changes: dict[str, Any] = {"confirmer_id": case.confirmer_id, "school_id": place.school_id}
    case.owner_id = owner
    if seat is not None or moved or case.confirmer_id != confirmer:
        note = _who_confirms(case.confirmer_id) if case.confirmer_id != confirmer else ""
        step(
            by, case, Verb.HAND_OVER, to=seat, level=level, note=note, school_class_id=place.school_class_id, **changes
        )
        if seat is not None:
            # Whoever the case has left reads on only where they still would.
            _end(_sorted(case, place)[1])
        tell(by, case, [case.owner_id] if seat else [], "case.handed_over")
        if case.state == State.AWAITING and case.confirmer_id != confirmer:
            tell(by, case, case.confirmer_id, "case.asked")
    _let_followers_read(by, case, place, fallen, moved)
    if fallen:
        _note_ended(by, case, fallen)
    return bool(seat or moved or fallen or referred or case.confirmer_id != confirmer)


def place_today(case: CaseFile) -> Place:
    """Where the student is; whoever has left stays with the school that was the last, and with none of its classes."""
    if case.subject_kind != SubjectKind.STUDENT:
        return place_of(case)
    held = Enrollment.unscoped.filter(holding(today()), student_id=case.person_id or 0)
    found = held.values_list("school_class__cohort__school_id", "school_class_id").first()
    school_id, school_class_id = found or (case.school_id, None)
    return Place(school_id, school_class_id, case.section_id)


def _sorted(case: CaseFile, place: Place) -> tuple[Rows, Rows]:
    """The rows of the list of readers that stand, and those that do so no more."""
    rows = list(CaseReader.unscoped.filter(case=case, until=None).order_by("pk"))
    offices = Offices({row.person_id for row in rows})
    sides: tuple[Rows, Rows] = ([], [])
    for row in rows:
        role = case.owner_role if row.why == CaseReader.Why.OWNER else ""
        sides[not offices.stands(row_of(row), case.person_id, place, role)].append(row)
    return sides


def _end(rows: Rows) -> None:
    CaseReader.unscoped.filter(pk__in=[row.pk for row in rows], until=None).update(until=now())


def _note_ended(by: Actor, case: CaseFile, fallen: Rows) -> None:
    if fallen:
        people = sorted({row.person_id for row in fallen})
        audit.record(by=by, action="case.readers_ended", of=case, people=people)


def _owned(case: CaseFile, standing: Rows) -> bool:
    return any(row.why == CaseReader.Why.OWNER and row.person_id == case.owner_id for row in standing)


def _successor(case: CaseFile, level: Level, place: Place) -> tuple[Level, Seat | None]:
    """In the same role if somebody is in it, else as the rule of the level says, else above.

    What is confided is the principal's; where the school has none, it waits until it has.
    """
    avoiding = shut_out(case.person_id)
    if level == case.level and not (kept(case) and level in AT_SCHOOL):
        for seat in holders(Role(case.owner_role), place):
            if seat.person_id not in avoiding:
                return level, seat
    rule = rule_of(case.category, level)
    return owner_by(rule, place, avoiding=avoiding, confided=case.confided, consent=case.consent_upward)


def _find_confirmer(case: CaseFile, standing: Rows) -> None:
    """Whoever can no longer say it gives way to another guardian, the raiser, or whoever follows the raiser."""
    reading = {row.person_id for row in standing}
    judges_own = case.confirmer_id == case.owner_id and case.state == State.AWAITING
    if case.confirmer_id in reading and not judges_own:
        return
    if case.confirmer_id == case.owner_id and not judges_own:
        return  # has become the owner: whoever is to say it is chosen when there is a result
    family = CaseReader.unscoped.filter(case=case, person_id=case.confirmer_id, kind=GUARDIAN).exists()
    others = guardians_to_ask(case) if family else []
    for person_id in [*others, *([case.raised_by_id] if case.raised_by_id in reading else [])]:
        if person_id not in (case.owner_id, case.confirmer_id):
            ask(case, person_id)
            return
    _ask_who_follows(case, judges_own)


def _ask_who_follows(case: CaseFile, judges_own: bool) -> None:
    role = _ROLE_OF_RAISER.get(case.raised_as)
    avoiding = shut_out(case.person_id)
    raised_it = case.confirmer_id == case.raised_by_id and case.raised_by_id != case.person_id
    if role is not None and raised_it and not judges_own:
        for seat in holders(role, place_of(case)):
            if seat.person_id not in avoiding:
                case.confirmer_id = seat.person_id
                if seat.person_id != case.owner_id:
                    let_read(case, seat, CaseReader.Why.NAMED)
                return
    if case.state == State.AWAITING:
        # A result waits for a word: somebody has to be asked for it.
        for person_id in askable(case):
            if person_id != case.confirmer_id:
                ask(case, person_id)
                return


def _who_confirms(person_id: int) -> str:
    name = Person.unscoped.filter(pk=person_id).values_list("name", flat=True).first()
    return _("以后由%(name)s确认是否解决") % {"name": name}


def _let_followers_read(by: Actor, case: CaseFile, place: Place, fallen: Rows, moved: bool) -> None:
    """Who by rule read in a role is followed by who is in it now; nobody else comes to read it by that."""
    kinds: Collection[str] = {row.kind for row in fallen if row.why == CaseReader.Why.ROLE}
    if not kinds:
        return
    roles = [role for role in reading_roles(case) if KIND_OF_ROLE[role] in kinds]
    tell(by, case, [seat.person_id for seat in let_roles_read(case, roles, place)], "case.shared")


def _give_back_referrals(by: Actor, case: CaseFile, place: Place) -> bool:
    """Open ones of whoever is in that role no more: asked in vain, whoever asked may ask somebody else."""
    found = False
    for row in OPEN_REFERRALS.filter(case=case).order_by("pk"):
        if row.to_person_id not in who_may_answer(row.to_role, place, case.person_id):
            give_back(row, _("岗位有变动,系统交回"))
            tell(by, case, row.asked_by_id, "case.referral_answered")
            found = True
    return found
