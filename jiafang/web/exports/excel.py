"""The sheets for the wall as an Excel workbook: A4 landscape, headings on every page, page numbers."""

import io
import re
from collections.abc import Sequence

import xlsxwriter
from django.utils.translation import gettext as _

from jiafang.common.cells import inert
from jiafang.web.exports.watermark import Watermark
from jiafang.web.timetable.sheet import Sheet

A4 = 9
HEADING_ROW = 2
FONT = "宋体"
TITLE_FONT = "黑体"
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
LONGEST_SHEET_NAME = 31


def workbook(sheets: Sequence[Sheet], mark: Watermark) -> bytes:
    """One worksheet for each sheet; each says who took it out of the house."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        formats = _Formats(book)
        names: set[str] = set()
        for sheet in sheets:
            _write(book.add_worksheet(_sheet_name(sheet.name, names)), sheet, formats, mark)
    return out.getvalue()


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        middle = {"align": "center", "valign": "vcenter", "text_wrap": True}
        self.title = book.add_format({"font_name": TITLE_FONT, "font_size": 18, "bold": True, **middle})
        self.subtitle = book.add_format({"font_name": FONT, "font_size": 11, **middle})
        self.heading = book.add_format(
            {"font_name": TITLE_FONT, "font_size": 11, "border": 1, "bg_color": "#E3F1EE", **middle}
        )
        self.cell = book.add_format({"font_name": FONT, "font_size": 11, "border": 1, **middle})
        self.words = book.add_format({"font_name": FONT, "font_size": 10, "border": 1, **middle, "align": "left"})
        self.foot = book.add_format({"font_name": FONT, "font_size": 10, "align": "right"})
        self.mark = book.add_format({"font_name": FONT, "font_size": 9, "align": "right", "font_color": "#8F8A82"})


def _write(page: "xlsxwriter.worksheet.Worksheet", sheet: Sheet, formats: _Formats, mark: Watermark) -> None:
    last = len(sheet.columns) - 1
    page.merge_range(0, 0, 0, last, "", formats.title)
    page.write_string(0, 0, inert(sheet.title), formats.title)
    page.merge_range(1, 0, 1, last, "", formats.subtitle)
    page.write_string(1, 0, inert(sheet.subtitle), formats.subtitle)
    page.set_row(0, 32)
    page.set_row(1, 20)
    page.set_row(HEADING_ROW, 24)
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, column.width)
        page.write_string(HEADING_ROW, position, column.heading, formats.heading)
    for line, row in enumerate(sheet.rows, start=HEADING_ROW + 1):
        for position, text in enumerate(row):
            wide = sheet.columns[position].width >= 20
            page.write_string(line, position, inert(text), formats.words if wide else formats.cell)
    after = HEADING_ROW + 1 + len(sheet.rows)
    page.merge_range(after, 0, after, last, "", formats.foot)
    page.write_string(after, 0, inert(sheet.foot), formats.foot)
    page.merge_range(after + 1, 0, after + 1, last, "", formats.mark)
    page.write_string(after + 1, 0, inert(mark.line), formats.mark)
    _print_setup(page, after + 1, last, mark)


def _print_setup(page: "xlsxwriter.worksheet.Worksheet", after: int, last: int, mark: Watermark) -> None:
    page.freeze_panes(HEADING_ROW + 1, 0)
    page.set_landscape()
    page.set_paper(A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.center_horizontally()
    page.repeat_rows(0, HEADING_ROW)
    page.print_area(0, 0, after, last)
    page.fit_to_pages(1, 0)
    page.set_header(f"&R&8{mark.excel_footer}")
    page.set_footer("&C" + _("第 %(page)s 页,共 %(pages)s 页") % {"page": "&P", "pages": "&N"})


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel accepts and that is not taken yet."""
    base = _NOT_IN_SHEET_NAMES.sub("", wanted)[:LONGEST_SHEET_NAME] or _("安排表")
    name, number = base, 2
    while name.lower() in taken:
        tail = f" {number}"
        name, number = base[: LONGEST_SHEET_NAME - len(tail)] + tail, number + 1
    taken.add(name.lower())
    return name
