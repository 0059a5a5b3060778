"""A whole import in one call, for the demonstration, commands and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from jiafang.access import Actor
from jiafang.common.errors import InputFault, NotReady
from jiafang.organization.models import RosterImport
from jiafang.organization.roster.faults import Place
from jiafang.organization.roster.messages import fault_words, place_words
from jiafang.organization.roster.reading import SourceFile
from jiafang.organization.services.roster.choose import choose
from jiafang.organization.services.roster.commit import commit_import, confirm
from jiafang.organization.services.roster.preview import check_import
from jiafang.organization.services.roster.upload import Kind, upload_roster

FAULTS_SHOWN = 5


def import_files(
    *,
    by: Actor,
    files: Sequence[SourceFile],
    kind: str = Kind.UPDATE,
    school_year: int | None = None,
    choices: Mapping[str, Any] | None = None,
) -> RosterImport:
    """Upload, check and commit; raises with the first faults in words when there are any."""
    roster_import = upload_roster(by=by, files=files, kind=kind, school_year=school_year)
    if choices:
        choose(by=by, import_id=roster_import.pk, choices=choices)
    roster_import = check_import(by=by, import_id=roster_import.pk)
    if roster_import.state == RosterImport.State.MAPPING:
        sheets = "、".join(table["sheet"] for table in roster_import.preview["tables"] if table["questions"])
        raise NotReady(_("这些表要先确认列名:%(sheets)s") % {"sheets": sheets})
    errors = [fault for fault in roster_import.preview["faults"] if fault["severity"] == "error"]
    if errors and not roster_import.options.get("skip_faulty"):
        lines = [
            f"{place_words(Place(*fault['place']))}: {fault_words(fault['code'], fault['params'])}"
            for fault in errors[:FAULTS_SHOWN]
        ]
        raise InputFault("\n".join(lines), place="files")
    confirm(by=by, import_id=roster_import.pk)
    return commit_import(by=by, import_id=roster_import.pk)
