"""A mark or an attendance of a student, entered by those who lead the student or work on the case."""

import datetime as dt
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, claim, require
from jiafang.accounts import audit
from jiafang.care.models import Progress
from jiafang.common.clock import today
from jiafang.common.errors import InputFault
from jiafang.common.locking import lock_name
from jiafang.organization.models import Person

TRACK = "track"
HIGHEST = {Progress.Kind.MARK: Decimal(1000), Progress.Kind.ATTENDANCE: Decimal(100)}
LONGEST = 30


def track(*, by: Actor, person_id: int, kind: str, label: str, value: str, on: dt.date | None = None) -> Progress:
    """The same kind, label and day again corrects the value."""
    require(by, "progress.track")
    on, label = on or today(), label.strip()
    with actor_transaction(by):
        claim(by, Person(pk=person_id), TRACK)
        number = _checked(kind, label, value, on)
        lock_name(f"progress:{person_id}")
        key = {"person_id": person_id, "kind": kind, "on": on, "label": label}
        row = Progress.unscoped.filter(**key).first() or Progress(**key)
        if row.pk and row.value == number:
            return row
        row.value, row.by_id = number, by.person_id
        row.save()
        audit.record(by=by, action="progress.track", of=row, kind=kind)
        return row


def _checked(kind: str, label: str, value: str, on: dt.date) -> str:
    """The number in one plain form, or what is wrong and where."""
    if kind not in Progress.Kind.values:
        raise InputFault(_("请选择成绩还是出勤率"), place="kind")
    if not label or len(label) > LONGEST:
        raise InputFault(_("名称要填,最多 30 字,如“数学月考”"), place="label")
    if on > today():
        raise InputFault(_("日期不能在今天以后"), place="on")
    highest = HIGHEST[Progress.Kind(kind)]
    try:
        number = Decimal(value.strip().rstrip("%").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= highest:
        raise InputFault(_("请填 0 到 %(highest)s 的数") % {"highest": highest}, place="value")
    return f"{number.quantize(Decimal('0.1')).normalize():f}"
