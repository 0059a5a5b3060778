"""A timetable has left the house as a file: who took it, in which form, with how many lines."""

from collections.abc import Collection

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.accounts.audit import Reading
from jiafang.campaigns.models import Campaign


def timetable_exported(*, by: Actor, campaign: Campaign, form: str, rows: int, people: Collection[int]) -> None:
    """Leave the entry, inside the transaction of the reading."""
    audit.record(by=by, action=Reading.EXPORT.value, of=campaign, subjects=people, form=form, rows=rows)
