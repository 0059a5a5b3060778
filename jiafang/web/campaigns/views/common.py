"""What the views of a campaign share."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet

from jiafang.access import VIEW, Actor, reading, scope
from jiafang.campaigns.models import Campaign
from jiafang.common.errors import Conflict, InputFault, NotReady
from jiafang.web.gate import ActorRequest, row_or_404

RUNNING = (Campaign.State.LAUNCHED, Campaign.State.PUBLISHED)


def campaigns_within(actor: Actor, purpose: str = VIEW) -> QuerySet[Campaign]:
    """Campaigns within the actor's scope, without the bytes of their basis document."""
    return (
        scope(actor, Campaign, purpose)
        .select_related("school", "term__year", "parent")
        .defer("basis_file", "parent__basis_file")
    )


def campaign_or_404(actor: Actor, pk: int, purpose: str = VIEW) -> Campaign:
    with reading(actor):
        return row_or_404(campaigns_within(actor, purpose), pk=pk)


def told(request: ActorRequest, call: Callable[[], object], done: str) -> bool:
    """Run a use case of one button; its outcome, or its fault, is a message on the next page."""
    try:
        call()
    except (InputFault, Conflict, NotReady) as error:
        messages.error(request, error.message)
        return False
    messages.success(request, done)
    return True
