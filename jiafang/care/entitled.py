"""To which roles a case may be given, shown or put, on its level and by whom: nothing crosses a level unsaid."""

from jiafang.access import Actor
from jiafang.access.actor import CADRE, DIRECTOR, PRINCIPAL
from jiafang.care.models import CaseFile, Level, Role, SubjectKind
from jiafang.care.seats import LEVELS

AT_SCHOOL = (Level.CLASS, Level.COHORT, Level.SCHOOL)
AT_BUREAU = (Level.SECTION, Level.DIRECTOR)
# Who works on which level; a counselor takes on cases of every level of a school.
ROLES_ON_LEVEL: dict[Level, frozenset[Role]] = {
    Level.CLASS: frozenset({Role.HOMEROOM_TEACHER, Role.COUNSELOR}),
    Level.COHORT: frozenset({Role.COHORT_LEAD, Role.COUNSELOR}),
    Level.SCHOOL: frozenset({Role.PRINCIPAL, Role.MORAL_DEPUTY, Role.COUNSELOR}),
    Level.SECTION: frozenset({Role.SECTION, Role.CADRE}),
    Level.DIRECTOR: frozenset({Role.DIRECTOR}),
}
# Where somebody in this role works by themselves.
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
# A principal's own difficulty is nobody's matter at their school; what concerns staff is none of a class.
LOWEST = {
    SubjectKind.STUDENT: Level.CLASS,
    SubjectKind.TEACHER: Level.SCHOOL,
    SubjectKind.PRINCIPAL: Level.SECTION,
    SubjectKind.CADRE: Level.SECTION,
    SubjectKind.SCHOOL: Level.SCHOOL,
}


def kept(case: CaseFile) -> bool:
    """What somebody confides of themselves: read by them and by whoever answers for them, further by consent alone."""
    return case.confided and not case.consent_upward


def raised(actor: Actor, case: CaseFile) -> bool:
    """In this capacity: the words of it are their own."""
    return case.raised_by_id == actor.person_id and case.raised_as == actor.kind


def leads(actor: Actor, case: CaseFile) -> bool:
    """Whoever answers for the school or the bureau while the case is there; that they read it is the scope's part."""
    return actor.kind in ((PRINCIPAL,) if case.level in AT_SCHOOL else (CADRE, DIRECTOR))


def roles_to_give(actor: Actor, case: CaseFile) -> frozenset[Role]:
    """Owners give it on within its level, those who lead within the school or the bureau, nobody higher than it is."""
    level = Level(case.level)
    if kept(case):
        return frozenset({Role.PRINCIPAL} if level == Level.SCHOOL else ROLES_ON_LEVEL[level])
    if not leads(actor, case):
        return ROLES_ON_LEVEL[level]
    if level in AT_SCHOOL:
        return _on(LOWEST[SubjectKind(case.subject_kind)], Level.SCHOOL)
    return _on(Level.SECTION, level)


def roles_to_send_down(case: CaseFile) -> frozenset[Role]:
    """Whoever works below, as far down as such a case ever goes."""
    lowest, level = LOWEST[SubjectKind(case.subject_kind)], Level(case.level)
    if level == lowest:
        return frozenset()
    below = _on(lowest, LEVELS[LEVELS.index(level) - 1])
    return below & {Role.PRINCIPAL, Role.SECTION} if kept(case) else below


def roles_to_ask(case: CaseFile) -> frozenset[Role]:
    """To whom it may be referred or shown: never anybody of the bureau before the case has come there itself."""
    if kept(case):
        return frozenset()
    return _on(LOWEST[SubjectKind(case.subject_kind)], Level.SCHOOL if case.level in AT_SCHOOL else Level.DIRECTOR)


def level_with(case: CaseFile, role: Role) -> Level:
    """On which level the case is once somebody in this role owns it."""
    level = Level(case.level)
    return level if role in ROLES_ON_LEVEL[level] else LEVEL_OF_ROLE[role]


def _on(lowest: Level, highest: Level) -> frozenset[Role]:
    levels = LEVELS[LEVELS.index(lowest) : LEVELS.index(highest) + 1]
    return frozenset[Role]().union(*(ROLES_ON_LEVEL[level] for level in levels))
