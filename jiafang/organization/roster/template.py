"""The workbook that a bureau downloads and fills in: notes, headers, one example row on every sheet."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from jiafang.organization.roster.schema import RELATIONS, SEXES, SHEETS, STAGES, Column, Sheet

NOTES_SHEET = "说明"
EXAMPLE_MARK = "例:"
ROWS_PREPARED = 2_000
TEXT_FIELDS = frozenset(
    {"school", "parent", "number", "phone", "id_number", "registry_number", "paired_schools", "lead", "homeroom"}
)
CHOICES = {
    "stage": list(STAGES),
    "sex": list(SEXES),
    "relation": list(RELATIONS),
    "boarding": ["是", "否"],
    "is_primary": ["是", "否"],
    "is_guardian": ["是", "否"],
    "has_smartphone": ["是", "否"],
}
NOTES = (
    "佳访名册模板",
    "1. 一张表一类内容;没有的表可以空着,列的顺序可以改,不用的列可以删。",
    "2. 标 * 的列必填。一格写几个值时用顿号(、)隔开。日期写成 2012-09-15,是否写“是”或“否”。",
    "3. 学校标识码、学籍号、身份证件号、手机号的列已设为文本;从别处粘贴时请“只粘贴数值”,以免号码被截成 15 位。",
    "4. 每张表第 2 行是示例,以“例:”开头,导入时自动跳过,可以删去。",
    "5. 上传后先看预览:哪些是新的、改了的、转班转校的、哪些有错;您确认之后才会写入,要么全部写入,要么一行也不写。",
    "6. 身份证件号、手机号和住址加密保存。不收集民族、收入、疾病等与家访无关的内容。",
    "7. 导入不会给任何人管理员权限。",
)


def template_workbook() -> bytes:
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    workbook.set_properties({"title": "佳访名册模板"})
    formats = {
        "title": workbook.add_format({"bold": True, "font_size": 16, "font_color": "#0F766E"}),
        "note": workbook.add_format({"text_wrap": True, "valign": "top"}),
        "header": workbook.add_format({"bold": True, "bg_color": "#D9EFEC", "border": 1, "border_color": "#9CC9C4"}),
        "needed": workbook.add_format(
            {"bold": True, "bg_color": "#0F766E", "font_color": "#FFFFFF", "border": 1, "border_color": "#9CC9C4"}
        ),
        "example": workbook.add_format({"italic": True, "font_color": "#52606D", "num_format": "@"}),
        "text": workbook.add_format({"num_format": "@"}),
    }
    notes = workbook.add_worksheet(NOTES_SHEET)
    notes.set_column(0, 0, 100)
    notes.write_string(0, 0, NOTES[0], formats["title"])
    for row, line in enumerate(NOTES[1:], start=2):
        notes.write_string(row, 0, line, formats["note"])
    for sheet in SHEETS:
        notes_row = len(NOTES) + 2 + SHEETS.index(sheet)
        notes.write_string(notes_row, 0, f"{sheet.name}:{sheet.note}", formats["note"])
        _sheet(workbook.add_worksheet(sheet.name), sheet, formats)
    workbook.close()
    return buffer.getvalue()


def _sheet(worksheet: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    worksheet.freeze_panes(1, 0)
    for position, column in enumerate(sheet.columns):
        form = formats["text"] if column.field in TEXT_FIELDS else None
        worksheet.set_column(position, position, column.width, form)
        label = f"{column.header}*" if column.required else column.header
        worksheet.write_string(0, position, label, formats["needed" if column.required else "header"])
        if column.note:
            worksheet.write_comment(0, position, column.note, {"x_scale": 1.6})
        worksheet.write_string(1, position, _example(column, position), formats["example"])
        if column.field in CHOICES:
            worksheet.data_validation(
                2, position, ROWS_PREPARED, position,
                {"validate": "list", "source": CHOICES[column.field], "error_type": "warning"},
            )  # fmt: skip


def _example(column: Column, position: int) -> str:
    return f"{EXAMPLE_MARK}{column.example}" if position == 0 else column.example
