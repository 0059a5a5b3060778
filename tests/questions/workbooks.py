"""XLSForms made on the spot."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter
import xlwt

Row = Mapping[str, object]

YES_NO = (
    {"list_name": "yes_no", "name": "yes", "label": "有", "label::English": "Yes"},
    {"list_name": "yes_no", "name": "no", "label": "没有", "label::English": "No"},
)
PLACES = (
    {"list_name": "town", "name": "shiling", "label": "石岭镇"},
    {"list_name": "town", "name": "qingxi", "label": "清溪镇"},
    {"list_name": "village", "name": "s1", "label": "石岭村", "town": "shiling"},
    {"list_name": "village", "name": "s2", "label": "上坪村", "town": "shiling"},
    {"list_name": "village", "name": "q1", "label": "清溪村", "town": "qingxi"},
)


def sheets(
    survey: Sequence[Row], choices: Sequence[Row] = (), settings: Row | None = None
) -> dict[str, list[list[object]]]:
    made = {"survey": _table(survey)}
    if choices:
        made["choices"] = _table(choices)
    if settings:
        made["settings"] = _table([settings])
    return made


def workbook(
    survey: Sequence[Row], choices: Sequence[Row] = (), settings: Row | None = None, *, old: bool = False
) -> bytes:
    """An .xlsx, or an .xls as Excel 97 wrote it; row 2 is the first of each sheet."""
    return written(sheets(survey, choices, settings), old=old)


def written(tables: Mapping[str, Sequence[Sequence[object]]], *, old: bool = False) -> bytes:
    out = io.BytesIO()
    book = xlwt.Workbook() if old else xlsxwriter.Workbook(out)
    for name, rows in tables.items():
        sheet = book.add_sheet(name) if old else book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value not in (None, ""):
                    sheet.write(number, column, value)
    if old:
        book.save(out)
    else:
        book.close()
    return out.getvalue()


def everything(**settings: object) -> bytes:
    """A form with every supported type, as a school might write it."""
    return workbook(
        [
            {
                "type": "note",
                "name": "intro",
                "label": "区里今年想多了解几件事。",
                "label::English": "A few more things.",
            },
            {
                "type": "select_one yes_no",
                "name": "phone",
                "label": "孩子有自己的手机吗?",
                "label::English": "Own phone?",
                "required": "yes",
            },
            {"type": "begin group", "name": "about_phone", "label": "手机的事", "relevant": "${phone} = 'yes'"},
            {
                "type": "decimal",
                "name": "hours",
                "label": "每天大约用几小时?",
                "label::English": "Hours a day?",
                "hint": "大概就行",
                "constraint": ". >= 0 and . <= 24",
                "constraint_message": "一天只有 24 小时",
                "required": "yes",
            },
            {
                "type": "select_multiple uses",
                "name": "uses",
                "label": "主要用来做什么?",
                "constraint": "count-selected(.) <= 2",
            },
            {"type": "text", "name": "other_use", "label": "还用来做什么?", "relevant": "selected(${uses}, 'other')"},
            {"type": "end group"},
            {"type": "integer", "name": "siblings", "label": "家里有几个孩子?", "default": "1", "constraint": ". >= 1"},
            {
                "type": "date",
                "name": "home_on",
                "label": "父母最近一次回家是哪天?",
                "constraint": ". <= today()",
                "default": "today()",
            },
            {"type": "time", "name": "sleeps", "label": "一般几点睡?", "default": "21:30:00"},
            {"type": "select_one town", "name": "town", "label": "住在哪个镇?"},
            {
                "type": "select_one village",
                "name": "village",
                "label": "住在哪个村?",
                "choice_filter": "town=${town}",
                "relevant": "${town} != ''",
            },
            {
                "type": "text",
                "name": "wish",
                "label": "对${village}有什么希望?",
                "required": "${siblings} > 1",
                "required_message": "孩子多的家庭请写一句",
            },
        ],
        [
            *YES_NO,
            {"list_name": "uses", "name": "study", "label": "学习"},
            {"list_name": "uses", "name": "play", "label": "游戏"},
            {"list_name": "uses", "name": "other", "label": "其他"},
            *PLACES,
        ],
        settings or {"form_title": "暑期情况", "form_id": "summer"},
    )


def _table(rows: Sequence[Row]) -> list[list[object]]:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return [list(columns), *[[row.get(column, "") for column in columns] for row in rows]]
