"""What a difficulty heard on a visit may be about: the bureau's table of categories, seen from each tier of visits."""

from collections.abc import Collection

from django.db.models import OuterRef, QuerySet, Subquery

from jiafang.campaigns.models import Tier
from jiafang.care.models import Category, SubjectKind
from jiafang.visits.models import RaisedConcern

_SUBJECTS: dict[str, tuple[SubjectKind, ...]] = {
    Tier.TEACHER_FAMILY: (SubjectKind.STUDENT,),
    # Of what a principal tells, the school comes first; what cannot be about a school is the principal's own.
    Tier.BUREAU_PRINCIPAL: (SubjectKind.SCHOOL, SubjectKind.PRINCIPAL),
    Tier.PRINCIPAL_TEACHER: (SubjectKind.TEACHER,),
    Tier.BUREAU_TEACHER: (SubjectKind.TEACHER,),
}


def subject_of(tier: str, subjects: Collection[str]) -> SubjectKind:
    """Whom a difficulty is about that was heard on this tier, by what its category can be about."""
    kinds = _SUBJECTS[tier]
    return next((kind for kind in kinds if kind in subjects), kinds[0])


def is_offered(category: Category, tier: str) -> bool:
    """A category that is closed, or about nobody met on this tier, is not offered; a phone may still send it."""
    return category.active and not set(_SUBJECTS[tier]).isdisjoint(category.subjects)


def tiers_offering(category: Category) -> list[str]:
    return [tier for tier in Tier.values if is_offered(category, tier)]


def all_categories() -> list[Category]:
    """In the bureau's order, also those that are closed: what was written under one still bears its name."""
    return list(Category.objects.only("code", "name", "subjects", "active", "order"))


def named(rows: QuerySet[RaisedConcern]) -> QuerySet[RaisedConcern]:
    """With `category_name`, as the bureau's table has it now."""
    name = Category.objects.filter(code=OuterRef("category")).order_by().values("name")[:1]
    return rows.annotate(category_name=Subquery(name))  # type: ignore[no-redef]  # the model says that it may be there
