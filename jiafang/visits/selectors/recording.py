"""What the form of a record knows beforehand, so that it never asks."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from jiafang.access import CHANGE, Actor, scope
from jiafang.campaigns.models import Appointment, Campaign, CohortFocus, Duty, Tier
from jiafang.care.models import Category
from jiafang.organization.models import Guardianship
from jiafang.visits.categories import all_categories
from jiafang.visits.limits import MAX_DUTIES
from jiafang.visits.models import Visit
from jiafang.visits.scope import BRIEF, RECORD


@dataclass(frozen=True, slots=True)
class MaybePresent:
    """Somebody who is likely to be there."""

    person_id: int
    name: str
    relation: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Recording:
    campaign: Campaign
    appointment: Appointment | None
    duties: list[Duty]
    guardians: list[MaybePresent]
    notices: list[str]
    categories: list[Category]
    leads: bool
    """Whether the actor answers for all of them, and so may note that the family would rather not."""


def for_appointment(actor: Actor, pk: int) -> Recording | None:
    """An own appointment that can be recorded."""
    appointment = scope(actor, Appointment, RECORD).select_related("campaign", "shift").filter(pk=pk).first()
    if appointment is None:
        return None
    duties = _duties(actor, appointment.duties.values_list("pk", flat=True))
    return _recording(actor, appointment.campaign, appointment, duties)


def for_duty(actor: Actor, pk: int) -> Recording | None:
    """A duty without an appointment, with the open ones of the same household after it; of a talk, of the school."""
    duties = _duties(actor, [pk])
    if not duties:
        return None
    duty = duties[0]
    near = Q(household_id=duty.household_id) if duty.campaign.tier == Tier.TEACHER_FAMILY else Q(school=duty.school_id)
    others = (
        scope(actor, Duty, RECORD)
        .filter(near, campaign_id=duty.campaign_id, state=Duty.State.DUE)
        .exclude(person_id=duty.person_id)
        .select_related("person", "group", "school_class__cohort")
        .order_by("person__pinyin", "pk")
    )
    if duty.household_id is not None or duty.campaign.tier != Tier.TEACHER_FAMILY:
        duties += list(others[: MAX_DUTIES - 1])
    return _recording(actor, duty.campaign, None, duties)


def for_visit(actor: Actor, visit: Visit) -> Recording:
    """A record that is about to be revised."""
    duties = list(visit.duties.select_related("person", "group", "school_class__cohort").order_by("pk"))
    return _recording(actor, visit.campaign, visit.appointment, duties)


def _duties(actor: Actor, pks: Collection[int]) -> list[Duty]:
    rows = scope(actor, Duty, RECORD).filter(pk__in=list(pks))
    return list(rows.select_related("person", "group", "campaign", "school_class__cohort").order_by("pk"))


def _recording(actor: Actor, campaign: Campaign, appointment: Appointment | None, duties: list[Duty]) -> Recording:
    found: dict[tuple[str, str], MaybePresent] = {}
    rows = (
        (scope(actor, Guardianship, BRIEF) | scope(actor, Guardianship))
        .filter(revoked_on=None, student_id__in=[duty.person_id for duty in duties])
        .select_related("guardian")
        .order_by("-is_primary", "pk")
    )
    for row in rows:
        # A grandmother without a telephone is in the roster once for each sibling.
        found.setdefault(
            (row.guardian.name, row.relation),
            MaybePresent(row.guardian_id, row.guardian.name, row.get_relation_display(), row.is_primary),
        )
    notices = scope(actor, CohortFocus, BRIEF).filter(
        campaign=campaign, cohort_id__in=[duty.cohort_id for duty in duties]
    )
    return Recording(
        campaign=campaign,
        appointment=appointment,
        duties=duties,
        guardians=list(found.values()),
        notices=[text for text in notices.values_list("notices", flat=True) if text],
        categories=all_categories(),
        leads=all(duty.group is not None and duty.group.lead_id == actor.person_id for duty in duties),
    )


def visit_to_revise(actor: Actor, pk: uuid.UUID) -> Visit | None:
    """An own record."""
    return scope(actor, Visit, CHANGE).select_related("campaign", "appointment").filter(pk=pk).first()


def visit_of_appointment(actor: Actor, appointment_id: int) -> Visit | None:
    """The record of an appointment within reach, if there is one."""
    return scope(actor, Visit).filter(appointment_id=appointment_id).order_by("recorded_at").first()
