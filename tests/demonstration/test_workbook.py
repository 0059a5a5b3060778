"""The workbook holds the district in the schema of the roster import, cell by cell the same each time."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command

from jiafang.demonstration.district import generate
from jiafang.demonstration.model import DemoDistrict
from jiafang.demonstration.workbook import sheets, write_workbooks
from jiafang.organization.roster.schema import RELATIONS, SHEETS, STAGES

TODAY = dt.date(2026, 11, 23)
Rows = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def demo() -> DemoDistrict:
    return generate("small", seed=7, today=TODAY)


@pytest.fixture(scope="module")
def rows(demo: DemoDistrict, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    (path,) = write_workbooks(demo, tmp_path_factory.mktemp("roster"))
    workbook = openpyxl.load_workbook(path, read_only=True)
    read: Rows = {}
    for worksheet in workbook.worksheets:
        headers, *lines = worksheet.iter_rows(values_only=True)
        read[worksheet.title] = [
            {str(header): str(value or "") for header, value in zip(headers, line, strict=False)} for line in lines
        ]
    return read


def test_the_sheets_and_headers_are_those_of_the_import(rows: Rows) -> None:
    assert list(rows) == [sheet.name for sheet in SHEETS]
    for sheet in SHEETS:
        assert tuple(rows[sheet.name][0]) == sheet.headers


def test_required_cells_are_filled(rows: Rows) -> None:
    for sheet in SHEETS:
        for column in sheet.columns:
            if column.required:
                assert all(row[column.header] for row in rows[sheet.name]), (sheet.name, column.header)


def test_words_are_those_that_the_import_knows(rows: Rows) -> None:
    assert {row["学段"] for row in rows["班级"]} <= set(STAGES)
    assert {row["关系"] for row in rows["家长"]} <= set(RELATIONS)
    assert {row["是否寄宿"] for row in rows["学生"]} == {"是", "否"}


def test_every_student_and_guardian_of_the_district_has_a_row(demo: DemoDistrict, rows: Rows) -> None:
    assert len(rows["学生"]) == len(demo.students)
    adults = {household.number: len(household.guardians) for household in demo.households}
    assert len(rows["家长"]) == sum(adults[student.household_number] for student in demo.students)


def test_every_guardian_row_names_one_student(rows: Rows) -> None:
    registry = {row["学籍号"]: row["姓名"] for row in rows["学生"] if row["学籍号"]}
    by_class = {(row["学校标识码"], row["学段"], row["入学年份"], row["班级"], row["姓名"]) for row in rows["学生"]}
    for row in rows["家长"]:
        if row["学生学籍号"]:
            assert registry[row["学生学籍号"]] == row["学生姓名"]
        else:
            named = tuple(row[header] for header in ("学校标识码", "学段", "入学年份", "班级", "学生姓名"))
            assert named in by_class


def test_every_number_of_staff_in_use_is_on_the_staff_sheet(rows: Rows) -> None:
    numbers = [row["工号"] for row in rows["教职工"]]
    assert len(numbers) == len(set(numbers))
    used = {row["工号"] for row in rows["任课"]} | {row["班主任工号"] for row in rows["班级"]}
    used |= {row["年段长工号"] for row in rows["年段"] if row["年段长工号"]}
    assert used <= set(numbers)


def test_the_same_seed_and_day_write_the_same_bytes(demo: DemoDistrict, tmp_path: Path) -> None:
    again = generate("small", seed=7, today=TODAY)
    assert [(s.name, list(r)) for s, r in sheets(demo)] == [(s.name, list(r)) for s, r in sheets(again)]
    (first,), (second,) = write_workbooks(demo, tmp_path / "a"), write_workbooks(again, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


def test_the_command_writes_the_workbook_into_a_new_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_data", "small", "--seed", "2", "--today", "2026-11-23", "--out", str(tmp_path / "new folder"))
    written = Path(capsys.readouterr().out.strip())
    assert written.parent == tmp_path / "new folder"
    assert openpyxl.load_workbook(written, read_only=True).sheetnames == [sheet.name for sheet in SHEETS]
