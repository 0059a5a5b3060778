"""What no single row can tell: doubles, unknown classes and staff, two homeroom teachers, children of guardians."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jiafang.keys.masters import keyed_hash
from jiafang.organization.roster.faults import Fault, FaultList, Place, Severity
from jiafang.organization.roster.interpret.context import TableInfo
from jiafang.organization.roster.rows import (
    ClassKey,
    ClassRow,
    CohortKey,
    GuardianRow,
    Roster,
    StaffRef,
    StudentRow,
    unpack,
)

NAMES_SHOWN = 12


@dataclass(slots=True)
class Known:
    """What the district already holds, as far as the checks need it."""

    schools: frozenset[str] = frozenset()
    classes: Mapping[CohortKey, frozenset[str]] = field(default_factory=dict)
    staff_numbers: frozenset[tuple[str, str]] = frozenset()
    staff_names: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (school, name) → how many
    registry_hashes: frozenset[str] = frozenset()


def check_roster(
    roster: Roster, faults: FaultList, tables: Sequence[TableInfo], known: Known, *, new_classes: bool = False
) -> None:
    """Check across rows; rows that cannot stand are taken out after their fault has been told."""
    checker = _Checker(roster, faults, tables, known)
    checker.schools()
    checker.staff()
    checker.classes(new_classes)
    checker.references()
    checker.students()
    checker.guardians()


def place_of(tables: Sequence[TableInfo], at: int, *targets: str) -> Place:
    """The place of a packed row, at the first of the columns that the table has."""
    index, row = unpack(at)
    if index >= len(tables):
        return Place(row=row)
    info = tables[index]
    for target in targets:
        if target in info.targets:
            position = info.targets.index(target)
            header = info.headers[position] if position < len(info.headers) else ""
            return Place(info.file, info.sheet, row, info.column_of(position), header)
    return Place(info.file, info.sheet, row)


class _Checker:
    def __init__(self, roster: Roster, faults: FaultList, tables: Sequence[TableInfo], known: Known) -> None:
        self._roster, self._faults, self._tables, self._known = roster, faults, tables, known

    def _tell(self, code: str, severity: Severity, at: int, *targets: str, **params: Any) -> None:
        self._faults.add(Fault(code, severity, place_of(self._tables, at, *targets), params))

    def _where(self, at: int) -> str:
        index, row = unpack(at)
        return f"{self._tables[index].sheet}!{row}" if index < len(self._tables) else str(row)

    def schools(self) -> None:
        first: dict[str, Any] = {}
        kept = []
        for row in self._roster.schools:
            earlier = first.setdefault(row.code, row)
            if earlier is row:
                kept.append(row)
            elif (earlier.name, set(earlier.stages)) != (row.name, set(row.stages)):
                self._tell(
                    "school_twice", Severity.ERROR, row.at, "school", value=row.code, other=self._where(earlier.at)
                )
        self._roster.schools = kept
        present = self._known.schools | set(first)
        for row in kept:
            if row.parent and (row.parent not in present or row.parent == row.code):
                self._tell("parent_unknown", Severity.ERROR, row.at, "parent", value=row.parent)
        self._schools = present
        self._drop_unknown_schools()

    def _drop_unknown_schools(self) -> None:
        """A school code that is nowhere known is told once per table, not once per child."""
        roster, present = self._roster, self._schools
        counts: dict[tuple[int, str], list[int]] = defaultdict(list)

        def fits(code: str, at: int) -> bool:
            if not code or code in present:
                return True
            counts[unpack(at)[0], code].append(at)
            return False

        roster.cohorts = [row for row in roster.cohorts if fits(row.key.school, row.at)]
        roster.classes = [row for row in roster.classes if fits(row.key.school, row.at)]
        roster.staff = [row for row in roster.staff if fits(row.school, row.at)]
        roster.teaching = [row for row in roster.teaching if fits(row.key.school, row.at)]
        keep = [fits(row.key.school, row.at) for row in roster.students]
        if not all(keep):
            self._keep_students(keep)
        for (_, code), places in counts.items():
            self._tell(
                "school_unknown", Severity.ERROR, places[0], "school", "school_name", value=code, count=len(places)
            )

    def _keep_students(self, keep: Sequence[bool]) -> None:
        """Drop students and move the indexes of their guardians."""
        positions = [-1] * len(keep)
        students: list[StudentRow] = []
        for index, (row, stays) in enumerate(zip(self._roster.students, keep, strict=True)):
            if stays:
                positions[index] = len(students)
                students.append(row)
        self._roster.students = students
        guardians: list[GuardianRow] = []
        for guardian in self._roster.guardians:
            if guardian.student >= 0:
                guardian.student = positions[guardian.student]
                if guardian.student < 0:
                    continue
            guardians.append(guardian)
        self._roster.guardians = guardians

    def staff(self) -> None:
        """The same person may stand on several sheets; two people of one number may not."""
        first: dict[tuple[str, str], Any] = {}
        kept = []
        for row in self._roster.staff:
            key = (row.school, row.number) if row.number else (row.school, f"\x1f{row.name}\x1f{row.phone}")
            earlier = first.setdefault(key, row)
            if earlier is row:
                kept.append(row)
            elif earlier.name != row.name:
                self._tell(
                    "staff_number_twice", Severity.ERROR, row.at, "number",
                    value=row.number, name=row.name, other_name=earlier.name, other=self._where(earlier.at),
                )  # fmt: skip
            else:
                for name in ("sex", "phone", "id_number", "township", "village"):
                    if not getattr(earlier, name):
                        setattr(earlier, name, getattr(row, name))
                earlier.posts = tuple(dict.fromkeys((*earlier.posts, *row.posts)))
                earlier.posts_known = earlier.posts_known or row.posts_known
        self._roster.staff = kept

    def classes(self, new_classes: bool) -> None:
        """A class is known when a class table or the district has it, or when its cohort has none yet."""
        told: dict[CohortKey, set[str]] = defaultdict(set)
        from_sheet: set[CohortKey] = set()
        for row in self._roster.classes:
            info = self._tables[unpack(row.at)[0]]
            if info.kind is not None and info.kind.value == "classes":
                told[CohortKey(*row.key[:3])].add(row.key.name)
                from_sheet.add(CohortKey(*row.key[:3]))
        self._told, self._from_sheet, self._new_classes = told, from_sheet, new_classes
        self._unknown: dict[ClassKey, list[int]] = defaultdict(list)

    def _class_known(self, key: ClassKey) -> bool:
        cohort = CohortKey(*key[:3])
        if key.name in self._told.get(cohort, ()) or key.name in self._known.classes.get(cohort, ()):
            return True
        if self._new_classes:
            return True
        return cohort not in self._from_sheet and not self._known.classes.get(cohort)

    def _knows(self, key: ClassKey, at: int) -> bool:
        if self._class_known(key):
            return True
        self._unknown[key].append(at)
        return False

    def references(self) -> None:
        """Names and numbers of staff that others point at; one homeroom teacher a class."""
        roster = self._roster
        self._numbers = self._known.staff_numbers | {(row.school, row.number) for row in roster.staff if row.number}
        self._everywhere: dict[str, set[str]] = defaultdict(set)
        for school, number in self._numbers:
            self._everywhere[number].add(school)
        self._by_name: dict[tuple[str, str], int] = dict(self._known.staff_names)
        in_file: dict[tuple[str, str], int] = defaultdict(int)
        for row in roster.staff:
            in_file[row.school, row.name] += 1
        for key, count in in_file.items():
            self._by_name[key] = max(count, self._by_name.get(key, 0))
        roster.classes = [row for row in roster.classes if self._knows(row.key, row.at)]
        roster.teaching = [
            row
            for row in roster.teaching
            if self._knows(row.key, row.at) and self._staff_known(row.teacher, row.at, "number", "teacher_name")
        ]
        for cohort in roster.cohorts:
            if cohort.lead is not None and not self._staff_known(cohort.lead, cohort.at, "lead", "lead_name"):
                cohort.lead = None
        self._homerooms()

    def _staff_known(self, ref: StaffRef, at: int, *targets: str) -> bool:
        if ref.number:
            if (ref.school, ref.number) in self._numbers or len(self._everywhere.get(ref.number, ())) == 1:
                return True
            self._tell("staff_unknown", Severity.ERROR, at, *targets, value=ref.number)
            return False
        count = self._by_name.get((ref.school, ref.name), 0)
        if count == 1:
            return True
        code = "staff_name_unknown" if count == 0 else "staff_name_twice"
        self._tell(code, Severity.WARNING, at, *targets, value=ref.name)
        return False

    def _homerooms(self) -> None:
        leaders: dict[ClassKey, tuple[StaffRef, ClassRow]] = {}
        refused: set[ClassKey] = set()
        for row in self._roster.classes:
            if row.homeroom is None:
                continue
            if not self._staff_known(row.homeroom, row.at, "homeroom", "homeroom_name", "posts"):
                row.homeroom = None
                continue
            held = leaders.setdefault(row.key, (row.homeroom, row))
            if not self._same_staff(held[0], row.homeroom):
                refused.add(row.key)
                self._tell(
                    "two_homeroom_teachers", Severity.ERROR, row.at, "homeroom", "homeroom_name", "posts",
                    name=row.key.name, first=held[0].name or held[0].number,
                    second=row.homeroom.name or row.homeroom.number, other=self._where(held[1].at),
                )  # fmt: skip
        merged: dict[ClassKey, ClassRow] = {}
        for row in self._roster.classes:
            into = merged.setdefault(row.key, row)
            into.homeroom = None if row.key in refused else into.homeroom or row.homeroom
        self._roster.classes = list(merged.values())

    def _same_staff(self, one: StaffRef, other: StaffRef) -> bool:
        if one.number and other.number:
            return one.number == other.number
        if one.name and other.name:
            return one.name == other.name
        return any(
            {one.number, other.number} - {""} == {row.number} and {one.name, other.name} - {""} == {row.name}
            for row in self._roster.staff
        )

    def students(self) -> None:
        """A child stands once; the same row twice is taken once, two different rows are told."""
        registries: dict[str, StudentRow] = {}
        cards: dict[str, StudentRow] = {}
        persons: dict[tuple[Any, ...], StudentRow] = {}
        keep = []
        for row in self._roster.students:
            stays = self._knows(row.key, row.at) and self._stands_once(row, registries, cards, persons)
            keep.append(stays)
        if not all(keep):
            self._keep_students(keep)
        for key, places in self._unknown.items():
            names = sorted(
                self._told.get(CohortKey(*key[:3]), set()) | self._known.classes.get(CohortKey(*key[:3]), set())
            )
            self._tell(
                "class_unknown", Severity.ERROR, places[0], "class_name",
                value=key.name, count=len(places), known="、".join(names[:NAMES_SHOWN]),
            )  # fmt: skip

    def _stands_once(
        self,
        row: StudentRow,
        registries: dict[str, StudentRow],
        cards: dict[str, StudentRow],
        persons: dict[tuple[Any, ...], StudentRow],
    ) -> bool:
        if row.registry_number:
            earlier = registries.setdefault(row.registry_number, row)
            if earlier is not row:
                return self._double(row, earlier, "registry_number", "registry_number_twice")
        if row.id_number:
            earlier = cards.setdefault(row.id_number, row)
            if earlier is not row:
                return self._double(row, earlier, "id_number", "id_number_twice")
        if not row.registry_number:
            key = (row.key.school, row.name, row.birth_date) if row.birth_date else (row.key, row.name)
            earlier = persons.setdefault(key, row)
            if earlier is not row and not (row.id_number and earlier.id_number):
                return self._double(row, earlier, "name", "child_twice")
        return True

    def _double(self, row: StudentRow, earlier: StudentRow, target: str, code: str) -> bool:
        same = row.name == earlier.name and row.key == earlier.key and row.birth_date == earlier.birth_date
        if same and (target != "name" or row.birth_date):
            self._tell("row_twice", Severity.WARNING, row.at, target, name=row.name, other=self._where(earlier.at))
        else:
            self._tell(
                code, Severity.ERROR, row.at, target,
                name=row.name, other_name=earlier.name, other=self._where(earlier.at),
            )  # fmt: skip
        return False

    def guardians(self) -> None:
        """Each adult finds the child; one primary contact a child."""
        students = self._roster.students
        by_registry = {row.registry_number: index for index, row in enumerate(students) if row.registry_number}
        by_class: dict[tuple[ClassKey, str], list[int]] = defaultdict(list)
        by_school: dict[tuple[str, str], list[int]] = defaultdict(list)
        if any(row.student < 0 and not row.student_registry for row in self._roster.guardians):
            for index, student in enumerate(students):
                by_class[student.key, student.name].append(index)
                by_school[student.key.school, student.name].append(index)
        kept: list[GuardianRow] = []
        primary: set[int | str] = set()
        seen: dict[tuple[int | str, str, str], GuardianRow] = {}
        for row in self._roster.guardians:
            if row.student < 0 and not self._find_child(row, by_registry, by_class, by_school):
                continue
            child: int | str = row.student if row.student >= 0 else row.student_registry
            double = seen.setdefault((child, row.name, row.phone), row)
            if double is not row:
                self._tell("row_twice", Severity.WARNING, row.at, "name", name=row.name, other=self._where(double.at))
                continue
            if row.is_primary and child in primary:
                row.is_primary = False
                self._tell("two_primary_contacts", Severity.WARNING, row.at, "is_primary", name=row.student_name)
            elif row.is_primary:
                primary.add(child)
            kept.append(row)
        self._roster.guardians = kept

    def _find_child(
        self,
        row: GuardianRow,
        by_registry: Mapping[str, int],
        by_class: Mapping[tuple[ClassKey, str], Sequence[int]],
        by_school: Mapping[tuple[str, str], Sequence[int]],
    ) -> bool:
        if row.student_registry:
            row.student = by_registry.get(row.student_registry, -1)
            registry = keyed_hash(row.student_registry, "registry_number")
            if row.student < 0 and registry not in self._known.registry_hashes:
                self._tell(
                    "guardian_child_unknown", Severity.ERROR, row.at, "registry_number", value=row.student_registry
                )
                return False
            if row.student >= 0 and row.student_name and row.student_name != self._roster.students[row.student].name:
                self._tell(
                    "guardian_child_name_differs", Severity.ERROR, row.at, "student_name",
                    value=row.student_name, other=self._roster.students[row.student].name,
                )  # fmt: skip
                return False
            return True
        found = by_class.get((row.student_class, row.student_name), ()) if row.student_class else ()
        if not found and not row.student_class:
            found = by_school.get((row.student_school, row.student_name), ())
        if len(found) == 1:
            row.student = found[0]
            return True
        code = "guardian_child_several" if found else "guardian_child_unknown"
        self._tell(code, Severity.ERROR, row.at, "student_name", value=row.student_name)
        return False
