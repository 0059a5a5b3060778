"""Who will know of a difficulty, and by when it is to be dealt with: said to whoever is about to raise it."""

from collections.abc import Iterable
from dataclasses import dataclass

from jiafang.access import Actor, reading, require
from jiafang.care.models import AlertTier, Category, CategoryRule, Level, Role, SubjectKind
from jiafang.care.rules import FIRST_LEVEL, READERS_OF_TIER, is_confided, named_by, owner_by, rule_by_level
from jiafang.care.seats import Place, Seat, holders, shut_out
from jiafang.care.services.raise_case import claim_subject, place_of_subject
from jiafang.organization.models import Person


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who will know, in the role in which they will."""

    person_id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class OfCategory:
    """What follows from the category: who owns it, who else reads it, and how many days each alert tier leaves.

    What is confided waits without an owner where the school has no principal; by consent it goes to `instead`.
    """

    code: str
    name: str
    confided: bool
    owner: Known | None
    readers: tuple[Known, ...]
    days: dict[str, int]
    instead: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What follows from each category, and who reads besides because of the alert tier."""

    categories: tuple[OfCategory, ...]
    tiers: dict[str, tuple[Known, ...]]


def foresee(*, by: Actor, subject_kind: str, person_id: int | None = None, school_id: int | None = None) -> Foreseen:
    """What would follow; nothing is written. The claim is that of raising it, and ends with the look."""
    require(by, "case.raise")
    with reading(by):
        claim_subject(by, subject_kind, person_id, school_id)
        return _foreseen(SubjectKind(subject_kind), place_of_subject(subject_kind, person_id, school_id), person_id)


def _foreseen(kind: SubjectKind, place: Place, person_id: int | None) -> Foreseen:
    avoiding = shut_out(person_id)
    rules = {(rule.category_id, rule.level): rule for rule in CategoryRule.objects.all()}
    found: dict[tuple[Role, int | None], list[Seat]] = {}
    owners: dict[tuple[str, int | None, bool, bool], tuple[Level, Seat | None]] = {}

    def seats(role: Role, where: Place) -> list[Seat]:
        key = role, where.section_id
        if key not in found:
            found[key] = [seat for seat in holders(role, where) if seat.person_id not in avoiding]
        return found[key]

    def seated(category: Category, where: Place, *, consent: bool = False) -> tuple[CategoryRule, list[Seat]]:
        """The rule by which it is owned, the owner if there is one, and who reads it besides."""
        first = FIRST_LEVEL[kind]
        rule = rules.get((category.pk, first)) or rule_by_level(category, first)
        confided = is_confided(category, kind)
        key = (rule.owner, where.section_id, confided, consent)
        if key not in owners:
            owners[key] = owner_by(rule, where, avoiding=avoiding, confided=confided, consent=consent)
        level, owner = owners[key]
        rule = rules.get((category.pk, level)) or rule_by_level(category, level)
        readers = [seat for one in named_by(rule, confided=confided) for seat in seats(one, where)]
        return rule, [owner, *readers] if owner else []

    drafts = []
    for category in Category.objects.filter(active=True, subjects__contains=[kind]):
        where = Place(place.school_id, place.school_class_id, category.section_id) if category.section_id else place
        rule, people = seated(category, where)
        instead = [] if people else seated(category, where, consent=True)[1]
        drafts.append((category, rule, people, instead))
    student = kind == SubjectKind.STUDENT
    tiers = {
        tier: [seat for role in (READERS_OF_TIER[tier] if student else ()) for seat in seats(role, place)]
        for tier in AlertTier.values
    }
    everybody = [seat for _c, _r, people, instead in drafts for seat in (*people, *instead)]
    names = _names([*everybody, *(seat for of_tier in tiers.values() for seat in of_tier)])
    return Foreseen(
        tuple(
            OfCategory(
                code=category.code,
                name=category.name,
                confided=category.confided,
                owner=next(iter(_known(people, names)), None),
                readers=_known(people, names)[1:],
                days={tier: rule.days(tier) for tier in AlertTier.values},
                instead=_known(instead, names),
            )
            for category, rule, people, instead in drafts
        ),
        {tier: _known(of_tier, names) for tier, of_tier in tiers.items()},
    )


def _names(seats: Iterable[Seat]) -> dict[int, str]:
    return dict(Person.unscoped.filter(pk__in={seat.person_id for seat in seats}).values_list("pk", "name"))


def _known(seats: Iterable[Seat], names: dict[int, str]) -> tuple[Known, ...]:
    """Each once, under the first role in which they will know."""
    once: dict[int, Known] = {}
    for seat in seats:
        once.setdefault(seat.person_id, Known(seat.person_id, names[seat.person_id], seat.role))
    return tuple(once.values())
