"""Which school, cohort and class a row speaks of; distinct answers are worked out once."""

from __future__ import annotations

from typing import Any

from jiafang.organization.roster.faults import Severity, ValueFault
from jiafang.organization.roster.interpret.context import TableContext
from jiafang.organization.roster.interpret.directory import Directory
from jiafang.organization.roster.interpret.table_reader import TableReader
from jiafang.organization.roster.reading.table import Cell
from jiafang.organization.roster.rows import ClassKey, CohortKey
from jiafang.organization.roster.values.dates import entry_year as read_entry_year
from jiafang.organization.roster.values.grades import (
    YEARS,
    GradeText,
    class_in_grade,
    class_label,
    entry_year_of,
    read_grade_column,
    stage_word,
)
from jiafang.organization.roster.values.identifiers import school_code
from jiafang.organization.roster.values.text import clean

UNIT_TARGETS = ("school", "school_name", "stage", "grade", "entry_year", "class_name")
LONGEST_CLASS_NAME = 20


class UnitFinder:
    """Reads the columns of a unit; a row's six cells are looked up before they are thought about."""

    def __init__(
        self,
        reader: TableReader,
        directory: Directory,
        context: TableContext,
        school_year: int,
        *,
        used: tuple[str, ...],
    ) -> None:
        self._reader = reader
        self._directory = directory
        self._context = context
        self._year = school_year
        found: dict[str, int] = {}
        for position, target in enumerate(reader.info.targets):
            if target in UNIT_TARGETS and target in used:
                found.setdefault(target, position)
        self._positions = found
        self._columns = tuple(found.get(target, -1) for target in UNIT_TARGETS)
        self._known: dict[tuple[Cell, ...], tuple[ClassKey | None, ValueFault | None, str]] = {}

    def class_of(self, row: list[Cell], admitted_year: int | None = None) -> ClassKey | None:
        """The class of a row; None after its fault has been told."""
        raws = tuple(row[position] if 0 <= position < len(row) else "" for position in self._columns)
        key = (*raws, admitted_year) if not self._tells_year(raws) else raws
        if key not in self._known:
            try:
                self._known[key] = (self._resolve(raws, admitted_year), None, "")
            except UnitFault as fault:
                self._known[key] = (None, fault, fault.target)
        found, value_fault, target = self._known[key]
        if value_fault is not None:
            position = self._positions.get(target)
            self._reader.tell(value_fault.code, Severity.ERROR, position=position, **value_fault.params)
        return found

    def school_of(self, row: list[Cell]) -> str | None:
        """Only the school of a row; "" is the bureau."""
        raws = tuple(row[position] if 0 <= position < len(row) else "" for position in self._columns)
        try:
            return self._school(raws[0], raws[1])
        except UnitFault as fault:
            self._reader.tell(fault.code, Severity.ERROR, position=self._positions.get(fault.target), **fault.params)
            return None

    def resolve_cohort(self, row: list[Cell]) -> CohortKey:
        """The cohort of a row that names no class; raises UnitFault."""
        raws = tuple(row[position] if 0 <= position < len(row) else "" for position in self._columns)
        key = self._resolve(raws, None, with_class=False)
        return CohortKey(key.school, key.stage, key.entry_year)

    def cohort_key(self, school: str, grade: GradeText) -> CohortKey | None:
        """The cohort that a grade text of the row means at a school."""
        stages = self._directory.stages_of(school)
        stage = grade.stage or self._context.grade.stage or (stages[0] if len(stages) == 1 else "")
        year = entry_year_of(grade, self._year) or entry_year_of(self._context.grade, self._year)
        return CohortKey(school, stage, year) if stage and year else None

    def class_key(self, school: str, where: GradeText) -> ClassKey | None:
        cohort = self.cohort_key(school, where)
        name = where.class_name
        return ClassKey(*cohort, name) if cohort and name else None

    def _tells_year(self, raws: tuple[Cell, ...]) -> bool:
        return raws[3] != "" or raws[4] != ""

    def _resolve(self, raws: tuple[Cell, ...], admitted_year: int | None, *, with_class: bool = True) -> ClassKey:
        school = self._school(raws[0], raws[1])
        if not school:
            raise UnitFault("school_missing", "school")
        grade, name = self._grade_and_class(school, raws[2], raws[3], raws[5])
        explicit = self._explicit_year(raws[4])
        stage = self._stage(school, raws[2], grade, explicit)
        year = entry_year_of(grade, self._year) or explicit
        context = self._context.grade
        year = year or entry_year_of(context, self._year) or admitted_year
        if not year:
            raise UnitFault("grade_missing", "grade" if "grade" in self._positions else "entry_year")
        name = name or context.class_name
        if not name and with_class:
            raise UnitFault("class_missing", "class_name")
        if len(name) > LONGEST_CLASS_NAME:
            raise UnitFault("text_too_long", "class_name", limit=LONGEST_CLASS_NAME)
        if not self._year - 10 <= year <= self._year + 2:
            raise UnitFault("entry_year_far_off", "entry_year", value=year, school_year=self._year)
        return ClassKey(school, stage, year, name)

    def _school(self, code_raw: Cell, name_raw: Cell) -> str:
        try:
            code = school_code(code_raw) if code_raw != "" else ""
            name = clean(name_raw) if name_raw != "" else ""
        except ValueFault as fault:
            raise UnitFault(fault.code, "school", **fault.params) from None
        if code:
            return code
        if name:
            if found := self._directory.by_name(name):
                return found
            if self._context.school and name in self._directory.name_of(self._context.school):
                return self._context.school
            raise UnitFault("school_name_unknown", "school_name", value=name[:40])
        if self._context.school is None:
            raise UnitFault("school_missing", "school" if "school" in self._positions else "school_name")
        return self._context.school

    def _grade_and_class(self, school: str, stage_raw: Cell, grade_raw: Cell, class_raw: Cell) -> tuple[GradeText, str]:
        stages = self._directory.stages_of(school)
        try:
            said_stage = stage_word(clean(stage_raw)) if stage_raw != "" else ""
            grade_text = clean(grade_raw) if grade_raw != "" else ""
            class_text = clean(class_raw) if class_raw != "" else ""
        except ValueFault as fault:
            raise UnitFault(fault.code, "class_name", **fault.params) from None
        if said_stage:
            stages = (said_stage,)
        grade = read_grade_column(grade_text, stages) if grade_text else GradeText()
        if grade_text and grade == GradeText():
            raise UnitFault("grade_unknown", "grade", value=grade_text[:20])
        if not grade_text and self._context.grade.stage:
            stages = stages if said_stage else (self._context.grade.stage,)
        if not class_text:
            return grade, ""
        told = class_in_grade(class_text, grade, stages)
        return told, told.class_name or (class_label(class_text) if not told.class_name and grade_text else "")

    def _explicit_year(self, raw: Cell) -> int | None:
        if raw == "":
            return None
        try:
            return read_entry_year(raw)
        except ValueFault as fault:
            raise UnitFault(fault.code, "entry_year", **fault.params) from None

    def _stage(self, school: str, stage_raw: Cell, grade: GradeText, explicit_year: int | None) -> str:
        text = clean(stage_raw) if stage_raw not in ("", None, ...) else ""
        if text:
            stage = stage_word(text)
            if not stage:
                raise UnitFault("stage_unknown", "stage", value=text[:20])
            return stage
        stages = self._directory.stages_of(school)
        stage = grade.stage or self._context.grade.stage or (stages[0] if len(stages) == 1 else "")
        if not stage and (year := entry_year_of(grade, self._year) or explicit_year):
            fitting = [one for one in stages if 0 <= self._year - year < YEARS.get(one, 0)]
            stage = fitting[0] if len(fitting) == 1 else ""
        if not stage:
            raise UnitFault("stage_unclear", "grade" if "grade" in self._positions else "class_name")
        return stage


class UnitFault(ValueFault):
    """A unit that cannot be told, with the column that should have told it."""

    def __init__(self, code: str, target: str, **params: Any) -> None:
        super().__init__(code, **params)
        self.target = target
