"""Tables of schools, cohorts, classes and teaching."""

from __future__ import annotations

from jiafang.organization.roster.faults import Severity, ValueFault
from jiafang.organization.roster.interpret.directory import Directory, SchoolInfo
from jiafang.organization.roster.interpret.table_reader import TableReader
from jiafang.organization.roster.interpret.units import UnitFault, UnitFinder
from jiafang.organization.roster.reading.table import Cell
from jiafang.organization.roster.rows import (
    ClassRow,
    CohortKey,
    CohortRow,
    Roster,
    SchoolRow,
    StaffRef,
    TeachingRow,
)
from jiafang.organization.roster.values import identifiers, text
from jiafang.organization.roster.values.grades import stage_word, stages_of_name
from jiafang.organization.roster.values.posts import subject_name


def stages(raw: object) -> tuple[str, ...]:
    found: list[str] = []
    for part in text.split_list(raw):
        stage = stage_word(part)
        if stage:
            found.append(stage)
        elif "九年一贯" in part:
            found += ["primary", "junior"]
        elif "完全中学" in part:
            found += ["junior", "senior"]
        elif "十二年" in part:
            found += ["primary", "junior", "senior"]
        elif guessed := stages_of_name(part):
            found += guessed
        else:
            raise ValueFault("stage_unknown", value=part[:20])
    return tuple(dict.fromkeys(found))


def read_schools(reader: TableReader, directory: Directory, roster: Roster) -> None:
    column = reader.column
    code_of = column("school", identifiers.school_code, "")
    name_of = column("name", text.short_text(80), "")
    stages_of = column("stages", stages, (), repeated=True)
    township_of = column("township", text.short_text(50), "")
    address_of = column("address", text.place_text, "")
    lat_of, lon_of = column("lat", text.coordinate(90.0), None), column("lon", text.coordinate(180.0), None)
    parent_of = column("parent", identifiers.school_code, "")
    for row in reader.rows():
        code, name, said = code_of(row), name_of(row), stages_of(row)
        if not code and reader.ok:
            reader.tell("school_missing", Severity.ERROR, "school")
        if not name and reader.ok:
            reader.tell("name_missing", Severity.ERROR, "name")
        said = said or stages_of_name(name) or directory.stages_of(code)
        if reader.ok and not said:
            reader.tell("stage_missing", Severity.ERROR, "stages")
        school = SchoolRow(
            reader.at, code, name, said, township_of(row), address_of(row), lat_of(row), lon_of(row), parent_of(row)
        )
        if reader.ok:
            roster.schools.append(school)
            directory.add(SchoolInfo(code, name, said))


def read_cohorts(reader: TableReader, finder: UnitFinder, roster: Roster) -> None:
    number_of = reader.column("lead", identifiers.staff_number, "")
    name_of = reader.column("lead_name", text.person_name, "")
    for row in reader.rows("entry_year"):
        key = _cohort(reader, finder, row)
        number, name = number_of(row), name_of(row)
        if key is not None and reader.ok:
            lead = StaffRef(key.school, number, name) if number or name else None
            roster.cohorts.append(CohortRow(reader.at, key, lead))


def _cohort(reader: TableReader, finder: UnitFinder, row: list[Cell]) -> CohortKey | None:
    """A cohort is read as a class whose name does not matter."""
    try:
        key = finder.resolve_cohort(row)
    except UnitFault as fault:
        reader.tell(fault.code, Severity.ERROR, fault.target, **fault.params)
        return None
    return key


def read_classes(reader: TableReader, finder: UnitFinder, roster: Roster) -> None:
    number_of = reader.column("homeroom", identifiers.staff_number, "")
    name_of = reader.column("homeroom_name", text.person_name, "")
    for row in reader.rows("class_name"):
        key = finder.class_of(row)
        number, name = number_of(row), name_of(row)
        if key is not None and reader.ok:
            homeroom = StaffRef(key.school, number, name) if number or name else None
            roster.classes.append(ClassRow(reader.at, key, homeroom))


def read_teaching(reader: TableReader, finder: UnitFinder, roster: Roster) -> None:
    number_of = reader.column("number", identifiers.staff_number, "")
    name_of = reader.column("teacher_name", text.person_name, "")
    subject_of = reader.column("subject", lambda raw: subject_name(text.clean(raw))[:30], "", repeated=True)
    for row in reader.rows("subject"):
        key = finder.class_of(row)
        number, name, subject = number_of(row), name_of(row), subject_of(row)
        if reader.ok and not subject:
            reader.tell("subject_missing", Severity.ERROR, "subject")
        if reader.ok and not number and not name:
            reader.tell("teacher_missing", Severity.ERROR, "number")
        if key is not None and reader.ok:
            roster.teaching.append(TeachingRow(reader.at, key, StaffRef(key.school, number, name), subject))
