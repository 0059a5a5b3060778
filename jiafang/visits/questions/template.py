"""The workbook that a bureau or a school downloads and changes: a small form with one example of everything."""

import io

import xlsxwriter

SURVEY = (
    (
        "type",
        "name",
        "label",
        "label::English (en)",
        "hint",
        "required",
        "relevant",
        "constraint",
        "constraint_message",
    ),
    ("note", "intro", "下面几题供学校统计用。", "A few questions for the school.", "", "", "", "", ""),
    ("select_one yes_no", "own_phone", "孩子有自己的手机吗?", "Does the child own a phone?", "", "yes", "", "", ""),
    ("begin group", "phone_use", "手机的事", "About the phone", "", "", "${own_phone} = 'yes'", "", ""),
    (
        "decimal",
        "hours",
        "每天大约用几小时?",
        "Hours a day?",
        "大概就行",
        "",
        "",
        ". >= 0 and . <= 24",
        "一天只有 24 小时",
    ),
    ("select_multiple uses", "uses", "主要用来做什么?", "What for?", "可以选几项", "", "", "", ""),
    ("text", "other_use", "还用来做什么?", "What else?", "", "", "selected(${uses}, 'other')", "", ""),
    ("end group", "", "", "", "", "", "", "", ""),
    ("integer", "children", "家里有几个孩子?", "How many children?", "", "", "", ". >= 1 and . <= 12", ""),
    (
        "date",
        "home_on",
        "父母最近一次回家是哪天?",
        "Parents last at home on?",
        "",
        "",
        "",
        ". <= today()",
        "请填今天或以前的日期",
    ),
    ("time", "sleeps_at", "平时几点睡?", "Goes to bed at?", "", "", "", "", ""),
)
CHOICES = (
    ("list_name", "name", "label", "label::English (en)"),
    ("yes_no", "yes", "有", "Yes"),
    ("yes_no", "no", "没有", "No"),
    ("uses", "study", "学习", "Study"),
    ("uses", "games", "游戏", "Games"),
    ("uses", "other", "其他", "Other"),
)
SETTINGS = (("form_title", "form_id"), ("手机使用情况", "phone_use"))
NOTES = (
    "怎样写附加题目(XLSForm)",
    "1. survey 一行一道题:type 是题型,name 是题目的代号(字母、数字、下划线,全表不重复),label 是题目。",
    "2. 题型:text 文字、integer 整数、decimal 小数、date 日期、time 时间、select_one 单选、select_multiple 多选、",
    "    note 说明;begin group 与 end group 之间是一组。单选和多选后面空一格写 choices 里的 list_name。",
    "3. hint 提示;required 写 yes 就要填;default 默认值;label::English (en) 英文,可以不写。",
    "4. relevant 什么时候才问,constraint 答案要满足什么,constraint_message 不满足时怎么说。",
    "    ${代号} 指别的题,. 指这一题。可以用:= != < <= > >= + - * div mod and or",
    "    not() selected() count-selected() string-length() regex() today() if()",
    "5. 选项可以跟着前一题变:choices 里加一栏(如 town),题目的 choice_filter 写 town=${town}。",
    "6. 家访记录已经有的内容(谁、何时、怎么见的、说了什么)请不要再问一遍。",
    "以下划线开头的工作表(如这一张)不会读取。",
)


def example_workbook() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#D9EFEC", "border": 1, "border_color": "#9CC9C4"})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    title = book.add_format({"bold": True, "font_size": 16, "font_color": "#0F766E"})
    for name, rows in (("survey", SURVEY), ("choices", CHOICES), ("settings", SETTINGS)):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(rows[0]) - 1, 24)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write_string(number, column, value, text if number else head)
    notes = book.add_worksheet("_说明")
    notes.set_column(0, 0, 110)
    for number, line in enumerate(NOTES):
        notes.write_string(number, 0, line, text if number else title)
    book.close()
    return out.getvalue()
