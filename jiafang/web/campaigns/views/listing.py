"""What runs, and one campaign with its coverage and its next action."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access import CHANGE, may, scope
from jiafang.access.actor import ADMINISTRATOR, DIRECTOR, PRINCIPAL, STAFF_KINDS
from jiafang.campaigns.models import Campaign, Tier
from jiafang.campaigns.services.close import close_campaign
from jiafang.common.uploads import content_type_of
from jiafang.insight.coverage import campaign_coverage
from jiafang.web.campaigns import reads
from jiafang.web.campaigns.presenters import (
    STATE_TONES,
    ChildRow,
    campaign_row,
    child_rows,
    child_state_words,
    history,
    next_action,
    trail,
    where_words,
)
from jiafang.web.campaigns.views.common import RUNNING, campaign_or_404, campaigns_within
from jiafang.web.campaigns.words import rules_in_words, shifts_in_words
from jiafang.web.components.shapes import Choice
from jiafang.web.downloads import download
from jiafang.web.gate import ActorRequest, gate, row_or_404
from jiafang.web.timetable.dates import period_words
from jiafang.web.told import told

PAGE = 20
CHILDREN_PAGE = 30


class FilterForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("活动或学校"), required=False, max_length=50)
    tier = forms.ChoiceField(
        label=gettext_lazy("层级"), required=False, choices=[("", gettext_lazy("全部层级")), *Tier.choices]
    )
    state = forms.ChoiceField(
        label=gettext_lazy("状态"), required=False, choices=[("", gettext_lazy("全部状态")), *Campaign.State.choices]
    )


@gate(STAFF_KINDS)
def campaign_list(request: ActorRequest) -> HttpResponse:
    """The campaigns of one's work, each with coverage and its next action."""
    actor = request.actor
    form = FilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {"q": "", "tier": "", "state": ""}
    found = reads.campaigns_listed(actor, words=wanted["q"], tier=wanted["tier"], state=wanted["state"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    campaigns = list(page)
    sums = reads.coverage_of_campaigns(actor, campaigns)
    changeable = reads.changeable_among(actor, campaigns)
    return render(
        request,
        "campaigns/list.html",
        {
            "form": form,
            "filtered": any(wanted.values()),
            "page": page,
            "rows": [campaign_row(row, actor, sums[row.pk], changeable=row.pk in changeable) for row in campaigns],
            "may_create": may(actor, "campaign.create"),
        },
    )


@gate(STAFF_KINDS)
def campaign(request: ActorRequest, pk: int) -> HttpResponse:
    """One campaign: how far it is, what comes next, who is still to be met."""
    actor = request.actor
    row = row_or_404(reads.with_plan_state(actor, campaigns_within(actor)), pk=pk)
    coverage = campaign_coverage(actor, row)
    children = child_rows(reads.children_of(actor, row)) if row.is_umbrella else []
    state = request.GET.get("state", "")
    shown = [child for child in children if not state or child.key == state]
    running = row.state in RUNNING
    changeable = row.state != Campaign.State.CLOSED and reads.may_change(actor, row)
    return render(
        request,
        "campaigns/campaign.html",
        {
            "campaign": row,
            "tone": STATE_TONES[row.state],
            "where": where_words(row),
            "period": period_words(row.start, row.end),
            "coverage": coverage,
            "next": next_action(row, actor, coverage, changeable=changeable),
            "steps": history(row, coverage, children),
            "children": Paginator(shown, CHILDREN_PAGE).get_page(request.GET.get("page")),
            "child_choices": _child_choices(children, state),
            "focuses": _focuses(request, row),
            "rules": [] if row.is_umbrella else rules_in_words(row.typed_rules, row.tier),
            "shifts": shifts_in_words(reads.shift_lines(actor, row)),
            "may_plan": running and not row.is_umbrella and may(actor, "campaign.plan") and changeable,
            "may_edit": changeable and may(actor, "campaign.launch"),
            "may_focus": changeable and may(actor, "campaign.focus"),
            "may_close": changeable and running and may(actor, "campaign.launch"),
            "visits": running and not row.is_umbrella and reads.takes_part(actor, row),
            "has_basis": bool(row.basis_file_name or (row.parent and row.parent.basis_file_name)),
            "trail": trail(row),
        },
    )


def _focuses(request: ActorRequest, row: Campaign) -> list[tuple[str, object]]:
    """Each cohort with its focus, or None."""
    if row.tier != Tier.TEACHER_FAMILY or row.school_id is None:
        return []
    focuses = reads.focuses_of(request.actor, row)
    return [(c.grade_name(row.start), focuses.get(c.pk)) for c in reads.cohorts_of(request.actor, row)]


def _child_choices(children: list[ChildRow], state: str) -> list[Choice]:
    found = [Choice(_("全部 %(count)s 所") % {"count": len(children)}, "?", active=not state)]
    for key, words in child_state_words().items():
        count = sum(1 for child in children if child.key == key)
        found.append(Choice(f"{words} {count}", f"?state={key}", active=state == key))
    return found


@gate(STAFF_KINDS)
def campaign_basis(request: ActorRequest, pk: int) -> HttpResponse:
    """The basis document, always as a download; a school's part hands out the bureau's document."""
    actor = request.actor
    row = campaign_or_404(actor, pk)
    holder = row.pk if row.basis_file_name or row.parent_id is None else row.parent_id
    held = row_or_404(scope(actor, Campaign).only("basis_file", "basis_file_name"), pk=holder, basis_file__isnull=False)
    content = bytes(held.basis_file or b"")
    return download(content, name=held.basis_file_name, content_type=content_type_of(content))


@gate({ADMINISTRATOR, DIRECTOR, PRINCIPAL}, permission="campaign.launch", methods=("POST",))
def campaign_close(request: ActorRequest, pk: int) -> HttpResponse:
    actor = request.actor
    row = campaign_or_404(actor, pk, CHANGE)
    told(request, lambda: close_campaign(by=actor, campaign=row), _("活动已结束,覆盖率和记录都留着"))
    return redirect("campaign", pk=pk)
