"""Who records visits, who reads the records, and what a brief opens to a visitor."""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from jiafang.access import CHANGE, Actor, allow, everything, register
from jiafang.access.actor import (
    ADMINISTRATOR,
    CADRE,
    COHORT_LEAD,
    DIRECTOR,
    PRINCIPAL,
    STAFF_KINDS,
    TEACHER,
)
from jiafang.campaigns.models import Appointment, CohortFocus, Duty, Tier
from jiafang.campaigns.scope import at_work
from jiafang.common.clock import at, today
from jiafang.organization.models import (
    CareTag,
    Enrollment,
    Guardianship,
    HouseholdMembership,
    Post,
    holding,
)
from jiafang.organization.scope import children_ever, restricted_of_own_children
from jiafang.visits.models import (
    Attachment,
    HeldItem,
    LastContact,
    Note,
    Participant,
    QuestionSet,
    RaisedConcern,
    Receipt,
    Visit,
    VisitRevision,
)

# A duty or an appointment that the actor may record; people and places opened by an own appointment.
RECORD = "record"
BRIEF = "brief"
# An item of somebody else that waits for whoever answers for the student by now.
ACCEPT = "accept"
# What is kept for whoever sent it.
SEND = "send"

Ids = QuerySet[Any, Any]

allow("visit.record", STAFF_KINDS - {ADMINISTRATOR})


def _visiting(actor: Actor) -> Ids:
    return Appointment.visitors.through.objects.filter(person_id=actor.person_id).values("appointment_id")


def own_appointments(actor: Actor) -> Q:
    """Published appointments in which the actor visits."""
    return Q(published=True, pk__in=_visiting(actor)) & at_work(actor)


# `at_work` once more, as SQL.
_AT_WORK = "(campaign.school_id IS NULL OR campaign.school_id = %s)"
_OF_BUREAU = (DIRECTOR, CADRE)


# Every page of a visitor asks for these, several times: as SQL they cost a tenth of what the ORM needs to write them,
# and a union of indexed parts instead of OR keeps the database from reading every duty of the district.
_OF_GROUPS = """
    SELECT duty.{column} FROM campaigns_duty AS duty WHERE duty.person_id <> %s AND duty.group_id IN (
        SELECT id FROM campaigns_visitgroup WHERE lead_id = %s
        UNION ALL SELECT visitgroup_id FROM campaigns_visitgroup_co_visitors WHERE person_id = %s)
"""
_OF_APPOINTMENTS = """
    SELECT duty.{column} FROM campaigns_duty AS duty
    JOIN campaigns_appointment_duties AS answered ON answered.duty_id = duty.id
    JOIN campaigns_appointment AS appointment ON appointment.id = answered.appointment_id AND appointment.published
    JOIN campaigns_appointment_visitors AS visitor ON visitor.appointment_id = appointment.id
    WHERE duty.person_id <> %s AND visitor.person_id = %s
"""
_OF_UNITS = """
    SELECT duty.{column} FROM campaigns_duty AS duty
    JOIN campaigns_campaign AS campaign ON campaign.id = duty.campaign_id AND campaign.tier = 'teacher_family'
    WHERE duty.person_id <> %s AND duty.{unit} IN ({units})
"""


def _own_duties(actor: Actor, column: str) -> tuple[str, list[Any]]:
    """SQL for a column of the duties of own groups, appointments, class or cohort; never about oneself."""
    me = actor.person_id
    parts = [_OF_GROUPS, _OF_APPOINTMENTS]
    values: list[Any] = [me, me, me, me, me]
    unit, ids = "school_class_id", actor.capacity.homeroom_class_ids if actor.kind == TEACHER else ()
    if actor.kind == COHORT_LEAD:
        unit, ids = "cohort_id", actor.capacity.cohort_ids
    if ids:
        parts.append(_OF_UNITS)
        values += [me, *ids]
    # Of an array the database cannot know how short it is: it would plan the statement anew each time.
    units = ", ".join(["%s"] * len(ids))
    return " UNION ".join(part.format(column=column, unit=unit, units=units) for part in parts), values


# What is still to be done, what was done in the last two weeks, and meetings of the two weeks before and after today.
NEAR = dt.timedelta(days=14)
_AT_HAND = """
    SELECT duty.{column} FROM campaigns_duty AS duty
    JOIN campaigns_campaign AS campaign ON campaign.id = duty.campaign_id
    WHERE duty.id IN ({own}) AND {at_work} AND (
        (duty.state = 'due' AND (campaign.state IN ('launched', 'published') OR duty.parent_id IS NOT NULL))
        OR duty.met_on >= %s
        OR duty.id IN (
            SELECT answered.duty_id FROM campaigns_appointment_visitors AS visitor
            JOIN campaigns_appointment AS appointment ON appointment.id = visitor.appointment_id
            JOIN campaigns_appointment_duties AS answered ON answered.appointment_id = appointment.id
            WHERE visitor.person_id = %s AND appointment.published
                AND appointment.starts_at >= %s AND appointment.starts_at < %s))
"""


def _at_hand(actor: Actor, column: str) -> tuple[str, list[Any]]:
    """SQL for a column of those of the own duties that are about the work at hand."""
    own, values = _own_duties(actor, "id")
    day, midnight = today(), dt.time()
    near = [at(day - NEAR, midnight), at(day + NEAR + dt.timedelta(days=1), midnight)]
    at_work, school = ("true", []) if actor.kind in _OF_BUREAU else (_AT_WORK, [actor.school_id])
    sql = _AT_HAND.format(column=column, own=own, at_work=at_work)
    return sql, [*values, *school, day - NEAR, actor.person_id, *near]


def _raw(sql: str, values: list[Any]) -> RawSQL:
    return RawSQL(sql, values)  # noqa: S611  # texts of this module only; what varies is a parameter


def recordable(actor: Actor) -> Q:
    """Duties that the actor may answer by a record."""
    return Q(pk__in=_raw(*_own_duties(actor, "id")))


register(Duty, STAFF_KINDS - {ADMINISTRATOR}, recordable, purposes=(RECORD,), words="of own groups, class or cohort")
register(
    Duty,
    STAFF_KINDS - {ADMINISTRATOR},
    lambda actor: Q(pk__in=_raw(*_at_hand(actor, "id"))),
    purposes=(BRIEF,),
    words="of these, at the own school (bureau: at any): to be done, done of late, or a meeting of about now",
)
register(
    Appointment,
    STAFF_KINDS - {ADMINISTRATOR},
    own_appointments,
    purposes=(RECORD, BRIEF),
    words="published ones in which one visits, for the bureau or the own school (bureau: for any)",
)


_WRITTEN = """
    SELECT id FROM visits_visit WHERE recorded_by_id = %s
    UNION SELECT visit_id FROM visits_visit_visitors WHERE person_id = %s
"""
_OF_FAMILIES = """
    SELECT answered.visit_id FROM visits_visit_duties AS answered
    JOIN campaigns_duty AS duty ON duty.id = answered.duty_id
    JOIN campaigns_campaign AS campaign ON campaign.id = duty.campaign_id
    WHERE campaign.tier = 'teacher_family' AND {unit} = ANY(%s)
"""
_OF_OWN_DUTIES = "SELECT visit_id FROM visits_visit_duties WHERE duty_id IN ({duties})"
_OF_OWN_CHILDREN = """
    SELECT about.visit_id FROM visits_visit_duties AS about
    JOIN campaigns_duty AS duty ON duty.id = about.duty_id
    JOIN organization_guardianship AS held ON held.student_id = duty.person_id
    WHERE held.guardian_id = %s
"""
_UNITS = {TEACHER: "duty.school_class_id", COHORT_LEAD: "duty.cohort_id", PRINCIPAL: "campaign.school_id"}


def _units_of(actor: Actor) -> list[int]:
    if actor.kind == TEACHER:
        return list(actor.capacity.homeroom_class_ids)
    return list(actor.capacity.cohort_ids) if actor.kind == COHORT_LEAD else [actor.school_id]


def _readable(actor: Actor) -> RawSQL:
    """Own records; those about families of the own class, cohort or school or of own duties, but never an own child."""
    if actor.kind in _UNITS:
        answered, values = _OF_FAMILIES.format(unit=_UNITS[actor.kind]), [_units_of(actor)]
    else:
        duties, values = _own_duties(actor, "id")
        answered = _OF_OWN_DUTIES.format(duties=duties)
    me = actor.person_id
    return _raw(f"{_WRITTEN} UNION ({answered} EXCEPT {_OF_OWN_CHILDREN})", [me, me, *values, me])


def visits(actor: Actor) -> Q:
    return Q(pk__in=_readable(actor))


def written_by(actor: Actor) -> Q:
    """Records the actor wrote or visited for."""
    return Q(pk__in=_raw(_WRITTEN, [actor.person_id, actor.person_id]))


def of_visits_read(actor: Actor) -> Q:
    return Q(visit_id__in=_readable(actor))


def of_visits_written(actor: Actor) -> Q:
    return Q(visit_id__in=_raw(_WRITTEN, [actor.person_id, actor.person_id]))


# What a teacher tells of home and health stays with whoever came to listen; of the rest others who visit may know.
TEACHER_TIERS = (Tier.PRINCIPAL_TEACHER, Tier.BUREAU_TEACHER)
SHARED_AXES = ("teaching",)
SHARED_CATEGORIES = ("study", "teaching", "conditions", "safety", "tutoring")


def _reads_of_visits(actor: Actor) -> Q:
    return of_visits_read(actor) if actor.kind in _READERS else of_visits_written(actor)


def _confided(actor: Actor) -> Q:
    """In a talk with a teacher for which the actor neither came nor wrote."""
    return Q(visit__campaign__tier__in=TEACHER_TIERS) & ~of_visits_written(actor)


def _about_own_child(actor: Actor) -> Q:
    """Written by a colleague about the own child, also where one came along."""
    return Q(person_id__in=children_ever(actor)) & ~Q(visit__recorded_by_id=actor.person_id)


def notes(actor: Actor) -> Q:
    kept = ~_confided(actor) | Q(axis__in=SHARED_AXES)
    return _reads_of_visits(actor) & kept & ~_about_own_child(actor)


def concerns(actor: Actor) -> Q:
    kept = ~_confided(actor) | Q(category__in=SHARED_CATEGORIES)
    return _reads_of_visits(actor) & kept & ~_about_own_child(actor)


def revisions(actor: Actor) -> Q:
    """An earlier revision, a photo, a recording: each one piece, for those who may read every part of the record."""
    about = Visit.duties.through.objects.filter(duty__person_id__in=children_ever(actor))
    own_child = Q(visit_id__in=about.values("visit_id")) & ~Q(visit__recorded_by_id=actor.person_id)
    return _reads_of_visits(actor) & ~_confided(actor) & ~own_child


def own_attachments(actor: Actor) -> Q:
    return revisions(actor) & of_visits_written(actor)


_READERS = {DIRECTOR, CADRE, PRINCIPAL, COHORT_LEAD, TEACHER}
_RECORDERS = STAFF_KINDS - {ADMINISTRATOR}
register(Visit, _READERS, visits, words="own; of families answered for; a principal: of the school's families")
register(Visit, _RECORDERS - _READERS, written_by, words="own")
register(Visit, _RECORDERS, written_by, purposes=(CHANGE,), words="own")
register(Participant, _READERS, of_visits_read, words="of visits within reach")
register(Attachment, _RECORDERS, revisions, words="of visits within reach of which one may read every part")
register(Attachment, _RECORDERS, own_attachments, purposes=(CHANGE,), words="of own visits")
register(VisitRevision, _READERS, revisions, words="of visits within reach of which one may read every part")
register(
    Note, _RECORDERS, notes, words="of visits within reach; of teachers' home and health: own; not of own children"
)
register(
    RaisedConcern,
    _RECORDERS,
    concerns,
    words="of visits within reach; of teachers' home and health: own; not of own children",
)


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


# What the work at hand opens: the people met, their household and guardians, where to go.


def _met(actor: Actor) -> RawSQL:
    return _raw(*_at_hand(actor, "person_id"))


_HOUSEHOLDS = """
    SELECT household_id FROM organization_householdmembership
    WHERE person_id IN ({met}) AND "start" <= %s AND ("end" IS NULL OR "end" > %s)
"""
_MATES = """
    {met} UNION SELECT person_id FROM organization_householdmembership
    WHERE household_id IN ({households}) AND "start" <= %s AND ("end" IS NULL OR "end" > %s)
"""


def _households(actor: Actor) -> tuple[str, list[Any]]:
    met, values = _at_hand(actor, "person_id")
    return _HOUSEHOLDS.format(met=met), [*values, today(), today()]


def _met_and_mates(actor: Actor) -> RawSQL:
    met, values = _at_hand(actor, "person_id")
    households, more = _households(actor)
    return _raw(_MATES.format(met=met, households=households), [*values, *more, today(), today()])


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
    Guardianship, _RECORDERS, brief_guardianships, purposes=(BRIEF,), words="of those met in own appointments or duties"
)
register(CareTag, _RECORDERS, open_tags, purposes=(BRIEF,), words="open kinds of those met; restricted to who leads")
register(
    HouseholdMembership,
    _RECORDERS,
    lambda actor: Q(household_id__in=_raw(*_households(actor))),
    purposes=(BRIEF,),
    words="of households of those met",
)
register(
    Enrollment,
    _RECORDERS,
    lambda actor: Q(student_id__in=_met_and_mates(actor)),
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
    CohortFocus,
    _RECORDERS,
    lambda actor: Q(campaign_id__in=_raw(*_at_hand(actor, "campaign_id"))),
    purposes=(BRIEF,),
    words="of campaigns of the work at hand",
)


# What phones have sent. Of an item that is out of its writer's reach: whoever could read the record if it were one.


def of_sender(actor: Actor) -> Q:
    return Q(person_id=actor.person_id)


_ACCEPTABLE = """
    SELECT held.id FROM visits_helditem AS held
    WHERE held.state = 'open' AND held.reason = 'out_of_reach' AND held.kind = 'visit' AND held.person_id <> %s
        AND held.duty_ids <> '{{}}' AND NOT EXISTS (
            SELECT FROM unnest(held.duty_ids) AS named (id) WHERE named.id NOT IN ({answered}))
        AND NOT EXISTS (
            SELECT FROM campaigns_duty AS about
            JOIN organization_guardianship AS of_child ON of_child.student_id = about.person_id
            WHERE about.id = ANY(held.duty_ids) AND of_child.guardian_id = %s)
"""
_ANSWERED = """
    SELECT duty.id FROM campaigns_duty AS duty JOIN campaigns_campaign AS campaign ON campaign.id = duty.campaign_id
    WHERE campaign.tier = 'teacher_family' AND {unit} = ANY(%s)
"""


def acceptable(actor: Actor) -> Q:
    """Records that somebody else wrote about families answered for, but never about an own child."""
    if actor.kind in _UNITS:
        answered, values = _ANSWERED.format(unit=_UNITS[actor.kind]), [_units_of(actor)]
    else:
        answered, values = _own_duties(actor, "id")
    return Q(pk__in=_raw(_ACCEPTABLE.format(answered=answered), [actor.person_id, *values, actor.person_id]))


def held_items(actor: Actor) -> Q:
    return of_sender(actor) | acceptable(actor)


register(Receipt, _RECORDERS, of_sender, words="of own items")
register(HeldItem, _READERS, held_items, words="own; of others about families answered for")
register(HeldItem, _RECORDERS - _READERS, of_sender, words="own")
register(HeldItem, _RECORDERS, of_sender, purposes=(CHANGE,), words="own")
register(HeldItem, _READERS, acceptable, purposes=(ACCEPT,), words="of others about families answered for")
register(HeldItem, ADMINISTRATOR, everything, words="every one: who, when and why, never what it says")


allow("questions.manage", {ADMINISTRATOR, DIRECTOR, PRINCIPAL})

_BUREAU_TIERS = (Tier.BUREAU_PRINCIPAL, Tier.BUREAU_TEACHER)


def question_sets(actor: Actor) -> Q:
    """What is or was asked on the tiers on which the actor visits; a draft is seen by its owner alone."""
    asked = ~Q(state=QuestionSet.State.DRAFT)
    of_bureau = Q(school=None)
    if actor.kind in (ADMINISTRATOR, DIRECTOR):
        return of_bureau | asked
    if actor.kind == CADRE:
        return of_bureau & asked & Q(tier__in=_BUREAU_TIERS)
    of_school = Q(school_id=actor.school_id)
    if actor.kind == PRINCIPAL:
        return of_school | (of_bureau & asked & ~Q(tier__in=_BUREAU_TIERS))
    return (of_bureau | of_school) & asked & ~Q(tier__in=_BUREAU_TIERS)


def question_sets_owned(actor: Actor) -> Q:
    return Q(school_id=actor.school_id) if actor.kind == PRINCIPAL else Q(school=None)


register(QuestionSet, STAFF_KINDS, question_sets, words="of the tiers one visits on, by the bureau or the own school")
register(
    QuestionSet,
    {ADMINISTRATOR, DIRECTOR, PRINCIPAL},
    question_sets_owned,
    purposes=(CHANGE,),
    words="the bureau's; a principal: the school's",
)
