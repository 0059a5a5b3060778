"""The same done with several cases, each by its own use case: what could be done is done, the rest says why not."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jiafang.access import Actor, reading, scope
from jiafang.access.actor import CADRE, DIRECTOR, PRINCIPAL
from jiafang.care.models import Role
from jiafang.care.selectors.board import worked_on
from jiafang.care.selectors.offers import candidates
from jiafang.care.services.assign import assign_case
from jiafang.care.services.remind import remind_owner
from jiafang.common.errors import JiafangError, NotAllowed, NotReady
from jiafang.organization.models import Person
from jiafang.web.care.board import BoardRow, board_rows

MOST = 50
# To whom several cases can be given at once: whoever holds the role for each of them.
ROLES: dict[str, tuple[Role, ...]] = {
    PRINCIPAL: (Role.HOMEROOM_TEACHER, Role.COHORT_LEAD, Role.COUNSELOR, Role.MORAL_DEPUTY, Role.PRINCIPAL),
    CADRE: (Role.CADRE, Role.SECTION),
    DIRECTOR: (Role.SECTION, Role.CADRE),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case; `row` is None where it is not on the actor's board at all."""

    row: BoardRow | None
    done: bool
    words: str


def remind_all(actor: Actor, cases: Collection[int]) -> list[Outcome]:
    def remind(pk: int) -> str:
        return _("已提醒%(name)s") % {"name": remind_owner(by=actor, case_id=pk)}

    return _each(actor, cases, remind)


def assign_all(actor: Actor, cases: Collection[int], role: Role, due: dt.date | None) -> list[Outcome]:
    """Each goes to the one who holds the role for it and does not own it already."""

    def assign(pk: int) -> str:
        with reading(actor):
            case = worked_on(actor).select_related("category").defer("text", "result_words").get(pk=pk)
            seat = next((one for one in candidates(actor, case, role) if one.person_id != case.owner_id), None)
            name = scope(actor, Person).filter(pk=seat.person_id).values_list("name", flat=True).first() if seat else ""
        if seat is None:
            raise NotReady(_("没有另外的%(role)s可以交给") % {"role": role.label})
        assign_case(by=actor, case_id=pk, to_person_id=seat.person_id, role=role, due=due, revision=case.revision)
        return _("已交给%(name)s") % {"name": name or role.label}

    return _each(actor, cases, assign)


def _each(actor: Actor, cases: Collection[int], do: Callable[[int], str]) -> list[Outcome]:
    with reading(actor):
        rows = {row.pk: row for row in board_rows(actor, worked_on(actor).filter(pk__in=cases).order_by("due", "pk"))}
    found = [_one(row, do) for row in rows.values()]
    return found + [Outcome(None, False, _("不在您的查看范围里")) for pk in cases if pk not in rows]


def _one(row: BoardRow, do: Callable[[int], str]) -> Outcome:
    try:
        return Outcome(row, True, do(row.pk))
    except NotAllowed:
        return Outcome(row, False, _("这件事不能由您来做"))
    except JiafangError as error:
        return Outcome(row, False, error.message)
