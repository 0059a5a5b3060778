"""Who sees which campaigns, duties and appointments."""

from django.db.models import Q, QuerySet

from jiafang.access import CHANGE, VIEW, Actor, allow, everything, register, scope
from jiafang.access.actor import (
    ADMINISTRATOR,
    ALL_KINDS,
    CADRE,
    COHORT_LEAD,
    COMMUNITY_PARTNER,
    DIRECTOR,
    GUARDIAN,
    PRINCIPAL,
    SCHOOL_KINDS,
    STAFF_KINDS,
    TEACHER,
)
from jiafang.campaigns.models import (
    Appointment,
    Campaign,
    CohortFocus,
    Duty,
    FamilyWindow,
    PlanRun,
    RoadTable,
    Shift,
    Tier,
    Trip,
    Unavailability,
    VisitGroup,
)
from jiafang.common.clock import today
from jiafang.organization.models import Guardianship, Pairing, holding

BUREAU_TIERS = (Tier.BUREAU_PRINCIPAL, Tier.BUREAU_TEACHER)
PLANNERS = frozenset({ADMINISTRATOR, DIRECTOR, PRINCIPAL, COHORT_LEAD})

allow("campaign.create", {ADMINISTRATOR, DIRECTOR, PRINCIPAL})
allow("campaign.launch", {ADMINISTRATOR, DIRECTOR, PRINCIPAL})
allow("campaign.plan", PLANNERS)
allow("campaign.publish", {ADMINISTRATOR, DIRECTOR, PRINCIPAL})
allow("campaign.focus", PLANNERS)
allow("appointment.move", PLANNERS | {TEACHER})
allow("appointment.confirm", STAFF_KINDS)
allow("availability.own", STAFF_KINDS)
allow("availability.family", PLANNERS | {TEACHER, GUARDIAN})


def _led_or_joined(actor: Actor) -> QuerySet[VisitGroup]:
    return VisitGroup.unscoped.filter(
        Q(lead_id=actor.person_id)
        | Q(pk__in=VisitGroup.co_visitors.through.objects.filter(person_id=actor.person_id).values("visitgroup_id"))
    )


def _wards(actor: Actor) -> Q:
    held = Guardianship.unscoped.filter(guardian_id=actor.person_id, revoked_on=None, may_see=True)
    return Q(person_id__in=held.values("student_id"))


def own_duties(actor: Actor) -> Q:
    """Duties the actor is answerable for as lead or co-visitor, and those in which the actor is met."""
    return Q(group_id__in=_led_or_joined(actor).values("pk")) | Q(person_id=actor.person_id)


def duties(actor: Actor) -> Q:
    """The rows of people to be met; the bureau sees its own tiers by name, those of the schools as counts (insight)."""
    if actor.kind == DIRECTOR:
        return Q(campaign__tier__in=BUREAU_TIERS) | own_duties(actor)
    if actor.kind == PRINCIPAL:
        return Q(campaign__school_id=actor.school_id) | own_duties(actor)
    if actor.kind == COHORT_LEAD:
        cohort = Q(campaign__tier=Tier.TEACHER_FAMILY, cohort_id__in=actor.capacity.cohort_ids)
        return cohort | own_duties(actor)
    if actor.kind == TEACHER:
        led = Q(campaign__tier=Tier.TEACHER_FAMILY, school_class_id__in=actor.capacity.homeroom_class_ids)
        return led | own_duties(actor)
    if actor.kind == GUARDIAN:
        return Q(campaign__tier=Tier.TEACHER_FAMILY) & _wards(actor)
    return own_duties(actor)


def _duty_ids(actor: Actor) -> QuerySet[Duty]:
    return Duty.unscoped.filter(duties(actor))


def campaigns(actor: Actor) -> Q:
    """Campaigns of one's school, those above them, and those in which one visits or is visited."""
    met = Duty.unscoped.filter(person_id=actor.person_id)
    own = Q(pk__in=met.values("campaign_id")) | Q(pk__in=_led_or_joined(actor).values("campaign_id"))
    if actor.kind == GUARDIAN:
        return Q(pk__in=_duty_ids(actor).values("campaign_id"), state__in=["published", "closed"])
    if actor.kind in SCHOOL_KINDS:
        return own | _of_schools(Q(school_id=actor.school_id))
    if actor.kind == CADRE:
        paired = Pairing.unscoped.filter(holding(today()), cadre_id=actor.person_id)
        return own | _of_schools(Q(school_id__in=paired.values("school_id")))
    return own


def _of_schools(these: Q) -> Q:
    """The campaigns of schools, and those of the bureau that they are a part of."""
    return these | Q(pk__in=Campaign.unscoped.filter(these).values("parent_id"))


def campaigns_led(actor: Actor) -> Q:
    """A school's own; the talks of the principal are planned by the principal alone."""
    own = Q(school_id=actor.school_id)
    return own & Q(tier=Tier.TEACHER_FAMILY) if actor.kind == COHORT_LEAD else own


def groups(actor: Actor) -> Q:
    if actor.kind == DIRECTOR:
        return Q(campaign__tier__in=BUREAU_TIERS)
    if actor.kind == PRINCIPAL:
        return Q(campaign__school_id=actor.school_id) | Q(pk__in=_led_or_joined(actor).values("pk"))
    if actor.kind == COHORT_LEAD:
        led = Q(pk__in=_led_or_joined(actor).values("pk"))
        return led | Q(campaign__school_id=actor.school_id, school_class__cohort_id__in=actor.capacity.cohort_ids)
    return Q(pk__in=_led_or_joined(actor).values("pk"))


def at_work(actor: Actor) -> Q:
    """Whoever works at a school visits for it and for the bureau, no more for one that they have left.

    Bureau and community come along everywhere, and a family is met where its child is.
    """
    if actor.kind in (DIRECTOR, CADRE, COMMUNITY_PARTNER, GUARDIAN):
        return Q()
    return Q(campaign__school=None) | Q(campaign__school_id=actor.school_id)


def appointments(actor: Actor) -> Q:
    """Drafts are seen by those who plan; a visitor and a family see what is published."""
    met_or_answerable = Q(
        published=True,
        pk__in=Appointment.duties.through.objects.filter(duty_id__in=_duty_ids(actor).values("pk")).values(
            "appointment_id"
        ),
    )
    visiting = Q(
        published=True,
        pk__in=Appointment.visitors.through.objects.filter(person_id=actor.person_id).values("appointment_id"),
    )
    if actor.kind == GUARDIAN:
        return met_or_answerable
    return (appointments_planned(actor) | visiting | met_or_answerable) & at_work(actor)


def appointments_planned(actor: Actor) -> Q:
    """What the actor plans; being visited by somebody else gives no hand in it."""
    if actor.kind == DIRECTOR:
        return Q(campaign__tier__in=BUREAU_TIERS)
    if actor.kind == PRINCIPAL:
        return Q(campaign__school_id=actor.school_id)
    if actor.kind == COHORT_LEAD:
        return Q(campaign__school_id=actor.school_id, group__school_class__cohort_id__in=actor.capacity.cohort_ids)
    return Q(pk__in=[])


def appointments_led(actor: Actor) -> Q:
    """A homeroom teacher agrees on times with the families and moves the own meetings accordingly."""
    return Q(published=True, group__lead_id=actor.person_id) & at_work(actor)


def trips(actor: Actor) -> Q:
    return Q(pk__in=Appointment.unscoped.filter(appointments(actor)).values("trip_id"))


def trips_led(actor: Actor) -> Q:
    """Trips of which the actor may change every stop."""
    changeable = scope(actor, Appointment, CHANGE)
    others = Appointment.unscoped.filter(trip_id__isnull=False).exclude(pk__in=changeable.values("pk"))
    return Q(pk__in=changeable.values("trip_id")) & ~Q(pk__in=others.values("trip_id"))


def of_campaign_seen(actor: Actor) -> Q:
    """Shifts and focuses belong to the campaign: who sees it sees them."""
    return Q(campaign_id__in=scope(actor, Campaign).values("pk"))


def plan_runs(actor: Actor) -> Q:
    if actor.kind == DIRECTOR:
        return Q(campaign__tier__in=BUREAU_TIERS)
    return Q(campaign_id__in=scope(actor, Campaign, CHANGE).values("pk"))


def unavailabilities(actor: Actor) -> Q:
    own = Q(visitor_id=actor.person_id)
    if actor.kind == DIRECTOR:
        return own | Q(shift__campaign__tier__in=BUREAU_TIERS)
    if actor.kind in (PRINCIPAL, COHORT_LEAD):
        return own | Q(shift__campaign__school_id=actor.school_id)
    return own


def windows(actor: Actor) -> Q:
    return Q(duty_id__in=_duty_ids(actor).values("pk"))


_ALL_BUT_ADMINISTRATOR = ALL_KINDS - {ADMINISTRATOR}
for _model in (
    Campaign,
    CohortFocus,
    VisitGroup,
    Duty,
    Shift,
    RoadTable,
    Unavailability,
    FamilyWindow,
    PlanRun,
    Trip,
    Appointment,
):
    register(_model, ADMINISTRATOR, everything, purposes=(VIEW, CHANGE), words="everything")

register(Campaign, DIRECTOR, everything, purposes=(VIEW, CHANGE), words="every campaign")
register(Campaign, _ALL_BUT_ADMINISTRATOR - {DIRECTOR}, campaigns, words="of one's school or duties, and above them")
register(Campaign, PLANNERS - {ADMINISTRATOR, DIRECTOR}, campaigns_led, purposes=(CHANGE,), words="of one's school")
for _model in (CohortFocus, Shift, RoadTable):
    register(_model, DIRECTOR, everything, words="of every campaign")
    register(_model, _ALL_BUT_ADMINISTRATOR - {DIRECTOR}, of_campaign_seen, words="of campaigns seen")
register(VisitGroup, STAFF_KINDS - {ADMINISTRATOR}, groups, words="led or joined; of the school or cohort led")
register(Duty, _ALL_BUT_ADMINISTRATOR, duties, words="answerable for, met in; of the school, cohort, class led")
register(Duty, PLANNERS - {ADMINISTRATOR}, duties, purposes=(CHANGE,), words="of the school, cohort; bureau tiers")
register(FamilyWindow, _ALL_BUT_ADMINISTRATOR, windows, words="of duties within reach")
register(PlanRun, PLANNERS - {ADMINISTRATOR}, plan_runs, words="of campaigns planned")
register(Unavailability, STAFF_KINDS - {ADMINISTRATOR}, unavailabilities, words="own; of the school by those who plan")
register(
    Appointment,
    _ALL_BUT_ADMINISTRATOR,
    appointments,
    words="published to visitors and met, where one works; drafts to planners",
)
register(Appointment, PLANNERS - {ADMINISTRATOR}, appointments_planned, purposes=(CHANGE,), words="of what one plans")
register(
    Appointment,
    TEACHER,
    appointments_led,
    purposes=(CHANGE,),
    words="published, of groups led where one works",
)
register(Trip, _ALL_BUT_ADMINISTRATOR, trips, words="of appointments within reach")
register(
    Trip,
    PLANNERS - {ADMINISTRATOR} | {TEACHER},
    trips_led,
    purposes=(CHANGE,),
    words="all of whose stops one may change",
)
