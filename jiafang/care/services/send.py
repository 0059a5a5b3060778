"""A case goes up by the owner's own decision, and comes down decided, with a person and a deadline."""

import datetime as dt

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, require
from jiafang.accounts import audit
from jiafang.care.models import BureauSection, CaseAction, CaseFile, Level, Role, SubjectKind
from jiafang.care.rules import due_on, rule_of
from jiafang.care.seats import LEVELS, Place, owner_from, place_of, shut_out
from jiafang.care.services.assign import checked_due, seat_of
from jiafang.care.services.raise_case import LONGEST
from jiafang.care.services.reach import reached, tell
from jiafang.care.services.steps import step
from jiafang.care.workflow import ABOVE, Verb
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault

# On which level somebody in this role works.
LEVEL_OF_ROLE = {
    Role.HOMEROOM_TEACHER: Level.CLASS,
    Role.COHORT_LEAD: Level.COHORT,
    Role.COUNSELOR: Level.SCHOOL,
    Role.MORAL_DEPUTY: Level.SCHOOL,
    Role.PRINCIPAL: Level.SCHOOL,
    Role.CADRE: Level.SECTION,
    Role.SECTION: Level.SECTION,
    Role.DIRECTOR: Level.DIRECTOR,
}


def needs_consent(case: CaseFile) -> bool:
    """What a teacher confides goes further with their consent alone."""
    own = case.subject_kind in (SubjectKind.TEACHER, SubjectKind.PRINCIPAL)
    return own and case.category.confided and not case.consent_upward


def send_up(
    *,
    by: Actor,
    case_id: int,
    words: str,
    section_id: int | None = None,
    for_meeting: bool = False,
    revision: int | None = None,
) -> None:
    """To the next level that has somebody else; to a section of the bureau if one is named."""
    require(by, "case.work")
    _check(words)
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, revision=revision)
        if needs_consent(case):
            raise Conflict(_("这是本人私下说的事,要本人同意才能往上报"))
        if Level(case.level) not in ABOVE:
            raise Conflict(_("已经在最上面一级了"))
        if section_id is not None and not BureauSection.objects.filter(pk=section_id, active=True).exists():
            raise InputFault(_("请选现有的科室"), place="section_id")
        place = place_of(case)
        section = section_id or place.section_id or case.category.section_id
        place = Place(place.school_id, place.school_class_id, section)
        level = Level.SECTION if section_id and case.level != Level.SECTION else ABOVE[Level(case.level)]
        rule = rule_of(case.category, level)
        avoiding = {case.owner_id, *shut_out(case.person_id)}
        level, seat = owner_from(level, place, Role(rule.owner), avoiding=avoiding)
        step(
            by, case, Verb.SEND_UP, to=seat, level=level, due=due_on(rule_of(case.category, level), case.alert_tier),
            note=words.strip(), internal=True, section_id=place.section_id, for_meeting=for_meeting or case.for_meeting,
        )  # fmt: skip
        tell(by, case, seat.person_id, "case.owned")


def send_down(
    *,
    by: Actor,
    case_id: int,
    to_level: str,
    to_person_id: int,
    role: str,
    due: dt.date,
    decision: str,
    revision: int | None = None,
) -> None:
    """Decided above, to be done by this person until that day; the decision is written down as an action."""
    require(by, "case.work")
    _check(decision, place="decision")
    with actor_transaction(by):
        case = reached(by, case_id, CHANGE, revision=revision)
        if to_level not in Level.values or LEVELS.index(Level(to_level)) >= LEVELS.index(Level(case.level)):
            raise InputFault(_("请选下面的一级"), place="seat")
        if role not in Role.values or LEVEL_OF_ROLE[Role(role)] != to_level:
            raise InputFault(_("这个职务不在这一级"), place="seat")
        seat = seat_of(case, to_person_id, role)
        step(by, case, Verb.SEND_DOWN, to=seat, level=Level(to_level), due=checked_due(due), for_meeting=False)
        made = CaseAction(
            case=case, kind=CaseAction.Kind.DECISION, on=today(), by_id=by.person_id, text=decision.strip()
        )
        made.save()
        audit.record(by=by, action="case.decided", of=made, case=case.pk)
        tell(by, case, seat.person_id, "case.owned")


def _check(words: str, place: str = "words") -> None:
    if not words.strip():
        raise InputFault(_("请写一句为什么、要怎么办"), place=place)
    if len(words) > LONGEST:
        raise InputFault(_("最多 %(most)s 字") % {"most": LONGEST}, place=place)
