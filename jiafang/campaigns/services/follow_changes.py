"""What running campaigns do when people move: transfers, leavers, new students, changed posts."""

from collections.abc import Sequence

from django.db.models import Q

from jiafang.access import Actor, actor_transaction, reading
from jiafang.accounts.audit import record
from jiafang.campaigns.models import Campaign, Duty, Tier
from jiafang.campaigns.services.reconcile import Reconciled, reconcile
from jiafang.campaigns.tiers import LEADING_KINDS
from jiafang.campaigns.workflow import RUNNING_STATES
from jiafang.organization.changes import Change, Left, PostBegan, PostEnded, Transferred
from jiafang.organization.models import Enrollment, Post, SchoolClass

_CLASS_KINDS = frozenset(Post.CLASS_KINDS)
_STAFF_KINDS = frozenset({Post.Kind.EMPLOYEE, *LEADING_KINDS})
# Whose posts matter to which tier: visitors, and those who are met.
_KINDS: dict[Tier, frozenset[str]] = {
    Tier.TEACHER_FAMILY: _CLASS_KINDS,
    Tier.PRINCIPAL_TEACHER: _STAFF_KINDS,
    Tier.BUREAU_PRINCIPAL: frozenset({Post.Kind.PRINCIPAL, Post.Kind.CADRE}),
    Tier.BUREAU_TEACHER: _STAFF_KINDS | {Post.Kind.CADRE},
}
_VOID_REASONS: dict[str, Duty.VoidReason] = {
    Enrollment.Reason.GRADUATED: Duty.VoidReason.GRADUATED,
    Enrollment.Reason.DECEASED: Duty.VoidReason.DECEASED,
}


def follow_changes(by: Actor, changes: Sequence[Change]) -> None:
    """Bring the campaigns concerned in line, inside the transaction of the change."""
    campaigns = list(
        Campaign.unscoped.defer("basis_file")
        .select_for_update()
        .filter(_concerned(changes), state__in=RUNNING_STATES)
        .order_by("pk")
    )
    reasons = {
        change.student_id: _VOID_REASONS.get(change.reason, Duty.VoidReason.LEFT)
        for change in changes
        if isinstance(change, Left)
    }
    for campaign in campaigns:
        _bring_in_line(by, campaign, reasons)


def follow_the_calendar(*, by: Actor) -> None:
    """Once a day: posts and enrollments that begin or end today by a date entered before."""
    with reading(by):
        running = list(Campaign.unscoped.filter(state__in=RUNNING_STATES).order_by("pk").values_list("pk", flat=True))
    for pk in running:
        with actor_transaction(by):
            campaign = Campaign.unscoped.select_for_update().filter(pk=pk, state__in=RUNNING_STATES).first()
            if campaign is not None:
                _bring_in_line(by, campaign, {})


def _bring_in_line(by: Actor, campaign: Campaign, reasons: dict[int, Duty.VoidReason]) -> None:
    if campaign.is_umbrella:
        return
    changed = reconcile(campaign, reasons={person: reason.value for person, reason in reasons.items()})
    if changed != Reconciled():
        record(
            by=by,
            action="campaign.follow_roster",
            of=campaign,
            created=changed.created,
            moved=changed.moved,
            voided=changed.voided,
            reopened=changed.reopened,
        )


def _concerned(changes: Sequence[Change]) -> Q:
    """Which campaigns a change touches: by tier, and by school where the tier belongs to a school."""
    classes: set[int] = set()
    schools: dict[Tier, set[int]] = {Tier.TEACHER_FAMILY: set(), Tier.PRINCIPAL_TEACHER: set()}
    bureau: set[Tier] = set()
    for change in changes:
        if isinstance(change, Transferred | Left):
            classes.add(change.from_class_id or 0)
            classes.add(change.to_class_id if isinstance(change, Transferred) else 0)
        elif isinstance(change, PostBegan | PostEnded):
            for tier, kinds in _KINDS.items():
                if change.kind not in kinds:
                    continue
                if tier in schools:
                    schools[tier].add(change.school_id or 0)
                else:
                    bureau.add(tier)
    if classes:
        of_classes = SchoolClass.unscoped.filter(pk__in=classes).values_list("cohort__school_id", flat=True)
        schools[Tier.TEACHER_FAMILY] |= set(of_classes)
    concerned = Q(tier__in=bureau)
    for tier, of_tier in schools.items():
        concerned |= Q(tier=tier, school_id__in=of_tier)
    return concerned
