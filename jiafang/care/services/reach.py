"""How a use case gets hold of its case: within reach for the purpose, claimed, locked, and still as it was claimed."""

from jiafang.access import CHANGE, Actor, claim, scope
from jiafang.care.models import CaseFile, CaseReader
from jiafang.care.scope import CONFIRM
from jiafang.care.services.steps import locked
from jiafang.common.errors import NotAllowed
from jiafang.notifications.services.notify import notify


def reached(by: Actor, case_id: int, *purposes: str, revision: int | None = None) -> CaseFile:
    """The locked case for the first of the purposes for which it is within reach; raises NotAllowed.

    Whoever was its owner or was to confirm when the page was drawn may not be so any more once the lock is had.
    """
    case = CaseFile(pk=case_id)
    found = next((one for one in purposes if scope(by, CaseFile, one).filter(pk=case_id).exists()), None)
    if found is None:
        raise NotAllowed("case.read")
    claim(by, case, found)
    case = locked(case_id, revision=revision)
    if found == CHANGE and case.owner_id != by.person_id:
        raise NotAllowed("case.work")
    if found == CONFIRM and case.confirmer_id != by.person_id:
        raise NotAllowed("case.confirm")
    return case


def tell(by: Actor, case: CaseFile, person_id: int, code: str) -> None:
    """Tell somebody who reads the case that something of it waits, in the capacity in which they read it."""
    if person_id == by.person_id:
        return
    row = CaseReader.unscoped.filter(case=case, person_id=person_id, until=None).order_by("why", "pk").first()
    if row is None:
        return
    notify(
        by=by,
        people=[person_id],
        code=code,
        object_kind="case",
        object_id=case.pk,
        school_id=row.school_id,
        capacity_kind=row.kind,
        once=f"{code}:{case.pk}:{case.revision}",
    )
