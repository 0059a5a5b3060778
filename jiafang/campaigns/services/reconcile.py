"""Bring the groups and duties of a campaign in line with today's roster.

Launching does it from nothing; transfers, leavers and changed posts do it again while the campaign runs. What was
done stays: only open duties move or fall away, and a duty that is void opens again when its person comes back.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from jiafang.campaigns.models import Campaign, ChannelRule, CohortFocus, Duty, VisitGroup
from jiafang.campaigns.services.crew import change_crew
from jiafang.campaigns.services.release import release_duties, void_duties
from jiafang.campaigns.tiers import DutyDraft, GroupDraft, facts_of
from jiafang.common.clock import today

MAX_TAG_WEIGHT = 2


@dataclass(frozen=True)
class Reconciled:
    """What changed, for the audit entry."""

    created: int = 0
    moved: int = 0
    voided: int = 0
    reopened: int = 0


def roster_day(campaign: Campaign) -> dt.date:
    """The day whose roster counts: today, or the first day of a campaign still to come."""
    return min(max(today(), campaign.start), max(campaign.end, today()))


def reconcile(campaign: Campaign, *, reasons: Mapping[int, str] | None = None) -> Reconciled:
    """Runs in the caller's transaction, the campaign locked; a constant number of queries but for what changed."""
    day, facts = roster_day(campaign), facts_of(campaign)
    duties = list(Duty.unscoped.filter(campaign=campaign).select_related("group"))
    initial = {duty.person_id: duty for duty in duties if duty.parent_id is None}
    held = {person: duty.group.lead_id for person, duty in initial.items() if duty.group is not None}
    members = facts.members(campaign, day, held)
    groups = _bring_groups(campaign, members.groups)
    wanted = {draft.person_id: draft for draft in members.duties}
    met_elsewhere = _met_under_the_same_notice(campaign, wanted.keys() - initial.keys())

    made = _Maker(campaign, groups)
    created = [made.duty(d) for d in members.duties if d.person_id not in initial and d.person_id not in met_elsewhere]
    Duty.unscoped.bulk_create(created, batch_size=1000)

    moved, voided, reopened = [], [], []
    for duty in duties:
        draft = wanted.get(duty.person_id)
        if draft is None:
            deceased = (reasons or {}).get(duty.person_id) == Duty.VoidReason.DECEASED
            if duty.state == Duty.State.DUE or (deceased and duty.state == Duty.State.DECLINED):
                voided.append(duty)
        elif duty.state == Duty.State.DUE and made.place(duty, draft):
            moved.append(duty)
        elif duty.state == Duty.State.VOID and duty.parent_id is None:
            made.place(duty, draft)
            duty.state, duty.void_reason = Duty.State.DUE, ""
            reopened.append(duty)
    where = ["group", "school", "cohort", "school_class", "household"]
    fields = [*where, "channel", "weight", "due", "state", "void_reason"]
    Duty.unscoped.bulk_update([*moved, *reopened], fields, batch_size=500)
    # A child who only moved house keeps the appointment; one whose class changed meets somebody else.
    release_duties([duty.pk for duty in moved if duty.pk in made.with_other_visitors])
    void_duties(voided, dict(reasons or {}), facts.gone)
    return Reconciled(len(created), len(moved), len(voided), len(reopened))


class _Maker:
    """Turns drafts into duties by the rules and focuses of one campaign."""

    def __init__(self, campaign: Campaign, groups: Mapping[int, VisitGroup]) -> None:
        self.campaign = campaign
        self.groups = groups
        self.rules = campaign.typed_rules
        self.dues = dict(CohortFocus.unscoped.filter(campaign=campaign).values_list("cohort_id", "due"))
        self.with_other_visitors: set[int] = set()

    def duty(self, draft: DutyDraft) -> Duty:
        channel, weight = self._asked(draft)
        return Duty(
            campaign=self.campaign,
            person_id=draft.person_id,
            group=self._group(draft),
            school_id=draft.school_id,
            cohort_id=draft.cohort_id,
            school_class_id=draft.class_id,
            household_id=draft.household_id,
            channel=channel,
            weight=weight,
            due=self._due(draft),
        )

    def place(self, duty: Duty, draft: DutyDraft) -> bool:
        """Put a duty where its person now is; whether anything changed."""
        group = self._group(draft)
        before = (duty.group_id, duty.school_id, duty.cohort_id, duty.school_class_id)
        after = (group.pk if group else None, draft.school_id, draft.cohort_id, draft.class_id)
        # A follow-up keeps the way and the day that its record asked for.
        asked = self._asked(draft) if duty.parent_id is None else (duty.channel, duty.weight)
        if before == after and (duty.household_id, duty.channel, duty.weight) == (draft.household_id, *asked):
            return False
        if before != after:
            self.with_other_visitors.add(duty.pk)
        if duty.cohort_id != draft.cohort_id and duty.parent_id is None:
            duty.due = self._due(draft)
        duty.group = group
        duty.school_id, duty.cohort_id, duty.school_class_id = after[1:]
        duty.household_id = draft.household_id
        duty.channel, duty.weight = asked
        return True

    def _asked(self, draft: DutyDraft) -> tuple[str, int]:
        """The channel and the weight that rules and tags ask for."""
        onsite = bool(draft.onsite_tags) and self.rules.onsite_for_tags
        channel = ChannelRule.ONSITE.value if onsite else self.rules.default_channel
        return channel, 1 + min(draft.onsite_tags, MAX_TAG_WEIGHT)

    def _group(self, draft: DutyDraft) -> VisitGroup | None:
        return None if draft.group_key is None else self.groups[draft.group_key]

    def _due(self, draft: DutyDraft) -> dt.date:
        return (draft.cohort_id and self.dues.get(draft.cohort_id)) or self.campaign.end


def _bring_groups(campaign: Campaign, drafts: list[GroupDraft]) -> dict[int, VisitGroup]:
    """The group of each key, made where missing; a changed lead or co-visitor changes the crews ahead."""
    existing = {
        group.school_class_id or group.lead_id: group
        for group in VisitGroup.unscoped.filter(campaign=campaign).order_by("id")
    }
    missing = [
        VisitGroup(campaign=campaign, lead_id=d.lead_id, school_id=d.school_id, school_class_id=d.class_id)
        for d in drafts
        if d.key not in existing
    ]
    for group in VisitGroup.unscoped.bulk_create(missing, batch_size=1000):
        existing[group.school_class_id or group.lead_id] = group
    former_leads: dict[int, int] = {}
    for draft in drafts:
        group = existing[draft.key]
        if group.lead_id != draft.lead_id:
            former_leads[group.pk] = group.lead_id
            group.lead_id = draft.lead_id
            group.save(update_fields=["lead"])
    gone = _bring_co_visitors({existing[draft.key].pk: draft.co_visitor_ids for draft in drafts})
    for draft in drafts:
        group = existing[draft.key]
        leaving = gone.get(group.pk, set()) - {draft.lead_id}
        if group.pk in former_leads:
            change_crew(campaign, group, former_leads[group.pk], draft.co_visitor_ids, new_lead=draft.lead_id)
        for person in sorted(leaving):
            change_crew(campaign, group, person, draft.co_visitor_ids)
    return existing


def _bring_co_visitors(wanted: Mapping[int, frozenset[int]]) -> dict[int, set[int]]:
    """Make the co-visitors of groups as wanted; who is no longer one, by group."""
    through = VisitGroup.co_visitors.through
    rows = {(row.visitgroup_id, row.person_id): row.pk for row in through.objects.filter(visitgroup_id__in=wanted)}
    pairs = {(group, person) for group, people in wanted.items() for person in people}
    through.objects.filter(pk__in=[pk for pair, pk in rows.items() if pair not in pairs]).delete()
    new = [through(visitgroup_id=group, person_id=person) for group, person in sorted(pairs - rows.keys())]
    through.objects.bulk_create(new, batch_size=2000)
    gone: dict[int, set[int]] = defaultdict(set)
    for group_id, person in rows.keys() - pairs:
        gone[group_id].add(person)
    return gone


def _met_under_the_same_notice(campaign: Campaign, people: set[int]) -> set[int]:
    """Who came from another school where the same bureau campaign has met them already."""
    if campaign.parent_id is None or not people:
        return set()
    met = Duty.unscoped.filter(campaign__parent_id=campaign.parent_id, state=Duty.State.MET, person_id__in=people)
    return set(met.exclude(campaign=campaign).values_list("person_id", flat=True))
