"""Grades and classes as schools write them: 高一(3)班, 七年级2班, 301班, 2023级1班, 小班, 大二班."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

CHINESE_DIGITS = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
NUMERAL = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
YEARS = {"kindergarten": 3, "primary": 6, "junior": 3, "senior": 3, "vocational": 3, "special": 9}

_KINDERGARTEN = {"托": 0, "小小": 0, "小": 1, "中": 2, "大": 3}
# Ordered: the first that matches the beginning wins; each gives the stage (or None: by the number) and the grade.
_ENTRY = re.compile(
    r"^(?:(幼儿园|幼|小学|小|初中|初|高中|高|中职|职高|职))?\(?((?:19|20)\d{2}|\d{2}(?=级))\)?(?:级|届入学|年级|学年入学)?"
)
_STAGED = re.compile(
    r"^(?:普通)?(小学|初中|高中|中职|职高|中专|职专|职|小|初|高)\s*([一二三四五六七八九]|[1-9](?!\d))(?:年级|年段|年)?"
)
_YEARED = re.compile(r"^(十[一二]?|[一二三四五六七八九]|1[0-2]|[1-9])\s*(?:年级|年段|年)")
_NURSERY = re.compile(r"^(小小|托|小|中|大)(?:年级|年段|班)?(?=班|\(|\d|[一二三四五六七八九十]|$)")
_NURSERY_CLASS = re.compile(rf"^小{NUMERAL}班$")
_SHORT = re.compile(r"^([一二三四五六七八九])(?=\(|\d)")
_CLASS = re.compile(rf"^\(?\s*({NUMERAL})\s*\)?\s*(?:班|班级)?$")
_STAGE_WORDS = {
    "幼儿园": "kindergarten",
    "幼": "kindergarten",
    "小学": "primary",
    "小": "primary",
    "初中": "junior",
    "初": "junior",
    "高中": "senior",
    "高": "senior",
    "普通高中": "senior",
    "中职": "vocational",
    "职高": "vocational",
    "中专": "vocational",
    "职专": "vocational",
    "职": "vocational",
    "中等职业": "vocational",
    "中等职业教育": "vocational",
    "特教": "special",
    "特殊教育": "special",
    "学前": "kindergarten",
    "学前教育": "kindergarten",
    "普通初中": "junior",
    "普通小学": "primary",
    "KINDERGARTEN": "kindergarten",
    "PRIMARY": "primary",
    "JUNIOR": "junior",
    "SENIOR": "senior",
    "VOCATIONAL": "vocational",
    "SPECIAL": "special",
}


@dataclass(frozen=True, slots=True)
class GradeText:
    """What a text says of grade and class; empty parts are not said."""

    stage: str = ""
    grade: int | None = None  # 1 is the first year of the stage, 0 the year before kindergarten's 小班
    entry_year: int | None = None
    class_name: str = ""


UNSAID = GradeText()


def chinese_number(text: str) -> int:
    """一 … 九十九, or plain digits."""
    if text.isdigit():
        return int(text)
    tens, mark, ones = text.partition("十")
    if not mark:
        return CHINESE_DIGITS.get(tens, 0) if len(tens) == 1 else 0
    return (CHINESE_DIGITS.get(tens, 0) if tens else 1) * 10 + (CHINESE_DIGITS.get(ones, 0) if ones else 0)


def stage_word(text: str) -> str:
    """The stage a word names, or nothing."""
    return _STAGE_WORDS.get(text) or _STAGE_WORDS.get(text.upper()) or _STAGE_WORDS.get(text.removesuffix("阶段"), "")


def class_label(text: str) -> str:
    """The one way in which a class of a number is written: 3班; a class with a name keeps it."""
    text = text.replace(" ", "").strip("第-_·.、")
    if match := _CLASS.match(text):
        number = chinese_number(match[1])
        if number:
            return f"{number}班"
    if not text:
        return ""
    return text if text.endswith(("班", "组")) else f"{text}班"


def by_number(number: int, stages: Sequence[str]) -> tuple[str, int | None]:
    """Grade 1–12 counted through school; the school's stages decide what a bare number means."""
    if len(stages) == 1:
        stage = stages[0]
        offset = {"junior": 6, "senior": 9, "vocational": 9}.get(stage, 0)
        if stage in YEARS and 1 <= number <= YEARS[stage]:
            return stage, number
        if offset and 1 <= number - offset <= YEARS[stage]:
            return stage, number - offset
        return stage, None
    if 1 <= number <= 6:
        if stages and "primary" not in stages and number <= 3:
            younger = [stage for stage in ("junior", "senior", "vocational", "special") if stage in stages]
            return (younger[0], number) if len(younger) == 1 else ("", None)
        return "primary", number
    if number <= 9:
        return "junior", number - 6
    if number <= 12:
        return "senior", number - 9
    return "", None


def read_grade(text: str, stages: Sequence[str] = ()) -> GradeText:
    """Grade and class from one text; `stages` are those of the school, where known."""
    text = text.replace(" ", "").replace("第", "")
    if not text:
        return GradeText()
    found = _leading_grade(text, stages)
    if found is None:
        return _class_only(text, stages)
    head, rest = found
    rest = rest.lstrip("-_·.、/,:")
    if rest in ("", "级", "班") or (rest == "年级"):
        return head
    return GradeText(head.stage, head.grade, head.entry_year, class_label(_without_grade_digit(rest, head)))


def read_grade_column(text: str, stages: Sequence[str] = ()) -> GradeText:
    """A cell of a column of grades, where a bare number is a grade and not a class."""
    text = text.replace(" ", "")
    if re.match(rf"^{NUMERAL}$", text):
        stage, grade = by_number(chinese_number(text), stages)
        return GradeText(stage, grade) if grade is not None else GradeText()
    if stage := stage_word(text):
        return GradeText(stage=stage)
    found = _leading_grade(text.replace("第", ""), stages)
    return found[0] if found else GradeText()


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _leading_grade(text: str, stages: Sequence[str]) -> tuple[GradeText, str] | None:
    if match := _ENTRY.match(text):
        stage = _STAGE_WORDS.get(match[1] or "", "") or (stages[0] if len(stages) == 1 else "")
        return GradeText(stage=stage, entry_year=_full_year(match[2])), text[match.end() :]
    if match := _STAGED.match(text):
        stage, number = _STAGE_WORDS[match[1]], chinese_number(match[2])
        # 小一班 is the first 小班 of a kindergarten, 小一 or 小一1班 the first grade of a primary school.
        if match[1] == "小" and "primary" not in stages and _NURSERY_CLASS.match(text):
            return GradeText("kindergarten", 1), text[1:]
        if stage == "junior" and number > 6:
            number -= 6
        if number <= YEARS[stage]:
            return GradeText(stage, number), text[match.end() :]
    if match := _YEARED.match(text):
        stage, grade = by_number(chinese_number(match[1]), stages)
        if grade is not None:
            return GradeText(stage, grade), text[match.end() :]
    if (not stages or "kindergarten" in stages) and (match := _NURSERY.match(text)):
        return GradeText("kindergarten", _KINDERGARTEN[match[1]]), text[match.end() :]
    if match := _SHORT.match(text):
        stage, grade = by_number(chinese_number(match[1]), stages)
        if grade is not None:
            return GradeText(stage, grade), text[match.end() :]
    return None


def _class_only(text: str, stages: Sequence[str]) -> GradeText:
    """A class without a grade word: 3班, or 301班 whose first digit is the grade."""
    match = re.match(r"^([1-9])(\d{2})班?$", text)
    if match and int(match[2]) > 0:
        stage, grade = by_number(int(match[1]), stages)
        if grade is not None:
            return GradeText(stage, grade, None, f"{int(match[2])}班")
    return GradeText(class_name=class_label(text))


def _without_grade_digit(rest: str, head: GradeText) -> str:
    """三年级301班 repeats the grade in the number; 七年级703班 counts it through."""
    match = re.match(r"^\(?([1-9])(\d{2})\)?班?$", rest)
    if match and head.grade is not None:
        through = head.grade + {"junior": 6, "senior": 9}.get(head.stage, 0)
        if int(match[1]) in (head.grade, through):
            return f"{int(match[2])}班"
    return rest


def class_in_grade(text: str, grade: GradeText, stages: Sequence[str]) -> GradeText:
    """The class column read where another column has told the grade."""
    said = read_grade(text, (grade.stage,) if grade.stage else stages)
    if said.grade is None and said.entry_year is None:
        return GradeText(grade.stage, grade.grade, grade.entry_year, said.class_name)
    bare = re.match(r"^\(?([1-9])(\d{2})\)?班?$", text.replace(" ", ""))
    if bare and grade.grade is not None:
        return GradeText(grade.stage, grade.grade, grade.entry_year, class_label(_without_grade_digit(text, grade)))
    return GradeText(
        grade.stage or said.stage,
        grade.grade if grade.grade is not None else said.grade,
        grade.entry_year or said.entry_year,
        said.class_name,
    )


def entry_year_of(grade: GradeText, school_year: int) -> int | None:
    if grade.entry_year is not None:
        return grade.entry_year
    return None if grade.grade is None else school_year - grade.grade + 1


def stages_of_name(name: str) -> tuple[str, ...]:
    """The stages that a school's name gives away."""
    if "幼儿园" in name or "托育" in name:
        return ("kindergarten",)
    if "特殊教育" in name or "启智" in name or "聋" in name or "培智" in name:
        return ("special",)
    if any(word in name for word in ("职业", "中专", "技工", "职专")):
        return ("vocational",)
    if "九年一贯" in name:
        return ("primary", "junior")
    if "小学" in name or "教学点" in name or name.endswith("小"):
        return ("primary",)
    if "初级中学" in name or "初中" in name:
        return ("junior",)
    if "高级中学" in name or "高中" in name:
        return ("senior",)
    return ()
