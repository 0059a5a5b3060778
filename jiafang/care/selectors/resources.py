"""Where help is found: the district's, and those of the schools one belongs to."""

from django.db.models import Q, QuerySet

from jiafang.access import Actor, scope
from jiafang.access.actor import COMMUNITY_PARTNER, PRINCIPAL
from jiafang.care.models import Resource
from jiafang.organization.models import School


def resources(actor: Actor) -> QuerySet[Resource]:
    """Emergency numbers first, the district's before the school's."""
    of_district = Q(school=None)
    own = of_district if actor.kind == COMMUNITY_PARTNER else of_district | Q(school__in=scope(actor, School))
    return (
        Resource.objects.filter(own, active=True)
        .select_related("school")
        .order_by("-emergency", "kind", "school_id", "name")
    )


def emergency_numbers(actor: Actor) -> list[Resource]:
    return list(resources(actor).filter(emergency=True).exclude(phone=""))


def editable(actor: Actor) -> QuerySet[Resource]:
    """What the actor keeps: an administrator the district's, a principal those of the own school; also put-off ones."""
    school_id = actor.school_id if actor.kind == PRINCIPAL else None
    rows = Resource.objects.filter(Q(school_id=school_id))
    return rows.order_by("-active", "-emergency", "kind", "name")
