"""Opening what is known about a family: the reader is remembered, for a family may ask who looked."""

from collections.abc import Collection

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.organization.models import Person
from jiafang.visits.selectors.brief import Facts, facts_about


def read_brief(*, by: Actor, person_ids: Collection[int], why: str) -> Facts:
    """The facts about these people, with an audit entry about each in the transaction of the page."""
    facts = facts_about(by, person_ids)
    for person in facts.people:
        audit.record(by=by, action="brief.read", of=Person(pk=person.pk), why=why)
    return facts
