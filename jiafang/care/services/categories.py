"""The table of categories: what difficulties are about, who answers for them on each level, and by when."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require
from jiafang.accounts import audit
from jiafang.care.models import OTHER, AlertTier, BureauSection, Category, CategoryRule, Level, Role, SubjectKind
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.common.locking import lock_name

MANAGE = "case.categories"
LONGEST_DAYS = 365
# Who can be the owner on a level: somebody who stands there.
OWNERS: dict[str, tuple[Role, ...]] = {
    Level.CLASS: (Role.HOMEROOM_TEACHER,),
    Level.COHORT: (Role.COHORT_LEAD, Role.COUNSELOR),
    Level.SCHOOL: (Role.PRINCIPAL, Role.MORAL_DEPUTY, Role.COUNSELOR),
    Level.SECTION: (Role.SECTION, Role.CADRE),
    Level.DIRECTOR: (Role.DIRECTOR,),
}


@dataclass(frozen=True)
class RuleDraft:
    """The rule of one level; days in the order of the alert tiers."""

    level: str
    owner: str
    days_green: int
    days_yellow: int
    days_orange: int
    days_red: int
    readers: tuple[str, ...] = ()


@dataclass(frozen=True)
class CategoryDraft:
    name: str
    subjects: tuple[str, ...]
    section_id: int | None = None
    confided: bool = False
    active: bool = True
    order: int = 0
    rules: Sequence[RuleDraft] = field(default_factory=tuple)


def save_category(*, by: Actor, told: CategoryDraft, category_id: int | None = None) -> Category:
    """The category with the rules that are given, all of it or nothing. Cases that run keep owner and due day."""
    require(by, MANAGE)
    _check(told)
    with actor_transaction(by):
        claim(by, Category(pk=category_id or 0), CHANGE)
        lock_name("care.categories")
        row = Category.objects.filter(pk=category_id).first() if category_id is not None else _new()
        if row is None:
            raise NotAllowed(MANAGE)
        if row.code == OTHER:
            _check_stays_open(told)
        if Category.objects.filter(name=told.name.strip()).exclude(pk=row.pk).exists():
            raise InputFault(_("已经有同名的类别"), place="name")
        if told.section_id is not None and not BureauSection.objects.filter(pk=told.section_id, active=True).exists():
            raise InputFault(_("没有这个科室"), place="section")
        row.name, row.subjects, row.section_id = told.name.strip(), list(told.subjects), told.section_id
        row.confided, row.active, row.order = told.confided, told.active, told.order
        row.save()
        for draft in told.rules:
            values = asdict(draft) | {"readers": list(draft.readers)}
            CategoryRule.objects.update_or_create(category=row, level=values.pop("level"), defaults=values)
        audit.record(by=by, action="category.saved", of=row, levels=[draft.level for draft in told.rules])
        return row


def _new() -> Category:
    return Category(code=f"own_{uuid.uuid4().hex[:12]}")


def _check_stays_open(told: CategoryDraft) -> None:
    """What was heard in a village under a category closed since must still find its place."""
    if not told.active:
        raise InputFault(_("归不进别类的事放在这一类,所以不能停用"), place="active")
    if set(told.subjects) != set(SubjectKind.values):
        raise InputFault(_("归不进别类的事放在这一类,所以关于谁都要能选"), place="subjects")


def _check(told: CategoryDraft) -> None:
    if not told.name.strip() or len(told.name.strip()) > 20:
        raise InputFault(_("名称要填,最多 20 字"), place="name")
    if not told.subjects or not set(told.subjects) <= set(SubjectKind.values):
        raise InputFault(_("请选择这一类事可以关于谁"), place="subjects")
    for draft in told.rules:
        _check_rule(draft)


def _check_rule(draft: RuleDraft) -> None:
    """`place` is the level and the field, as in "school.owner"."""
    if draft.level not in Level.values:
        raise InputFault(_("没有这个层级"), place="rules")
    if draft.owner not in OWNERS[draft.level]:
        raise InputFault(_("这一级不能由这个角色负责"), place=f"{draft.level}.owner")
    if not set(draft.readers) <= set(Role.values):
        raise InputFault(_("没有这个角色"), place=f"{draft.level}.readers")
    longer = LONGEST_DAYS
    for tier in AlertTier:
        days = getattr(draft, f"days_{tier.value}")
        place = f"{draft.level}.days_{tier.value}"
        if not 1 <= days <= LONGEST_DAYS:
            raise InputFault(_("天数应在 1 到 %(most)s 之间") % {"most": LONGEST_DAYS}, place=place)
        if days > longer:
            raise InputFault(_("越紧急,期限不能越长"), place=place)
        longer = days
