"""Student tables: ours, the registry's export, and the class lists of schools."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from jiafang.organization.roster.faults import Severity, ValueFault
from jiafang.organization.roster.headers.members import parse_target
from jiafang.organization.roster.interpret.context import TableContext
from jiafang.organization.roster.interpret.table_reader import Read, TableReader
from jiafang.organization.roster.interpret.units import UnitFinder
from jiafang.organization.roster.reading.table import Cell
from jiafang.organization.roster.rows import ClassKey, ClassRow, GuardianRow, Roster, StaffRef, StudentRow
from jiafang.organization.roster.values import care, dates, identifiers, text
from jiafang.organization.roster.values.kinship import relation as read_relation

RESIDENT_CARD = (
    "",
    "居民身份证",
    "身份证",
    "居民身份证件",
    "1",
    "01",
    "二代身份证",
    "第二代居民身份证",
    "中国大陆居民身份证",
)

NOWHERE = ClassKey("", "", 0, "")


@dataclass(slots=True)
class _Member:
    """The columns of one adult in the child's row."""

    group: str
    relation: str
    reads: dict[str, Read]


def read_students(reader: TableReader, finder: UnitFinder, context: TableContext, roster: Roster) -> None:
    read = _Columns(reader)
    homerooms: set[tuple[ClassKey, StaffRef]] = set()
    for row in reader.rows():
        name = read.name(row)
        if not name and reader.ok:
            reader.tell("name_missing", Severity.ERROR, "name")
        admitted = read.admitted(row)
        key = finder.class_of(row, admitted.year if admitted else None)
        tags, covered = read.tags(row)
        student = StudentRow(
            at=reader.at,
            key=key or NOWHERE,
            name=name,
            registry_number=read.registry(row),
            sex=read.sex(row),
            birth_date=read.birth(row),
            id_number=read.id_number(row),
            admitted_on=admitted,
            boarding=read.boarding(row),
            township=read.township(row),
            village=read.village(row),
            address=read.address(row),
            lat=read.lat(row),
            lon=read.lon(row),
            tags=tags,
            tags_covered=covered,
        )
        _compare_birth(reader, student)
        if key is None or reader.refused():
            continue  # only now, so that every fault of the row has been told
        roster.students.append(student)
        position = len(roster.students) - 1
        roster.guardians.extend(read.guardians(row, position, student))
        homeroom = read.homeroom_of(row, key.school, context.homeroom)
        if homeroom is not None and (key, homeroom) not in homerooms:
            homerooms.add((key, homeroom))
            roster.classes.append(ClassRow(at=reader.at, key=key, homeroom=homeroom))


def _compare_birth(reader: TableReader, student: StudentRow) -> None:
    if not student.id_number:
        return
    birth = identifiers.birth_date_of(student.id_number)
    if student.birth_date is None:
        student.birth_date = birth
    elif student.birth_date != birth:
        reader.tell(
            "birth_date_differs", Severity.WARNING, "birth_date", value=str(student.birth_date), by_id=str(birth)
        )


def boarding(raw: Any) -> bool | None:
    said = text.clean(raw)
    if any(word in said for word in ("走读", "不住", "不寄宿", "非寄宿")):
        return False
    if any(word in said for word in ("住校", "寄宿", "住宿", "全寄", "内宿")):
        return True
    return text.yes_or_no(raw)


class _Columns:
    """The readers of every column of a student table, made once."""

    def __init__(self, reader: TableReader) -> None:
        self._reader = reader
        column = reader.column
        self.name = column("name", text.person_name, "")
        self.registry = column("registry_number", identifiers.registry_number, "")
        self.sex = column("sex", text.sex, "", repeated=True)
        self.birth = column("birth_date", dates.day, None)
        self.admitted = column("admitted_on", dates.day, None, repeated=True)
        self.boarding = column("boarding", boarding, None, repeated=True)
        self.township = column("township", text.short_text(50), "", repeated=True)
        self.village = column("village", text.short_text(50), "", repeated=True)
        self.address = column("address", text.place_text, "")
        self.lat = column("lat", text.coordinate(90.0), None)
        self.lon = column("lon", text.coordinate(180.0), None)
        self._homeroom = column("homeroom", identifiers.staff_number, "", repeated=True)
        self._homeroom_name = column("homeroom_name", text.person_name, "", repeated=True)
        self._phone = column("phone", identifiers.mobile, "")
        self._id_type = column("id_type", text.clean, "", repeated=True)
        self._id_number = column("id_number", identifiers.id_number, "")
        self._tags = column("tags", care.tags, frozenset(), repeated=True)
        self._tag_columns = [
            (target.removeprefix("tag:"), reader.at_position(position, care.tagged, False, repeated=True))
            for position, target in reader.positions("tag:")
        ]
        self._covered = None if reader.has("tags") else frozenset(name for name, _ in self._tag_columns)
        self._members = _members(reader)

    def id_number(self, row: list[Cell]) -> str:
        if self._id_type(row) not in RESIDENT_CARD:
            return ""  # a passport cannot be checked and is not kept
        return self._id_number(row)

    def homeroom_of(self, row: list[Cell], school: str, from_title: str) -> StaffRef | None:
        """The class's teacher as the row or else the title names one."""
        number, name = self._homeroom(row), self._homeroom_name(row) or from_title
        return StaffRef(school, number, "" if number else name) if number or name else None

    def tags(self, row: list[Cell]) -> tuple[frozenset[str] | None, frozenset[str] | None]:
        if self._covered is not None and not self._covered:
            return None, None
        found = self._tags(row) if self._covered is None else frozenset()
        if self._tag_columns:
            found = found | {name for name, is_tagged in self._tag_columns if is_tagged(row)}
        return found, self._covered

    def guardians(self, row: list[Cell], student: int, of: StudentRow) -> list[GuardianRow]:
        """The adults in the row; a family telephone belongs to the first of them who has none."""
        found: list[GuardianRow] = []
        loose_phone = self._phone(row)
        for member in self._members:
            reads = member.reads
            name = reads["name"](row) if "name" in reads else ""
            phone = reads["phone"](row) if "phone" in reads else ""
            if not name:
                loose_phone = loose_phone or phone
                continue
            if any(guardian.name == name for guardian in found):
                found = [
                    replace(guardian, phone=guardian.phone or phone) if guardian.name == name else guardian
                    for guardian in found
                ]
                continue
            found.append(
                GuardianRow(
                    at=self._reader.at,
                    student=student,
                    name=name,
                    relation=member.relation or (reads["relation"](row) if "relation" in reads else "") or "other",
                    phone=phone,
                    id_number=self._member_id(reads, row),
                    is_primary=reads["is_primary"](row) if "is_primary" in reads else None,
                    is_guardian=reads["is_guardian"](row) if "is_guardian" in reads else None,
                    has_smartphone=reads["has_smartphone"](row) if "has_smartphone" in reads else None,
                )
            )
        if loose_phone:
            self._place_phone(found, loose_phone, student, of)
        if found and all(guardian.is_primary is None for guardian in found):
            first = next((guardian for guardian in found if guardian.is_guardian is not False), found[0])
            first.is_primary = True
        return found

    def _member_id(self, reads: dict[str, Read], row: list[Cell]) -> str:
        if "id_number" not in reads or ("id_type" in reads and reads["id_type"](row) not in RESIDENT_CARD):
            return ""
        return reads["id_number"](row)

    def _place_phone(self, found: list[GuardianRow], phone: str, student: int, of: StudentRow) -> None:
        if any(guardian.phone == phone for guardian in found):
            return
        if not found:
            self._reader.tell("guardian_without_name", Severity.NOTE, "phone")
            found.append(
                GuardianRow(at=self._reader.at, student=student, name=f"{of.name}家长", relation="other", phone=phone)
            )
            return
        for guardian in found:
            if not guardian.phone:
                guardian.phone = phone
                return


def _optional(parser: Any) -> Any:
    """A doubt about an adult never costs the child's row: every fault of these cells is a warning."""

    def parse(raw: Any) -> Any:
        try:
            return parser(raw)
        except ValueFault as fault:
            if fault.code in ("number_cut_by_excel", "formula_without_value", "error_value"):
                raise
            raise ValueFault(fault.code, severity=Severity.WARNING, **fault.params) from None

    return parse


_MEMBER_PARSERS: dict[str, tuple[Any, Any, bool]] = {
    "name": (text.person_name, "", False),
    "relation": (read_relation, "", True),
    "phone": (identifiers.mobile, "", False),
    "id_type": (text.clean, "", True),
    "id_number": (identifiers.id_number, "", False),
    "is_guardian": (text.yes_or_no, None, True),
    "is_primary": (text.yes_or_no, None, True),
    "has_smartphone": (text.yes_or_no, None, True),
}


def _members(reader: TableReader) -> list[_Member]:
    members: dict[str, _Member] = {}
    for position, target in reader.positions("member:"):
        group, relation, field = parse_target(target)
        if field not in _MEMBER_PARSERS:
            continue
        parser, default, repeated = _MEMBER_PARSERS[field]
        member = members.setdefault(group, _Member(group, relation, {}))
        member.relation = member.relation or relation
        member.reads.setdefault(field, reader.at_position(position, _optional(parser), default, repeated=repeated))
    return list(members.values())
