"""All tables of an upload into one roster; what a person must still say is a question on its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jiafang.organization.roster.faults import Fault, FaultList, FileFault, Place, Severity, ValueFault
from jiafang.organization.roster.headers.layout import Layout, fill_merged_cells, find_layout
from jiafang.organization.roster.headers.recognize import fingerprint, recognize
from jiafang.organization.roster.interpret.context import Answers, TableContext, TableInfo, context_of, describe
from jiafang.organization.roster.interpret.directory import Directory, SchoolInfo
from jiafang.organization.roster.interpret.guardians import read_guardians
from jiafang.organization.roster.interpret.oneroster import read_oneroster
from jiafang.organization.roster.interpret.staff import STAFF_UNITS, read_staff
from jiafang.organization.roster.interpret.students import read_students
from jiafang.organization.roster.interpret.table_reader import TableReader
from jiafang.organization.roster.interpret.units import UNIT_TARGETS, UnitFinder
from jiafang.organization.roster.interpret.units_tables import read_classes, read_cohorts, read_schools, read_teaching
from jiafang.organization.roster.reading import DEFAULT_LIMITS, Limits, RawTable, SourceFile, tables_of
from jiafang.organization.roster.reading.oneroster import is_bundle, read_bundle
from jiafang.organization.roster.rows import Roster, SchoolRow, pack
from jiafang.organization.roster.schema import Kind
from jiafang.organization.roster.values.grades import read_grade, read_grade_column, stage_word, stages_of_name
from jiafang.organization.roster.values.identifiers import school_code
from jiafang.organization.roster.values.text import clean

NOTE_SHEETS = (
    "说明",
    "填写说明",
    "填表说明",
    "使用说明",
    "字典",
    "代码",
    "代码表",
    "示例",
    "数据字典",
    "下拉选项",
    "模板说明",
)
Remembered = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Reading:
    roster: Roster
    faults: FaultList
    tables: list[TableInfo] = field(default_factory=list)

    @property
    def questions(self) -> list[TableInfo]:
        return [table for table in self.tables if table.questions]


@dataclass(slots=True)
class _Waiting:
    info: TableInfo
    table: RawTable
    layout: Layout


def read_roster(
    sources: Sequence[SourceFile],
    *,
    directory: Directory,
    school_year: int,
    answers: Answers | None = None,
    remembered: Remembered | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Reading:
    """Read every table; nothing a file holds may raise."""
    reading = Reading(Roster(school_year), FaultList())
    reader = _RosterReader(reading, directory, school_year, answers or Answers(), remembered or {})
    for source in sources:
        if is_bundle(source):
            try:
                bundle = read_bundle(source, limits)
                read_oneroster(bundle, reading.roster, reading.faults, directory, reading.tables)
            except FileFault as fault:
                reader.file_fault(fault)
            continue
        for table in tables_of([source], limits):
            if isinstance(table, FileFault):
                reader.file_fault(table)
            else:
                reader.take(table)
    reader.finish()
    if not reading.tables and not len(reading.faults):
        reading.faults.add(Fault("nothing_to_read", Severity.ERROR, Place()))
    return reading


class _RosterReader:
    def __init__(
        self, reading: Reading, directory: Directory, school_year: int, answers: Answers, remembered: Remembered
    ) -> None:
        self._reading = reading
        self._directory = directory
        self._year = school_year
        self._answers = answers
        self._remembered = remembered
        self._waiting: list[_Waiting] = []

    def file_fault(self, fault: FileFault) -> None:
        params = dict(fault.params)
        place = Place(file=str(params.pop("file", "")))
        self._reading.faults.add(Fault(fault.code, Severity.ERROR, place, params))

    def take(self, table: RawTable) -> None:
        """Recognize a table and read it, or keep it until all schools are known."""
        if (
            table.hidden
            or table.sheet.strip() in NOTE_SHEETS
            or not any(any(c != "" for c in row) for row in table.rows)
        ):
            return
        layout = find_layout(table)
        index = len(self._reading.tables)
        if layout is None:
            self._reading.tables.append(describe(index, table, None, None))
            self._note("sheet_without_table", table)
            return
        hints = f"{layout.title} {table.file}"
        found = recognize(layout, table.sheet, hints, self._said(layout))
        info = describe(index, table, layout, found)
        self._reading.tables.append(info)
        if info.key in self._answers.left_out or (
            isinstance(said := self._said(layout), dict) and said.get("left_out")
        ):
            info.left_out = True
            return
        fill_merged_cells(table, layout.data_start)
        if info.kind is None:
            if info.row_count:
                info.questions.append("kind")
            return
        if info.missing:
            info.questions.append("columns")
            return
        if info.kind is Kind.STUDENTS:
            self._discover_schools(info, table, layout)
        context = context_of(info, self._directory, self._answers)
        if self._lacks_school(info, context, table, layout):
            self._waiting.append(_Waiting(info, table, layout))
            return
        self._read(info, table, layout, context)

    def finish(self) -> None:
        for waiting in self._waiting:
            context = context_of(waiting.info, self._directory, self._answers)
            if context.school is None and not _has(waiting.info, "school", "school_name"):
                waiting.info.questions.append("school")
            else:
                self._read(waiting.info, waiting.table, waiting.layout, context)
            waiting.table.rows.clear()
        self._waiting.clear()

    def _said(self, layout: Layout) -> Mapping[str, Any]:
        from_upload = self._answers.columns
        if not from_upload and not self._remembered:
            return {}
        mark = fingerprint(layout.headers)
        return from_upload.get(mark) or self._remembered.get(mark) or {}

    def _note(self, code: str, table: RawTable) -> None:
        self._reading.faults.add(Fault(code, Severity.NOTE, Place(file=table.file, sheet=table.sheet)))

    def _lacks_school(self, info: TableInfo, context: TableContext, table: RawTable, layout: Layout) -> bool:
        if info.kind in (Kind.SCHOOLS, None) or (info.kind is Kind.GUARDIANS and _has(info, "registry_number")):
            return False
        if _has(info, "school"):
            return False
        if not _has(info, "school_name"):
            return context.school is None
        position = info.targets.index("school_name")
        names = {row[position] for row in table.rows[layout.data_start :][:2000] if position < len(row)}
        return any(not self._directory.by_name(str(name)) for name in names if name not in ("", None, ...))

    def _read(self, info: TableInfo, table: RawTable, layout: Layout, context: TableContext) -> None:
        roster, faults = self._reading.roster, self._reading.faults
        if info.kind is Kind.STUDENTS and self._lacks_grade(info, context, table, layout):
            info.questions.append("grade")
            return
        reader = TableReader(info, table, layout.data_start, faults)
        used = STAFF_UNITS if info.kind is Kind.STAFF else UNIT_TARGETS
        finder = UnitFinder(reader, self._directory, context, self._year, used=used)
        if info.kind is Kind.SCHOOLS:
            read_schools(reader, self._directory, roster)
        elif info.kind is Kind.COHORTS:
            read_cohorts(reader, finder, roster)
        elif info.kind is Kind.CLASSES:
            read_classes(reader, finder, roster)
        elif info.kind is Kind.STAFF:
            read_staff(reader, finder, self._directory, context, roster)
        elif info.kind is Kind.TEACHING:
            read_teaching(reader, finder, roster)
        elif info.kind is Kind.STUDENTS:
            read_students(reader, finder, context, roster)
        elif info.kind is Kind.GUARDIANS:
            read_guardians(reader, finder, roster)
        table.rows.clear()

    def _lacks_grade(self, info: TableInfo, context: TableContext, table: RawTable, layout: Layout) -> bool:
        """Whether neither a column nor a title tells in which grade the children are."""
        if _has(info, "grade", "entry_year", "admitted_on"):
            return False
        if context.grade.grade is not None or context.grade.entry_year:
            return False
        if not _has(info, "class_name"):
            return True
        position = info.targets.index("class_name")
        stages = self._directory.stages_of(context.school) if context.school else ()
        for row in table.rows[layout.data_start : layout.data_start + 50]:
            if position < len(row) and isinstance(row[position], (str, int)) and row[position] != "":
                said = read_grade(clean(row[position]), stages)
                if said.grade is not None or said.entry_year:
                    return False
        return True

    def _discover_schools(self, info: TableInfo, table: RawTable, layout: Layout) -> None:
        """A registry export names its schools by code and name: those not known yet are new schools."""
        if not _has(info, "school") or not _has(info, "school_name"):
            return
        code_at, name_at = info.targets.index("school"), info.targets.index("school_name")
        grade_at = info.targets.index("grade") if _has(info, "grade") else -1
        stage_at = info.targets.index("stage") if _has(info, "stage") else -1
        seen: dict[Any, tuple[Any, int, set[Any]]] = {}
        for offset in range(layout.data_start, len(table.rows)):
            row = table.rows[offset]
            if max(code_at, name_at) >= len(row) or row[code_at] == "" or row[name_at] == "":
                continue
            entry = seen.setdefault(row[code_at], (row[name_at], table.first_row + offset + 1, set()))
            at = stage_at if stage_at >= 0 else grade_at
            if 0 <= at < len(row) and len(entry[2]) < 60:
                entry[2].add(row[at])
        for raw_code, (raw_name, row_number, grades) in seen.items():
            try:
                code, name = school_code(raw_code), clean(raw_name)
                texts = [clean(grade) for grade in grades if grade != ""]
            except ValueFault:
                continue
            if not code or code in self._directory or not name or len(name) > 80:
                continue
            stages = tuple(dict.fromkeys(stage_word(t) or read_grade_column(t).stage for t in sorted(texts)))
            stages = stages_of_name(name) or tuple(stage for stage in stages if stage)
            if stages:
                self._reading.roster.schools.append(SchoolRow(pack(info.index, row_number), code, name, stages))
                self._directory.add(SchoolInfo(code, name, stages))
                place = Place(info.file, info.sheet, row_number, info.column_of(code_at), info.headers[code_at])
                self._reading.faults.add(
                    Fault("school_from_roster", Severity.NOTE, place, {"name": name, "value": code})
                )


def _has(info: TableInfo, *targets: str) -> bool:
    return any(target in info.targets for target in targets)
