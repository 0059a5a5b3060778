"""Who hears of whose changes: the one page on which a lower app reaches a higher one."""

from jiafang.access import capacities
from jiafang.organization import changes
from jiafang.organization.capacities import actors_of_user


def connect() -> None:
    """Wire the house; called once at start."""
    capacities.provide(actors_of_user)
    from jiafang.campaigns.services.follow_changes import follow_changes

    changes.subscribe(follow_changes)
