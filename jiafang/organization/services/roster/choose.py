"""What a person decides between upload and commit: columns, schools, siblings, who is who, who leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts.audit import record
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, NotAllowed
from jiafang.organization.models import HeaderMapping, RosterFile, RosterImport
from jiafang.organization.services.roster.preview import OPEN_STATES
from jiafang.organization.services.roster.queue import queue_check

State = RosterImport.State
CHOICES = frozenset(
    {"school_year", "skip_faulty", "new_classes", "students_complete", "staff_complete", "siblings", "decisions"}
)


def _open_import(by: Actor, import_id: int) -> RosterImport:
    claim(by, RosterImport(pk=import_id), CHANGE)
    row = scope(by, RosterImport, CHANGE).select_for_update(of=("self",)).filter(pk=import_id).first()
    if row is None:
        raise NotAllowed("roster.import")
    if row.state not in OPEN_STATES:
        raise Conflict(_("这次导入已经结束或正在写入,不能再改"))
    return row


def map_headers(*, by: Actor, import_id: int, answers: Mapping[str, Any], queued: bool = False) -> None:
    """Take what was said of columns, kinds and schools; columns are remembered for the next file of that shape."""
    require(by, "roster.import")
    with actor_transaction(by):
        row = _open_import(by, import_id)
        known = dict(row.options.get("answers", {}))
        for part in ("columns", "schools", "stages", "grades"):
            known[part] = {**known.get(part, {}), **answers.get(part, {})}
        if "left_out" in answers:
            known["left_out"] = sorted(set(answers["left_out"]))
        if "default_school" in answers:
            known["default_school"] = answers["default_school"]
        row.options = {**row.options, "answers": known}
        row.state = State.CHECKING
        row.save(update_fields=["options", "state"])
        for fingerprint, mapping in answers.get("columns", {}).items():
            HeaderMapping.objects.update_or_create(fingerprint=fingerprint, defaults={"mapping": mapping})
        record(by=by, action="roster.mapped", of=row, headers=len(answers.get("columns", {})))
        if queued:
            queue_check(by, row.pk)


def choose(*, by: Actor, import_id: int, choices: Mapping[str, Any], queued: bool = False) -> None:
    """Take the choices of the preview; it is checked again before anything can be committed."""
    require(by, "roster.import")
    with actor_transaction(by):
        row = _open_import(by, import_id)
        row.options = {**row.options, **{name: value for name, value in choices.items() if name in CHOICES}}
        row.state = State.CHECKING
        row.save(update_fields=["options", "state"])
        record(by=by, action="roster.chosen", of=row, choices=sorted(set(choices) & CHOICES))
        if queued:
            queue_check(by, row.pk)


def abandon(*, by: Actor, import_id: int) -> None:
    """Give an import up; its files go at once."""
    require(by, "roster.import")
    with actor_transaction(by):
        row = _open_import(by, import_id)
        row.state, row.finished_at, row.preview, row.plan = State.ABANDONED, now(), {}, b""
        row.save(update_fields=["state", "finished_at", "preview", "plan"])
        RosterFile.unscoped.filter(roster_import=row).delete()
        record(by=by, action="roster.abandoned", of=row)
