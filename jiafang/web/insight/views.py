"""How far the visits have come, tier by tier, and whom nobody has been in touch with."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access.actor import ADMINISTRATOR, BUREAU_KINDS, CADRE, COHORT_LEAD, DIRECTOR, PRINCIPAL, TEACHER
from jiafang.accounts.audit import Reading
from jiafang.campaigns.models import Tier
from jiafang.common.clock import today
from jiafang.insight.coverage import Coverage, district_overview, met_by_week, school_coverage
from jiafang.insight.unseen import DEFAULT_DAYS, unseen, unseen_by_school
from jiafang.organization.models import School
from jiafang.visits.selectors.classroom import classes_answered_for
from jiafang.web.components.shapes import Choice, Crumb
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.insight.presenters import Row, coverage_chart, heat, overdue_first, stages_words
from jiafang.web.opening import note_opened
from jiafang.web.visits.words import short_date

WATCHING = {ADMINISTRATOR, DIRECTOR, CADRE, PRINCIPAL, COHORT_LEAD}
BUREAU_ROWS = 8
HEAT_ROWS = 12
PAGE = 30
DAYS = (30, 60, 90, 180)


@gate(WATCHING)
def overview(request: ActorRequest) -> HttpResponse:
    """All tiers at a glance; the bureau goes down by school, a school by cohort and class."""
    actor, year = request.actor, _whole_year(request)
    tiers = district_overview(actor, whole_year=year)
    bureau = actor.kind in BUREAU_KINDS
    families = next((tier for tier in tiers if tier.tier == Tier.TEACHER_FAMILY), None)
    context = {
        "bureau": bureau,
        "tiers": [(tier, _tier_url(request, tier.tier, year)) for tier in tiers],
        "chart": coverage_chart(tiers),
        "periods": _periods(request, year),
        "unseen_url": reverse("unseen"),
        "campaigns_url": reverse("campaign_list"),
        "lead": _("每一级走到了哪里,逾期的排在前面。") if bureau else actor.capacity.school_name,
        "attention": [],
        "heat": None,
        "cohorts": [],
        "classes": [],
    }
    if families is not None and bureau:
        urgent = [school for school in overdue_first(families.by_school) if school.overdue or school.unassigned]
        context["attention"] = [
            Row(row.name, _school_url(Tier.TEACHER_FAMILY, row.school_id, year), row) for row in urgent[:BUREAU_ROWS]
        ]
        met = met_by_week(actor, tier=Tier.TEACHER_FAMILY, whole_year=year)
        context["heat"] = heat(families.by_school, met, HEAT_ROWS)
    elif families is not None and actor.school_id is not None:
        found = school_coverage(actor, tier=Tier.TEACHER_FAMILY, school_id=actor.school_id, whole_year=year)
        context |= _tables(request, found)
    context["unassigned"] = any(tier.unassigned for tier in tiers)
    return render(request, "insight/overview.html", context)


@gate(BUREAU_KINDS)
def overview_tier(request: ActorRequest, tier: str) -> HttpResponse:
    """One tier, school by school, overdue first."""
    wanted, year = _tier(tier), _whole_year(request)
    found = next((row for row in district_overview(request.actor, whole_year=year) if row.tier == wanted), None)
    schools = overdue_first(found.by_school) if found else []
    met = met_by_week(request.actor, tier=wanted, whole_year=year) if found else {}
    page = Paginator(schools, PAGE).get_page(request.GET.get("page"))
    context = {
        "title": wanted.label,
        "found": found,
        "page": page,
        "rows": [
            Row(row.name, _school_url(wanted, row.school_id, year), row, stages_words(row.stages)) for row in page
        ],
        "heat": heat(list(page), met, PAGE),
        "unassigned": any(row.unassigned for row in page),
        "periods": _periods(request, year),
        "trail": [Crumb(_("总览"), _with_year(reverse("overview"), year)), Crumb(str(wanted.label))],
    }
    return render(request, "insight/tier.html", context)


@gate(WATCHING)
def overview_school(request: ActorRequest, tier: str, pk: int) -> HttpResponse:
    """One school on one tier, by cohort and class; the bureau sees counts, never names."""
    wanted, year = _tier(tier), _whole_year(request)
    school = scoped_or_404(request.actor, School, pk=pk)
    found = school_coverage(request.actor, tier=wanted, school_id=school.pk, whole_year=year)
    trail = [Crumb(_("总览"), _with_year(reverse("overview"), year))]
    if request.actor.kind in BUREAU_KINDS:
        trail.append(Crumb(str(wanted.label), _with_year(reverse("overview_tier", args=[tier]), year)))
    context = {
        "school": school,
        "tier": wanted,
        "found": found,
        "unassigned": found.unassigned,
        "trail": [*trail, Crumb(school.name)],
        **_tables(request, found),
    }
    return render(request, "insight/school.html", context)


@gate(WATCHING | {TEACHER})
def unseen_list(request: ActorRequest) -> HttpResponse:
    """Students without contact for a while: by name to the school, as counts to the bureau."""
    actor = request.actor
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(number) for number in DAYS} else DEFAULT_DAYS
    wanted = request.GET.get("class", "")
    wanted = wanted if wanted.isdecimal() and len(wanted) < 18 else ""
    context = {
        "choices": [
            Choice(
                _("%(days)s 天没联系") % {"days": number},
                f"?days={number}{f'&class={wanted}' if wanted else ''}",
                number == days,
            )
            for number in DAYS
        ],
        "days": days,
    }
    if actor.kind in BUREAU_KINDS:
        schools = unseen_by_school(actor, days)
        context |= {
            "schools": schools,
            "total": sum(row.total for row in schools),
            "unseen": sum(row.unseen for row in schools),
        }
        return render(request, "insight/unseen_schools.html", context)
    rows = unseen(actor, days)
    chosen = None
    if wanted:
        chosen = classes_answered_for(actor).filter(pk=int(wanted)).first()
        if chosen is None:
            raise Http404
        rows = rows.filter(school_class=chosen)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    note_opened(request, Reading.UNSEEN, [row.student_id for row in page])
    day = today()
    context |= {
        "page": page,
        "class_name": chosen.full_name(day) if chosen else "",
        "rows": [
            (
                row.student_id,
                row.student.name,
                row.school_class.full_name(day),
                _since(getattr(row.student, "last_contact", None)),
            )
            for row in page
        ],
    }
    return render(request, "insight/unseen.html", context)


def _since(contact: object) -> tuple[int | None, str]:
    """(days, date in words) of the last contact; (None, "") when there was none."""
    on = getattr(contact, "on", None)
    return ((today() - on).days, short_date(on)) if on else (None, "")


def _tables(request: ActorRequest, found: Coverage) -> dict[str, list[Row]]:
    """Cohorts and classes, overdue first; classes lead to names only where the actor answers for them."""
    named = request.actor.kind in (PRINCIPAL, COHORT_LEAD)
    return {
        "cohorts": [Row(row.name, "", row) for row in overdue_first(found.by_cohort)],
        "classes": [
            Row(row.name, reverse("class_tiles", args=[row.class_id]) if named else "", row)
            for row in overdue_first(found.by_class)
        ],
    }


def _tier(name: str) -> Tier:
    try:
        return Tier(name)
    except ValueError:
        raise Http404 from None


def _whole_year(request: ActorRequest) -> bool:
    return request.GET.get("period") == "year"


def _with_year(url: str, year: bool) -> str:
    return f"{url}?period=year" if year else url


def _tier_url(request: ActorRequest, tier: Tier, year: bool) -> str:
    if request.actor.kind in BUREAU_KINDS:
        return _with_year(reverse("overview_tier", args=[tier.value]), year)
    return _school_url(tier, request.actor.school_id, year)


def _school_url(tier: Tier, school_id: int | None, year: bool) -> str:
    return _with_year(reverse("overview_school", args=[tier.value, school_id]), year) if school_id else ""


def _periods(request: ActorRequest, year: bool) -> list[Choice]:
    return [
        Choice(_("正在进行的活动"), request.path, not year),
        Choice(_("本学年全部活动"), f"{request.path}?period=year", year),
    ]
