"""Writing down what was done about a case."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require
from jiafang.accounts import audit
from jiafang.care.models import CaseAction, Resource
from jiafang.care.scope import WORK
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached
from jiafang.care.services.steps import step
from jiafang.care.workflow import IN_HAND, LIVE, Verb
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.common.locking import lock_name

EARLIEST = dt.timedelta(days=366)


def add_action(
    *,
    by: Actor,
    case_id: int,
    kind: str,
    on: dt.date,
    text: str,
    resource_id: int | None = None,
    shared: bool = False,
    origin: uuid.UUID | None = None,
) -> CaseAction:
    """Whoever works on it says what was done; the owner's first action takes it in hand. The same origin is one."""
    require(by, "case.work")
    _check(kind, on, text)
    origin = origin or uuid.uuid4()
    with actor_transaction(by):
        case = reached(by, case_id, WORK)
        lock_name(f"action:{origin}")
        there = CaseAction.unscoped.filter(origin=origin).first()
        if there is not None:
            if there.by_id != by.person_id or there.case_id != case_id:
                raise NotAllowed("case.work")
            return there
        if case.state not in LIVE:
            raise Conflict(_("这件事已经办结,要接着办请先重新打开"))
        if resource_id is not None and not Resource.objects.filter(pk=resource_id, active=True).exists():
            raise InputFault(_("请选现有的资源"), place="resource")
        made = CaseAction(
            origin=origin,
            case=case,
            kind=kind,
            on=on,
            by_id=by.person_id,
            text=text.strip(),
            resource_id=resource_id,
            shared=shared,
        )
        made.save()
        about = [case.person_id] if case.person_id else []
        if case.owner_id == by.person_id and case.state in IN_HAND and case.state != case.State.ACTING:
            step(by, case, Verb.ACT, internal=False)
        audit.record(by=by, action="case.acted", of=made, subjects=about, case=case.pk)
    return made


def _check(kind: str, on: dt.date, text: str) -> None:
    if kind not in CaseAction.Kind.values:
        raise InputFault(_("请选做了什么"), place="kind")
    if not today() - EARLIEST <= on <= today():
        raise InputFault(_("日期请选一年以内、今天以前"), place="on")
    if not text.strip():
        raise InputFault(_("请写一句做了什么"), place="text")
    if len(text) > LONGEST:
        raise InputFault(_("最多 %(most)s 字") % {"most": LONGEST}, place="text")
