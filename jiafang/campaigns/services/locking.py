"""How a service takes hold of the row it changes: within the actor's scope, locked."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model

from jiafang.access import CHANGE, Actor, claim, scope
from jiafang.campaigns.models import Campaign
from jiafang.campaigns.workflow import RUNNING_STATES
from jiafang.common.errors import NotAllowed, NotReady

M = TypeVar("M", bound=Model)


def locked(by: Actor, row: M, purpose: str = CHANGE) -> M:
    """The row as it is now, claimed and locked until the transaction ends; outside the scope it is as if missing."""
    claim(by, row, purpose)
    found = scope(by, type(row), purpose).select_for_update(of=("self",)).filter(pk=row.pk).first()
    if found is None:
        raise NotAllowed(f"{type(row).__name__} {row.pk}")
    return found


def lock_campaign(campaign_id: int) -> Campaign:
    """Lock the campaign of a row already reached through the scope: one change of a timetable at a time."""
    # The basis document may be large and no change of a timetable reads it.
    return Campaign.unscoped.defer("basis_file").select_for_update(of=("self",)).get(pk=campaign_id)


def must_run(campaign: Campaign, states: Iterable[str] = RUNNING_STATES, *, otherwise: str) -> None:
    """Raise NotReady with these words unless the campaign is in one of the states."""
    if campaign.state not in states:
        raise NotReady(otherwise)
