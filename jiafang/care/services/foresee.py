"""Who will know of a difficulty, and by when it is to be dealt with: said to whoever is about to raise it."""

from collections.abc import Iterable
from dataclasses import dataclass

from jiafang.access import Actor, claim, reading, require
from jiafang.care.models import AlertTier, Category, CategoryRule, Level, Role, SubjectKind
from jiafang.care.rules import FIRST_LEVEL, READERS_OF_TIER, rule_by_level
from jiafang.care.seats import Place, Seat, holders, owner_from, shut_out
from jiafang.care.services.raise_case import place_of_subject
from jiafang.organization.models import Person, School


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who will know, in the role in which they will."""

    person_id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class OfCategory:
    """What follows from the category: who owns it, who else reads it, and how many days each alert tier leaves."""

    code: str
    name: str
    confided: bool
    owner: Known
    readers: tuple[Known, ...]
    days: dict[str, int]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What follows from each category, and who reads besides because of the alert tier."""

    categories: tuple[OfCategory, ...]
    tiers: dict[str, tuple[Known, ...]]


def foresee(*, by: Actor, subject_kind: str, person_id: int | None = None, school_id: int | None = None) -> Foreseen:
    """What would follow; nothing is written. The claim is that of raising it, and ends with the look."""
    require(by, "case.raise")
    with reading(by):
        about = School(pk=school_id or 0) if subject_kind == SubjectKind.SCHOOL else Person(pk=person_id or 0)
        claim(by, about, "raise")
        return _foreseen(SubjectKind(subject_kind), place_of_subject(subject_kind, person_id, school_id), person_id)


def _foreseen(kind: SubjectKind, place: Place, person_id: int | None) -> Foreseen:
    avoiding = shut_out(person_id)
    rules = {(rule.category_id, rule.level): rule for rule in CategoryRule.objects.all()}
    found: dict[tuple[Role, int | None], list[Seat]] = {}
    owners: dict[tuple[str, int | None], tuple[Level, Seat]] = {}

    def seats(role: Role, where: Place) -> list[Seat]:
        key = role, where.section_id
        if key not in found:
            found[key] = [seat for seat in holders(role, where) if seat.person_id not in avoiding]
        return found[key]

    drafts = []
    first = FIRST_LEVEL[kind]
    for category in Category.objects.filter(active=True, subjects__contains=[kind]):
        where = Place(place.school_id, place.school_class_id, category.section_id) if category.section_id else place
        role = rules.get((category.pk, first), rule_by_level(category, first)).owner
        if (role, where.section_id) not in owners:
            owners[role, where.section_id] = owner_from(first, where, Role(role), avoiding=avoiding)
        level, owner = owners[role, where.section_id]
        rule = rules.get((category.pk, level), rule_by_level(category, level))
        readers = [seat for one in rule.readers for seat in seats(Role(one), where)]
        drafts.append((category, rule, owner, readers))
    student = kind == SubjectKind.STUDENT
    tiers = {
        tier: [seat for role in (READERS_OF_TIER[tier] if student else ()) for seat in seats(role, place)]
        for tier in AlertTier.values
    }
    everybody = [seat for _c, _r, owner, readers in drafts for seat in (owner, *readers)]
    names = _names([*everybody, *(seat for of_tier in tiers.values() for seat in of_tier)])
    return Foreseen(
        tuple(
            OfCategory(
                code=category.code,
                name=category.name,
                confided=category.confided,
                owner=Known(owner.person_id, names[owner.person_id], owner.role),
                readers=_known(readers, names, without=owner.person_id),
                days={tier: rule.days(tier) for tier in AlertTier.values},
            )
            for category, rule, owner, readers in drafts
        ),
        {tier: _known(of_tier, names) for tier, of_tier in tiers.items()},
    )


def _names(seats: Iterable[Seat]) -> dict[int, str]:
    return dict(Person.unscoped.filter(pk__in={seat.person_id for seat in seats}).values_list("pk", "name"))


def _known(seats: Iterable[Seat], names: dict[int, str], without: int = 0) -> tuple[Known, ...]:
    """Each once, under the first role in which they will know."""
    once: dict[int, Known] = {}
    for seat in seats:
        if seat.person_id != without:
            once.setdefault(seat.person_id, Known(seat.person_id, names[seat.person_id], seat.role))
    return tuple(once.values())
