"""No file whatever raises an unhandled error: bytes, broken workbooks, tables of nonsense."""

import datetime as dt
import io
import zipfile

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jiafang.organization.roster.check import Known, check_roster
from jiafang.organization.roster.compare.compare import compare
from jiafang.organization.roster.compare.options import Options
from jiafang.organization.roster.compare.snapshot import Snapshot
from jiafang.organization.roster.faults import FaultList
from jiafang.organization.roster.interpret.context import Answers
from jiafang.organization.roster.interpret.directory import Directory, SchoolInfo
from jiafang.organization.roster.interpret.read import Reading, read_roster
from jiafang.organization.roster.marked import marked_copy
from jiafang.organization.roster.messages import words
from jiafang.organization.roster.reading import SourceFile
from jiafang.organization.roster.schema import SHEETS
from tests.organization.roster.workbooks import SCHOOL, ours, registry, small_school, workbook

KNOWN = [SchoolInfo(SCHOOL, "云溪中学", ("junior", "senior")), SchoolInfo("3135020302", "白鹭小学", ("primary",))]
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def survives(*sources: SourceFile) -> Reading:
    """The whole way to the plan; every fault can be put into words and marked."""
    directory = Directory(KNOWN)
    reading = read_roster(sources, directory=directory, school_year=2026, answers=Answers(default_school=SCHOOL))
    known = Known(schools=frozenset(school.code for school in KNOWN))
    check_roster(reading.roster, reading.faults, reading.tables, known)
    for fault in reading.faults:
        assert "%(" not in words(fault)
    assert isinstance(reading.faults, FaultList)
    now = Snapshot()
    if not any(row.key.school in {school.code for school in KNOWN} for row in reading.roster.students):
        options = Options(school_year=2026, on=dt.date(2026, 11, 1), siblings=frozenset({"all"}))
        compare(_within(reading), now, options, directory, reading.tables, reading.faults)
    return reading


def _within(reading: Reading):
    """Rows of schools that the file itself founds: the others would be in the district."""
    roster = reading.roster
    founded = {row.code for row in roster.schools} | {""}
    roster.cohorts = [row for row in roster.cohorts if row.key.school in founded]
    roster.classes = [row for row in roster.classes if row.key.school in founded]
    roster.staff = [row for row in roster.staff if row.school in founded]
    roster.teaching = [row for row in roster.teaching if row.key.school in founded]
    roster.guardians = [row for row in roster.guardians if row.student >= 0]
    return roster


MORE_HEADERS = [
    "成员1姓名",
    "成员1关系",
    "姓名2",
    "是否留守儿童",
    "残疾类型",
    "年级",
    "班主任",
    "职务及任课情况",
    "任教班级",
    "民族",
    "学校名称",
    "x",
]
HEADERS = [*sorted({header for sheet in SHEETS for header in sheet.headers}), *MORE_HEADERS, ""]
WORDS = [
    "云溪中学",
    "高一",
    "七年级",
    "1班",
    "高一(3)班",
    "301班",
    "2024",
    "2024级",
    "男",
    "是",
    "否",
    "父亲",
    "13800000000",
    "3.5E+17",
    "校长、数学教师",
    "高一1班班主任,高一2班语文",
    "语文(七1、七2)",
    "初中",
    "小学",
    "例:",
    "合计",
    "-",
    "无",
]
CELLS = st.one_of(
    st.sampled_from(["", SCHOOL, registry(), *WORDS]),
    st.text(max_size=12),
    st.integers(-(10**19), 10**19),
    st.floats(allow_nan=False, allow_infinity=False),
)
# Made once: a workbook holds the moment it was made.
SOUND = workbook({"学生": [["姓名", "年级", "班级"], ["陈一帆", "高一", "1班"]]}).content
SHEET_NAMES = [*(sheet.name for sheet in SHEETS), "高一1班", "x"]
PARTS = ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
TABLES = st.lists(st.lists(CELLS, max_size=8), max_size=8)


@MANY
@given(st.binary(max_size=400))
@example(b"PK\x05\x06" + b"\0" * 18)
def test_any_bytes(content: bytes) -> None:
    survives(SourceFile("a.xlsx", content), SourceFile("b.csv", content), SourceFile("c.zip", content))


@MANY
@given(st.text(max_size=400), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_text(text: str, encoding: str) -> None:
    survives(SourceFile("a.csv", text.encode(encoding, "replace")))


@MANY
@given(
    st.lists(st.sampled_from(HEADERS), min_size=1, max_size=10),
    TABLES,
    st.sampled_from(SHEET_NAMES),
)
def test_known_headers_over_nonsense(headers: list[str], rows: list[list[object]], sheet: str) -> None:
    """As text, which is quick; the next test goes through a workbook."""
    table = [headers, *rows]
    lines = "\n".join(",".join(_quoted(cell) for cell in row) for row in table)
    survives(SourceFile(f"{sheet}.csv", lines.encode("utf-8", "replace")))


def _quoted(cell: object) -> str:
    return '"' + str(cell).replace('"', '""') + '"'


@settings(MANY, max_examples=25)
@given(st.data())
def test_a_sound_workbook_with_cells_gone_wrong(data: st.DataObject) -> None:
    tables = small_school()
    kind = data.draw(st.sampled_from(sorted(tables)))
    row = data.draw(st.integers(0, len(tables[kind]) - 1))
    changed = {
        field: data.draw(CELLS) for field in data.draw(st.sets(st.sampled_from(sorted(tables[kind][row])), max_size=4))
    }
    rows = [dict(each) for each in tables[kind]]
    rows[row] |= {field: _excel(cell) for field, cell in changed.items()}
    tables[kind] = rows
    survives(ours(tables))


def _excel(cell: object) -> object:
    if isinstance(cell, (int, float)):
        return float(cell)
    return "".join(letter for letter in str(cell) if letter.isprintable())


@settings(MANY, max_examples=40)
@given(st.data())
def test_a_workbook_with_bytes_changed_or_cut(data: st.DataObject) -> None:
    content = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(1, len(content)))]
    survives(SourceFile("a.xlsx", bytes(content)))


@settings(MANY, max_examples=40)
@given(
    st.text(max_size=300),
    st.sampled_from(PARTS),
)
@example("<worksheet><sheetData><row r='1'><c r='A99999999999'><v>5</v></c></row>", "xl/worksheets/sheet1.xml")
def test_a_workbook_with_a_part_of_nonsense(part: str, name: str) -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook({"学生": [["姓名"]]}).content)) as old,
        zipfile.ZipFile(buffer, "w") as new,
    ):
        for each in old.namelist():
            new.writestr(each, part.encode("utf-8", "replace") if each == name else old.read(each))
    survives(SourceFile("a.xlsx", buffer.getvalue()))


@settings(MANY, max_examples=15)
@given(TABLES)
def test_a_marked_copy_can_be_made_of_anything_that_was_read(rows: list[list[object]]) -> None:
    cells = [[_excel(cell) for cell in row] for row in [["姓名", "年级", "班级"], *rows]]
    source = workbook({"学生": cells})
    assert marked_copy([source], survives(source).faults).startswith(b"PK")
