"""Opening an item that is held is opening what it says about a family."""

from jiafang.access import Actor, reading, system
from jiafang.accounts import audit
from jiafang.accounts.audit import Reading
from jiafang.campaigns.models import Duty
from jiafang.visits.models import HeldItem


def note_held_opened(*, by: Actor, row: HeldItem) -> None:
    """An audit entry about all whom it names, also those who are out of the writer's reach by now."""
    with reading(system("held")):
        people = set(Duty.unscoped.filter(pk__in=row.duty_ids).values_list("person_id", flat=True))
    audit.opened(by=by, reading=Reading.HELD, students=people, of=HeldItem(pk=row.pk))
