"""The marked copy of an upload, for whoever filled it in."""

from __future__ import annotations

from jiafang.access import Actor, require
from jiafang.accounts.audit import record
from jiafang.organization.models import RosterImport
from jiafang.organization.roster.faults import Fault, Place, Severity
from jiafang.organization.roster.marked import marked_copy
from jiafang.organization.services.roster.stored import files_of


def marked_copy_of(*, by: Actor, roster_import: RosterImport, mark: str) -> bytes | None:
    """None once the files are gone; inside the transaction of the reading, which leaves its entry."""
    require(by, "roster.import")
    files = files_of(roster_import)
    if not files:
        return None
    faults = [
        Fault(fault["code"], Severity(fault["severity"]), Place(*fault["place"]), fault["params"])
        for fault in roster_import.preview.get("faults", [])
    ]
    rows = sum(table["rows"] for table in roster_import.preview.get("tables", []))
    record(by=by, action="roster.marked_copy", of=roster_import, rows=rows)
    return marked_copy(files, faults, mark=mark)
