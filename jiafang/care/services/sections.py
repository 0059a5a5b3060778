"""The sections of the bureau and who works in them: their head owns the cases that reach the section."""

import datetime as dt

from django.db.models import Q
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require
from jiafang.accounts import audit
from jiafang.care.models import BureauSection, SectionMember
from jiafang.care.services.hand_over import follow_changes
from jiafang.common.clock import today
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.organization.changes import PostEnded
from jiafang.organization.models import Post, holding

MANAGE = "case.categories"


def save_section(
    *, by: Actor, name: str, duties: str = "", active: bool = True, section_id: int | None = None
) -> BureauSection:
    """A new section, or another name, duties or state of one."""
    require(by, MANAGE)
    name = name.strip()
    if not name:
        raise InputFault(_("请填写科室名称"), place="name")
    with actor_transaction(by):
        claim(by, BureauSection(pk=section_id or 0), CHANGE)
        lock_name("care.sections")
        row = BureauSection.objects.filter(pk=section_id).first() if section_id is not None else BureauSection()
        if row is None:
            raise NotAllowed(MANAGE)
        if BureauSection.objects.filter(name=name).exclude(pk=row.pk).exists():
            raise InputFault(_("已经有同名的科室"), place="name")
        row.name, row.duties, row.active = name, duties.strip(), active
        row.save()
        audit.record(by=by, action="section.saved", of=row)
        return row


def add_member(
    *, by: Actor, section_id: int, person_id: int, head: bool = False, end: dt.date | None = None
) -> SectionMember:
    """A cadre joins a section, or becomes its head there; the head before stays as a member."""
    require(by, MANAGE)
    day = today()
    with actor_transaction(by):
        claim(by, SectionMember(pk=0), CHANGE)
        lock_name("care.sections")
        if not BureauSection.objects.filter(pk=section_id, active=True).exists():
            raise InputFault(_("没有这个科室"), place="section")
        if not Post.unscoped.filter(holding(day), person_id=person_id, kind=Post.Kind.CADRE).exists():
            raise InputFault(_("请选择一位现任的局干部"), place="person")
        if end is not None and end <= day:
            raise InputFault(_("结束日期要在今天以后"), place="end")
        now_there = SectionMember.unscoped.filter(Q(end=None) | Q(end__gt=day), section_id=section_id)
        if head:
            now_there.filter(head=True).exclude(person_id=person_id).update(head=False)
        row = now_there.filter(person_id=person_id).first() or SectionMember(
            section_id=section_id, person_id=person_id, start=day
        )
        row.head, row.end = head, end
        row.save()
        audit.record(by=by, action="section.joined", of=row, section=section_id)
        return row


def end_member(*, by: Actor, member_id: int, on: dt.date | None = None) -> None:
    """From this day on the person is no member any more; the history stays."""
    require(by, MANAGE)
    on = on or today()
    with actor_transaction(by):
        claim(by, SectionMember(pk=member_id), CHANGE)
        row = SectionMember.unscoped.select_for_update(of=("self",)).filter(pk=member_id).first()
        if row is None or (row.end is not None and row.end <= today()):
            raise NotAllowed(MANAGE)
        row.end = max(on, row.start)
        row.save(update_fields=["end"])
        audit.record(by=by, action="section.left", of=row, section=row.section_id)
        if row.end <= today():
            # What the person owned for the section goes on without them, as after any post.
            follow_changes(by, [PostEnded(row.person_id, Post.Kind.CADRE, None, None, row.end)])
