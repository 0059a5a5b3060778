"""When a case that is overdue climbs, and to whom: the rules alone, without the doing."""

import datetime as dt

from django.db.models import Q

from jiafang.care.entitled import kept
from jiafang.care.models import CaseFile, Level, Role
from jiafang.care.rules import rule_of
from jiafang.care.seats import Place, Seat, owner_from, place_of, shut_out
from jiafang.care.workflow import ABOVE, IN_HAND
from jiafang.common.clock import at

# How long before the end of the due day it is announced, and the longest that anybody has been warned when it happens.
NOTICE = dt.timedelta(days=2)
# Nobody is warned for less, however late a case came into the owner's hand.
SHORTEST_NOTICE = dt.timedelta(hours=1)

_KEPT = Q(confided=True, consent_upward=False)
# Cases that climb when they are overdue; the others stay where they are, overdue in everybody's sight.
CLIMBS = Q(state__in=IN_HAND) & ~Q(level=Level.DIRECTOR) & ~_KEPT


def climbs(case: CaseFile) -> bool:
    """`CLIMBS` of one case: in the owner's hand, somebody above, and nothing confided without consent."""
    return case.state in IN_HAND and case.level in ABOVE and not kept(case)


def end_of(due: dt.date) -> dt.datetime:
    """The moment from which it is overdue."""
    return at(due + dt.timedelta(days=1), dt.time())


def not_before(case: CaseFile, announced_at: dt.datetime) -> dt.datetime:
    """When it climbs if it was announced at this moment: after the due day, and never without a warning.

    Who had a day for it is warned a day, who had weeks two days: announced late, it is late by that much and no more.
    """
    days = dt.timedelta(days=rule_of(case.category, Level(case.level)).days(case.alert_tier))
    notice = min(NOTICE, days, end_of(case.due) - case.on_this_level_since)
    return max(end_of(case.due), announced_at + max(notice, SHORTEST_NOTICE))


def seat_above(case: CaseFile, *, section_id: int | None = None) -> tuple[Level, Seat, Place]:
    """Who owns it next; levels that have nobody, or nobody but the owner, are passed over. Raises NotReady.

    At the bureau it comes to the section that is named, else to the one that it has, else to the category's.
    """
    place = place_of(case)
    place = Place(place.school_id, place.school_class_id, section_id or place.section_id or case.category.section_id)
    level = ABOVE[Level(case.level)]
    role = Role(rule_of(case.category, level).owner)
    on, seat = owner_from(level, place, role, avoiding={case.owner_id, *shut_out(case.person_id)})
    return on, seat, place
