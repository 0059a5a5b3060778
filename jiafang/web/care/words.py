"""What stands on the pages of cases: states, parties and roles as people say them."""

import datetime as dt

from django.utils.translation import gettext as _

from jiafang.access.actor import CADRE, COHORT_LEAD, COUNSELOR, DIRECTOR, GUARDIAN, PRINCIPAL, TEACHER
from jiafang.care.models import CaseFile, Side
from jiafang.care.selectors.one_case import OneCase
from jiafang.common.clock import today
from jiafang.web.visits.presenters import TONES as TIER_TONES
from jiafang.web.visits.words import dated

State = CaseFile.State
STATE_TONES = {
    State.OPEN: "due",
    State.ASSIGNED: "due",
    State.ACTING: "info",
    State.AWAITING: "due",
    State.CLOSED: "met",
    State.REOPENED: "due",
}

__all__ = ["STATE_TONES", "TIER_TONES", "audience_word", "due_word", "kind_state", "kind_word", "standing"]


def kind_word(kind: str) -> str:
    """A capacity in one word, as it stands behind a name."""
    return {
        TEACHER: _("老师"),
        COHORT_LEAD: _("年段长"),
        COUNSELOR: _("心理教师"),
        PRINCIPAL: _("校领导"),
        CADRE: _("局干部"),
        DIRECTOR: _("局长"),
        GUARDIAN: _("家长"),
    }.get(kind, "")


def place_words(case: CaseFile, day: dt.date) -> str:
    """The school of a case, with the class of a student; a cadre's is of the bureau."""
    if case.school is None:
        return _("教育局")
    return f"{case.school.name} {case.school_class.full_name(day)}" if case.school_class else case.school.name


def is_nobody_yet(case: CaseFile, owner_id: int) -> bool:
    """What is confided at a school without a principal waits for one; its own teller holds the place till then."""
    return case.confided and owner_id == case.person_id


def owner_words(case: CaseFile, *, role: bool = False) -> str:
    """Who works on it, for those at work with the role."""
    if is_nobody_yet(case, case.owner_id):
        return _("还没有人,等校长到任")
    return f"{case.owner.name}({case.get_owner_role_display()})" if role else case.owner.name


def worked_on_words(case: CaseFile) -> str:
    """The same as a sentence of a list."""
    if is_nobody_yet(case, case.owner_id):
        return owner_words(case)
    return _("%(name)s负责办") % {"name": case.owner.name}


def state_word(case: CaseFile, *, own: bool) -> str:
    """Where it stands, for those who work on it; `own`: they are the ones to confirm."""
    if case.state == State.AWAITING:
        return _("已办理,等您确认") if own else _("已办理,等确认")
    if case.state == State.CLOSED:
        return str(case.get_result_display())
    return str(case.get_state_display())


def kind_state(case: CaseFile, *, own: bool) -> str:
    """Where it stands, for a family or a teacher: no office words."""
    if case.state in (State.OPEN, State.ASSIGNED):
        return _("已收到")
    if case.state == State.ACTING:
        return _("正在办")
    if case.state == State.REOPENED:
        return _("接着办")
    return state_word(case, own=own)


def audience_word(sides: tuple[str, ...], own: str) -> str:
    """家庭和学校; the own side alone is 只在学校内部."""
    names = {
        Side.BUREAU: _("教育局"),
        Side.SCHOOL: _("学校"),
        Side.TEACHER: _("教师本人"),
        Side.FAMILY: _("家里"),
    }
    others = [names[Side(side)] for side in sides if side != own]
    if not others:
        return _("只在教育局内部") if own == Side.BUREAU else _("只在学校内部")
    return _("和%(who)s说") % {"who": "、".join(others)}


def due_word(due: dt.date) -> str:
    days = (due - today()).days
    if days < 0:
        return _("%(day)s前,已过 %(days)s 天") % {"day": dated(due), "days": -days}
    return _("%(day)s前") % {"day": dated(due)}


def standing(one: OneCase) -> str:
    """Where it stands, in the words of whoever reads it."""
    return (state_word if one.inner else kind_state)(one.case, own=one.confirms)
