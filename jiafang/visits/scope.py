"""Who reads records of visits."""

from django.db.models import Q

from jiafang.access import Actor, allow, register
from jiafang.access.actor import CADRE, COHORT_LEAD, DIRECTOR, PRINCIPAL, STAFF_KINDS, TEACHER
from jiafang.campaigns.models import Duty, Tier
from jiafang.campaigns.scope import own_duties
from jiafang.visits.models import Participant, Visit

allow("visit.record", STAFF_KINDS)


def visits(actor: Actor) -> Q:
    """Own records; those of families one answers for; a principal those of the school's families."""
    own = Q(recorded_by_id=actor.person_id) | Q(
        pk__in=Visit.visitors.through.objects.filter(person_id=actor.person_id).values("visit_id")
    )
    duties = Duty.unscoped.filter(own_duties(actor)).exclude(person_id=actor.person_id)
    if actor.kind == TEACHER:
        duties = Duty.unscoped.filter(
            campaign__tier=Tier.TEACHER_FAMILY, school_class_id__in=actor.capacity.homeroom_class_ids
        )
    elif actor.kind == COHORT_LEAD:
        duties = Duty.unscoped.filter(campaign__tier=Tier.TEACHER_FAMILY, cohort_id__in=actor.capacity.cohort_ids)
    elif actor.kind == PRINCIPAL:
        return own | Q(campaign__tier=Tier.TEACHER_FAMILY, campaign__school_id=actor.school_id)
    answered = Visit.duties.through.objects.filter(duty_id__in=duties.values("pk"))
    return own | Q(pk__in=answered.values("visit_id"))


def participants(actor: Actor) -> Q:
    return Q(visit_id__in=Visit.unscoped.filter(visits(actor)).values("pk"))


_READERS = {DIRECTOR, CADRE, PRINCIPAL, COHORT_LEAD, TEACHER}
register(Visit, _READERS, visits, words="own; of families answered for; a principal: of the school's families")
register(Participant, _READERS, participants, words="of visits within reach")
