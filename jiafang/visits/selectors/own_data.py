"""All that a guardian may see of the own child, in one piece."""

import datetime as dt
from dataclasses import dataclass, field

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Appointment, Campaign, Duty
from jiafang.organization.models import (
    CorrectionRequest,
    Enrollment,
    Guardianship,
    HouseholdMembership,
    Person,
    SeasonalResidence,
    grade_name,
    holding,
)
from jiafang.visits.selectors.attachments import counts_about


@dataclass(frozen=True, slots=True)
class SchoolTime:
    start: dt.date
    end: dt.date | None
    where: str
    boarding: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """A visit that was planned or made, without what staff wrote about it."""

    title: str
    state: str
    met_on: dt.date | None


@dataclass
class OwnData:
    child: Person
    relation: str
    school_times: list[SchoolTime]
    address: str = ""
    village: str = ""
    preferred_times: str = ""
    seasonal: list[tuple[str, int, int]] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)
    answers: list[tuple[dt.date, str, str, str]] = field(default_factory=list)
    corrections: list[CorrectionRequest] = field(default_factory=list)
    attachments: dict[str, int] = field(default_factory=dict)
    """How many photos and voice notes there are; what is on them is part of the records of staff."""


def own_children(actor: Actor) -> list[tuple[int, str]]:
    """The own children who go to school today."""
    rows = scope(actor, Enrollment).order_by("student__birth_date", "student_id")
    return list(dict.fromkeys(rows.values_list("student_id", "student__name")))


def own_data(actor: Actor, student_id: int, day: dt.date) -> OwnData | None:
    """None unless the student is an own child."""
    enrollments = list(
        scope(actor, Enrollment)
        .filter(student_id=student_id)
        .select_related("student", "school_class__cohort__school")
        .order_by("start", "pk")
    )
    if not enrollments:
        return None
    own = scope(actor, Guardianship).filter(student_id=student_id, guardian_id=actor.person_id, revoked_on=None).first()
    data = OwnData(
        child=enrollments[0].student,
        relation=str(own.get_relation_display()) if own else "",
        school_times=[_school_time(row, day) for row in enrollments],
    )
    _add_household(actor, data, day)
    # A duty is there before families are told of the campaign.
    told = scope(actor, Campaign).values("pk")
    duties = scope(actor, Duty).filter(person_id=student_id, campaign_id__in=told)
    duties = duties.exclude(void_reason=Duty.VoidReason.WITHDRAWN)
    duties = duties.select_related("campaign").order_by("due", "pk")
    data.meetings = [Meeting(d.campaign.title, str(d.get_state_display()), d.met_on) for d in duties]
    data.attachments = counts_about(student_id)
    appointments = (
        scope(actor, Appointment)
        .filter(duties__person_id=student_id)
        .exclude(answer="")
        .select_related("shift")
        .order_by("shift__date", "pk")
        .distinct()
    )
    data.answers = [
        (a.shift.date, str(a.shift.get_kind_display()), str(a.get_answer_display()), a.answer_note)
        for a in appointments
    ]
    data.corrections = list(scope(actor, CorrectionRequest).filter(student_id=student_id).order_by("pk"))
    return data


def _school_time(row: Enrollment, day: dt.date) -> SchoolTime:
    cohort = row.school_class.cohort
    grade = grade_name(cohort.stage, cohort.entry_year, row.end or day)
    return SchoolTime(row.start, row.end, f"{cohort.school.name} {grade}{row.school_class.name}", row.boarding)


def _add_household(actor: Actor, data: OwnData, day: dt.date) -> None:
    membership = (
        scope(actor, HouseholdMembership)
        .filter(holding(day), person_id=data.child.pk)
        .select_related("household__village")
        .first()
    )
    if membership is None:
        return
    home = membership.household
    data.address, data.preferred_times = home.address, home.preferred_times
    data.village = str(home.village) if home.village else ""
    seasons = scope(actor, SeasonalResidence).filter(household=home).order_by("from_month", "pk")
    data.seasonal = [(season.place, season.from_month, season.to_month) for season in seasons]
