"""What the importer believes a file says: typed rows, each with its place packed into a number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

ROW_BITS = 24


def pack(table: int, row: int) -> int:
    """A place as one small number: the table's position and the row as Excel shows it."""
    return table << ROW_BITS | row


def unpack(at: int) -> tuple[int, int]:
    return at >> ROW_BITS, at & ((1 << ROW_BITS) - 1)


class ClassKey(NamedTuple):
    school: str
    stage: str
    entry_year: int
    name: str


class CohortKey(NamedTuple):
    school: str
    stage: str
    entry_year: int


@dataclass(slots=True)
class SchoolRow:
    at: int
    code: str
    name: str
    stages: tuple[str, ...] = ()
    township: str = ""
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    parent: str = ""


@dataclass(frozen=True, slots=True)
class StaffRef:
    """A member of staff as a file names one: by number, or only by name."""

    school: str
    number: str = ""
    name: str = ""


@dataclass(slots=True)
class CohortRow:
    at: int
    key: CohortKey
    lead: StaffRef | None = None


@dataclass(slots=True)
class ClassRow:
    at: int
    key: ClassKey
    homeroom: StaffRef | None = None


@dataclass(slots=True)
class StaffRow:
    at: int
    school: str  # empty: the bureau
    number: str
    name: str
    sex: str = ""
    phone: str = ""
    id_number: str = ""
    posts: tuple[str, ...] = ()
    paired_schools: tuple[str, ...] = ()
    township: str = ""
    village: str = ""
    lat: float | None = None
    lon: float | None = None
    posts_known: bool = False  # the file has a column of posts, so a post that is missing has ended


@dataclass(slots=True)
class TeachingRow:
    at: int
    key: ClassKey
    teacher: StaffRef
    subject: str


@dataclass(slots=True)
class StudentRow:
    at: int
    key: ClassKey
    name: str
    registry_number: str = ""
    sex: str = ""
    birth_date: dt.date | None = None
    id_number: str = ""
    admitted_on: dt.date | None = None
    boarding: bool | None = None
    township: str = ""
    village: str = ""
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    tags: frozenset[str] | None = None  # None: the file says nothing about tags
    tags_covered: frozenset[str] | None = None  # kinds the file speaks about; None: all of them


@dataclass(slots=True)
class GuardianRow:
    at: int
    student: int  # index into Roster.students, or -1 until found
    name: str
    relation: str
    phone: str = ""
    id_number: str = ""
    is_primary: bool | None = None
    is_guardian: bool | None = None
    has_smartphone: bool | None = None
    student_registry: str = ""
    student_name: str = ""
    student_class: ClassKey | None = None
    student_school: str = ""


@dataclass(slots=True)
class Roster:
    """All rows of one upload; the school year is the one in which grade names were understood."""

    school_year: int
    schools: list[SchoolRow] = field(default_factory=list)
    cohorts: list[CohortRow] = field(default_factory=list)
    classes: list[ClassRow] = field(default_factory=list)
    staff: list[StaffRow] = field(default_factory=list)
    teaching: list[TeachingRow] = field(default_factory=list)
    students: list[StudentRow] = field(default_factory=list)
    guardians: list[GuardianRow] = field(default_factory=list)
