"""紧急情况·强制报告: from any page in one tap; first whom to call, then what to write down."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import may, reading, scope
from jiafang.access.actor import ALL_KINDS, DIRECTOR, GUARDIAN, PRINCIPAL
from jiafang.care.models import MandatoryReport, ReportAddition, Resource, SealedReader, StandingSealedReader
from jiafang.care.services.sealed_readers import (
    NAMED_AS,
    WRITER,
    end_standing_reader,
    name_reader_of_report,
    name_standing_reader,
    units_to_name,
    writer_to_name,
)
from jiafang.care.services.sealed_report import add_to_report, file_report, open_report
from jiafang.common.clock import now, today
from jiafang.common.errors import InputFault, JiafangError
from jiafang.organization.models import Post, holding
from jiafang.web.accounts.confirm import ask_to_confirm, recently_confirmed
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.sealed.forms import AdditionForm, ReaderForm, ReportForm, new_origin

NAMING = frozenset({PRINCIPAL, DIRECTOR})


@gate(ALL_KINDS, permission="sealed.report", methods=("GET", "POST"))
def mandatory_report(request: ActorRequest) -> HttpResponse:
    """What to do first, and the form; below, the reports for which the actor is named."""
    form = ReportForm(request.POST or None, initial=new_origin() | {"noticed_at": now()})
    if request.method == "POST" and form.is_valid():
        try:
            file_report(by=request.actor, draft=form.to_draft())
        except InputFault as fault:
            form.add_error(fault.place or None, fault.message)
        else:
            messages.success(request, _("已封存。只有指定的人能打开,不会出现在任何名单、统计和导出里。"))
            return redirect("mandatory_report")
    with reading(request.actor):
        own = scope(request.actor, MandatoryReport).select_related("school")
        return render(
            request,
            "sealed/report.html",
            {
                "form": form,
                "calls": list(Resource.objects.filter(emergency=True, active=True, school=None).exclude(phone="")),
                "family": request.actor.kind == GUARDIAN,
                "reports": list(own.only("pk", "written_at", "school__name")[:50]),
                "may_name": may(request.actor, "sealed.name"),
            },
        )


@gate(ALL_KINDS, permission="sealed.report", methods=("GET", "POST"))
def sealed_report(request: ActorRequest, pk: int) -> HttpResponse:
    """One report; whoever only has the phone of one of its readers does not get to it."""
    report = scoped_or_404(request.actor, MandatoryReport, pk=pk)
    form = AdditionForm(request.POST or None, initial=new_origin())
    if request.method == "POST" and form.is_valid():
        try:
            add_to_report(by=request.actor, report_id=report.pk, **form.cleaned_data)
        except JiafangError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("已补充"))
            return redirect("sealed_report", pk=report.pk)
    if not recently_confirmed(request):
        # Only now: what was added is kept, however long the writing took.
        return ask_to_confirm(request, back=reverse("sealed_report", args=[report.pk]))
    with reading(request.actor):
        report = open_report(by=request.actor, report_id=report.pk)
        readers = scope(request.actor, SealedReader).filter(report=report, until=None).select_related("person")
        return render(
            request,
            "sealed/one.html",
            {
                "report": report,
                "additions": list(scope(request.actor, ReportAddition).filter(report=report).select_related("by")),
                "readers": list(dict.fromkeys(row.person.name for row in readers)),
                "form": form,
                "name_form": ReaderForm(choices=_candidates(request, report))
                if may(request.actor, "sealed.name")
                else None,
                "trail": [Crumb(_("紧急情况·强制报告"), reverse("mandatory_report")), Crumb(_("封存的报告"))],
            },
        )


@gate(NAMING, permission="sealed.name", methods=("POST",))
def sealed_reader(request: ActorRequest, pk: int) -> HttpResponse:
    report = scoped_or_404(request.actor, MandatoryReport, pk=pk)
    form = _reader_form(request, report)
    if form.is_valid():
        role, person_id = form.chosen()
        name_reader_of_report(by=request.actor, report_id=report.pk, person_id=person_id, role=role)
        messages.success(request, _("这个人现在也能打开这份报告"))
    else:
        messages.error(request, _("请选一个人"))
    return redirect("sealed_report", pk=report.pk)


@gate(NAMING, permission="sealed.name", methods=("GET", "POST"))
def standing(request: ActorRequest) -> HttpResponse:
    """Who reads the reports of one's school (or the bureau) from now on."""
    form = _reader_form(request)
    if request.method == "POST" and form.is_valid():
        role, person_id = form.chosen()
        name_standing_reader(by=request.actor, person_id=person_id, role=role)
        messages.success(request, _("已指定。以后的报告这个人能打开"))
        return redirect("sealed_standing")
    with reading(request.actor):
        rows = scope(request.actor, StandingSealedReader).filter(until=None).select_related("person")
        return render(
            request,
            "sealed/standing.html",
            {
                "rows": list(rows),
                "form": form,
                "bureau": request.actor.kind == DIRECTOR,
                "trail": [Crumb(_("紧急情况·强制报告"), reverse("mandatory_report")), Crumb(_("谁能打开"))],
            },
        )


@gate(NAMING, permission="sealed.name", methods=("POST",))
def standing_end(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, StandingSealedReader, pk=pk)
    end_standing_reader(by=request.actor, row_id=row.pk)
    messages.success(request, _("以后的报告这个人不再能打开"))
    return redirect("sealed_standing")


def _reader_form(request: ActorRequest, report: MandatoryReport | None = None) -> ReaderForm:
    with reading(request.actor):
        choices = _candidates(request, report)
    return ReaderForm(request.POST or None, choices=choices)


def _candidates(request: ActorRequest, report: MandatoryReport | None = None) -> list[tuple[str, str]]:
    """Those who lead here now and, for the bureau, where the report is from: (role:person, name and post)."""
    units = units_to_name(request.actor, report)
    posts = scope(request.actor, Post).filter(units, holding(today()), kind__in=NAMED_AS)
    found = [
        (f"{post.kind}:{post.person_id}", f"{post.person.name}({post.get_kind_display()})")
        for post in posts.select_related("person").order_by("school_id", "kind", "pk")
    ]
    if report is not None and writer_to_name(request.actor, report):
        writer = report.reported_by
        found.append((f"{WRITER}:{writer.pk}", _("%(name)s(写这份报告的人)") % {"name": writer.name}))
    return found
