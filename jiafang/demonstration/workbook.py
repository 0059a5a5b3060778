"""The district as roster workbooks in the schema that the roster import reads."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from jiafang.demonstration.model import ClassKey, DemoDistrict
from jiafang.organization.roster.schema import NO, SEPARATOR, SHEETS, YES, Kind, Sheet

Record = dict[str, str]


def write_workbooks(demo: DemoDistrict, folder: Path) -> list[Path]:
    """One workbook with every sheet; the same district gives the same cells."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"roster-{demo.size}-{demo.seed}-{demo.today:%Y%m%d}.xlsx"
    workbook = xlsxwriter.Workbook(path, {"constant_memory": True})
    workbook.set_properties(
        {"title": f"{demo.name}名册(演示数据,均为虚构)", "created": dt.datetime.combine(demo.today, dt.time.min)}
    )
    header_format = workbook.add_format({"bold": True, "bg_color": "#E6F2F1"})
    for sheet, rows in sheets(demo):
        _write(workbook.add_worksheet(sheet.name), sheet, rows, header_format)
    workbook.close()
    return [path]


def sheets(demo: DemoDistrict) -> Iterator[tuple[Sheet, Iterator[tuple[str, ...]]]]:
    """Every sheet of the schema with its rows, in the order of its columns."""
    for sheet in SHEETS:
        fields = [column.field for column in sheet.columns]
        records = _RECORDS[sheet.kind](demo)
        yield sheet, (tuple(record.get(name, "") for name in fields) for record in records)


def _write(worksheet: Any, sheet: Sheet, rows: Iterator[tuple[str, ...]], header_format: Any) -> None:
    for place, column in enumerate(sheet.columns):
        worksheet.set_column(place, place, column.width)
    worksheet.freeze_panes(1, 0)
    worksheet.write_row(0, 0, sheet.headers, header_format)
    write = worksheet.write_string
    for row, values in enumerate(rows, start=1):
        for place, value in enumerate(values):
            if value:
                write(row, place, value)


def _yes_no(value: bool) -> str:
    return YES if value else NO


def _class_columns(key: ClassKey) -> Record:
    return {
        "school": key.school_code,
        "stage": key.stage,
        "entry_year": str(key.entry_year),
        "class_name": key.name,
    }


def _point(point: tuple[float, float] | None) -> Record:
    return {"lat": f"{point[0]:.5f}", "lon": f"{point[1]:.5f}"} if point else {}


def _schools(demo: DemoDistrict) -> Iterator[Record]:
    for school in demo.schools:
        yield {
            "school": school.code,
            "name": school.name,
            "stages": SEPARATOR.join(school.stages),
            "township": school.township,
            "address": school.address,
            "parent": school.parent_code,
            **_point((school.lat, school.lon)),
        }


def _cohorts(demo: DemoDistrict) -> Iterator[Record]:
    for cohort in demo.cohorts:
        yield {
            "school": cohort.school_code,
            "stage": cohort.stage,
            "entry_year": str(cohort.entry_year),
            "lead": cohort.lead_number,
        }


def _classes(demo: DemoDistrict) -> Iterator[Record]:
    for school_class in demo.classes:
        yield {**_class_columns(school_class.key), "homeroom": school_class.homeroom_number}


def _staff(demo: DemoDistrict) -> Iterator[Record]:
    for member in demo.staff:
        yield {
            "school": member.school_code,
            "number": member.number,
            "name": member.name,
            "sex": member.sex,
            "phone": member.phone,
            "id_number": member.id_number,
            "posts": SEPARATOR.join(member.duties),
            "paired_schools": SEPARATOR.join(member.paired_codes),
            "township": member.township,
            "village": member.village,
            **_point((member.lat, member.lon)),
        }


def _teaching(demo: DemoDistrict) -> Iterator[Record]:
    for teaching in demo.teachings:
        yield {**_class_columns(teaching.key), "number": teaching.staff_number, "subject": teaching.subject}


def _students(demo: DemoDistrict) -> Iterator[Record]:
    homes = {household.number: household for household in demo.households}
    for student in demo.students:
        home = homes[student.household_number]
        yield {
            **_class_columns(student.key),
            "registry_number": student.registry_number,
            "name": student.name,
            "sex": student.sex,
            "birth_date": student.born.isoformat(),
            "id_number": student.id_number,
            "admitted_on": student.entered.isoformat(),
            "boarding": _yes_no(student.boards),
            "township": home.township,
            "village": home.village,
            "address": home.address,
            "tags": SEPARATOR.join((*home.tags, *student.tags)),
            **_point(home.point),
        }


def _guardians(demo: DemoDistrict) -> Iterator[Record]:
    homes = {household.number: household for household in demo.households}
    for student in demo.students:
        # A child without a registry number is named by school and class.
        child = {"registry_number": student.registry_number} if student.registry_number else _class_columns(student.key)
        for guardian in homes[student.household_number].guardians:
            yield {
                **child,
                "student_name": student.name,
                "name": guardian.name,
                "relation": guardian.relation,
                "phone": guardian.phone,
                "id_number": guardian.id_number,
                "is_primary": _yes_no(guardian.is_primary),
                "is_guardian": _yes_no(guardian.is_guardian),
                "has_smartphone": _yes_no(guardian.has_smartphone),
            }


_RECORDS: dict[Kind, Callable[[DemoDistrict], Iterator[Record]]] = {
    Kind.SCHOOLS: _schools,
    Kind.COHORTS: _cohorts,
    Kind.CLASSES: _classes,
    Kind.STAFF: _staff,
    Kind.TEACHING: _teaching,
    Kind.STUDENTS: _students,
    Kind.GUARDIANS: _guardians,
}
