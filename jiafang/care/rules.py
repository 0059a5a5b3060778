"""What the rule of a category says on a level, and what holds where a bureau has not said anything."""

import datetime as dt
from collections.abc import Collection

from jiafang.care.entitled import AT_BUREAU, AT_SCHOOL, ROLES_ON_LEVEL
from jiafang.care.models import OWN_MATTERS, AlertTier, CaseFile, Category, CategoryRule, Level, Role, SubjectKind
from jiafang.care.seats import ROLE_OF_LEVEL, Place, Seat, holders, owner_from
from jiafang.common.clock import today

# Where a case begins.
FIRST_LEVEL = {
    SubjectKind.STUDENT: Level.CLASS,
    SubjectKind.TEACHER: Level.SCHOOL,
    SubjectKind.PRINCIPAL: Level.SECTION,
    SubjectKind.CADRE: Level.SECTION,
    SubjectKind.SCHOOL: Level.SECTION,
}
# Who reads a student's case besides, from which tier on: counselor, crisis team.
READERS_OF_TIER: dict[str, tuple[Role, ...]] = {
    AlertTier.GREEN: (),
    AlertTier.YELLOW: (Role.COUNSELOR,),
    AlertTier.ORANGE: (Role.COUNSELOR, Role.COHORT_LEAD, Role.MORAL_DEPUTY, Role.PRINCIPAL),
    AlertTier.RED: (Role.COUNSELOR, Role.COHORT_LEAD, Role.MORAL_DEPUTY, Role.PRINCIPAL),
}
_OF_THE_BUREAU = frozenset[Role]().union(*(ROLES_ON_LEVEL[level] for level in AT_BUREAU))


def rule_of(category: Category, level: Level) -> CategoryRule:
    """The rule as data, or the one that follows from the level."""
    return CategoryRule.objects.filter(category=category, level=level).first() or rule_by_level(category, level)


def rule_by_level(category: Category, level: Level) -> CategoryRule:
    return CategoryRule(category=category, level=level, owner=ROLE_OF_LEVEL[level], readers=[])


def is_confided(category: Category, subject_kind: str) -> bool:
    """Whether what is told now is told in confidence: of a student it never is, others must be able to help."""
    return category.confided and subject_kind in OWN_MATTERS


def named_by(rule: CategoryRule, *, confided: bool) -> list[Role]:
    """Whom the rule of a level lets read: what is confided nobody at school, and at the bureau the bureau alone."""
    read_by_it = _OF_THE_BUREAU if rule.level in AT_BUREAU else frozenset()
    return [Role(role) for role in rule.readers if not confided or role in read_by_it]


def reading_roles(case: CaseFile) -> set[Role]:
    """Who reads besides the owner and those concerned: whom the category names and, of students, the alert tier."""
    named = named_by(rule_of(case.category, Level(case.level)), confided=case.confided)
    return {*named, *roles_of_tier(case)}


def roles_of_tier(case: CaseFile) -> tuple[Role, ...]:
    """Whom the alert tier of a student's case calls in."""
    return READERS_OF_TIER[case.alert_tier] if case.subject_kind == SubjectKind.STUDENT else ()


def owner_by(
    rule: CategoryRule, place: Place, *, avoiding: Collection[int], confided: bool, consent: bool
) -> tuple[Level, Seat | None]:
    """Who owns it by the rule of a level, or on the nearest one above that has somebody.

    What is confided is at school the principal's alone; where there is none it waits for one, with nobody to own it,
    until whoever confided it agrees that it goes further.
    """
    level = Level(rule.level)
    if not confided or level not in AT_SCHOOL:
        return owner_from(level, place, Role(rule.owner), avoiding=avoiding)
    for seat in holders(Role.PRINCIPAL, place):
        if seat.person_id not in avoiding:
            return Level.SCHOOL, seat
    return owner_from(Level.SECTION, place, Role.SECTION, avoiding=avoiding) if consent else (level, None)


def due_on(rule: CategoryRule, tier: str) -> dt.date:
    return today() + dt.timedelta(days=rule.days(tier))
