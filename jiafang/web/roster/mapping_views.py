"""The page on which a person says once what a column, a table or a school is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from jiafang.access import scope
from jiafang.access.actor import ADMINISTRATOR
from jiafang.common.errors import Conflict
from jiafang.organization.models import RosterImport, School
from jiafang.organization.services import roster as services
from jiafang.organization.services.roster.staged import note_staged
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.roster.mapping import answers_from, asks_for_school, questions_of
from jiafang.web.roster.views import OPEN, trail


@gate({ADMINISTRATOR}, permission="roster.import", methods=("GET", "POST"))
def roster_columns(request: ActorRequest, pk: int) -> HttpResponse:
    row = scoped_or_404(request.actor, RosterImport, pk=pk)
    if row.state not in OPEN:
        return redirect("roster_import", pk)
    if request.method == "POST":
        answers = answers_from(request.POST, row.preview)
        try:
            services.map_headers(by=request.actor, import_id=pk, answers=answers, queued=True)
        except Conflict as conflict:
            messages.error(request, conflict.message)
        return redirect("roster_import", pk)
    note_staged(by=request.actor, roster_import=row)
    context = {
        "row": row,
        "trail": trail(row, _("确认列名")),
        "tables": questions_of(row.preview, everything=row.state != RosterImport.State.MAPPING or "all" in request.GET),
        "asks_school": asks_for_school(row.preview),
        "schools": scope(request.actor, School).order_by("name").values_list("code", "name"),
        "chosen_school": row.options.get("answers", {}).get("default_school"),
        "recognized": [table for table in row.preview.get("tables", []) if table["kind"] and not table["questions"]],
    }
    return render(request, "roster/columns.html", context)
