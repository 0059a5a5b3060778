"""Two cases that are one."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.models import CaseFile
from jiafang.care.scope import LEAD
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import step
from jiafang.care.workflow import LIVE, Verb
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault


def merge_cases(*, by: Actor, case_id: int, into_id: int, words: str) -> None:
    """Close one as a double of another about the same; who reads the one does not read the other by that.

    Whoever raised it is told, and has it opened again if it was none.
    """
    require(by, "case.work")
    if case_id == into_id:
        raise InputFault(_("请选另一件"), place="into_id")
    with actor_transaction(by):
        # Locked in one order, so that two merges across do not wait for each other.
        both = {pk: reached(by, pk, CHANGE, LEAD) for pk in sorted((case_id, into_id))}
        case, into = both[case_id], both[into_id]
        if _about(case) != _about(into):
            raise InputFault(_("只有同一个人(或同一所学校)的事才能并"), place="into_id")
        if into.state not in LIVE:
            raise Conflict(_("要并入的那一件已经办结"))
        step(
            by, case, Verb.MERGE, result=CaseFile.Result.MERGED, merged_into=into, closed_at=now(),
            note=words.strip()[:LONGEST], internal=True,
        )  # fmt: skip
        tell(by, case, {case.raised_by_id, case.confirmer_id, case.owner_id}, "case.merged")


def _about(case: CaseFile) -> tuple[str, int | None, int]:
    return case.subject_kind, case.person_id, case.school_id
