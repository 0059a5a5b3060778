"""Opening what is known about a family: the reader is remembered, for a family may ask who looked."""

from collections.abc import Collection

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.accounts.audit import Reading
from jiafang.campaigns.models import Appointment
from jiafang.organization.models import Person
from jiafang.visits.selectors.brief import Facts, facts_of_duties, facts_of_student


def read_brief(*, by: Actor, duty_ids: Collection[int], appointment_id: int) -> Facts | None:
    """The facts about those met in an own appointment; one entry names all of them. None when the work is long done."""
    facts = facts_of_duties(by, duty_ids)
    if not facts.people:
        return None
    audit.opened(by=by, reading=Reading.BRIEF, students=_shown(facts), of=Appointment(pk=appointment_id))
    return facts


def read_student(*, by: Actor, student: Person) -> Facts:
    """The facts about a student answered for, with an audit entry."""
    facts = facts_of_student(by, student)
    audit.opened(by=by, reading=Reading.SHEET, students=_shown(facts), of=student)
    return facts


def _shown(facts: Facts) -> set[int]:
    """Those met, those whose telephone numbers stand beside them, those who live with them."""
    mates = {mate.pk for home in facts.homes for mate in home.mates}
    return mates | {person.pk for person in facts.people} | {guardian.pk for guardian in facts.guardians}
