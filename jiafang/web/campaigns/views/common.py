"""What the views of a campaign share."""

from django.db.models import QuerySet

from jiafang.access import VIEW, Actor, reading, scope
from jiafang.campaigns.models import Campaign
from jiafang.web.gate import row_or_404

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
