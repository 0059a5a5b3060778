"""The uploaded tables again, written new, with the faulty cells coloured and a comment on each."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from jiafang.common.cells import inert
from jiafang.organization.roster.faults import Fault, FileFault, Severity
from jiafang.organization.roster.messages import words
from jiafang.organization.roster.reading import DEFAULT_LIMITS, Limits, RawTable, SourceFile, tables_of
from jiafang.organization.roster.reading.table import ERROR_VALUE, MISSING_FORMULA

COLOURS = {Severity.ERROR: "#F9D2CE", Severity.WARNING: "#FDEBC8", Severity.NOTE: "#E3ECF7"}
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
LIST_SHEET = "问题清单"
COMMENTS_PER_SHEET = 5_000
RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def marked_copy(
    sources: Sequence[SourceFile], faults: Iterable[Fault], limits: Limits = DEFAULT_LIMITS, *, mark: str = ""
) -> bytes:
    """One workbook of all tables; the list of faults comes first, and `mark` stands on every printed page."""
    by_table: dict[tuple[str, str], dict[tuple[int, int], list[Fault]]] = defaultdict(lambda: defaultdict(list))
    ordered = sorted(faults, key=lambda fault: RANK[fault.severity])
    for fault in ordered:
        place = fault.place
        if place.row:
            by_table[place.file, place.sheet][place.row - 1, (place.column or 1) - 1].append(fault)
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats = {
        severity: workbook.add_format({"bg_color": colour, "num_format": "@"}) for severity, colour in COLOURS.items()
    }
    _list(workbook.add_worksheet(LIST_SHEET), workbook, ordered, mark)
    names = {LIST_SHEET.lower()}
    for table in tables_of(sources, limits):
        if not isinstance(table, FileFault) and not table.hidden:
            worksheet = workbook.add_worksheet(_free_name(table.sheet, names))
            _copy(worksheet, table, by_table.get((table.file, table.sheet), {}), formats)
    for worksheet in workbook.worksheets():
        worksheet.set_header(f"&R&8{mark}")
    workbook.close()
    return buffer.getvalue()


def _list(worksheet: Any, workbook: Any, faults: Sequence[Fault], mark: str) -> None:
    bold = workbook.add_format({"bold": True, "bg_color": "#D9EFEC"})
    worksheet.write_row(0, 0, ("文件", "工作表", "行", "列", "列名", "问题"), bold)
    for position, width in enumerate((24, 16, 8, 8, 16, 90)):
        worksheet.set_column(position, position, width)
    for row, fault in enumerate(faults, start=1):
        place = fault.place
        cells = (place.file, place.sheet, place.row or "", place.column or "", place.header, words(fault))
        for column, cell in enumerate(cells):
            _write(worksheet, row, column, cell)
    if mark:
        _write(worksheet, len(faults) + 2, 0, mark)
    worksheet.freeze_panes(1, 0)


def _copy(
    worksheet: Any,
    table: RawTable,
    faults: dict[tuple[int, int], list[Fault]],
    formats: dict[Severity, Any],
) -> None:
    for offset, row in enumerate(table.rows):
        for position, cell in enumerate(row):
            place = (table.first_row + offset, table.first_column + position)
            found = faults.get(place)
            if found:
                _write(worksheet, *place, cell, formats[found[0].severity])
            elif cell != "":
                _write(worksheet, *place, cell)
    for (row_number, column), found in list(faults.items())[:COMMENTS_PER_SHEET]:
        text = "\n".join(dict.fromkeys(words(fault) for fault in found))[:2000]
        worksheet.write_comment(row_number, column, text, {"x_scale": 2})


def _write(worksheet: Any, row: int, column: int, cell: Any, form: Any = None) -> None:
    """Text stays text: nothing a file held becomes a formula in the copy."""
    if cell is MISSING_FORMULA:
        worksheet.write_string(row, column, "(公式)", form)
    elif cell is ERROR_VALUE:
        worksheet.write_string(row, column, "(错误值)", form)
    elif isinstance(cell, bool):
        worksheet.write_boolean(row, column, cell, form)
    elif isinstance(cell, (int, float)) and abs(cell) < 1e15:
        worksheet.write_number(row, column, cell, form)
    elif cell == "":
        worksheet.write_blank(row, column, None, form)
    else:
        worksheet.write_string(row, column, inert(str(cell))[:32_000], form)


def _free_name(wanted: str, taken: set[str]) -> str:
    base = FORBIDDEN.sub(" ", wanted).strip()[:25] or "Sheet"
    name, number = base, 1
    while name.lower() in taken:
        number += 1
        name = f"{base} {number}"
    taken.add(name.lower())
    return name
