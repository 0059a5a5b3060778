"""Somebody looked at rows that are staged: names that may belong to no person of the house yet."""

from jiafang.access import Actor
from jiafang.accounts.audit import record
from jiafang.organization.models import RosterImport


def note_staged(*, by: Actor, roster_import: RosterImport) -> None:
    """Leave the entry, in the transaction of the page."""
    record(by=by, action="roster.opened", of=roster_import)
