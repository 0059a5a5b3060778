"""Opening what is known about a family: the reader is remembered, for a family may ask who looked."""

from collections.abc import Collection

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.organization.models import Person
from jiafang.visits.selectors.brief import Facts, facts_of_duties, facts_of_student


def read_brief(*, by: Actor, duty_ids: Collection[int], appointment_id: int) -> Facts:
    """The facts about those met in an own appointment; each is audited in the transaction of the page."""
    facts = facts_of_duties(by, duty_ids)
    for person in facts.people:
        audit.record(by=by, action="brief.read", of=Person(pk=person.pk), why=f"appointment {appointment_id}")
    return facts


def read_student(*, by: Actor, student: Person) -> Facts:
    """The facts about a student answered for, with an audit entry."""
    facts = facts_of_student(by, student)
    audit.record(by=by, action="brief.read", of=student, why="student sheet")
    return facts
