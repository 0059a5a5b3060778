"""Who sees which notifications: everybody their own, in the capacity that each concerns."""

from django.db.models import Q

from jiafang.access import CHANGE, VIEW, Actor, register
from jiafang.access.actor import ALL_KINDS
from jiafang.notifications.models import Notification


def own(actor: Actor) -> Q:
    """Of a capacity at a school only what concerns that school, or none in particular."""
    here = Q(capacity_kind=actor.kind)
    if actor.capacity.school_id is not None:
        here &= Q(school=None) | Q(school_id=actor.school_id)
    return Q(person_id=actor.person_id) & (Q(capacity_kind="") | here)


register(Notification, ALL_KINDS, own, purposes=(VIEW, CHANGE), words="own ones, of the capacity at hand or of any")
