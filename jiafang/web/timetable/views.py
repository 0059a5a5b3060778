"""The timetable: grid, list, files for the wall, publishing, and one appointment moved or agreed by hand."""

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access import CHANGE, Actor, may, reading, scope
from jiafang.access.actor import ADMINISTRATOR, COHORT_LEAD, DIRECTOR, PRINCIPAL, STAFF_KINDS
from jiafang.accounts.audit import Reading
from jiafang.campaigns.models import Appointment, Campaign, Shift, Tier
from jiafang.campaigns.services.confirm import cancel_appointment, confirm_appointment
from jiafang.campaigns.services.exported import timetable_exported
from jiafang.campaigns.services.move import MoveConflict, check_move, move_appointment
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.common.clock import today
from jiafang.web.campaigns import reads as campaign_reads
from jiafang.web.campaigns.forms import accepted
from jiafang.web.campaigns.presenters import trail, where_words
from jiafang.web.campaigns.views.common import RUNNING, campaign_or_404
from jiafang.web.components.shapes import Choice, Tab
from jiafang.web.downloads import EXCEL, PDF, download
from jiafang.web.exports.bulk import bulk_export, waiting_download
from jiafang.web.exports.excel import workbook
from jiafang.web.exports.pdf import pdf
from jiafang.web.exports.watermark import watermark_of
from jiafang.web.gate import ActorRequest, gate, row_or_404, scoped_or_404
from jiafang.web.opening import note_opened
from jiafang.web.timetable.dates import monday_of, period_words, shift_words, time_range
from jiafang.web.timetable.grid import TONES, Address, grid
from jiafang.web.timetable.reads import Board, board
from jiafang.web.timetable.sheet import Sheet, rough_place, sheet
from jiafang.web.told import told

PLANNERS = frozenset({ADMINISTRATOR, DIRECTOR, PRINCIPAL, COHORT_LEAD})


@dataclass(frozen=True)
class Part:
    """Which part of the timetable an address asks for."""

    cohort: int | None
    week: dt.date | None
    drafts: bool

    def query(self, **changed: object) -> str:
        values = {
            "cohort": self.cohort or "all",
            "week": self.week.isoformat() if self.week else "all",
            "show": "" if self.drafts else "published",
        } | changed
        return "?" + "&".join(f"{name}={value}" for name, value in values.items() if value != "")


@gate(STAFF_KINDS)
def timetable(request: ActorRequest, pk: int) -> HttpResponse:
    """Evenings across and teachers down; on a phone by evening; as a list in the shape of the files."""
    actor = request.actor
    row = _with_timetable_or_404(actor, pk)
    cohorts = _cohorts(actor, row)
    weeks = _weeks(actor, row)
    part = _part(request, cohorts, weeks, default_week=True)
    found = board(actor, row, drafts=part.drafts, cohort=part.cohort, week=part.week)
    note_opened(request, Reading.TIMETABLE, found.people, of=row)
    as_list = request.GET.get("view") == "list"
    planning = may(actor, "appointment.move") and campaign_reads.may_change(actor, row)
    movable = planning and part.drafts and row.state in RUNNING
    facts = campaign_reads.plan_facts(actor, row)
    return render(
        request,
        "timetable/timetable.html",
        {
            "campaign": row,
            "where": where_words(row),
            "table": None if as_list else grid(found, row, today=today(), movable=movable, address=_address(planning)),
            "sheets": _sheets(found, row, cohorts, part) if as_list else [],
            "empty": not found.meetings,
            "facts": facts,
            "drafts": planning and part.drafts and facts.drafts > 0,
            "planning": planning and row.state in RUNNING,
            "may_publish": may(actor, "campaign.publish") and row.state in RUNNING and facts.drafts > 0,
            "is_published": row.state == Campaign.State.PUBLISHED,
            "may_export": planning,
            "waiting_download": waiting_download(
                request, excel=reverse("timetable_excel", args=[pk]), pdf=reverse("timetable_pdf", args=[pk])
            ),
            "query": part.query(),
            "views": [
                Tab(_("按老师"), part.query(), active=not as_list),
                Tab(_("按日期"), part.query(view="list"), active=as_list),
            ],
            "cohort_choices": _cohort_choices(cohorts, part, as_list),
            "week_choices": _week_choices(weeks, part, as_list),
            "version_choices": _version_choices(part, planning, row, facts.drafts, as_list),
            "trail": trail(row, _("安排表")),
        },
    )


@gate(PLANNERS)
@bulk_export(page="timetable", form="excel")
def timetable_excel(request: ActorRequest, pk: int) -> HttpResponse:
    """The part of the timetable that the page shows, as an Excel file for the wall."""
    row, sheets = _export(request, pk, "excel")
    return download(workbook(sheets, watermark_of(request.actor)), name=f"{row.title}.xlsx", content_type=EXCEL)


@gate(PLANNERS)
@bulk_export(page="timetable", form="pdf")
def timetable_pdf(request: ActorRequest, pk: int) -> HttpResponse:
    row, sheets = _export(request, pk, "pdf")
    return download(pdf(sheets, watermark_of(request.actor)), name=f"{row.title}.pdf", content_type=PDF)


def _export(request: ActorRequest, pk: int, form: str) -> tuple[Campaign, list[Sheet]]:
    actor = request.actor
    row = _with_timetable_or_404(actor, pk, CHANGE)
    cohorts = _cohorts(actor, row)
    part = _part(request, cohorts, _weeks(actor, row), default_week=False)
    found = board(actor, row, drafts=part.drafts, cohort=part.cohort, week=part.week)
    sheets = _sheets(found, row, cohorts, part)
    lines = sum(len(sheet.rows) for sheet in sheets)
    timetable_exported(by=actor, campaign=row, form=form, rows=lines, people=found.people)
    return row, sheets


@gate({ADMINISTRATOR, DIRECTOR, PRINCIPAL}, permission="campaign.publish", methods=("POST",))
def timetable_publish(request: ActorRequest, pk: int) -> HttpResponse:
    """发布安排表: visitors and families see it."""
    actor = request.actor
    row = campaign_or_404(actor, pk, CHANGE)
    told(request, lambda: publish_timetable(by=actor, campaign=row), _("安排表已发布,老师现在就能看到自己的安排"))
    return redirect("timetable", pk=pk)


def _with_timetable_or_404(actor: Actor, pk: int, purpose: str = "view") -> Campaign:
    row = campaign_or_404(actor, pk, purpose)
    if row.is_umbrella:
        raise Http404
    return row


def _cohorts(actor: Actor, row: Campaign) -> list[tuple[int, str]]:
    """The cohorts that a planner may choose between; others see their own appointments only."""
    if row.tier != Tier.TEACHER_FAMILY or not may(actor, "campaign.plan"):
        return []
    return [(cohort.pk, cohort.grade_name(row.start)) for cohort in campaign_reads.cohorts_of(actor, row)]


def _weeks(actor: Actor, row: Campaign) -> list[dt.date]:
    days = scope(actor, Shift).filter(campaign=row).values_list("date", flat=True)
    return sorted({monday_of(day) for day in days})


def _part(request: ActorRequest, cohorts: list[tuple[int, str]], weeks: list[dt.date], *, default_week: bool) -> Part:
    """What the address asks for; without a word the first cohort and the week that runs or comes next."""
    known = [pk for pk, _name in cohorts]
    wanted = request.GET.get("cohort", "")
    cohort = next((pk for pk in known if str(pk) == wanted), None)
    if cohort is None and wanted not in ("", "all"):
        raise Http404
    if cohort is None and not wanted and default_week and known:
        cohort = known[0]
    week = next((monday for monday in weeks if monday.isoformat() == request.GET.get("week", "")), None)
    if week is None and "week" not in request.GET and default_week:
        week = next((monday for monday in weeks if monday >= monday_of(today())), None)
    drafts = may(request.actor, "appointment.move") and request.GET.get("show") != "published"
    return Part(cohort, week, drafts)


def _sheets(found: Board, row: Campaign, cohorts: list[tuple[int, str]], part: Part) -> list[Sheet]:
    """One sheet for the cohort chosen, or one for each; other tiers have one."""
    school = row.school.name if row.school else _("教育局")
    term = str(row.term) if row.term else ""
    chosen = [(pk, name) for pk, name in cohorts if part.cohort in (None, pk)]
    if not chosen:
        return [sheet(found, row, name=row.title, unit=school, term=term, today=today())]
    return [
        sheet(found.of_cohort(pk), row, name=name, unit=f"{school}{name}", term=term, today=today())
        for pk, name in chosen
    ]


def _address(planning: bool) -> Address:
    names = {
        "appointment": "timetable_appointment" if planning else "",
        "check_trip": "api:check_move_trip",
        "move_trip": "api:move_trip",
        "check": "api:check_move",
        "move": "api:move",
    }

    def address(what: str, pk: int) -> str:
        return reverse(names[what], args=[pk]) if names[what] else ""

    return address


def _cohort_choices(cohorts: list[tuple[int, str]], part: Part, as_list: bool) -> list[Choice]:
    if len(cohorts) < 2:
        return []
    view = "list" if as_list else ""
    found = [Choice(name, part.query(cohort=pk, view=view), active=pk == part.cohort) for pk, name in cohorts]
    return [*found, Choice(_("全校"), part.query(cohort="all", view=view), active=part.cohort is None)]


def _week_choices(weeks: list[dt.date], part: Part, as_list: bool) -> list[Choice]:
    if len(weeks) < 2:
        return []
    view = "list" if as_list else ""
    found = [
        Choice(
            period_words(monday, monday + dt.timedelta(days=6)),
            part.query(week=monday.isoformat(), view=view),
            active=monday == part.week,
        )
        for monday in weeks
    ]
    return [*found, Choice(_("全部"), part.query(week="all", view=view), active=part.week is None)]


def _version_choices(part: Part, planning: bool, row: Campaign, drafts: int, as_list: bool) -> list[Choice]:
    """Where a published timetable has a newer draft, the one that holds can still be looked at."""
    if not (planning and drafts and row.state == Campaign.State.PUBLISHED):
        return []
    view = "list" if as_list else ""
    return [
        Choice(_("新的草稿"), part.query(show="", view=view), active=part.drafts),
        Choice(_("现在生效的"), part.query(show="published", view=view), active=not part.drafts),
    ]


class MoveForm(forms.Form):
    shift = forms.ChoiceField(label=gettext_lazy("换到"))
    despite = forms.BooleanField(label=gettext_lazy("我知道,仍然换"), required=False)


@gate(PLANNERS, permission="appointment.move", methods=("GET", "POST"))
def timetable_appointment(request: ActorRequest, pk: int) -> HttpResponse:
    """One appointment: move it to another evening, note that it is agreed, or take it out."""
    actor = request.actor
    with reading(actor):
        rows = scope(actor, Appointment, CHANGE).select_related("shift", "campaign", "group__lead")
        row = row_or_404(rows.defer("campaign__basis_file"), pk=pk)
        campaign = row.campaign
        shifts = {s.pk: s for s in scope(actor, Shift).filter(campaign=campaign, date__gte=today(), called_off=False)}
        found = board(actor, campaign, drafts=not row.superseded, only=row.pk)
    meeting = found.meetings[0] if found.meetings else None
    form = MoveForm(request.POST if request.method == "POST" else None, initial={"shift": row.shift_id})
    chooser = form.fields["shift"]
    assert isinstance(chooser, forms.ChoiceField)
    chooser.choices = [(s.pk, f"{shift_words(s.date, s.kind)} {time_range(s.start, s.end)}") for s in shifts.values()]
    conflicts: list[MoveConflict] = []
    if form.is_valid():
        shift, despite = shifts[int(form.cleaned_data["shift"])], form.cleaned_data["despite"]
        if not despite:
            with reading(actor):
                conflicts = check_move(by=actor, appointment=row, shift=shift)
        if not conflicts and accepted(
            form, lambda: move_appointment(by=actor, appointment=row, shift=shift, despite=despite)
        ):
            return redirect(reverse("timetable", args=[campaign.pk]) + f"?week={monday_of(shift.date).isoformat()}")
    note_opened(request, Reading.TIMETABLE, found.people, of=row)
    return render(
        request,
        "timetable/appointment.html",
        {
            "appointment": row,
            "campaign": campaign,
            "meeting": meeting,
            "who": "、".join(person.name for person in meeting.met) if meeting else "",
            "classes": "、".join(dict.fromkeys(p.class_name for p in meeting.met if p.class_name)) if meeting else "",
            "place": rough_place(meeting) if meeting else "",
            "visitors": "、".join(name for _pk, name in meeting.visitors) if meeting else "",
            "when": f"{shift_words(row.shift.date, row.shift.kind)} {time_range(row.starts_at, row.ends_at)}",
            "tone": TONES.get(row.state, "declined"),
            "form": form,
            "conflicts": [conflict.words for conflict in conflicts],
            "impossible": any(conflict.hard for conflict in conflicts),
            "open": row.state in (Appointment.State.PROPOSED, Appointment.State.CONFIRMED)
            and campaign.state in RUNNING,
            "trail": trail(campaign, _("安排")),
        },
        status=422 if form.errors or conflicts else 200,
    )


@gate(PLANNERS, permission="appointment.confirm", methods=("POST",))
def timetable_confirm(request: ActorRequest, pk: int) -> HttpResponse:
    """已和家长约好."""
    actor = request.actor
    row = scoped_or_404(actor, Appointment, pk=pk, purpose=CHANGE)
    told(request, lambda: confirm_appointment(by=actor, appointment=row), _("已记下:约好了,重新排表不会动它"))
    return redirect("timetable_appointment", pk=pk)


@gate(PLANNERS, permission="appointment.move", methods=("POST",))
def timetable_cancel(request: ActorRequest, pk: int) -> HttpResponse:
    """Take an appointment out; who is to be met stays due."""
    actor = request.actor
    row = scoped_or_404(actor, Appointment, pk=pk, purpose=CHANGE)
    by_family = request.POST.get("by") == "family"
    whose = Appointment.CancelledBy.FAMILY if by_family else Appointment.CancelledBy.SCHOOL
    done = _("已取消,重新排表时会再安排")
    told(request, lambda: cancel_appointment(by=actor, appointment=row, cancelled_by=whose), done)
    return redirect("timetable", pk=row.campaign_id)
