"""The check of an upload: questions, or a preview with every fault and every change."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, reading, require
from jiafang.accounts.audit import record
from jiafang.organization.models import RosterImport
from jiafang.organization.roster.compare.plan import Plan
from jiafang.organization.roster.compare.snapshot import state_of_district
from jiafang.organization.roster.faults import Fault, Severity
from jiafang.organization.roster.interpret.context import TableInfo
from jiafang.organization.services.roster.examine import Examined, examine, options_of
from jiafang.organization.services.roster.fail import fail
from jiafang.organization.services.roster.progress import progress_of
from jiafang.organization.services.roster.stored import packed_plan

State = RosterImport.State
OPEN_STATES = (State.UPLOADED, State.MAPPING, State.CHECKING, State.PREVIEWED, State.FAILED)


def check_import(*, by: Actor, import_id: int) -> RosterImport:
    """Examine the files and keep the preview; may be done again after every choice."""
    require(by, "roster.import")
    with reading(by):
        roster_import = RosterImport.unscoped.get(pk=import_id)
    if roster_import.state not in OPEN_STATES:
        return roster_import
    try:
        with progress_of(by, import_id) as progress:
            with actor_transaction(by):
                claim(by, RosterImport(pk=import_id), CHANGE)
                # Taken before anything is read: what changes meanwhile makes the commit look again.
                state = state_of_district()
                examined = examine(roster_import, progress)
            progress("saving", 95, 100)
            plan = examined.comparison.plan.as_bytes() if examined.comparison else b""
    except Exception:
        words = _("检查时出错;请联系维护人员")
        fail(by=by, import_id=import_id, states=OPEN_STATES, message=words)
        raise
    with actor_transaction(by):
        claim(by, RosterImport(pk=import_id), CHANGE)
        roster_import = RosterImport.unscoped.select_for_update(of=("self",)).get(pk=import_id)
        if roster_import.state not in OPEN_STATES:
            return roster_import
        roster_import.preview = preview_json(examined) | {
            "state": state,
            "on": options_of(roster_import).on.isoformat(),
        }
        roster_import.preview_hash = Plan.digest(plan) if plan else ""
        roster_import.plan = packed_plan(plan)
        roster_import.state = State.PREVIEWED if examined.comparison else State.MAPPING
        roster_import.progress, roster_import.error = {}, ""
        roster_import.save(update_fields=["preview", "preview_hash", "plan", "state", "progress", "error"])
        record(by=by, action="roster.checked", of=roster_import, errors=examined.errors)
    return roster_import


def preview_json(examined: Examined) -> dict[str, Any]:
    faults = examined.faults
    return {
        "tables": [_table(table) for table in examined.tables],
        "faults": [_fault(fault) for fault in faults],
        "fault_counts": {str(severity): faults.count(severity) for severity in Severity},
        "fault_codes": faults.codes(),
        "faults_not_shown": faults.not_shown,
        "report": examined.comparison.report.as_json() if examined.comparison else None,
        "undecided": examined.comparison.report.undecided if examined.comparison else 0,
        "empty": examined.comparison.plan.is_empty if examined.comparison else True,
    }


def _fault(fault: Fault) -> dict[str, Any]:
    place = fault.place
    return {
        "code": fault.code,
        "severity": str(fault.severity),
        "place": [place.file, place.sheet, place.row, place.column, place.header],
        "params": {
            name: value if isinstance(value, (int, str)) else str(value) for name, value in fault.params.items()
        },
    }


def _table(table: TableInfo) -> dict[str, Any]:
    return {
        "key": table.key,
        "file": table.file,
        "sheet": table.sheet,
        "kind": str(table.kind) if table.kind else "",
        "headers": table.headers,
        "targets": table.targets,
        "fingerprint": table.fingerprint,
        "missing": [list(choice) for choice in table.missing],
        "unknown": table.unknown,
        "not_kept": table.not_kept,
        "questions": table.questions,
        "sample": table.sample,
        "rows": table.row_count,
        "title": table.title[:200],
        "left_out": table.left_out,
    }
