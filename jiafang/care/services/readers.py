"""Naming somebody who reads a case besides, and ending that."""

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require, scope
from jiafang.accounts import audit
from jiafang.care.entitled import roles_to_ask
from jiafang.care.models import CaseReader
from jiafang.care.scope import LEAD
from jiafang.care.services.assign import seat_of
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import let_read
from jiafang.care.workflow import LIVE
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, NotAllowed


def name_reader(*, by: Actor, case_id: int, person_id: int, role: str) -> None:
    """The owner, or whoever leads, lets one more person read, in the role that they hold."""
    require(by, "case.work")
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, LEAD)
        if case.state not in LIVE:
            raise Conflict(_("这件事已经办结,要接着办请先重新打开"))
        seat = seat_of(case, person_id, role, among=roles_to_ask(case))
        let_read(case, seat, CaseReader.Why.NAMED)
        audit.record(by=by, action="case.reader_named", of=case, person=seat.person_id)
        tell(by, case, seat.person_id, "case.shared")


def dismiss_reader(*, by: Actor, reader_id: int) -> None:
    """Whoever was named reads it no more; owners, raisers and roles are not dismissed by hand."""
    require(by, "case.work")
    with actor_transaction(by):
        row = scope(by, CaseReader).filter(pk=reader_id, why=CaseReader.Why.NAMED, until=None).first()
        if row is None:
            raise NotAllowed("case.work")
        case = reached(by, row.case_id, CHANGE, LEAD)
        if row.person_id == case.confirmer_id:
            raise NotAllowed("case.work")
        CaseReader.unscoped.filter(pk=reader_id, until=None).update(until=now())
        audit.record(by=by, action="case.reader_dismissed", of=case, person=row.person_id)
