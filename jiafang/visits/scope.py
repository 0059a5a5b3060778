"""Who records visits, who reads the records, and what a brief opens to a visitor."""

from typing import Any

from django.db.models import Q, QuerySet

from jiafang.access import CHANGE, Actor, allow, register
from jiafang.access.actor import (
    ADMINISTRATOR,
    CADRE,
    COHORT_LEAD,
    DIRECTOR,
    PRINCIPAL,
    STAFF_KINDS,
    TEACHER,
)
from jiafang.campaigns.models import Appointment, Duty, Tier, VisitGroup
from jiafang.campaigns.scope import own_duties
from jiafang.common.clock import today
from jiafang.organization.models import (
    CareTag,
    Enrollment,
    Guardianship,
    Household,
    HouseholdMembership,
    Person,
    Post,
    School,
    holding,
)
from jiafang.organization.scope import restricted_of_own_children
from jiafang.visits.models import LastContact, Participant, Visit, VisitRevision

# A duty or an appointment that the actor may record; people and places opened by an own appointment.
RECORD = "record"
BRIEF = "brief"

Ids = QuerySet[Any, Any]

allow("visit.record", STAFF_KINDS - {ADMINISTRATOR})


def wards(actor: Actor) -> Ids:
    """Children of the actor: staff capacity never opens records about them."""
    return Guardianship.unscoped.filter(guardian_id=actor.person_id, revoked_on=None).values("student_id")


def _visiting(actor: Actor) -> Ids:
    return Appointment.visitors.through.objects.filter(person_id=actor.person_id).values("appointment_id")


def _crew(actor: Actor) -> Ids:
    groups = VisitGroup.unscoped.filter(
        Q(lead_id=actor.person_id)
        | Q(pk__in=VisitGroup.co_visitors.through.objects.filter(person_id=actor.person_id).values("visitgroup_id"))
    )
    return groups.values("pk")


def own_appointments(actor: Actor) -> Q:
    """Published appointments in which the actor visits."""
    return Q(published=True, pk__in=_visiting(actor))


def recordable(actor: Actor) -> Q:
    """Duties that the actor may answer by a record: of own groups, published appointments, own class or cohort."""
    appointments = Appointment.unscoped.filter(own_appointments(actor)).values("pk")
    in_own_appointment = Appointment.duties.through.objects.filter(appointment_id__in=appointments)
    found = Q(group_id__in=_crew(actor)) | Q(pk__in=in_own_appointment.values("duty_id"))
    family = Q(campaign__tier=Tier.TEACHER_FAMILY)
    if actor.kind == TEACHER:
        found |= family & Q(school_class_id__in=actor.capacity.homeroom_class_ids)
    elif actor.kind == COHORT_LEAD:
        found |= family & Q(cohort_id__in=actor.capacity.cohort_ids)
    return found & ~Q(person_id=actor.person_id) & ~Q(campaign__state="draft")


register(Duty, STAFF_KINDS - {ADMINISTRATOR}, recordable, purposes=(RECORD,), words="of own groups, class or cohort")
register(
    Appointment,
    STAFF_KINDS - {ADMINISTRATOR},
    own_appointments,
    purposes=(RECORD,),
    words="published ones in which one visits",
)


def visits(actor: Actor) -> Q:
    """Own records, those of families one answers for, a principal those of the school; never of own children."""
    own = written_by(actor)
    duties = Duty.unscoped.filter(own_duties(actor)).exclude(person_id=actor.person_id)
    if actor.kind == TEACHER:
        duties = Duty.unscoped.filter(
            campaign__tier=Tier.TEACHER_FAMILY, school_class_id__in=actor.capacity.homeroom_class_ids
        )
    elif actor.kind == COHORT_LEAD:
        duties = Duty.unscoped.filter(campaign__tier=Tier.TEACHER_FAMILY, cohort_id__in=actor.capacity.cohort_ids)
    elif actor.kind == PRINCIPAL:
        duties = Duty.unscoped.filter(campaign__tier=Tier.TEACHER_FAMILY, campaign__school_id=actor.school_id)
    answered = Visit.duties.through.objects.filter(duty_id__in=duties.values("pk")).values("visit_id")
    about_own_children = Visit.duties.through.objects.filter(
        duty_id__in=Duty.unscoped.filter(person_id__in=wards(actor)).values("pk")
    ).values("visit_id")
    return own | (Q(pk__in=answered) & ~Q(pk__in=about_own_children))


def written_by(actor: Actor) -> Q:
    """Records the actor wrote or visited for."""
    return Q(recorded_by_id=actor.person_id) | Q(
        pk__in=Visit.visitors.through.objects.filter(person_id=actor.person_id).values("visit_id")
    )


def of_visits_read(actor: Actor) -> Q:
    return Q(visit_id__in=Visit.unscoped.filter(visits(actor)).values("pk"))


_READERS = {DIRECTOR, CADRE, PRINCIPAL, COHORT_LEAD, TEACHER}
_RECORDERS = STAFF_KINDS - {ADMINISTRATOR}
register(Visit, _READERS, visits, words="own; of families answered for; a principal: of the school's families")
register(Visit, _RECORDERS - _READERS, written_by, words="own")
register(Visit, _RECORDERS, written_by, purposes=(CHANGE,), words="own")
register(Participant, _READERS, of_visits_read, words="of visits within reach")
register(VisitRevision, _READERS, of_visits_read, words="of visits within reach")


def contacts(actor: Actor) -> Q:
    """When somebody was last met is no secret to those who answer for the person."""
    enrolled = Enrollment.unscoped.filter(holding(today()))
    if actor.kind == TEACHER:
        enrolled = enrolled.filter(school_class_id__in=actor.capacity.homeroom_class_ids)
    elif actor.kind == COHORT_LEAD:
        enrolled = enrolled.filter(school_class__cohort_id__in=actor.capacity.cohort_ids)
    else:
        enrolled = enrolled.filter(school_class__cohort__school_id=actor.school_id)
    return Q(person_id__in=enrolled.values("student_id"))


register(LastContact, {PRINCIPAL, COHORT_LEAD, TEACHER}, contacts, words="of students answered for")


# What an own appointment opens: the people met, their household and guardians, where to go.


def _met(actor: Actor) -> Ids:
    met = Appointment.duties.through.objects.filter(
        appointment_id__in=Appointment.unscoped.filter(own_appointments(actor)).values("pk")
    )
    ids: Ids = Duty.unscoped.filter(Q(pk__in=met.values("duty_id")) | recordable(actor)).values("person_id")
    return ids


def _households(actor: Actor) -> Ids:
    held = HouseholdMembership.unscoped.filter(holding(today()), person_id__in=_met(actor))
    return held.values("household_id")


def _housemates(actor: Actor) -> Ids:
    held = HouseholdMembership.unscoped.filter(holding(today()), household_id__in=_households(actor))
    return held.values("person_id")


def open_tags(actor: Actor) -> Q:
    """Open kinds; restricted ones to those who lead the class, the cohort or the school."""
    led = Enrollment.unscoped.filter(holding(today()))
    if actor.kind == TEACHER:
        led = led.filter(school_class_id__in=actor.capacity.homeroom_class_ids)
    elif actor.kind == COHORT_LEAD:
        led = led.filter(school_class__cohort_id__in=actor.capacity.cohort_ids)
    elif actor.kind == PRINCIPAL:
        led = led.filter(school_class__cohort__school_id=actor.school_id)
    else:
        led = led.none()
    readable = Q(kind__restricted=False) | Q(student_id__in=led.values("student_id"))
    return Q(student_id__in=_met(actor)) & readable & ~restricted_of_own_children(actor)


def brief_guardianships(actor: Actor) -> Q:
    return Q(revoked_on=None, student_id__in=_met(actor))


register(
    Person,
    _RECORDERS,
    lambda actor: Q(pk__in=_met(actor)) | Q(pk__in=_housemates(actor)),
    purposes=(BRIEF,),
    words="met in own appointments or duties, and their household",
)
register(
    Guardianship, _RECORDERS, brief_guardianships, purposes=(BRIEF,), words="of those met in own appointments or duties"
)
register(CareTag, _RECORDERS, open_tags, purposes=(BRIEF,), words="open kinds of those met; restricted to who leads")
register(
    Household,
    _RECORDERS,
    lambda actor: Q(pk__in=_households(actor)),
    purposes=(BRIEF,),
    words="of those met in own appointments or duties",
)
register(
    HouseholdMembership,
    _RECORDERS,
    lambda actor: Q(household_id__in=_households(actor)),
    purposes=(BRIEF,),
    words="of households of those met",
)
register(
    Enrollment,
    _RECORDERS,
    lambda actor: Q(student_id__in=_met(actor)) | Q(student_id__in=_housemates(actor)),
    purposes=(BRIEF,),
    words="of those met and their brothers and sisters",
)
register(
    Post,
    _RECORDERS,
    lambda actor: Q(person_id__in=_met(actor)),
    purposes=(BRIEF,),
    words="of those met in own appointments or duties",
)
register(
    School,
    _RECORDERS,
    lambda actor: Q(pk__in=Post.unscoped.filter(holding(today()), person_id__in=_met(actor)).values("school_id")),
    purposes=(BRIEF,),
    words="of those met in own appointments or duties",
)
