"""The roster import: upload, progress, preview, decisions, history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import reading, scope
from jiafang.access.actor import ADMINISTRATOR
from jiafang.common.errors import Conflict, InputFault, NotReady
from jiafang.organization.models import RosterImport
from jiafang.organization.roster.reading import DEFAULT_LIMITS, SourceFile
from jiafang.organization.roster.template import template_workbook
from jiafang.organization.services import roster as services
from jiafang.organization.services.roster.commit import being_written
from jiafang.organization.services.roster.marked import marked_copy_of
from jiafang.organization.services.roster.staged import note_staged
from jiafang.organization.services.roster.upload import school_year_for
from jiafang.web.components.shapes import Crumb
from jiafang.web.downloads import EXCEL, download
from jiafang.web.exports.bulk import bulk_export, waiting_download
from jiafang.web.exports.watermark import watermark_of
from jiafang.web.gate import ActorRequest, gate, row_or_404, scoped_or_404
from jiafang.web.roster.forms import UploadForm, choices_of
from jiafang.web.roster.presenters import (
    CHANGES,
    GROUPS,
    LIVE,
    TONES,
    count_rows,
    detail_words,
    faults_of,
    headline,
    job_of,
)

PAGE = 50
OPEN = (RosterImport.State.PREVIEWED, RosterImport.State.MAPPING, RosterImport.State.FAILED)
FAULTS_ON_PREVIEW = 20
SHOWN = 20


def imports_within(request: ActorRequest) -> QuerySet[RosterImport]:
    return scope(request.actor, RosterImport).select_related("uploaded_by__person").defer("plan")


def trail(row: RosterImport | None = None, last: str = "") -> list[Crumb]:
    crumbs = [Crumb(_("名册导入"), reverse("roster_list"))]
    if row is not None:
        label = f"{row.get_kind_display()} {row.pk}"
        crumbs.append(Crumb(label, reverse("roster_import", args=[row.pk])) if last else Crumb(label))
    if last:
        crumbs.append(Crumb(last))
    return crumbs


@gate({ADMINISTRATOR}, permission="roster.import")
def roster_list(request: ActorRequest) -> HttpResponse:
    rows = imports_within(request).defer("preview", "options", "plan")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(
        request,
        "roster/list.html",
        {"page": page, "rows": [(row, TONES.get(RosterImport.State(row.state), "info")) for row in page]},
    )


@gate({ADMINISTRATOR}, permission="roster.import")
def roster_template(request: ActorRequest) -> HttpResponse:
    return download(template_workbook(), name="佳访名册模板.xlsx", content_type=EXCEL)


@gate({ADMINISTRATOR}, permission="roster.import", methods=("GET", "POST"))
def roster_upload(request: ActorRequest) -> HttpResponse:
    kind = RosterImport.Kind.UPDATE
    form = UploadForm(request.POST or None, initial={"kind": kind, "school_year": school_year_for(kind)})
    errors: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            row = services.upload_roster(
                by=request.actor,
                files=_uploaded(request.FILES.getlist("files")),
                kind=form.cleaned_data["kind"],
                school_year=form.cleaned_data["school_year"],
                queued=True,
            )
        except InputFault as fault:
            errors = [fault.message]
        else:
            return redirect("roster_import", row.pk)
    return render(
        request,
        "roster/upload.html",
        {"form": form, "errors": errors, "trail": trail(last=_("上传名册"))},
        status=422 if errors else 200,
    )


def _uploaded(files: list[UploadedFile]) -> list[SourceFile]:
    """Sizes are looked at before anything is taken into memory."""
    if sum(file.size or 0 for file in files) > DEFAULT_LIMITS.file_bytes:
        megabytes = DEFAULT_LIMITS.file_bytes // 1_000_000
        raise InputFault(_("一次上传的文件合计不能超过 %(limit)s MB") % {"limit": megabytes}, place="files")
    return [SourceFile(file.name or "名册", file.read()) for file in files]


@gate({ADMINISTRATOR}, permission="roster.import")
def roster_import(request: ActorRequest, pk: int) -> HttpResponse:
    """The page of one import, as its state has it."""
    row = row_or_404(imports_within(request), pk=pk)
    if row.state in LIVE:
        return _running(request, row)
    if row.state == RosterImport.State.MAPPING:
        return redirect("roster_columns", row.pk)
    waiting = {"waiting_download": waiting_download(request, marked=reverse("roster_marked", args=[pk]))}
    if row.state in (RosterImport.State.FAILED, RosterImport.State.ABANDONED):
        context = {"row": row, "trail": trail(row), "open": row.state in OPEN}
        return render(request, "roster/ended.html", context | waiting)
    note_staged(by=request.actor, roster_import=row)
    return render(request, "roster/preview.html", _preview(row) | waiting)


def _running(request: ActorRequest, row: RosterImport) -> HttpResponse:
    cut_off = _cut_off(row)
    context = {"row": row, "job": job_of(row), "cut_off": cut_off, "trail": trail(row)}
    return render(request, "roster/running.html", context)


def _cut_off(row: RosterImport) -> bool:
    """A commit that began and that no process is inside of any more."""
    begun = (row.progress or {}).get("step", "queued") != "queued"
    return row.state == RosterImport.State.COMMITTING and begun and not being_written()


def _preview(row: RosterImport) -> dict[str, Any]:
    preview, options = row.preview, row.options
    report = preview.get("report") or {}
    counts = preview.get("fault_counts", {})
    skipping = bool(options.get("skip_faulty"))
    open_now = row.state == RosterImport.State.PREVIEWED
    chosen = set(options.get("siblings", []))
    siblings = report.get("siblings", [])
    doubts = report.get("doubts", [])
    return {
        "row": row,
        "open": open_now,
        "trail": trail(row),
        "headline": headline(row),
        "count_rows": count_rows(row),
        "empty": preview.get("empty", False),
        "errors": counts.get("error", 0),
        "warnings": counts.get("warning", 0) + counts.get("note", 0),
        "faults": faults_of(preview)[:FAULTS_ON_PREVIEW],
        "skipping": skipping,
        "unknown_classes": preview.get("fault_codes", {}).get("class_unknown", 0) or options.get("new_classes"),
        "options": options,
        "absent": report.get("absent", []),
        "siblings": siblings[:SHOWN],
        "sibling_count": report.get("sibling_count", 0),
        "siblings_by_guardian": sum(1 for group in siblings if group["reason"] == "guardian"),
        "siblings_chosen": "all" if "all" in chosen else "guardian" if "guardian" in chosen else "",
        "doubts": doubts[:SHOWN],
        "doubt_count": len(doubts),
        "undecided": preview.get("undecided", 0),
        "not_kept": _not_kept(preview),
        "unknown_columns": any(table["unknown"] for table in preview.get("tables", [])),
        "tables": preview.get("tables", []),
        "ready": open_now and (not counts.get("error") or skipping) and not preview.get("undecided"),
    }


def _not_kept(preview: dict[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for table in preview.get("tables", []):
        found.update(dict.fromkeys([*table["not_kept"], *table["unknown"]]))
    return list(found)


@gate({ADMINISTRATOR}, permission="roster.import")
def roster_progress(request: ActorRequest, pk: int) -> HttpResponse:
    """The panel again; once the job is over the page is loaded anew."""
    row = row_or_404(imports_within(request).defer("preview"), pk=pk)
    response = render(request, "components/progress_panel_poll.html", {"job": job_of(row)})
    if row.state not in LIVE or _cut_off(row):
        response["HX-Refresh"] = "true"
    return response


@gate({ADMINISTRATOR}, permission="roster.import")
def roster_faults(request: ActorRequest, pk: int) -> HttpResponse:
    row = row_or_404(imports_within(request), pk=pk)
    note_staged(by=request.actor, roster_import=row)
    page = Paginator(faults_of(row.preview), PAGE).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "page": page,
        "faults": list(page),
        "trail": trail(row, _("全部问题")),
        "not_shown": row.preview.get("faults_not_shown", 0),
        "open": row.state in OPEN,
    }
    return render(request, "roster/faults.html", context)


@gate({ADMINISTRATOR}, permission="roster.import")
def roster_changes(request: ActorRequest, pk: int, group: str, change: str) -> HttpResponse:
    """One list of the preview, page by page."""
    row = row_or_404(imports_within(request), pk=pk)
    report = row.preview.get("report") or {}
    lines = report.get("lines", {}).get(f"{group}.{change}")
    if lines is None or group not in GROUPS or change not in CHANGES:
        raise Http404
    note_staged(by=request.actor, roster_import=row)
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    moved = change == "moved"
    shown = [(name, where, detail if moved else detail_words(group, detail)) for name, where, detail in page]
    title = f"{GROUPS[group]} · {CHANGES[change]}"
    count = report["counts"][f"{group}.{change}"]
    context = {
        "row": row,
        "page": page,
        "lines": shown,
        "title": title,
        "moved": moved,
        "count": count,
        "left": count - len(lines),
        "trail": trail(row, title),
    }
    return render(request, "roster/changes.html", context)


def _told(request: ActorRequest, call: Callable[[], object]) -> bool:
    try:
        call()
    except (InputFault, Conflict, NotReady) as error:
        messages.error(request, error.message)
        return False
    return True


@gate({ADMINISTRATOR}, permission="roster.import", methods=("POST",))
def roster_choose(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, RosterImport, pk=pk)
    choices = {} if "again" in request.POST else choices_of(request.POST, row.preview)
    _told(request, lambda: services.choose(by=request.actor, import_id=pk, choices=choices, queued=True))
    return redirect("roster_import", pk)


@gate({ADMINISTRATOR}, permission="roster.import", methods=("POST",))
def roster_confirm(request: ActorRequest, pk: int) -> HttpResponse:
    scoped_or_404(request.actor, RosterImport, pk=pk)
    _told(request, lambda: services.confirm(by=request.actor, import_id=pk, queued=True))
    return redirect("roster_import", pk)


@gate({ADMINISTRATOR}, permission="roster.import", methods=("POST",))
def roster_abandon(request: ActorRequest, pk: int) -> HttpResponse:
    scoped_or_404(request.actor, RosterImport, pk=pk)
    if _told(request, lambda: services.abandon(by=request.actor, import_id=pk)):
        messages.success(request, _("已放弃这次导入,上传的文件已删除"))
    return redirect("roster_list")


@gate({ADMINISTRATOR}, permission="roster.import")
@bulk_export(page="roster_import", form="marked")
def roster_marked(request: ActorRequest, pk: int) -> HttpResponse:
    """The uploaded workbook handed back with its faults marked; sensitive, so its reading is audited."""
    row = row_or_404(imports_within(request), pk=pk)
    with reading(request.actor):
        content = marked_copy_of(by=request.actor, roster_import=row, mark=watermark_of(request.actor).excel_footer)
    if content is None:
        raise Http404
    return download(content, name=f"roster-{row.pk}-marked.xlsx", content_type=EXCEL)
