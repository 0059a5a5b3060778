"""All or nothing: what was previewed is written in one transaction, if it is still what would be written."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts.audit import record
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, JiafangError, NotAllowed, NotReady
from jiafang.organization.changes import announce
from jiafang.organization.models import RosterFile, RosterImport
from jiafang.organization.roster.commit.write import write_plan
from jiafang.organization.roster.compare.plan import Plan
from jiafang.organization.roster.compare.snapshot import state_of_district
from jiafang.organization.services.roster.examine import Step, examine, options_of
from jiafang.organization.services.roster.fail import fail
from jiafang.organization.services.roster.progress import Progress, progress_of
from jiafang.organization.services.roster.queue import queue_commit
from jiafang.organization.services.roster.stored import stored_plan

State = RosterImport.State
COMMIT_LOCK = 0x6A66_0001  # one roster at a time is written


def confirm(*, by: Actor, import_id: int, queued: bool = False) -> RosterImport:
    """The user says yes to the preview; `queued` has a job commit it."""
    require(by, "roster.import")
    with actor_transaction(by):
        claim(by, RosterImport(pk=import_id), CHANGE)
        row = scope(by, RosterImport, CHANGE).select_for_update(of=("self",)).filter(pk=import_id).first()
        if row is None:
            raise NotAllowed("roster.import")
        if row.state == State.COMMITTING and not being_written():
            pass  # a commit that was cut off may be asked for again
        elif row.state != State.PREVIEWED:
            raise Conflict(_("这次导入现在不能确认,请看它的状态"))
        refuse_unready(row)
        row.state, row.error = State.COMMITTING, ""
        row.progress = {"step": "queued", "done": 0, "total": 100, "seconds": 0}
        row.save(update_fields=["state", "error", "progress"])
        record(by=by, action="roster.confirmed", of=row)
        if queued:
            queue_commit(by, row.pk)
    return row


def refuse_unready(row: RosterImport) -> None:
    """Errors must be mended or skipped, and doubts about people decided."""
    preview = row.preview
    if preview.get("fault_counts", {}).get("error") and not row.options.get("skip_faulty"):
        raise NotReady(_("还有错误没有处理;请改好后重新上传,或选择跳过有错的行"))
    if preview.get("undecided"):
        raise NotReady(_("还有 %(count)s 位“可能是同一人”没有确认") % {"count": preview["undecided"]})


def being_written() -> bool:
    """Whether some process is inside a commit; inside a transaction only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted)",
            [COMMIT_LOCK],
        )
        return bool(cursor.fetchone()[0])


def commit_import(*, by: Actor, import_id: int) -> RosterImport:
    """Write the previewed plan; on any failure nothing is written and the import says why."""
    require(by, "roster.import")
    with progress_of(by, import_id) as progress:
        try:
            return _commit(by, import_id, progress)
        except JiafangError as error:
            fail(by=by, import_id=import_id, states=(State.COMMITTING,), message=error.message)
            raise
        except Exception:
            words = _("写入时出错,什么都没有写入;请联系维护人员")
            fail(by=by, import_id=import_id, states=(State.COMMITTING,), message=words)
            raise


def _commit(by: Actor, import_id: int, progress: Progress) -> RosterImport:
    with actor_transaction(by):
        claim(by, RosterImport(pk=import_id), CHANGE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [COMMIT_LOCK])
            if not cursor.fetchone()[0]:
                raise Conflict(_("另一份名册正在写入,请稍后再试"))
        row = RosterImport.unscoped.get(pk=import_id)
        if row.state != State.COMMITTING:
            return row
        refuse_unready(row)
        plan = _previewed_plan(row, lambda step, done, total: progress(step, done * 50 // total, 100))
        changes = write_plan(plan, lambda step, done, total: progress(step, 50 + done * 48 // total, 100))
        announce(by, changes)
        tables = [{**table, "sample": []} for table in row.preview["tables"]]
        row.preview = {**row.preview, "faults": [], "tables": tables}
        row.state, row.finished_at, row.progress, row.plan = State.COMMITTED, now(), {}, b""
        RosterFile.unscoped.filter(roster_import=row).delete()
        record(
            by=by,
            action="roster.committed",
            of=row,
            **_counts(row),
        )
        # The last statement: until here the progress of this row is written on another connection.
        row.save(update_fields=["preview", "state", "finished_at", "progress", "plan"])
    return row


def _counts(row: RosterImport) -> dict[str, Any]:
    return {key.replace(".", "_"): count for key, count in row.preview["report"]["counts"].items()}


def _previewed_plan(row: RosterImport, step: Step) -> Plan:
    """The plan that was shown: as stored while the district stands still, else made again and the same."""
    on = options_of(row).on.isoformat()
    if row.preview.get("on") == on and row.preview.get("state") == state_of_district():
        return Plan.from_bytes(stored_plan(row), on)
    comparison = examine(row, step).comparison
    if comparison is None or Plan.digest(comparison.plan.as_bytes()) != row.preview_hash:
        raise Conflict(_("预览之后,系统里的数据或文件有了变化;请重新预览,再确认一次"))
    return comparison.plan
