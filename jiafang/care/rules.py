"""What the rule of a category says on a level, and what holds where a bureau has not said anything."""

import datetime as dt

from jiafang.care.models import AlertTier, Category, CategoryRule, Level, Role, SubjectKind
from jiafang.care.seats import ROLE_OF_LEVEL
from jiafang.common.clock import today

# Where a case begins.
FIRST_LEVEL = {
    SubjectKind.STUDENT: Level.CLASS,
    SubjectKind.TEACHER: Level.SCHOOL,
    SubjectKind.PRINCIPAL: Level.SECTION,
    SubjectKind.SCHOOL: Level.SECTION,
}
# Who reads a student's case besides, from which tier on: counselor, crisis team.
READERS_OF_TIER: dict[str, tuple[Role, ...]] = {
    AlertTier.GREEN: (),
    AlertTier.YELLOW: (Role.COUNSELOR,),
    AlertTier.ORANGE: (Role.COUNSELOR, Role.COHORT_LEAD, Role.MORAL_DEPUTY, Role.PRINCIPAL),
    AlertTier.RED: (Role.COUNSELOR, Role.COHORT_LEAD, Role.MORAL_DEPUTY, Role.PRINCIPAL),
}
FIRST_CATEGORIES = [
    # code, name, subjects, confided
    ("study", "学习", ["student"], False),
    ("life", "生活", ["student", "teacher", "principal"], False),
    ("mind", "心理", ["student", "teacher", "principal"], True),
    ("family", "家庭", ["student", "teacher", "principal"], True),
    ("teaching", "教学", ["teacher", "principal", "school"], False),
    ("health", "健康", ["student", "teacher", "principal"], True),
    ("conditions", "办学条件", ["school", "teacher", "principal"], False),
    ("safety", "安全", ["student", "teacher", "principal", "school"], False),
    ("tutoring", "校外培训", ["student", "school"], False),
    ("other", "其他", ["student", "teacher", "principal", "school"], False),
]


def ensure_categories() -> None:
    """The categories a new district begins with; from then on they are data."""
    Category.objects.bulk_create(
        [
            Category(code=code, name=name, subjects=subjects, confided=confided, order=order)
            for order, (code, name, subjects, confided) in enumerate(FIRST_CATEGORIES)
        ],
        ignore_conflicts=True,
    )


def rule_of(category: Category, level: Level) -> CategoryRule:
    """The rule as data, or the one that follows from the level."""
    return CategoryRule.objects.filter(category=category, level=level).first() or rule_by_level(category, level)


def rule_by_level(category: Category, level: Level) -> CategoryRule:
    return CategoryRule(category=category, level=level, owner=ROLE_OF_LEVEL[level], readers=[])


def reading_roles(rule: CategoryRule, subject_kind: str, tier: str) -> set[Role]:
    """Who reads besides the owner and those concerned: whom the category names and, of students, the alert tier."""
    named = {Role(role) for role in rule.readers}
    return named | set(READERS_OF_TIER[tier]) if subject_kind == SubjectKind.STUDENT else named


def due_on(rule: CategoryRule, tier: str) -> dt.date:
    return today() + dt.timedelta(days=rule.days(tier))
