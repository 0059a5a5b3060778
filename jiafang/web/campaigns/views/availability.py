"""When visitors cannot come, and when families can be met."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import may, reading, scope
from jiafang.access.actor import GUARDIAN, STAFF_KINDS
from jiafang.accounts.audit import Reading
from jiafang.campaigns.models import Campaign, Duty, FamilyWindow, Shift, Unavailability
from jiafang.campaigns.services.availability import set_unavailable, set_windows
from jiafang.organization.models import Person
from jiafang.web.campaigns import reads
from jiafang.web.campaigns.forms import WindowsForm, accepted
from jiafang.web.campaigns.presenters import trail
from jiafang.web.campaigns.views.common import campaign_or_404
from jiafang.web.components.shapes import Choice
from jiafang.web.gate import ActorRequest, gate, row_or_404, scoped_or_404
from jiafang.web.opening import note_opened
from jiafang.web.timetable.dates import PARTS_OF_DAY, day_with_weekday, shift_words, time_range
from jiafang.web.told import told

PAGE = 60
Degree = Unavailability.Degree


@gate(STAFF_KINDS, permission="availability.own", methods=("GET", "POST"))
def campaign_availability(request: ActorRequest, pk: int) -> HttpResponse:
    """Evenings in which a visitor cannot come or would rather not: the own ones, or by those who plan anybody's."""
    actor = request.actor
    row = campaign_or_404(actor, pk)
    with reading(actor):
        shifts = list(scope(actor, Shift).filter(campaign=row, called_off=False))
        planning = may(actor, "campaign.plan") and reads.may_change(actor, row)
        visitors = reads.visitors_of(actor, row)
    chosen = _chosen(request, visitors, planning)
    if request.method == "POST":
        if chosen is None or row.state == Campaign.State.CLOSED:
            raise Http404
        away = [shift for shift in shifts if request.POST.get(f"shift_{shift.pk}") == Degree.CANNOT]
        rather_not = [shift for shift in shifts if request.POST.get(f"shift_{shift.pk}") == Degree.RATHER_NOT]
        visitor = scoped_or_404(actor, Person, pk=chosen.id)
        words = {"name": visitor.name, "away": len(away), "rather_not": len(rather_not)}
        done = _("已记下:%(name)s %(away)s 个时段来不了,%(rather_not)s 个最好不排") % words
        told(
            request,
            lambda: set_unavailable(by=actor, campaign=row, visitor=visitor, shifts=away, rather_not=rather_not),
            done,
        )
        query = f"?visitor={chosen.id}" if chosen.id != actor.person_id else ""
        return redirect(reverse("campaign_availability", args=[pk]) + query)
    return render(
        request,
        "campaigns/availability.html",
        {
            "campaign": row,
            "shifts": shifts,
            "chosen": chosen,
            "own": chosen is not None and chosen.id == actor.person_id,
            "degrees": [("", _("有空")), *Degree.choices],
            "boxes": [
                (
                    shift,
                    day_with_weekday(shift.date),
                    PARTS_OF_DAY[shift.kind],
                    time_range(shift.start, shift.end),
                    chosen.said.get(shift.pk, "") if chosen else "",
                )
                for shift in shifts
            ],
            "planning": planning,
            "table": [(visitor, [visitor.said.get(shift.pk, "") for shift in shifts]) for visitor in visitors]
            if planning
            else [],
            "heads": [(shift, day_with_weekday(shift.date), PARTS_OF_DAY[shift.kind]) for shift in shifts],
            "closed": row.state == Campaign.State.CLOSED,
            "trail": trail(row, _("老师的时间")),
        },
    )


def _chosen(request: ActorRequest, visitors: list[reads.Visitor], planning: bool) -> reads.Visitor | None:
    """Whose evenings are shown; somebody else's only for those who plan."""
    wanted = request.GET.get("visitor", "")
    if not wanted:
        return next((visitor for visitor in visitors if visitor.id == request.actor.person_id), None)
    found = next((visitor for visitor in visitors if str(visitor.id) == wanted), None)
    if found is None or not (planning or found.id == request.actor.person_id):
        raise Http404
    return found


@gate(STAFF_KINDS, permission="availability.family")
def campaign_families(request: ActorRequest, pk: int) -> HttpResponse:
    """The families of a class with the times they gave; without any every evening suits."""
    actor = request.actor
    row = campaign_or_404(actor, pk)
    classes = reads.classes_in(actor, row)
    wanted = request.GET.get("class", "")
    chosen = int(wanted) if wanted.isdecimal() else (classes[0][0] if classes else None)
    page = Paginator(reads.families_of(actor, row, school_class=chosen), PAGE).get_page(request.GET.get("page"))
    note_opened(request, Reading.FAMILIES, [duty.person_id for duty in page], of=row)
    return render(
        request,
        "campaigns/families.html",
        {
            "campaign": row,
            "page": page,
            "rows": [(duty, reads.where_words(duty, row.start)) for duty in page],
            "choices": [Choice(name, f"?class={pk}", active=pk == chosen) for pk, name in classes],
            "trail": trail(row, _("家庭的时间")),
        },
    )


@gate(STAFF_KINDS | {GUARDIAN}, permission="availability.family", methods=("GET", "POST"))
def duty_windows(request: ActorRequest, pk: int) -> HttpResponse:
    """When one family can be met."""
    actor = request.actor
    with reading(actor):
        duties = scope(actor, Duty).filter(campaign__in=scope(actor, Campaign))
        related = ("campaign", "person", "school", "school_class__cohort")
        duty = row_or_404(duties.select_related(*related).defer("campaign__basis_file"), pk=pk)
        campaign = duty.campaign
        shifts = {shift.pk: shift for shift in scope(actor, Shift).filter(campaign=campaign, called_off=False)}
        told_windows = scope(actor, FamilyWindow).filter(duty=duty)
        lost = told_windows.filter(shift__called_off=True).values_list("shift__date", "shift__kind")
        called_off = [shift_words(date, kind) for date, kind in lost.order_by("shift__date", "shift__start")]
        windows = {shift: (low, high) for shift, low, high in told_windows.values_list("shift", "earliest", "latest")}
    form = WindowsForm(
        request.POST if request.method == "POST" else None,
        shifts=[(s.pk, shift_words(s.date, s.kind), s.start, s.end) for s in shifts.values()],
        windows=windows,
    )
    if form.is_valid():
        wanted = [(shifts[shift], low, high) for shift, low, high in form.windows()]
        if accepted(form, lambda: set_windows(by=actor, duty=duty, windows=wanted)):
            return _after_windows(request, duty)
    if actor.kind != GUARDIAN:
        note_opened(request, Reading.WINDOWS, [duty.person_id], of=duty)
    return render(
        request,
        "campaigns/windows.html",
        {
            "duty": duty,
            "campaign": campaign,
            "where": reads.where_words(duty, campaign.start),
            "form": form,
            "called_off": "、".join(called_off),
            "trail": []
            if actor.kind == GUARDIAN
            else trail(campaign, _("%(name)s家的时间") % {"name": duty.person.name}),
        },
        status=422 if form.errors else 200,
    )


def _after_windows(request: ActorRequest, duty: Duty) -> HttpResponse:
    messages.success(request, _("已记下%(name)s家方便的时间") % {"name": duty.person.name})
    if request.actor.kind == GUARDIAN:
        return redirect("duty_windows", pk=duty.pk)
    query = f"?class={duty.school_class_id}" if duty.school_class_id else ""
    return redirect(reverse("campaign_families", args=[duty.campaign_id]) + query)
