"""How a use case gets hold of its case: within reach for the purpose, claimed, locked, and still within reach."""

from collections.abc import Iterable

from jiafang.access import Actor, claim, scope
from jiafang.care.entitled import leads
from jiafang.care.models import CaseFile, CaseReader, Level
from jiafang.care.rules import named_by, rule_of
from jiafang.care.scope import LEAD
from jiafang.care.seats import Place
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.steps import let_roles_read, locked
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.notifications.services.notify import notify

from django.utils.translation import gettext as _  # isort: skip


def reached(by: Actor, case_id: int, *purposes: str, revision: int | None = None) -> CaseFile:
    """The locked case for the first of the purposes for which it is within reach; raises NotAllowed.

    It is looked at once more when the lock is had: whoever owned, confirmed or read it may not do so any more. What
    the database has found for the claim it remembers; it is this second look that sees what others did meanwhile.
    """
    found = next((one for one in purposes if _within(by, case_id, one)), None)
    if found is None:
        raise NotAllowed("case.read")
    claim(by, CaseFile(pk=case_id), found)
    case = locked(case_id, revision=revision)
    if not _within(by, case_id, found) or (found == LEAD and not leads(by, case)):
        raise NotAllowed("case.read")
    return case


def _within(by: Actor, case_id: int, purpose: str) -> bool:
    return scope(by, CaseFile, purpose).filter(pk=case_id).exists()


def written(words: str, *, place: str = "words", missing: str = "") -> str:
    """What was written, without the space around it; raises InputFault where there is nothing, or too much."""
    words = words.strip()
    if not words:
        raise InputFault(missing or _("请写一句"), place=place)
    if len(words) > LONGEST:
        raise InputFault(_("最多 %(most)s 字") % {"most": LONGEST}, place=place)
    return words


def let_rule_read(case: CaseFile, place: Place) -> None:
    """Those whom the category names for the level on which the case has come."""
    rule = rule_of(case.category, Level(case.level))
    let_roles_read(case, named_by(rule, confided=case.confided), place)


def read_by(case: CaseFile, *sides: str) -> set[int]:
    """Everybody who reads it now, or those on one of the sides."""
    rows = CaseReader.unscoped.filter(case=case, until=None)
    return set((rows.filter(side__in=sides) if sides else rows).values_list("person_id", flat=True))


def tell(by: Actor, case: CaseFile, people: int | Iterable[int], code: str, *, once: str = "") -> int:
    """Tell those who read the case that something of it waits, in the capacity in which they read it; how many were.

    Each once for this state of the case, or under what `once` says.
    """
    wanted = {people} if isinstance(people, int) else {*people}
    rows = CaseReader.unscoped.filter(case=case, person_id__in=wanted - {by.person_id}, until=None)
    # An owner as the owner, whoever confirms as the one who does, whatever else they are.
    told = {row.person_id: row for row in rows.order_by("-pk")}
    told |= {row.person_id: row for row in rows if row.why in (CaseReader.Why.CONCERNED, CaseReader.Why.RAISER)}
    told |= {row.person_id: row for row in rows if row.why == CaseReader.Why.OWNER and case.owner_id == row.person_id}
    return sum(
        notify(
            by=by, people=[person_id], code=code, object_kind="case", object_id=case.pk, school_id=row.school_id,
            capacity_kind=row.kind, once=once or f"{code}:{case.pk}:{case.revision}",
        )
        for person_id, row in sorted(told.items())
    )  # fmt: skip
