"""Nothing becomes ownerless: cases go on when posts end, students move, pairings and guardianships change."""

from collections.abc import Sequence

from django.db.models import Exists, F, OuterRef, Q

from jiafang.access import CHANGE, Actor, actor_transaction, reading, require
from jiafang.care.entitled import level_with, roles_to_give
from jiafang.care.models import CaseFile, CaseReader, SubjectKind
from jiafang.care.offices import Offices, Row
from jiafang.care.scope import LEAD
from jiafang.care.seats import Place
from jiafang.care.services.assign import place_for, seat_of
from jiafang.care.services.one_by_one import one_by_one
from jiafang.care.services.put_right import OPEN_REFERRALS, put_right, who_may_answer
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.sealed_readers import end_fallen_readers, end_writers
from jiafang.care.services.steps import locked, step
from jiafang.care.workflow import LIVE, Verb
from jiafang.common.clock import today
from jiafang.organization.changes import (
    Change,
    CodeHandedOut,
    GuardianshipEnded,
    Left,
    PairingEnded,
    PostBegan,
    PostEnded,
    Transferred,
)
from jiafang.organization.models import Enrollment, holding

_OPEN_ROWS = CaseReader.unscoped.filter(until=None)
_OWNED = CaseReader.unscoped.filter(case=OuterRef("pk"), person=OuterRef("owner"), why="owner", until=None)


def hand_over_case(*, by: Actor, case_id: int, to_person_id: int, role: str) -> None:
    """By its owner, or whoever leads, to the successor who is named; nobody else comes to read it by that."""
    require(by, "case.work")
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, LEAD)
        place = place_for(case, to_person_id, role)
        seat = seat_of(case, to_person_id, role, among=roles_to_give(by, case), place=place)
        level = level_with(case, seat.role)
        step(by, case, Verb.HAND_OVER, to=seat, level=level, internal=True, section_id=place.section_id)
        put_right(by, case)  # a result that waits for a word waits for somebody else's
        tell(by, case, seat.person_id, "case.handed_over")


def follow_changes(by: Actor, changes: Sequence[Change]) -> None:
    """Bring the cases concerned and who reads sealed reports in line, inside the transaction of the change."""
    end_fallen_readers(by, {change.person_id for change in changes if isinstance(change, PostEnded)})
    end_writers(by, {change.person_id for change in changes if isinstance(change, CodeHandedOut)})
    for pk in list(CaseFile.unscoped.filter(_concerned(changes)).order_by("pk").values_list("pk", flat=True)):
        put_right(by, locked(pk))


def follow_the_calendar(*, by: Actor) -> int:
    """Once a day: what began or ended by a date entered before; how many cases and sealed reports were touched."""
    require(by, "case.follow")
    with actor_transaction(by):
        sealed = end_fallen_readers(by)
    with reading(by):
        found = sorted(_read_by_somebody_who_left() | _elsewhere() | _without_owner() | _referred_in_vain())
    return sealed + one_by_one(found, lambda pk: _follow_one(by, pk))


def _follow_one(by: Actor, case_id: int) -> bool:
    with actor_transaction(by):
        return put_right(by, locked(case_id))


def _concerned(changes: Sequence[Change]) -> Q:
    """Cases that they own, confirm or read, that are about them, and those of a school that wait for an owner."""
    readers: set[int] = set()
    students: set[int] = set()
    schools: set[int] = set()
    for change in changes:
        if isinstance(change, Transferred | Left):
            students.add(change.student_id)
        elif isinstance(change, GuardianshipEnded):
            students.add(change.student_id)
            readers.add(change.guardian_id)
        elif isinstance(change, PairingEnded):
            readers.add(change.cadre_id)
        elif isinstance(change, PostEnded):
            readers.add(change.person_id)
        elif isinstance(change, PostBegan) and change.school_id is not None:
            schools.add(change.school_id)
    rows = _OPEN_ROWS.filter(person_id__in=readers)
    live = Q(state__in=LIVE)
    return (
        Q(pk__in=rows.values("case_id"))
        | Q(person_id__in=students)
        | Q(pk__in=OPEN_REFERRALS.filter(to_person_id__in=readers).values("case_id"))
        | (live & (Q(owner_id__in=readers) | Q(confirmer_id__in=readers)))
        | (live & Q(school_id__in=schools) & Q(~Exists(_OWNED)))
    )


def _read_by_somebody_who_left() -> set[int]:
    """Cases with a row that does not stand; every row of the district is looked at, in memory."""
    offices = Offices()
    places: dict[tuple[int, int | None, int | None], Place] = {}
    found = set()
    columns = ("case_id", "case__owner_role", "case__person_id", "case__school_id", "case__school_class_id")
    rows = _OPEN_ROWS.values_list(*Row._fields, *columns, "case__section_id")
    for *fields, case_id, owner_role, person_id, school_id, school_class_id, section_id in rows.iterator():
        row = Row(*fields)
        where = (school_id, school_class_id, section_id)
        place = places.setdefault(where, Place(*where))
        if not offices.stands(row, person_id, place, owner_role if row.why == CaseReader.Why.OWNER else ""):
            found.add(case_id)
    return found


def _referred_in_vain() -> set[int]:
    """Open ones put to somebody who is in that role no more: until it is accepted, no row of a reader tells of it."""
    may: dict[tuple[str, Place, int | None], set[int]] = {}
    columns = ("case__person_id", "case__school_id", "case__school_class_id", "case__section_id")
    found = set()
    asked = OPEN_REFERRALS.filter(case__state__in=LIVE).values_list("case_id", "to_person_id", "to_role", *columns)
    for case_id, to_person_id, role, person_id, *where in asked:
        key = role, Place(*where), person_id
        if key not in may:
            may[key] = who_may_answer(*key)
        if to_person_id not in may[key]:
            found.add(case_id)
    return found


def _elsewhere() -> set[int]:
    """Open cases of students who are in another class by now, or in none."""
    held = Enrollment.unscoped.filter(holding(today()), student=OuterRef("person"))
    students = CaseFile.unscoped.filter(state__in=LIVE, subject_kind=SubjectKind.STUDENT)
    there = students.filter(Exists(held.filter(school_class=OuterRef("school_class"))))
    gone = students.filter(~Exists(held), school_class=None)
    return set(
        students.exclude(pk__in=there.values("pk")).exclude(pk__in=gone.values("pk")).values_list("pk", flat=True)
    )


def _without_owner() -> set[int]:
    """Open ones whose owner does not read them, and results that wait for a word of their own owner."""
    live = CaseFile.unscoped.filter(state__in=LIVE)
    own_word = Q(state=CaseFile.State.AWAITING, confirmer=F("owner"))
    deaf = ~Exists(_OPEN_ROWS.filter(case=OuterRef("pk"), person=OuterRef("confirmer")))
    return set(live.filter(~Exists(_OWNED) | own_word | deaf).values_list("pk", flat=True))
