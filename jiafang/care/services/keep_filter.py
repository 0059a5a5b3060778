"""A selection on a board that somebody keeps under a name."""

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, claim, require
from jiafang.care.models import SavedFilter
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.common.locking import lock_name
from jiafang.organization.models import Person

BOARD = "cases"
MOST = 12
LONGEST_NAME = 30


def keep_filter(*, by: Actor, name: str, query: str) -> SavedFilter:
    """Keep it; the same name again is the newer selection."""
    require(by, "case.read")
    name = name.strip()
    with actor_transaction(by):
        claim(by, Person(pk=by.person_id), "keep")
        if not name:
            raise InputFault(_("请给这个筛选起个名字"), place="name")
        if len(name) > LONGEST_NAME:
            raise InputFault(_("名字最多 %(most)s 字") % {"most": LONGEST_NAME}, place="name")
        lock_name(f"filters:{by.person_id}")
        own = SavedFilter.unscoped.filter(person_id=by.person_id, board=BOARD)
        if own.exclude(name=name).count() >= MOST:
            raise Conflict(_("最多记住 %(most)s 个筛选,请先去掉不用的") % {"most": MOST})
        kept, _made = SavedFilter.unscoped.update_or_create(
            person_id=by.person_id, board=BOARD, name=name, defaults={"query": query}
        )
        return kept


def forget_filter(*, by: Actor, filter_id: int) -> None:
    """Keep it no longer."""
    require(by, "case.read")
    with actor_transaction(by):
        claim(by, Person(pk=by.person_id), "keep")
        gone, _rows = SavedFilter.unscoped.filter(pk=filter_id, person_id=by.person_id, board=BOARD).delete()
        if not gone:
            raise NotAllowed("case.read")
