"""Who sees which sums. Sums carry no names, so they reach further than the rows they count."""

from django.db.models import Q

from jiafang.access import CHANGE, VIEW, Actor, allow, everything, register
from jiafang.access.actor import ADMINISTRATOR, CADRE, COHORT_LEAD, DIRECTOR, PRINCIPAL, TEACHER
from jiafang.common.clock import today
from jiafang.insight.models import DutyTally, Sign
from jiafang.organization.models import Enrollment, Pairing, holding
from jiafang.organization.scope import children_ever
from jiafang.visits.models import LastContact

COUNT = "count"


def _paired(actor: Actor, school: str) -> Q:
    held = Pairing.unscoped.filter(holding(today()), cadre_id=actor.person_id)
    return Q(**{f"{school}__in": held.values("school_id")})


def tallies(actor: Actor) -> Q:
    if actor.kind == CADRE:
        return _paired(actor, "school_id")
    if actor.kind == PRINCIPAL:
        return Q(school_id=actor.school_id)
    if actor.kind == COHORT_LEAD:
        return Q(cohort_id__in=actor.capacity.cohort_ids)
    return Q(school_class_id__in=actor.capacity.homeroom_class_ids)


register(DutyTally, {ADMINISTRATOR, DIRECTOR}, everything, words="every sum")
register(
    DutyTally,
    {CADRE, PRINCIPAL, COHORT_LEAD, TEACHER},
    tallies,
    words="of paired schools, own school, cohorts led, own class",
)
register(Enrollment, {ADMINISTRATOR, DIRECTOR}, everything, purposes=(COUNT,), words="counted only, never by name")


def _paired_now(actor: Actor) -> Q:
    return holding(today()) & _paired(actor, "school_class__cohort__school_id")


register(
    Enrollment,
    CADRE,
    lambda actor: _paired(actor, "school_class__cohort__school_id"),
    purposes=(COUNT,),
    words="of paired schools, counted only",
)
register(LastContact, {ADMINISTRATOR, DIRECTOR}, everything, purposes=(COUNT,), words="counted only, never by name")
register(
    LastContact,
    CADRE,
    lambda actor: Q(person_id__in=Enrollment.unscoped.filter(_paired_now(actor)).values("student_id")),
    purposes=(COUNT,),
    words="of paired schools, counted only",
)


allow("sign.decide", {TEACHER})
allow("sign.find", ())  # the machine alone
allow("sign.rules", {ADMINISTRATOR, DIRECTOR})


def signs(actor: Actor) -> Q:
    """Of the students of the own class, for the homeroom teacher alone; never of an own child."""
    led = Enrollment.unscoped.filter(holding(today()), school_class_id__in=actor.capacity.homeroom_class_ids)
    return Q(student_id__in=led.values("student_id")) & ~Q(student_id__in=children_ever(actor))


register(Sign, TEACHER, signs, purposes=(VIEW, CHANGE), words="of students of the own class, never of an own child")
