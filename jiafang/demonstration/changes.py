"""The same district later: a few weeks of ordinary changes, or the next school year."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from random import Random

from jiafang.demonstration.chance import stream
from jiafang.demonstration.families import BOARDING_SHARE, TRANSFERRED_IN, FamilyMaker, Place, places_of
from jiafang.demonstration.model import (
    STAGES,
    ClassKey,
    DemoDistrict,
    Household,
    SchoolClass,
    Staff,
    Student,
)
from jiafang.demonstration.numbers import NumberIssuer

LEAVER_SHARE = 0.01
MOVER_SHARE = 0.015
NEWCOMER_SHARE = 0.012
NEW_PHONE_SHARE = 0.03
NEW_HOMEROOM_SHARE = 0.03
DAYS_LATER = 28
# The stage that the children of a leaving cohort go on to, and the share of its places that they take.
NEXT_STAGE = {"幼儿园": "小学", "小学": "初中", "初中": "高中"}
SHARE_FROM_BELOW = 0.85


def evolve(demo: DemoDistrict, seed: int) -> DemoDistrict:
    """The district four weeks later: transfers, leavers, newcomers, new telephones, new homeroom teachers."""
    random = stream(demo.size, demo.seed, demo.today, "evolve", seed)
    numbers = demo.numbers.copy()
    later = demo.today + dt.timedelta(days=DAYS_LATER)
    staying = [s for s in demo.students if random.random() >= LEAVER_SHARE]
    moved = _move_some(random, demo, staying)
    households = _change_phones(random, numbers, demo, moved)
    newcomers = random.choices([c.key for c in demo.classes], k=round(len(demo.students) * NEWCOMER_SHARE))
    maker = _family_maker(random, numbers, demo, demo.classes, moved)
    joined = maker.fill([place for key in newcomers for place in places_of(key, 1)])
    arrivals = [
        replace(s, entered=later, tags=tuple(dict.fromkeys((*s.tags, TRANSFERRED_IN)))) for s in joined.students
    ]
    return replace(
        demo,
        today=later,
        numbers=numbers,
        classes=_change_homerooms(random, demo),
        households=(*households, *joined.households),
        students=_in_class_order([*moved, *arrivals]),
    )


def roll_over(demo: DemoDistrict) -> DemoDistrict:
    """The district on the first day of the next school year: cohorts move up, leavers go on, others enter."""
    random = stream(demo.size, demo.seed, demo.today, "roll over")
    numbers = demo.numbers.copy()
    new_year = demo.school_year + 1
    successor = {c.key: _successor(c.key, new_year) for c in demo.classes}
    classes = tuple(replace(c, key=successor[c.key]) for c in demo.classes)
    staying = [s for s in demo.students if successor[s.key] == s.key]
    leaving = [s for s in demo.students if successor[s.key] != s.key]
    entering = [c for c in classes if c.key.entry_year == new_year]
    promoted, open_places = _go_on(random, numbers, demo, entering, leaving)
    students = [*staying, *promoted]
    joined = _family_maker(random, numbers, demo, classes, students).fill(open_places)
    remaining = {s.household_number for s in students}
    return replace(
        demo,
        today=dt.date(new_year, 9, 1),
        numbers=numbers,
        classes=classes,
        cohorts=tuple(
            replace(c, entry_year=_successor(ClassKey(c.school_code, c.stage, c.entry_year, ""), new_year).entry_year)
            for c in demo.cohorts
        ),
        teachings=tuple(replace(t, key=successor[t.key]) for t in demo.teachings),
        households=(*(h for h in demo.households if h.number in remaining), *joined.households),
        students=_in_class_order([*students, *joined.students]),
    )


def _in_class_order(students: list[Student]) -> tuple[Student, ...]:
    return tuple(sorted(students, key=lambda student: (student.key, student.number)))


def _family_maker(
    random: Random,
    numbers: NumberIssuer,
    demo: DemoDistrict,
    classes: tuple[SchoolClass, ...],
    students: list[Student],
) -> FamilyMaker:
    """A maker of further families, which takes no name of a classmate and no teacher who is a parent already."""
    taken: dict[ClassKey, set[str]] = defaultdict(set)
    for student in students:
        taken[student.key].add(student.name)
    return FamilyMaker(
        random=random,
        numbers=numbers,
        townships=demo.townships,
        schools=demo.schools,
        staff=(),
        homeroom_of={c.key: c.homeroom_number for c in classes},
        first_household=max(h.number for h in demo.households) + 1,
        first_student=max(s.number for s in demo.students) + 1,
        names_taken=taken,
    )


def _move_some(random: Random, demo: DemoDistrict, students: list[Student]) -> list[Student]:
    """Some go to another class of their age, in their own school or in another one."""
    same_age: dict[tuple[str, int], list[ClassKey]] = defaultdict(list)
    names: dict[ClassKey, set[str]] = defaultdict(set)
    for school_class in demo.classes:
        same_age[school_class.key.stage, school_class.key.entry_year].append(school_class.key)
    for student in students:
        names[student.key].add(student.name)
    result = []
    for student in students:
        if random.random() < MOVER_SHARE:
            target = random.choice(same_age[student.key.stage, student.key.entry_year])
            if target != student.key and student.name not in names[target]:
                names[target].add(student.name)
                student = replace(student, key=target)
        result.append(student)
    return result


def _change_phones(
    random: Random, numbers: NumberIssuer, demo: DemoDistrict, students: list[Student]
) -> list[Household]:
    """New numbers for some guardians; a teacher's own number stays as the staff sheet has it."""
    staff_phones = {member.phone for member in demo.staff}
    inhabited = {student.household_number for student in students}
    result = []
    for household in demo.households:
        if household.number not in inhabited:
            continue
        first = household.guardians[0]
        if first.phone and first.phone not in staff_phones and random.random() < NEW_PHONE_SHARE:
            changed = replace(first, phone=numbers.phone())
            household = replace(household, guardians=(changed, *household.guardians[1:]))
        result.append(household)
    return result


def _change_homerooms(random: Random, demo: DemoDistrict) -> tuple[SchoolClass, ...]:
    """In some classes another of their teachers, who leads none yet, takes over."""
    teachers: dict[ClassKey, list[str]] = defaultdict(list)
    for teaching in demo.teachings:
        teachers[teaching.key].append(teaching.staff_number)
    employer: dict[str, Staff] = {member.number: member for member in demo.staff}
    leading = {c.homeroom_number for c in demo.classes}
    result = []
    for school_class in demo.classes:
        free = [
            number
            for number in teachers[school_class.key]
            if number not in leading and employer[number].school_code == school_class.key.school_code
        ]
        if free and random.random() < NEW_HOMEROOM_SHARE:
            successor = random.choice(free)
            leading.add(successor)
            school_class = replace(school_class, homeroom_number=successor)
        result.append(school_class)
    return tuple(result)


def _successor(key: ClassKey, new_year: int) -> ClassKey:
    """The class that a class's teachers have next year: the same, or the one that enters where it leaves."""
    has_left = key.entry_year + STAGES[key.stage].years <= new_year
    return key._replace(entry_year=new_year) if has_left else key


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The children who leave a stage, by the township of their school."""

    by_township: dict[tuple[str, str], list[Student]]

    def take(self, stage: str, township: str, anywhere: bool) -> Student | None:
        if not anywhere:
            pool = self.by_township.get((stage, township))
            return pool.pop() if pool else None
        pools = [pool for (of, _), pool in self.by_township.items() if of == stage and pool]
        return max(pools, key=len).pop() if pools else None


def _go_on(
    random: Random,
    numbers: NumberIssuer,
    demo: DemoDistrict,
    entering: list[SchoolClass],
    leaving: list[Student],
) -> tuple[list[Student], list[Place]]:
    """Who goes on to the next stage of the district, and the places that are left for newcomers."""
    schools = {school.code: school for school in demo.schools}
    pools: dict[tuple[str, str], list[Student]] = defaultdict(list)
    for student in random.sample(leaving, len(leaving)):
        if student.key.stage in NEXT_STAGE:
            pools[NEXT_STAGE[student.key.stage], schools[student.key.school_code].township].append(student)
    waiting = _Waiting(pools)
    promoted: list[Student] = []
    open_places: list[Place] = []
    for school_class in entering:
        key, school = school_class.key, schools[school_class.key.school_code]
        names: set[str] = set()
        for place in places_of(key, school_class.places):
            follows = random.random() < SHARE_FROM_BELOW
            child = waiting.take(key.stage, school.township, school.draws_from_everywhere) if follows else None
            if child is None or child.name in names:
                open_places.append(place)
                continue
            names.add(child.name)
            promoted.append(_promoted(random, numbers, child, key))
    return promoted, open_places


def _promoted(random: Random, numbers: NumberIssuer, student: Student, key: ClassKey) -> Student:
    """The child in the first year of the next stage; a kindergarten child now gets a registry number."""
    registry_number = student.registry_number or f"G{student.id_number or numbers.id_number(student.born, student.sex)}"
    return replace(
        student,
        registry_number=registry_number,
        key=key,
        entered=dt.date(key.entry_year, 9, 1),
        boards=random.random() < BOARDING_SHARE.get(key.stage, 0.0),
        tags=tuple(tag for tag in student.tags if tag != TRANSFERRED_IN),
    )
