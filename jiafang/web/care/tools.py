"""What stands beside the text of a case for those who work on it: the protocol of its tier, before and after."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from jiafang.access import CHANGE, Actor, may, scope
from jiafang.care.models import AlertTier, CaseFile, ChecklistTick, SubjectKind
from jiafang.care.protocol import ORDER, PROTOCOL, item_of
from jiafang.care.scope import WORK
from jiafang.care.selectors.outcome import measures_of, progress_of, progress_of_student
from jiafang.care.workflow import LIVE
from jiafang.organization.scope import children_ever
from jiafang.web.care.calling import calling, is_called_for, reads_sheet
from jiafang.web.care.outcome import mood_chart, mood_words, trends
from jiafang.web.care.tool_forms import MeasureForm, TierForm, TrackForm
from jiafang.web.visits.presenters import TONES as TIER_TONES
from jiafang.web.visits.words import moment_words


@dataclass(frozen=True, slots=True)
class ShownItem:
    code: str
    words: str
    help: str
    done: str
    """By whom and when; empty while it is open."""


def tools_context(actor: Actor, case: CaseFile) -> dict[str, Any]:
    """`protocol` and `outcome` are None for those who read only what is shared with them."""
    works = scope(actor, CaseFile, WORK).filter(pk=case.pk).exists()
    of_student = case.subject_kind == SubjectKind.STUDENT
    sheet = works and reads_sheet(actor, case)
    return {
        "sheet_url": reverse("student_sheet", args=[case.person_id]) if sheet else "",
        "calling": calling(actor, case, with_guardians=sheet) if works and is_called_for(case) else None,
        "protocol": _protocol(actor, case) if works else None,
        "outcome": _outcome(actor, case) if works and of_student else None,
        "timeline_url": reverse("case_timeline", args=[case.pk]),
        "plan_url": reverse("case_plan_pdf", args=[case.pk]),
    }


def _protocol(actor: Actor, case: CaseFile) -> dict[str, Any]:
    tier = AlertTier(case.alert_tier)
    ticks = scope(actor, ChecklistTick).filter(case=case).select_related("by").order_by("at", "id")
    done = {(row.tier, row.item): f"{row.by.name} {moment_words(row.at)}" for row in ticks}
    of_student = case.subject_kind == SubjectKind.STUDENT
    items = [
        ShownItem(item.code, str(item.words), str(item.help), done.get((tier, item.code), ""))
        for item in (PROTOCOL[tier] if of_student else ())
    ]
    before = [
        (str(item.words), words)
        for (of_tier, code), words in done.items()
        if of_tier != tier and (item := item_of(of_tier, code))
    ]
    live = case.state in LIVE
    tiers = tiers_open_to(actor, case)
    return {
        "tier": tier,
        "tone": TIER_TONES[tier],
        "label": str(tier.label),
        "items": items,
        "left": sum(1 for item in items if not item.done),
        "before": before,
        "tick_url": reverse("case_tick", args=[case.pk]),
        "tier_url": reverse("case_tier", args=[case.pk]),
        "tier_form": TierForm(tiers=tiers, auto_id="tier-%s") if live and tiers else None,
    }


def tiers_open_to(actor: Actor, case: CaseFile) -> list[str]:
    """Every higher tier; lower ones for the owner alone."""
    tier = AlertTier(case.alert_tier)
    if scope(actor, CaseFile, CHANGE).filter(pk=case.pk).exists():
        return [other.value for other in ORDER if other != tier]
    return [other.value for other in ORDER[ORDER.index(tier) + 1 :]]


def _outcome(actor: Actor, case: CaseFile) -> dict[str, Any]:
    measures = measures_of(actor, case)
    told = trends(progress_of(actor, case))
    chart = mood_chart(measures)
    return {
        "charts": [*([chart] if chart else []), *(one for _words, one in told if one)],
        "words": [*mood_words(measures), *(words for words, _chart in told)],
        "measure_url": reverse("case_measure", args=[case.pk]),
        "measure_form": MeasureForm(auto_id="measure-%s"),
        "track_url": reverse("case_track", args=[case.pk]),
        "track_form": TrackForm(auto_id="track-%s") if may(actor, "progress.track") else None,
    }


def may_track(actor: Actor, person_id: int) -> bool:
    """Marks and attendance of a student whom one leads; of an own child somebody else enters them."""
    return may(actor, "progress.track") and not children_ever(actor).filter(student_id=person_id).exists()


def progress_context(actor: Actor, person_id: int) -> dict[str, Any]:
    """What the sheet of a student shows of marks and attendance."""
    told = trends(progress_of_student(actor, person_id))
    return {
        "words": [words for words, _chart in told],
        "charts": [chart for _words, chart in told if chart],
        "track_url": reverse("student_track", args=[person_id]),
        "track_form": TrackForm(auto_id="track-%s"),
    }
