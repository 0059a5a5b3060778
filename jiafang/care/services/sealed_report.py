"""Mandatory reports (强制报告): written without anybody's approval, read by those who are named, never changed."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, claim, require, scope
from jiafang.accounts import audit
from jiafang.care.models import MandatoryReport, ReportAddition
from jiafang.care.services.sealed_readers import Named, let_read, readable, standing_readers
from jiafang.common.clock import now, today
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.notifications.services.notify import notify
from jiafang.organization.models import Enrollment, Person, holding

LONGEST = 4000
MOST_ADDITIONS = 200


@dataclass(frozen=True)
class ReportDraft:
    """What is written down. `bureau_only` keeps it from the school, when somebody of the school may be involved."""

    about: str
    seen: str
    noticed_at: dt.datetime
    police_called_at: dt.datetime | None = None
    police_receipt: str = ""
    bureau_only: bool = False
    origin: uuid.UUID = field(default_factory=uuid.uuid4)


def file_report(*, by: Actor, draft: ReportDraft) -> MandatoryReport:
    """Seal it for whoever writes it and for those whom school and bureau have named; the same origin again is one."""
    require(by, "sealed.report")
    _check(draft)
    with actor_transaction(by):
        claim(by, Person(pk=by.person_id), "report")
        lock_name(f"sealed:{draft.origin}")
        there = MandatoryReport.unscoped.filter(origin=draft.origin).first()
        if there is not None:
            if there.reported_by_id != by.person_id:
                raise NotAllowed("sealed.report")
            return there
        school_id = by.capacity.school_id or _school_of_wards(by)
        made = MandatoryReport(
            origin=draft.origin,
            school_id=school_id,
            reported_by_id=by.person_id,
            about=draft.about.strip(),
            seen=draft.seen.strip(),
            noticed_at=draft.noticed_at,
            police_called_at=draft.police_called_at,
            police_receipt=draft.police_receipt.strip(),
        )
        made.save(force_insert=True)
        let_read(made, Named(by.person_id, by.kind, by.capacity.school_id))
        told = set(standing_readers(None if draft.bureau_only else school_id))
        for named in told:
            let_read(made, named)
        audit.record(by=by, action="sealed.filed", of=made)
        for named in told:
            if named.person_id != by.person_id:
                notify(
                    by=by,
                    people=[named.person_id],
                    code="sealed.filed",
                    object_kind="sealed",
                    object_id=made.pk,
                    school_id=named.school_id,
                    capacity_kind=named.kind,
                    once=f"sealed.filed:{made.pk}",
                )
    return made


def add_to_report(*, by: Actor, report_id: int, text: str, origin: uuid.UUID) -> None:
    """Something that became known later: the police's receipt, who was told, what was done."""
    require(by, "sealed.report")
    if not text.strip() or len(text) > LONGEST:
        raise InputFault(_("请写 1 到 %(most)s 字") % {"most": LONGEST}, place="text")
    with actor_transaction(by):
        report = readable(by, report_id)
        if ReportAddition.unscoped.filter(origin=origin).exists():
            return
        if ReportAddition.unscoped.filter(report=report).count() >= MOST_ADDITIONS:
            raise Conflict(_("补充太多了,请另写一份报告"))
        made = ReportAddition(origin=origin, report=report, by_id=by.person_id, text=text.strip())
        made.save()
        audit.record(by=by, action="sealed.added", of=made)


def open_report(*, by: Actor, report_id: int) -> MandatoryReport:
    """The report for one of its readers; that it was opened is in the audit, outside what families are told."""
    report = scope(by, MandatoryReport).filter(pk=report_id).select_related("reported_by", "school").first()
    if report is None:
        raise NotAllowed("sealed.report")
    audit.record(by=by, action="sealed.opened", of=report)
    return report


def _school_of_wards(by: Actor) -> int | None:
    enrolled = Enrollment.unscoped.filter(holding(today()), student_id__in=by.capacity.ward_ids)
    return enrolled.order_by("pk").values_list("school_class__cohort__school_id", flat=True).first()


def _check(draft: ReportDraft) -> None:
    for place, text in (("about", draft.about), ("seen", draft.seen)):
        if not text.strip():
            raise InputFault(_("请写一句,知道多少写多少"), place=place)
        if len(text) > LONGEST:
            raise InputFault(_("最多 %(most)s 字") % {"most": LONGEST}, place=place)
    if draft.noticed_at > now() + dt.timedelta(minutes=10):
        raise InputFault(_("时间还没到,请看看日期"), place="noticed_at")
    if draft.police_called_at is not None and draft.police_called_at > now() + dt.timedelta(minutes=10):
        raise InputFault(_("时间还没到,请看看日期"), place="police_called_at")
