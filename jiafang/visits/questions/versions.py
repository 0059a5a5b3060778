"""Which sets of added questions apply, and the versions that answers name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Campaign
from jiafang.visits.body import Answers
from jiafang.visits.models import QuestionSet


def for_campaign(actor: Actor, campaign: Campaign) -> list[QuestionSet]:
    """What is asked in the records of a campaign today: the bureau's questions, then those of the school."""
    return for_campaigns(actor, [campaign])[campaign.pk]


def for_campaigns(actor: Actor, campaigns: Collection[Campaign]) -> dict[int, list[QuestionSet]]:
    """The same for many campaigns at once, by their ids."""
    by_owner: dict[tuple[str, int | None], QuestionSet] = {
        (row.tier, row.school_id): row
        for row in scope(actor, QuestionSet).filter(
            state=QuestionSet.State.PUBLISHED, tier__in={campaign.tier for campaign in campaigns}
        )
    }
    found: dict[int, list[QuestionSet]] = defaultdict(list)
    for campaign in campaigns:
        owners = [None] if campaign.school_id is None else [None, campaign.school_id]
        sets = [by_owner.get((campaign.tier, owner)) for owner in owners]
        found[campaign.pk] = [row for row in sets if row is not None]
    return found


def for_record(actor: Actor, campaign: Campaign, answers: Sequence[Answers] = ()) -> list[QuestionSet]:
    """What a record is asked; where it has been answered already, in the version that was answered."""
    answered = list(by_ids(actor, (one.set_id for one in answers)).values()) if answers else []
    owners = {row.school_id for row in answered}
    sets = [*answered, *(row for row in for_campaign(actor, campaign) if row.school_id not in owners)]
    return sorted(sets, key=lambda row: row.school_id or 0)


def by_ids(actor: Actor, ids: Iterable[int]) -> dict[int, QuestionSet]:
    """The versions that answers name, those no longer asked as well."""
    return {row.pk: row for row in scope(actor, QuestionSet).filter(pk__in=set(ids))}


def asked_of(row: QuestionSet) -> dict[str, Any]:
    """The definition as it is asked, without what only its owner reads."""
    return {key: part for key, part in row.definition.items() if key != "remarks"}
