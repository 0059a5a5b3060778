"""Everything that goes wrong with rosters is told by sheet, row and column, in words."""

import io
from typing import Any

import pytest
import xlsxwriter

from jiafang.organization.roster.check import Known, check_roster
from jiafang.organization.roster.faults import Fault, Severity
from jiafang.organization.roster.interpret.directory import Directory
from jiafang.organization.roster.interpret.read import Reading, read_roster
from jiafang.organization.roster.messages import words
from jiafang.organization.roster.reading import SourceFile
from jiafang.organization.roster.schema import SHEET_OF_KIND, Kind
from tests.organization.roster.workbooks import SCHOOL, id_number, ours, registry, small_school


def read(*sources: SourceFile) -> Reading:
    reading = read_roster(sources, directory=Directory(), school_year=2026)
    assert not reading.questions
    check_roster(reading.roster, reading.faults, reading.tables, Known())
    return reading


def with_rows(kind: Kind, change: Any) -> dict:
    tables = small_school()
    tables[kind] = change([dict(row) for row in tables[kind]])
    return tables


def with_first(kind: Kind, **cells: Any) -> dict:
    return with_rows(kind, lambda rows: [{**rows[0], **cells}, *rows[1:]])


def only_fault(reading: Reading, code: str) -> Fault:
    found = [fault for fault in reading.faults if fault.code == code]
    assert found, [fault.code for fault in reading.faults]
    assert words(found[0])
    assert "%(" not in words(found[0])
    return found[0]


def place(fault: Fault) -> tuple[str, int | None, str]:
    return fault.place.sheet, fault.place.row, fault.place.header


def test_a_sound_roster_has_no_fault() -> None:
    assert list(read(ours(small_school())).faults) == []


@pytest.mark.parametrize(
    ("kind", "cells", "code", "header"),
    [
        (Kind.STUDENTS, {"registry_number": 3.502031990010113e17}, "number_cut_by_excel", "学籍号"),
        (Kind.STUDENTS, {"id_number": 350203201209150000}, "number_cut_by_excel", "身份证件号"),
        (Kind.STUDENTS, {"id_number": "3.50203E+17"}, "number_cut_by_excel", "身份证件号"),
        (Kind.STUDENTS, {"id_number": "350203201209150000"}, "number_cut_by_excel", "身份证件号"),
        (Kind.STUDENTS, {"id_number": "350203201209150021"[:15]}, "id_number_shape", "身份证件号"),
        (Kind.STUDENTS, {"registry_number": "X350203201209150021"}, "registry_number_shape", "学籍号"),
        (Kind.STUDENTS, {"registry_number": id_number()}, "registry_number_lacks_letter", "学籍号"),
        (Kind.STUDENTS, {"sex": "不详"}, "sex_unknown", "性别"),
        (Kind.STUDENTS, {"birth_date": "2012-13-45"}, "date_impossible", "出生日期"),
        (Kind.STUDENTS, {"birth_date": "龙年"}, "date_unknown", "出生日期"),
        (Kind.STUDENTS, {"lat": "北纬二十五度", "lon": "118"}, "coordinate_wrong", "纬度"),
        (Kind.STUDENTS, {"name": ""}, "name_missing", "姓名"),
        (Kind.STUDENTS, {"name": "陈1帆"}, "name_has_digits", "姓名"),
        (Kind.STUDENTS, {"school": "12345"}, "school_code_shape", "学校标识码"),
        (Kind.STUDENTS, {"school": "9999999999"}, "school_unknown", "学校标识码"),
        (Kind.STUDENTS, {"class_name": "9班"}, "class_unknown", "班级"),
        (Kind.STUDENTS, {"stage": "大学"}, "stage_unknown", "学段"),
        (Kind.STUDENTS, {"entry_year": "去年"}, "entry_year_unknown", "入学年份"),
        (Kind.STUDENTS, {"entry_year": "1995"}, "entry_year_far_off", "入学年份"),
        (Kind.GUARDIANS, {"phone": "0592-1234567"}, "mobile_shape", "手机号"),
        (Kind.GUARDIANS, {"relation": ""}, "relation_missing", "关系"),
        (Kind.GUARDIANS, {"student_name": "别人"}, "guardian_child_name_differs", "学生姓名"),
        (Kind.GUARDIANS, {"registry_number": registry(serial=99)}, "guardian_child_unknown", "学生学籍号"),
        (Kind.CLASSES, {"homeroom": "T404"}, "staff_unknown", "班主任工号"),
        (Kind.TEACHING, {"number": "T404"}, "staff_unknown", "工号"),
    ],
)
def test_a_bad_cell_is_told_with_its_place(kind: Kind, cells: dict, code: str, header: str) -> None:
    fault = only_fault(read(ours(with_first(kind, **cells))), code)
    assert place(fault) == (SHEET_OF_KIND[kind].name, 2, header)


def test_a_wrong_check_digit_is_told() -> None:
    wrong = registry(serial=11)
    wrong = wrong[:-1] + ("0" if wrong[-1] != "0" else "1")
    assert only_fault(read(ours(with_first(Kind.STUDENTS, registry_number=wrong))), "registry_number_check")


def test_a_number_with_a_letter_l_needs_no_check_digit() -> None:
    free = "L350203201209150029"
    tables = with_first(Kind.STUDENTS, registry_number=free)
    tables[Kind.GUARDIANS] = [{**tables[Kind.GUARDIANS][0], "registry_number": free}]
    assert list(read(ours(tables)).faults) == []


def test_a_child_twice_is_told_with_both_places() -> None:
    reading = read(
        ours(with_rows(Kind.STUDENTS, lambda rows: [*rows, {**rows[0], "name": "陈别名", "class_name": "2班"}]))
    )
    fault = only_fault(reading, "registry_number_twice")
    assert fault.params["other"] == "学生!2"
    assert place(fault)[1] == 5


def test_the_same_row_twice_is_taken_once() -> None:
    reading = read(ours(with_rows(Kind.STUDENTS, lambda rows: [*rows, rows[0]])))
    assert only_fault(reading, "row_twice").severity is Severity.WARNING
    assert len(reading.roster.students) == 3


def test_two_homeroom_teachers_are_told_and_neither_is_taken() -> None:
    reading = read(ours(with_rows(Kind.CLASSES, lambda rows: [*rows, {**rows[0], "homeroom": "T2"}])))
    fault = only_fault(reading, "two_homeroom_teachers")
    assert (fault.params["first"], fault.params["second"]) == ("T1", "T2")
    assert next(row for row in reading.roster.classes if row.key.name == "1班").homeroom is None


def test_two_people_of_one_number_are_told() -> None:
    reading = read(ours(with_rows(Kind.STAFF, lambda rows: [*rows, {**rows[1], "name": "叶雨桐"}])))
    assert only_fault(reading, "staff_number_twice").params["other_name"] == "林知秋"


def test_full_width_digits_stray_spaces_and_numbers_as_numbers_are_read_exactly() -> None:
    wide = {ord(letter): ord(letter) + 0xFEE0 for letter in "0123456789G"}
    tables = with_first(
        Kind.STUDENTS,
        registry_number=f"  {registry(serial=11).translate(wide)}\u200b ",
        name=" 陈 一 帆 ",
        school=int(SCHOOL),
        entry_year=2024,
        birth_date="2012年9月15日",
    )
    reading = read(ours(tables))
    assert list(reading.faults) == []
    child = reading.roster.students[0]
    assert (child.name, child.registry_number, child.birth_date.isoformat()) == (
        "陈一帆",
        registry(serial=11),
        "2012-09-15",
    )


def formulas(*, value: Any) -> SourceFile:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for kind, rows in small_school().items():
        sheet = book.add_worksheet(SHEET_OF_KIND[kind].name)
        sheet.write_row(0, 0, SHEET_OF_KIND[kind].headers)
        for at, row in enumerate(rows, start=1):
            for column, each in enumerate(SHEET_OF_KIND[kind].columns):
                if kind is Kind.STUDENTS and at == 1 and each.field == "name":
                    sheet.write_formula(at, column, '="陈"&"一帆"', None, value)
                elif row.get(each.field, "") != "":
                    sheet.write_string(at, column, str(row[each.field]))
    book.close()
    return SourceFile("公式.xlsx", buffer.getvalue())


def test_a_formula_with_its_value_is_read() -> None:
    assert read(formulas(value="陈一帆")).roster.students[0].name == "陈一帆"


def test_a_formula_without_its_value_is_told() -> None:
    fault = only_fault(read(formulas(value="")), "formula_without_value")
    assert place(fault) == ("学生", 2, "姓名")


def test_an_error_value_is_told() -> None:
    fault = only_fault(read(formulas(value="#REF!")), "error_value")
    assert place(fault) == ("学生", 2, "姓名")


def test_merged_headers_and_merged_cells_are_read() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("高一1班")
    sheet.merge_range(0, 0, 0, 4, "云溪高级中学高一1班名单")
    sheet.merge_range(1, 0, 2, 0, "姓名")
    sheet.merge_range(1, 1, 2, 1, "性别")
    sheet.merge_range(1, 2, 1, 4, "监护人1")
    sheet.write_row(2, 2, ["姓名", "关系", "电话"])
    sheet.write_row(3, 0, ["陈一帆", "男", "陈致远", "父亲", "13800000101"])
    sheet.write_row(4, 0, ["陈一诺", "女"])
    sheet.merge_range(3, 2, 4, 2, "陈致远")
    sheet.merge_range(3, 3, 4, 3, "父亲")
    sheet.merge_range(3, 4, 4, 4, "13800000101")
    book.close()
    from jiafang.organization.roster.interpret.directory import SchoolInfo

    directory = Directory([SchoolInfo(SCHOOL, "云溪高级中学", ("senior",))])
    reading = read_roster([SourceFile("名单.xlsx", buffer.getvalue())], directory=directory, school_year=2026)
    assert [(row.name, row.phone) for row in reading.roster.guardians] == [("陈致远", "13800000101")] * 2


def test_every_code_has_its_words() -> None:
    import re
    from pathlib import Path

    from jiafang.organization.roster import faults, messages

    folder = Path(faults.__file__).parent
    used = set()
    for path in folder.rglob("*.py"):
        used |= set(
            re.findall(r'(?:Fault|Refused|\.tell|_tell|_note)\(\s*"([a-z]+_[a-z_]+)"', path.read_text(encoding="utf-8"))
        )
    assert used - {"school_name"} <= messages.WORDS.keys()
