"""Files of every encoding and kind are read exactly, hostile ones are refused with the reason."""

import io
import struct
import zipfile
import zlib

import pytest
import xlsxwriter
import xlwt

from jiafang.organization.roster.faults import FileFault
from jiafang.organization.roster.reading import Limits, RawTable, SourceFile, tables_of
from tests.organization.roster.workbooks import ours, small_school, workbook

ROWS = "学校标识码,姓名\r\n3135020301,陈一帆\r\n"


def tables(source: SourceFile, limits: Limits | None = None) -> list[RawTable | FileFault]:
    return list(tables_of([source], limits or Limits()))


def refusal(source: SourceFile, limits: Limits | None = None) -> str:
    found = tables(source, limits)[-1]
    assert isinstance(found, FileFault)
    return found.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_of_every_encoding_is_read(encoding: str, mark: str) -> None:
    (table,) = tables(SourceFile("学生.csv", ROWS.replace(",", mark).encode(encoding)))
    assert table.rows == [["学校标识码", "姓名"], ["3135020301", "陈一帆"]]
    assert table.sheet == "学生"


def test_an_old_workbook_is_read() -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("学生")
    sheet.write_merge(0, 0, 0, 1, "标题")
    sheet.write(1, 0, "学校标识码")
    sheet.write(2, 0, 3135020301)
    buffer = io.BytesIO()
    book.save(buffer)
    (table,) = tables(SourceFile("学生.xls", buffer.getvalue()))
    assert table.rows[2][0] == 3135020301


def test_a_bundle_of_tables_is_unpacked_with_chinese_names() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("名册/学生.csv", ROWS.encode())
        archive.writestr("__MACOSX/学生.csv", b"x")
        archive.writestr("readme.md", b"x")
        archive.writestr("名册.xlsx", ours(small_school()).content)
    found = tables(SourceFile("名册.zip", buffer.getvalue()))
    assert [table.sheet for table in found][:2] == ["学生", "学校"]


def gbk_named_zip() -> bytes:
    """As Windows packs it: the name in GBK and no flag that says so."""
    name, content = "学生.csv".encode("gbk"), ROWS.encode()
    crc = zlib.crc32(content)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 33, crc, len(content), len(content), len(name), 0)
    body = local + name + content
    central = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, crc, len(content), len(content), len(name), 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central + name), len(body), 0)
    return body + central + name + end


def test_names_in_gbk_are_understood() -> None:
    (table,) = tables(SourceFile("名册.zip", gbk_named_zip()))
    assert table.sheet == "学生"


def rezipped(source: SourceFile, **parts: bytes) -> SourceFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source.content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.rsplit("/", 1)[-1].replace(".", "_"), old.read(name)))
    return SourceFile(source.name, buffer.getvalue())


def sheet_xml(*cells: str) -> bytes:
    rows = "".join(f'<row r="{i + 1}">{cell}</row>' for i, cell in enumerate(cells))
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (['<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>1</v></c>'], "too_many_columns"),
        (['<c r="A1"><v>1</v></c>', '<c r="ZZZZZZZ2"><v>1</v></c>'], "too_many_columns"),
        (['<c r="A1"><v>1</v></c>', '<c r="A1048576"><v>1</v></c>'], "too_many_rows"),
        (["<c r='A1'><v>1</v></c>", "<c t='n' r='B999999'><v>1</v></c>"], "too_many_rows"),
    ],
)
def test_a_sheet_that_would_swell_is_refused(cells: list[str], code: str) -> None:
    source = rezipped(workbook({"一": [["x"]]}), sheet1_xml=sheet_xml(*cells))
    assert refusal(source) == code


def test_rows_that_are_only_formatted_do_not_count() -> None:
    cells = ['<c r="A1"><v>1</v></c>', '<c r="A1048576" s="0"/>']
    (table,) = tables(rezipped(workbook({"一": [["x"]]}), sheet1_xml=sheet_xml(*cells)))
    assert isinstance(table, RawTable)


def test_a_zip_bomb_is_refused_before_it_unpacks() -> None:
    bomb = rezipped(workbook({"一": [["x"]]}), sheet1_xml=b"<worksheet>" + b" " * 40_000_000)
    assert len(bomb.content) < 100_000
    assert refusal(bomb, Limits(unpacked_bytes=20_000_000)) == "file_unpacks_too_large"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"1," * 20_000_000)
    assert (
        refusal(SourceFile("a.zip", buffer.getvalue()), Limits(unpacked_bytes=20_000_000)) == "file_unpacks_too_large"
    )


def test_a_long_text_repeated_in_many_cells_does_not_swell() -> None:
    """One shared text is small on disk and endless in memory."""
    shared = f"<sst><si><t>{'长' * 1_000_000}</t></si></sst>".encode()
    cells = '<c t="s"><v>0</v></c>' * 20
    bomb = rezipped(workbook({"一": [["x"]]}), sharedStrings_xml=shared, sheet1_xml=sheet_xml(*[cells] * 300))
    assert refusal(bomb, Limits(sent_bytes=20_000_000)) == "file_too_demanding"


def test_a_reader_that_needs_too_much_memory_dies_alone() -> None:
    cells = [f'<c r="{letter}{row}"><v>1</v></c>' for row, letter in ((1, "A"), (290_000, "NZ"))]
    swollen = rezipped(workbook({"一": [["x"]]}), sheet1_xml=sheet_xml(*cells))
    assert refusal(swollen, Limits(child_memory=900_000_000)) in ("file_too_demanding", "file_damaged")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\r\n \r\n", "file_empty"),
        (b"PK\x03\x04 and then nothing", "file_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_damaged"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "file_is_a_web_page"),
        (b"%PDF-1.7", "file_not_a_table"),
        (b"\xff\xff\xfe\xfd\x81", "encoding_unknown"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(content: bytes, code: str) -> None:
    assert refusal(SourceFile("名册.xlsx", content)) == code


def test_too_many_rows_are_refused() -> None:
    assert refusal(SourceFile("a.csv", b"1,2\n" * 100), Limits(rows=50)) == "too_many_rows"
    assert refusal(workbook({"一": [["x"]] * 100}), Limits(rows=50)) == "too_many_rows"


def test_a_zip_in_a_zip_is_refused() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", ROWS)
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("a.xlsx", inner.getvalue())
    assert refusal(SourceFile("a.zip", outer.getvalue())) == "archive_in_archive"


def test_a_broken_file_does_not_hide_the_others() -> None:
    found = list(tables_of([SourceFile("a.xlsx", b"PK"), SourceFile("b.csv", ROWS.encode())]))
    assert [type(one) for one in found] == [FileFault, RawTable]


def test_the_column_of_a_cell_counts_the_empty_ones_before_it() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("一")
    sheet.write(4, 3, "姓名")
    book.close()
    (table,) = tables(SourceFile("a.xlsx", buffer.getvalue()))
    assert (table.first_column, table.rows[4]) == (3, ["姓名"])
