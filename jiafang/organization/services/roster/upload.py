"""Files arrive: kept sealed, to be checked by a job."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require
from jiafang.accounts.audit import record
from jiafang.common.clock import today
from jiafang.common.errors import InputFault
from jiafang.organization.models import RosterImport, first_year_of
from jiafang.organization.roster.reading import DEFAULT_LIMITS, SourceFile
from jiafang.organization.services.roster.queue import queue_check
from jiafang.organization.services.roster.stored import store

Kind = RosterImport.Kind
MONTH_OF_NEXT_YEAR = 7  # from July on, a roll-over is for the school year that is about to begin


def school_year_for(kind: str) -> int:
    """The school year a new import is about, unless the user says another."""
    day = today()
    return day.year if kind == Kind.ROLL_OVER and day.month >= MONTH_OF_NEXT_YEAR else first_year_of(day)


def upload_roster(
    *,
    by: Actor,
    files: Sequence[SourceFile],
    kind: str = Kind.UPDATE,
    school_year: int | None = None,
    queued: bool = False,
) -> RosterImport:
    """Keep the files; `queued` has a job check them."""
    require(by, "roster.import")
    if kind not in Kind.values:
        raise InputFault(_("请选择导入的种类"), place="kind")
    if not files:
        raise InputFault(_("请选择要上传的文件"), place="files")
    if len(files) > DEFAULT_LIMITS.files:
        raise InputFault(_("一次最多上传 %(limit)s 个文件") % {"limit": DEFAULT_LIMITS.files}, place="files")
    if sum(len(file.content) for file in files) > DEFAULT_LIMITS.file_bytes:
        megabytes = DEFAULT_LIMITS.file_bytes // 1_000_000
        raise InputFault(_("一次上传的文件合计不能超过 %(limit)s MB") % {"limit": megabytes}, place="files")
    with actor_transaction(by):
        claim(by, RosterImport(), CHANGE)
        roster_import = RosterImport.unscoped.create(
            kind=kind,
            uploaded_by_id=by.user_id,
            options={"school_year": school_year or school_year_for(kind)},
        )
        store(roster_import, _distinct(files))
        record(by=by, action="roster.uploaded", of=roster_import, files=len(files))
        if queued:
            queue_check(by, roster_import.pk)
    return roster_import


def _distinct(files: Sequence[SourceFile]) -> list[SourceFile]:
    """Two files of one name are told apart by a number."""
    seen: dict[str, int] = {}
    named = []
    for file in files:
        count = seen[file.name] = seen.get(file.name, 0) + 1
        named.append(file if count == 1 else SourceFile(f"{count}-{file.name}", file.content))
    return named
