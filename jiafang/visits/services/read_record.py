"""Reading somebody else's record of a family is remembered."""

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.visits.models import Visit


def note_reading(*, by: Actor, visit: Visit) -> None:
    """An audit entry, in the transaction of the page; what one wrote oneself needs none."""
    if visit.recorded_by_id != by.person_id:
        audit.record(by=by, action="visit.read", of=visit)
