"""Households and their children: siblings, caregivers, teachers who are parents, and who needs a closer look."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from jiafang.demonstration.model import (
    STAGES,
    ClassKey,
    Guardian,
    Household,
    School,
    Staff,
    Student,
    Township,
    Village,
)
from jiafang.demonstration.names import NameMaker, surname_of
from jiafang.demonstration.numbers import NumberIssuer, Sex
from jiafang.demonstration.places import near

CHILDREN_SHARES = ((1, 0.62), (2, 0.33), (3, 0.05))
LARGEST_AGE_GAP = 9
TWIN_SHARE = 0.02
SIBLING_SEARCH = 40

LEFT_BEHIND, SINGLE_PARENT, HARDSHIP = "留守儿童", "单亲家庭", "困难家庭"
DISABILITY, DROPOUT_RISK, PSYCHOLOGICAL = "残疾", "控辍保学", "心理关注"
BY_WATER, TRANSFERRED_IN, SEASONAL = "临水居住", "转入", "小候鸟"

LEFT_BEHIND_SHARE = {True: 0.05, False: 0.17}  # by whether the township is urban
SINGLE_PARENT_SHARE = 0.06
HARDSHIP_SHARE = 0.07
SEASONAL_SHARE = 0.015
BY_WATER_SHARE = 0.35  # of the households in a village by the water
TEACHER_PARENT_SHARE = 0.03
POINT_SHARE = 0.85
ID_NUMBER_SHARE = 0.02
CAREGIVER_PHONE_SHARE = 0.9
CAREGIVER_SMARTPHONE_SHARE = 0.25
BOARDING_SHARE = {"高中": 0.75, "中职": 0.8, "初中": 0.3}
CAREGIVERS: tuple[tuple[str, Sex], ...] = (("祖父", "男"), ("祖母", "女"), ("外祖父", "男"), ("外祖母", "女"))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a class that a child is to fill; `age_year` is the year of school-age birth."""

    key: ClassKey
    age_year: int


@dataclass(slots=True)
class Families:
    """Households and students while they are being made."""

    households: list[Household] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)


class FamilyMaker:
    """Fills places in classes with children, household by household."""

    def __init__(
        self,
        *,
        random: Random,
        numbers: NumberIssuer,
        townships: tuple[Township, ...],
        schools: tuple[School, ...],
        staff: tuple[Staff, ...],
        homeroom_of: dict[ClassKey, str],
        first_household: int = 1,
        first_student: int = 1,
        names_taken: dict[ClassKey, set[str]] | None = None,
    ) -> None:
        self._random = random
        self._numbers = numbers
        self._names = NameMaker(random)
        self._townships = {t.name: t for t in townships}
        self._rural = [t for t in townships if not t.urban]
        self._all_townships = list(townships)
        self._schools = {s.code: s for s in schools}
        self._homeroom_of = homeroom_of
        self._next_household = first_household
        self._next_student = first_student
        self._names_taken = names_taken if names_taken is not None else defaultdict(set)
        self._doors: dict[str, int] = defaultdict(lambda: first_household)
        self._parents_among_staff: dict[str, list[Staff]] = defaultdict(list)
        for member in staff:
            self._parents_among_staff[member.township].append(member)
        for members in self._parents_among_staff.values():
            random.shuffle(members)

    def fill(self, places: list[Place]) -> Families:
        """A child for every place, in households of one to three."""
        made = Families()
        for township, open_places in self._by_township(places).items():
            self._random.shuffle(open_places)
            while open_places:
                self._household(made, self._townships[township], self._siblings(open_places))
        made.students.sort(key=lambda student: (student.key, student.number))
        return made

    def _by_township(self, places: list[Place]) -> dict[str, list[Place]]:
        """Where the child of each place lives: nearby, except in schools that draw from the whole county."""
        pools: dict[str, list[Place]] = defaultdict(list)
        for place in places:
            school = self._schools[place.key.school_code]
            if school.draws_from_everywhere and self._random.random() < 0.75:
                pools[self._random.choice(self._all_townships).name].append(place)
            elif self._townships[school.township].urban and self._random.random() < 0.1:
                pools[self._random.choice(self._rural).name].append(place)
            else:
                pools[school.township].append(place)
        return pools

    def _siblings(self, open_places: list[Place]) -> list[Place]:
        """Take the places of one household's children: years apart, or twins in one class."""
        chosen = [open_places.pop()]
        wanted = self._random.choices(*zip(*CHILDREN_SHARES, strict=True))[0]
        twins = self._random.random() < TWIN_SHARE
        at = len(open_places) - 1
        lowest = max(0, len(open_places) - SIBLING_SEARCH)
        while len(chosen) < wanted and at >= lowest:
            place = open_places[at]
            gaps = [abs(place.age_year - other.age_year) for other in chosen]
            if all(2 <= gap <= LARGEST_AGE_GAP for gap in gaps) or (twins and place.key == chosen[0].key):
                chosen.append(open_places.pop(at))
            at -= 1
        return chosen

    def _household(self, made: Families, township: Township, places: list[Place]) -> None:
        random = self._random
        member = self._teacher_parent(township, places)
        if member:
            village = next(v for v in township.villages if v.name == member.village)
            point: tuple[float, float] | None = (member.lat, member.lon)
        else:
            village = self._village(township, places)
            point = near(random, village.lat, village.lon, 0.6) if random.random() < POINT_SHARE else None
        tags = [] if member else self._household_tags(township, village)
        household = Household(
            number=self._next_household,
            township=township.name,
            village=village.name,
            address=self._address(township, village),
            point=point,
            guardians=self._guardians(tags, member),
            tags=tuple(tags),
        )
        self._next_household += 1
        made.households.append(household)
        surname = self._family_surname(household, member)
        births: dict[int, dt.date] = {}
        for place in places:
            born = births.setdefault(place.age_year, self._born(place.age_year))
            made.students.append(self._student(place, household, surname, born, township.urban))

    def _teacher_parent(self, township: Township, places: list[Place]) -> Staff | None:
        candidates = self._parents_among_staff[township.name]
        if not candidates or self._random.random() >= TEACHER_PARENT_SHARE:
            return None
        # A homeroom teacher does not lead the class of an own child.
        if candidates[-1].number in {self._homeroom_of.get(place.key, "") for place in places}:
            return None
        return candidates.pop()

    def _village(self, township: Township, places: list[Place]) -> Village:
        nearest = self._schools[min(places, key=lambda place: -place.age_year).key.school_code]
        if nearest.village and nearest.township == township.name and self._random.random() < 0.8:
            return next(v for v in township.villages if v.name == nearest.village)
        return self._random.choice(township.villages)

    def _address(self, township: Township, village: Village) -> str:
        """A door of its own: no two households share an address."""
        self._doors[village.name] += 1
        door = self._doors[village.name]
        if township.urban:
            return f"{village.name}{door // 60 + 1}号楼{door % 60 + 101}室"
        return f"{village.name}{door // 50 + 1}组{door % 50 + 1}号"

    def _household_tags(self, township: Township, village: Village) -> list[str]:
        random = self._random
        shares = (
            (LEFT_BEHIND, LEFT_BEHIND_SHARE[township.urban]),
            (SINGLE_PARENT, SINGLE_PARENT_SHARE),
            (HARDSHIP, HARDSHIP_SHARE),
            (SEASONAL, SEASONAL_SHARE),
            (BY_WATER, BY_WATER_SHARE if village.by_water else 0.0),
        )
        return [tag for tag, share in shares if random.random() < share]

    def _guardians(self, tags: list[str], member: Staff | None) -> tuple[Guardian, ...]:
        """Both parents, or the one there is; a grandparent where the parents work away."""
        random = self._random
        parents: list[tuple[str, Sex]] = [("母亲", "女"), ("父亲", "男")]
        if SINGLE_PARENT in tags:
            parents = [random.choice(parents)]
        caregiver = self._caregiver() if LEFT_BEHIND in tags or SEASONAL in tags else None
        caregiver_answers = caregiver is not None and caregiver.is_primary
        primary = 0 if len(parents) == 1 or random.random() < 0.65 else 1
        adults = [
            self._parent(relation, sex, member, is_primary=place == primary and not caregiver_answers)
            for place, (relation, sex) in enumerate(parents)
        ]
        return (*adults, caregiver) if caregiver else tuple(adults)

    def _parent(self, relation: str, sex: Sex, member: Staff | None, *, is_primary: bool) -> Guardian:
        if member and member.sex == sex:
            return Guardian(member.name, relation, member.phone, member.id_number, is_primary, True, True)
        born = dt.date(self._random.randint(1975, 1995), self._random.randint(1, 12), self._random.randint(1, 28))
        return Guardian(
            name=self._names.full_name(sex, "adult"),
            relation=relation,
            phone=self._numbers.phone(),
            id_number=self._numbers.id_number(born, sex) if self._random.random() < ID_NUMBER_SHARE else "",
            is_primary=is_primary,
            is_guardian=True,
            has_smartphone=self._random.random() < 0.98,
        )

    def _caregiver(self) -> Guardian:
        relation, sex = self._random.choice(CAREGIVERS)
        has_phone = self._random.random() < CAREGIVER_PHONE_SHARE
        return Guardian(
            name=self._names.full_name(sex, "old"),
            relation=relation,
            phone=self._numbers.phone() if has_phone else "",
            id_number="",
            is_primary=has_phone,
            is_guardian=False,
            has_smartphone=has_phone and self._random.random() < CAREGIVER_SMARTPHONE_SHARE,
        )

    def _family_surname(self, household: Household, member: Staff | None) -> str:
        father = next((g.name for g in household.guardians if g.relation == "父亲"), "")
        mother = next((g.name for g in household.guardians if g.relation == "母亲"), "")
        takes_mothers = not father or (not member and self._random.random() < 0.05)
        return surname_of(mother if takes_mothers and mother else father)

    def _born(self, age_year: int) -> dt.date:
        """A birthday between two first days of September."""
        return dt.date(age_year - 1, 9, 1) + dt.timedelta(days=self._random.randrange(365))

    def _student(self, place: Place, household: Household, surname: str, born: dt.date, urban: bool) -> Student:
        random = self._random
        key = place.key
        sex: Sex = "男" if random.random() < 0.52 else "女"
        identity = self._numbers.id_number(born, sex)
        number, self._next_student = self._next_student, self._next_student + 1
        tags = self._student_tags(key)
        return Student(
            number=number,
            registry_number="" if key.stage == "幼儿园" else f"G{identity}",
            name=self._child_name(key, sex, surname),
            sex=sex,
            born=born,
            id_number=identity if random.random() < ID_NUMBER_SHARE else "",
            entered=dt.date(key.entry_year, 9, 1),
            boards=not urban and random.random() < BOARDING_SHARE.get(key.stage, 0.0),
            key=key,
            household_number=household.number,
            tags=tags,
        )

    def _child_name(self, key: ClassKey, sex: Sex, surname: str) -> str:
        """A name that no classmate has."""
        taken = self._names_taken[key]
        while True:
            name = self._names.full_name(sex, "young", surname)
            if name not in taken:
                taken.add(name)
                return name

    def _student_tags(self, key: ClassKey) -> tuple[str, ...]:
        older = key.stage in {"初中", "高中", "中职"}
        shares = (
            (DISABILITY, 1.0 if key.stage == "特教" else 0.01),
            (DROPOUT_RISK, 0.006 if key.stage in {"初中", "中职"} else 0.0),
            (PSYCHOLOGICAL, 0.012 if older else 0.002),
            (TRANSFERRED_IN, 0.015),
        )
        return tuple(tag for tag, share in shares if self._random.random() < share)


def places_of(key: ClassKey, count: int) -> list[Place]:
    """So many places in a class, for children of its age."""
    return [Place(key, key.entry_year - STAGES[key.stage].entry_age)] * count
