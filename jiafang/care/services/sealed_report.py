"""Mandatory reports (强制报告): written without anybody's approval, read by those who are named, never changed."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, claim, require, scope
from jiafang.accounts import audit
from jiafang.care.models import (
    MandatoryReport,
    ReportAddition,
    Role,
    SealedReader,
    StandingSealedReader,
)
from jiafang.care.scope import KIND_OF_ROLE
from jiafang.care.seats import Place, holders
from jiafang.common.clock import now, today
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.notifications.services.notify import notify
from jiafang.organization.models import Enrollment, Person, Post, School, holding

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
        _let_read(made, by.person_id, by.kind, by.capacity.school_id)
        told = set()
        for person_id, kind, at_school in standing_readers(None if draft.bureau_only else school_id):
            _let_read(made, person_id, kind, at_school)
            told.add((person_id, kind, at_school))
        audit.record(by=by, action="sealed.filed", of=made)
        for person_id, kind, at_school in told:
            if person_id != by.person_id:
                notify(
                    by=by,
                    people=[person_id],
                    code="sealed.filed",
                    object_kind="sealed",
                    object_id=made.pk,
                    school_id=at_school,
                    capacity_kind=kind,
                    once=f"sealed.filed:{made.pk}",
                )
    return made


def add_to_report(*, by: Actor, report_id: int, text: str, origin: uuid.UUID) -> None:
    """Something that became known later: the police's receipt, who was told, what was done."""
    require(by, "sealed.report")
    if not text.strip() or len(text) > LONGEST:
        raise InputFault(_("请写 1 到 %(most)s 字") % {"most": LONGEST}, place="text")
    with actor_transaction(by):
        report = _readable(by, report_id)
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


def name_reader_of_report(*, by: Actor, report_id: int, person_id: int, role: str) -> None:
    """Let one more person read: a named reader of bureau or school says who, for instance a successor."""
    require(by, "sealed.name")
    with actor_transaction(by):
        report = _readable(by, report_id)
        for seat in holders(Role(role), Place(report.school_id or 0)):
            if seat.person_id == person_id:
                _let_read(report, seat.person_id, seat.kind, seat.school_id)
                audit.record(by=by, action="sealed.named", of=report, person=person_id)
                return
        raise InputFault(_("这个人现在不担任这项职务"), place="person")


def name_standing_reader(*, by: Actor, person_id: int, role: str) -> None:
    """From now on this person reads the reports of one's school, or (director) those of the bureau."""
    require(by, "sealed.name")
    school_id = by.capacity.school_id
    with actor_transaction(by):
        claim(by, School(pk=school_id or 0), "name")
        for seat in holders(Role(role), Place(school_id or 0)):
            if seat.person_id == person_id and seat.school_id == school_id:
                kept = StandingSealedReader.unscoped.filter(_at(school_id), person_id=person_id, until=None).first()
                row = kept or StandingSealedReader.unscoped.create(
                    school_id=school_id, person_id=person_id, kind=KIND_OF_ROLE[Role(role)]
                )
                audit.record(by=by, action="sealed.standing", of=row, person=person_id)
                return
        raise InputFault(_("请选本单位现任的人"), place="person")


def end_standing_reader(*, by: Actor, row_id: int) -> None:
    """Future reports are not read by this person any more."""
    require(by, "sealed.name")
    with actor_transaction(by):
        row = scope(by, StandingSealedReader).filter(pk=row_id, until=None).first()
        if row is None:
            raise NotAllowed("sealed.name")
        claim(by, School(pk=by.capacity.school_id or 0), "name")
        StandingSealedReader.unscoped.filter(pk=row.pk).update(until=now())
        audit.record(by=by, action="sealed.standing_ended", of=row, person=row.person_id)


def standing_readers(school_id: int | None) -> list[tuple[int, str, int | None]]:
    """(person, kind, school) who reads a report written now: those named; where nobody is, principal and director."""
    found = _named_or(None, Role.DIRECTOR)
    return found if school_id is None else [*found, *_named_or(school_id, Role.PRINCIPAL)]


def _named_or(school_id: int | None, otherwise: Role) -> list[tuple[int, str, int | None]]:
    named = StandingSealedReader.unscoped.filter(_at(school_id), until=None)
    rows = [
        (person, kind, school_id)
        for person, kind in named.values_list("person_id", "kind")
        if _still_holds(person, kind, school_id)
    ]
    return rows or [(seat.person_id, seat.kind, seat.school_id) for seat in holders(otherwise, Place(school_id or 0))]


def _still_holds(person_id: int, kind: str, school_id: int | None) -> bool:
    roles = [role.value for role, of in KIND_OF_ROLE.items() if of == kind]
    posts = {*roles, *(["deputy_principal"] if kind == "principal" else [])}
    return Post.unscoped.filter(holding(today()), _at(school_id), person_id=person_id, kind__in=posts).exists()


def _at(school_id: int | None) -> Q:
    """Of this school, or of the bureau."""
    return Q(school=None) if school_id is None else Q(school_id=school_id)


def _school_of_wards(by: Actor) -> int | None:
    enrolled = Enrollment.unscoped.filter(holding(today()), student_id__in=by.capacity.ward_ids)
    return enrolled.order_by("pk").values_list("school_class__cohort__school_id", flat=True).first()


def _let_read(report: MandatoryReport, person_id: int, kind: str, school_id: int | None) -> None:
    rows = SealedReader.unscoped.filter(_at(school_id), report=report, person_id=person_id, kind=kind, until=None)
    if not rows.exists():
        SealedReader.unscoped.create(report=report, person_id=person_id, kind=kind, school_id=school_id)


def _readable(by: Actor, report_id: int) -> MandatoryReport:
    report = scope(by, MandatoryReport).filter(pk=report_id).first()
    if report is None:
        raise NotAllowed("sealed.report")
    claim(by, report, "view")
    return report


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
