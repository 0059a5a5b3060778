"""Once a day: who the rules point to. A person decides; the machine labels nobody."""

import datetime as dt

from jiafang.access import Actor, actor_transaction, reading, require
from jiafang.accounts import audit
from jiafang.care.models import CaseFile
from jiafang.care.workflow import LIVE
from jiafang.common.clock import today
from jiafang.insight.models import Sign, SignRule
from jiafang.insight.signs import found_by, of_today
from jiafang.notifications.services.notify import notify
from jiafang.organization.models import Enrollment, Post, holding

# A sign that was followed or put aside is not shown again for so long.
QUIET = dt.timedelta(days=90)


def find_signs(*, by: Actor) -> int:
    """Add what is new, let go what no longer holds, tell each homeroom teacher once a week; how many were new."""
    require(by, "sign.find")
    new = 0
    with reading(by):
        rules = list(SignRule.objects.filter(active=True))
        active = {rule.kind for rule in rules}
    for rule in rules:
        with actor_transaction(by):
            new += _follow(by, rule)
    with actor_transaction(by):
        Sign.unscoped.filter(state=Sign.State.OPEN).exclude(kind__in=active).update(state=Sign.State.PASSED)
        _tell(by)
    return new


def _follow(by: Actor, rule: SignRule) -> int:
    found = found_by(rule)
    # Who is helped already needs no pointing at.
    helped = set(CaseFile.unscoped.filter(person_id__in=found, state__in=LIVE).values_list("person_id", flat=True))
    wanted = of_today(found.keys() - helped)
    rows = Sign.unscoped.filter(kind=rule.kind)
    rows.filter(state=Sign.State.OPEN).exclude(student_id__in=wanted).update(state=Sign.State.PASSED)
    decided = rows.filter(
        state__in=(Sign.State.FOLLOWED, Sign.State.ASIDE), decided_on__gt=today() - QUIET, student_id__in=wanted
    )
    known = {*rows.filter(state=Sign.State.OPEN).values_list("student_id", flat=True)}
    known |= {*decided.values_list("student_id", flat=True)}
    made = Sign.unscoped.bulk_create(
        [Sign(student_id=pk, kind=rule.kind, numbers=found[pk], found_on=today()) for pk in sorted(wanted - known)],
        ignore_conflicts=True,
    )
    if made:
        audit.record(by=by, action="sign.found", of=None, kind=rule.kind, count=len(made))
    return len(made)


def _tell(by: Actor) -> None:
    waiting = Sign.unscoped.filter(state=Sign.State.OPEN).values("student_id")
    classes = Enrollment.unscoped.filter(holding(today()), student_id__in=waiting).values("school_class_id")
    leads = Post.unscoped.filter(holding(today()), kind=Post.Kind.HOMEROOM_TEACHER, school_class_id__in=classes)
    week = today() - dt.timedelta(days=today().weekday())
    for person_id, school_id in sorted(set(leads.values_list("person_id", "school_id"))):
        notify(
            by=by, people=[person_id], code="signs.waiting", object_kind="signs", object_id="",
            school_id=school_id, capacity_kind="teacher", once=f"signs.waiting:{week.isoformat()}",
        )  # fmt: skip
