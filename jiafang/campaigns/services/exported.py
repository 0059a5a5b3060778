"""A timetable has left the house as a file: who took it, in which form, with how many lines."""

from jiafang.access import Actor
from jiafang.accounts import audit
from jiafang.campaigns.models import Campaign


def timetable_exported(*, by: Actor, campaign: Campaign, form: str, rows: int) -> None:
    """Leave the entry, inside the transaction of the reading."""
    audit.record(by=by, action="export.timetable", of=campaign, form=form, rows=rows)
