"""What the timetable does when people move: transfers, leavers and ended posts while a campaign runs."""

from collections.abc import Sequence

from jiafang.access import Actor
from jiafang.organization.changes import Change


def follow_changes(by: Actor, changes: Sequence[Change]) -> None:
    """Move or void the open duties of the people who moved."""
