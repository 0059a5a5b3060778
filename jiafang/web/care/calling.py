"""Whom to call about an urgent case, before anything else on its page: emergency numbers, the guardians."""

from collections.abc import Iterable
from dataclasses import dataclass

from jiafang.access import Actor, scope
from jiafang.care.models import AlertTier, CaseFile, Resource, SubjectKind
from jiafang.care.protocol import URGENT
from jiafang.care.selectors.resources import emergency_numbers
from jiafang.care.workflow import LIVE
from jiafang.organization.models import Guardianship
from jiafang.visits.selectors.classroom import student_answered_for


@dataclass(frozen=True, slots=True)
class Guardian:
    pk: int
    name: str
    relation: str
    phone: str


@dataclass(frozen=True, slots=True)
class Calling:
    numbers: Iterable[Resource]
    guardians: list[Guardian]


def is_called_for(case: CaseFile) -> bool:
    """While it is not closed; where it is about no person, as with a boiler, only on the highest tier."""
    tiers = URGENT if case.person_id is not None else (AlertTier.RED,)
    return case.state in LIVE and case.alert_tier in tiers


def reads_sheet(actor: Actor, case: CaseFile) -> bool:
    """Whether the sheet of the student is theirs to read, with the telephone numbers on it."""
    of_student = case.subject_kind == SubjectKind.STUDENT and case.person_id is not None
    return of_student and student_answered_for(actor, case.person_id or 0) is not None


def calling(actor: Actor, case: CaseFile, *, with_guardians: bool) -> Calling:
    return Calling(emergency_numbers(actor), _guardians(actor, case) if with_guardians else [])


def _guardians(actor: Actor, case: CaseFile) -> list[Guardian]:
    rows = scope(actor, Guardianship).filter(student_id=case.person_id, revoked_on=None, may_contact=True)
    return [
        Guardian(row.guardian_id, row.guardian.name, str(row.get_relation_display()), row.guardian.phone)
        for row in rows.select_related("guardian").order_by("-is_primary", "pk")
        if row.guardian.phone
    ]
