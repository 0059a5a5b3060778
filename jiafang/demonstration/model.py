"""What a generated district consists of: plain frozen data, independent of the database."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from jiafang.demonstration.numbers import NumberIssuer, Sex

Size = Literal["small", "district"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of schooling: its word in the workbook, its length and the age at which children enter it."""

    word: str
    years: int
    entry_age: int


KINDERGARTEN = Stage("幼儿园", 3, 3)
PRIMARY = Stage("小学", 6, 6)
JUNIOR = Stage("初中", 3, 12)
SENIOR = Stage("高中", 3, 15)
VOCATIONAL = Stage("中职", 3, 15)
SPECIAL = Stage("特教", 9, 6)
STAGES: Mapping[str, Stage] = MappingProxyType(
    {stage.word: stage for stage in (KINDERGARTEN, PRIMARY, JUNIOR, SENIOR, VOCATIONAL, SPECIAL)}
)


class ClassKey(NamedTuple):
    """What names a class across the sheets of a workbook."""

    school_code: str
    stage: str
    entry_year: int
    name: str


@dataclass(frozen=True, slots=True)
class Village:
    """A village or, in the county seat, a community."""

    name: str
    lat: float
    lon: float
    by_water: bool


@dataclass(frozen=True, slots=True)
class Township:
    name: str
    lat: float
    lon: float
    villages: tuple[Village, ...]
    urban: bool


@dataclass(frozen=True, slots=True)
class School:
    code: str
    name: str
    stages: tuple[str, ...]
    township: str
    village: str
    address: str
    lat: float
    lon: float
    parent_code: str
    draws_from_everywhere: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    school_code: str
    stage: str
    entry_year: int
    lead_number: str


@dataclass(frozen=True, slots=True)
class SchoolClass:
    key: ClassKey
    places: int
    homeroom_number: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works in the district; an empty school code means the bureau."""

    number: str
    name: str
    sex: Sex
    phone: str
    id_number: str
    school_code: str
    duties: tuple[str, ...]
    paired_codes: tuple[str, ...]
    township: str
    village: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Teaching:
    key: ClassKey
    staff_number: str
    subject: str


@dataclass(frozen=True, slots=True)
class Guardian:
    """An adult of a household; `is_guardian` false marks a caregiver to whom the child is entrusted."""

    name: str
    relation: str
    phone: str
    id_number: str
    is_primary: bool
    is_guardian: bool
    has_smartphone: bool


@dataclass(frozen=True, slots=True)
class Household:
    number: int
    township: str
    village: str
    address: str
    point: tuple[float, float] | None
    guardians: tuple[Guardian, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Student:
    """A child at school; a kindergarten child has no registry number yet."""

    number: int
    registry_number: str
    name: str
    sex: Sex
    born: dt.date
    id_number: str
    entered: dt.date
    boards: bool
    key: ClassKey
    household_number: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoDistrict:
    """A whole invented district on one day; the same size, seed and day give the same rows.

    `numbers` goes on where it stopped, so that nobody who joins later gets a number given out before.
    """

    size: Size
    seed: int
    today: dt.date
    name: str
    townships: tuple[Township, ...]
    schools: tuple[School, ...]
    cohorts: tuple[Cohort, ...]
    classes: tuple[SchoolClass, ...]
    staff: tuple[Staff, ...]
    teachings: tuple[Teaching, ...]
    households: tuple[Household, ...]
    students: tuple[Student, ...]
    numbers: NumberIssuer = field(repr=False, compare=False)

    @property
    def school_year(self) -> int:
        return school_year_of(self.today)


def school_year_of(day: dt.date) -> int:
    """The calendar year in which the school year of a day began (on 1 September)."""
    return day.year if day.month >= 9 else day.year - 1
