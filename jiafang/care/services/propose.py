"""The owner says that it is done; whoever raised it, or a guardian who is asked, says whether it is solved."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.models import CaseFile, CaseReader, Side, SubjectKind
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.clock import now
from jiafang.common.errors import InputFault
from jiafang.organization.models import Guardianship

Result = CaseFile.Result
RESULTS = (Result.SOLVED, Result.PARTLY, Result.CONDITIONS)


def propose_result(
    *,
    by: Actor,
    case_id: int,
    result: str,
    words: str,
    ask_person_id: int | None = None,
    revision: int | None = None,
) -> None:
    """Put the result to whoever confirms; nobody confirms their own work."""
    require(by, "case.work")
    if result not in RESULTS:
        raise InputFault(_("请选结果"), place="result")
    if not words.strip() or len(words) > LONGEST:
        raise InputFault(_("请用几句话写清办到了什么"), place="words")
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, revision=revision)
        if ask_person_id is not None:
            _ask(case, ask_person_id)
        if case.confirmer_id == case.owner_id or not _can_confirm(case):
            raise InputFault(_("解决没有要由别人说:请选一位家长来确认"), place="ask_person_id")
        step(by, case, Verb.PROPOSE, result=result, result_words=words.strip(), awaiting_since=now())
        tell(by, case, case.confirmer_id, "case.asked")


def _ask(case: CaseFile, guardian_id: int) -> None:
    """From now on this guardian says whether it is solved, and reads what a family reads of it."""
    held = Guardianship.unscoped.filter(guardian_id=guardian_id, student_id=case.person_id or 0, revoked_on=None)
    if case.subject_kind != SubjectKind.STUDENT or not held.filter(is_guardian=True, may_see=True).exists():
        raise InputFault(_("请选这名学生的一位监护人"), place="ask_person_id")
    case.confirmer_id = guardian_id
    CaseReader.unscoped.get_or_create(
        case=case,
        person_id=guardian_id,
        kind="guardian",
        until=None,
        defaults={"side": Side.FAMILY, "why": CaseReader.Why.CONCERNED},
    )


def _can_confirm(case: CaseFile) -> bool:
    return CaseReader.unscoped.filter(case=case, person_id=case.confirmer_id, until=None).exists()
