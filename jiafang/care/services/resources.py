"""The directory of help: an administrator keeps the district's entries, a principal those of the own school."""

import re
from dataclasses import asdict, dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require
from jiafang.access.actor import PRINCIPAL
from jiafang.accounts import audit
from jiafang.care.models import Resource
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.organization.models import School

EDIT = "resource.edit"
_PHONE = re.compile(r"\+?[0-9][0-9 -]{1,28}[0-9]")


@dataclass(frozen=True)
class Help:
    """One entry of the directory."""

    kind: str
    name: str
    phone: str = ""
    address: str = ""
    hours: str = ""
    about: str = ""
    emergency: bool = False
    active: bool = True


def save_resource(*, by: Actor, told: Help, resource_id: int | None = None) -> Resource:
    """A new entry, or another wording of one that the actor keeps; taken out of use, it stays where cases name it."""
    require(by, EDIT)
    school_id = by.school_id if by.kind == PRINCIPAL else None
    _check(told)
    with actor_transaction(by):
        if resource_id is None:
            claim(by, School(pk=school_id or 0), "keep")
        else:
            claim(by, Resource(pk=resource_id), CHANGE)
        lock_name(f"resources:{school_id or ''}")
        own = Resource.objects.select_for_update(of=("self",)).filter(Q(school_id=school_id))
        row = own.filter(pk=resource_id).first() if resource_id is not None else Resource(school_id=school_id)
        if row is None:
            raise NotAllowed(EDIT)
        if own.filter(kind=told.kind, name=told.name.strip()).exclude(pk=row.pk).exists():
            raise InputFault(_("这一类里已经有同名的了"), place="name")
        wanted = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(told).items()}
        changed = [name for name, value in wanted.items() if row._state.adding or getattr(row, name) != value]
        if not changed:
            return row
        for name in changed:
            setattr(row, name, wanted[name])
        row.save()
        audit.record(by=by, action="resource.saved", of=row, fields=changed)
        return row


def _check(told: Help) -> None:
    if told.kind not in Resource.Kind.values:
        raise InputFault(_("请选择类别"), place="kind")
    if not told.name.strip():
        raise InputFault(_("请填写名称"), place="name")
    if told.phone.strip() and not _PHONE.fullmatch(told.phone.strip()):
        raise InputFault(_("电话只能是数字,可以有空格和短横"), place="phone")
    if told.emergency and not told.phone.strip():
        raise InputFault(_("紧急时先打的,要有电话"), place="phone")
