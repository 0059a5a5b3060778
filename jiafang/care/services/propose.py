"""The owner says that it is done; whoever raised it, or somebody else who is asked, says whether it is solved."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.care.models import CaseFile, CaseReader
from jiafang.care.services.askable import ask, askable
from jiafang.care.services.reach import reached, tell, written
from jiafang.care.services.steps import step
from jiafang.care.workflow import Verb
from jiafang.common.clock import now
from jiafang.common.errors import InputFault

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
    """Put the result to whoever confirms; nobody confirms their own work as long as there is anybody else."""
    require(by, "case.work")
    if result not in RESULTS:
        raise InputFault(_("请选结果"), place="result")
    words = written(words, missing=_("请用几句话写清办到了什么"))
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, revision=revision)
        others = askable(case)
        if ask_person_id is not None and ask_person_id != case.confirmer_id:
            if ask_person_id not in others:
                raise InputFault(_("请选一位可以确认的人"), place="ask_person_id")
            ask(case, ask_person_id)
        if others and not _somebody_else(case):
            raise InputFault(_("解决没有要由别人说:请选一位来确认"), place="ask_person_id")
        step(
            by, case, Verb.PROPOSE, result=result, result_words=words, awaiting_since=now(),
            confirmer_id=case.confirmer_id,
        )  # fmt: skip
        tell(by, case, case.confirmer_id, "case.asked")


def _somebody_else(case: CaseFile) -> bool:
    """Whether whoever confirms is not the owner and still reads the case."""
    reads = CaseReader.unscoped.filter(case=case, person_id=case.confirmer_id, until=None)
    return case.confirmer_id != case.owner_id and reads.exists()
