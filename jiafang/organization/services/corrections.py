"""A guardian asks for a correction of what is kept about the own child; the school answers."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts.audit import record
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.organization.models import CorrectionRequest, Enrollment, Person

LONGEST = 300
MOST_OPEN = 10


def ask_correction(*, by: Actor, student_id: int, about: str, wrong: str, right: str) -> CorrectionRequest:
    """Put a request to the school of the child; so many may be open at once."""
    require(by, "correction.ask")
    if about not in CorrectionRequest.About.values:
        raise InputFault(_("请选择哪一项不对"), place="about")
    if not wrong.strip() or not right.strip():
        raise InputFault(_("请写明哪里不对、正确的是什么"), place="right")
    with actor_transaction(by):
        if not scope(by, Enrollment).filter(student_id=student_id).exists():
            raise NotAllowed("correction.ask")
        claim(by, Person(pk=student_id), "ask")
        # One after the other for each guardian: what was counted stays so until this one is written.
        Person.unscoped.select_for_update(of=("self",), no_key=True).get(pk=by.person_id)
        open_ones = scope(by, CorrectionRequest).filter(state=CorrectionRequest.State.OPEN).count()
        if open_ones >= MOST_OPEN:
            raise Conflict(_("已有多条更正在等学校答复,请等答复后再提"))
        made = CorrectionRequest(
            student_id=student_id,
            asked_by_id=by.person_id,
            about=about,
            wrong=wrong.strip()[:LONGEST],
            right=right.strip()[:LONGEST],
        )
        made.save()
        record(by=by, action="correction.asked", of=made, subjects=[student_id], about=about)
    return made


def answer_correction(*, by: Actor, request: CorrectionRequest, accepted: bool, answer: str) -> None:
    """Accept (the data has been put right) or decline with a reason that the guardian reads."""
    require(by, "correction.answer")
    if not accepted and not answer.strip():
        raise InputFault(_("请写一句为什么没有更正,家长会看到"), place="answer")
    with actor_transaction(by):
        claim(by, request, CHANGE)
        rows = scope(by, CorrectionRequest, CHANGE).select_for_update(of=("self",))
        row = rows.filter(pk=request.pk).first()
        if row is None:
            raise NotAllowed("correction.answer")
        if row.state != CorrectionRequest.State.OPEN:
            raise Conflict(_("这一条已经答复过了"))
        states = CorrectionRequest.State
        row.state = states.ACCEPTED if accepted else states.DECLINED
        row.answer = answer.strip()[:LONGEST]
        row.answered_by_id, row.answered_at = by.person_id, now()
        row.save()
        record(by=by, action="correction.answered", of=row, subjects=[row.student_id], accepted=accepted)
