"""A student moves to another class or leaves; the enrollment before stays as history."""

import datetime as dt

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts.audit import record
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.organization.changes import Left, Transferred, announce
from jiafang.organization.models import Enrollment, Person, SchoolClass


def _open_enrollment(by: Actor, student: Person) -> Enrollment:
    if not scope(by, Person, CHANGE).filter(pk=student.pk).exists():
        raise NotAllowed("student.move")
    claim(by, student, CHANGE)
    enrollment = Enrollment.unscoped.select_for_update(of=("self",)).filter(student=student, end=None).first()
    if enrollment is None:
        raise Conflict(_("%(name)s 目前不在任何班级") % {"name": student.name})
    return enrollment


def move_student(*, by: Actor, student: Person, to: SchoolClass, on: dt.date) -> None:
    """Move a student to another class within reach and tell those who follow (open duties move along)."""
    require(by, "student.move")
    with actor_transaction(by):
        if not scope(by, SchoolClass).filter(pk=to.pk).exists():
            raise NotAllowed("student.move")
        before = _open_enrollment(by, student)
        claim(by, to, CHANGE)
        if before.school_class_id == to.pk:
            raise InputFault(_("已经在这个班了"), place="to")
        before.end, before.end_reason = max(on, before.start), Enrollment.Reason.TRANSFERRED
        before.save(update_fields=["end", "end_reason"])
        after = Enrollment.unscoped.create(student=student, school_class=to, start=on, boarding=before.boarding)
        announce(by, [Transferred(student.pk, before.school_class_id, to.pk, on)])
        record(by=by, action="student.moved", of=after, from_class=before.school_class_id, to_class=to.pk)


def leave(*, by: Actor, student: Person, reason: str, on: dt.date) -> None:
    """A student leaves the district, graduates or has died; notices and links stop at once."""
    require(by, "student.move")
    if reason not in (Enrollment.Reason.LEFT, Enrollment.Reason.GRADUATED, Enrollment.Reason.DECEASED):
        raise InputFault(_("请选择离开的原因"), place="reason")
    with actor_transaction(by):
        before = _open_enrollment(by, student)
        before.end, before.end_reason = max(on, before.start), reason
        before.save(update_fields=["end", "end_reason"])
        if reason == Enrollment.Reason.DECEASED:
            Person.unscoped.filter(pk=student.pk).update(deceased=True)
        announce(by, [Left(student.pk, before.school_class_id, reason, on)])
        record(by=by, action="student.left", of=before, reason=reason)
