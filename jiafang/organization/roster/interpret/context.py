"""What is known of a table beyond its rows: school, grade and class from titles, sheet names and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jiafang.organization.roster.headers.layout import Layout
from jiafang.organization.roster.headers.recognize import Recognized
from jiafang.organization.roster.interpret.directory import Directory
from jiafang.organization.roster.reading.table import RawTable
from jiafang.organization.roster.schema import Kind
from jiafang.organization.roster.values.grades import UNSAID, GradeText, read_grade
from jiafang.organization.roster.values.text import clean
from jiafang.organization.roster.values.titles import search_class, search_homeroom


@dataclass(slots=True)
class Answers:
    """What a person said on the mapping page; tables are named `file␟sheet`, headers by fingerprint."""

    columns: dict[str, dict[str, Any]] = field(default_factory=dict)  # fingerprint → {"kind": …, "columns": {…}}
    schools: dict[str, str] = field(default_factory=dict)  # table → school code, "" the bureau
    stages: dict[str, str] = field(default_factory=dict)  # table → stage
    grades: dict[str, str] = field(default_factory=dict)  # table → a grade such as 高一 or 2023级
    left_out: frozenset[str] = frozenset()  # tables that are not to be read
    default_school: str | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Answers:
        return cls(
            columns={str(key): dict(value) for key, value in dict(data.get("columns", {})).items()},
            schools=dict(data.get("schools", {})),
            stages=dict(data.get("stages", {})),
            grades=dict(data.get("grades", {})),
            left_out=frozenset(data.get("left_out", ())),
            default_school=data.get("default_school"),
        )


@dataclass(slots=True)
class TableInfo:
    """One table as it is shown to the user, and what the parsers need of it."""

    index: int
    file: str
    sheet: str
    kind: Kind | None = None
    headers: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    first_column: int = 0
    header_row: int = 0
    fingerprint: str = ""
    title: str = ""
    missing: list[tuple[str, ...]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    not_kept: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)  # kind, columns, school, stage, grade
    sample: list[list[str]] = field(default_factory=list)
    row_count: int = 0
    left_out: bool = False

    @property
    def key(self) -> str:
        return f"{self.file}\x1f{self.sheet}"

    def column_of(self, position: int) -> int:
        """The column as Excel counts it, from 1."""
        return self.first_column + position + 1


@dataclass(frozen=True, slots=True)
class TableContext:
    """School, grade, class and homeroom teacher that hold for every row that does not say otherwise."""

    school: str | None = None  # None: not known; "": the bureau
    grade: GradeText = UNSAID
    homeroom: str = ""


def describe(index: int, table: RawTable, layout: Layout | None, found: Recognized | None) -> TableInfo:
    info = TableInfo(index=index, file=table.file, sheet=table.sheet, first_column=table.first_column)
    if layout is not None and found is not None:
        info.kind, info.headers, info.targets = found.kind, found.headers, found.targets
        info.header_row = table.first_row + layout.header_row + 1
        info.fingerprint, info.title = found.fingerprint, layout.title
        info.missing, info.unknown, info.not_kept = found.missing, found.unknown, found.not_kept
        info.row_count = max(0, len(table.rows) - layout.data_start)
        data = table.rows[layout.data_start : layout.data_start + 3]
        info.sample = [[str(cell)[:40] if cell not in (None, ...) else "" for cell in row] for row in data]
    return info


def context_of(info: TableInfo, directory: Directory, answers: Answers) -> TableContext:
    sheet, stem = clean(info.sheet), clean(info.file.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    school: str | None = answers.schools.get(info.key)
    if school is None:
        for text in (info.title, sheet, stem, clean(info.file)):
            if school := directory.in_text(text) or directory.by_name(text):
                break
    if not school and answers.schools.get(info.key) is None:
        school = answers.default_school if answers.default_school is not None else directory.only() or None
    stages = directory.stages_of(school) if school else ()
    if stage := answers.stages.get(info.key):
        stages = (stage,)
    grade = _grade(info, sheet, stem, stages, answers)
    homeroom = search_homeroom(info.title) or search_homeroom(sheet)
    return TableContext(school=school, grade=grade, homeroom=homeroom)


def _grade(info: TableInfo, sheet: str, stem: str, stages: tuple[str, ...], answers: Answers) -> GradeText:
    """The sheet's own name first, then the title, then the file; what one lacks the next may give."""
    parts = [search_class(text, stages) for text in (sheet, info.title, stem)]
    if said := answers.grades.get(info.key):
        parts.insert(0, read_grade(said, stages))
    stage = next((part.stage for part in parts if part.grade is not None or part.entry_year), "")
    grade = next((part.grade for part in parts if part.grade is not None), None)
    year = next((part.entry_year for part in parts if part.entry_year), None) if grade is None else None
    name = next((part.class_name for part in parts if part.class_name), "")
    if name and not any(word in sheet + info.title + stem for word in ("班",)):
        name = ""
    return GradeText(answers.stages.get(info.key) or stage, grade, year, name)
