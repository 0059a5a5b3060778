"""What a sheet's name, a title row or a file name says: 云溪中学2025-2026学年高一(3)班花名册 班主任:林知秋."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jiafang.organization.roster.values.grades import NUMERAL, GradeText, read_grade

_SCHOOL_YEARS = re.compile(
    r"(?:19|20)\d{2}\s*(?:[-—–~至/]+\s*(?:20)?\d{2})?\s*(?:学年度?|年度|年)|第?[一二上下]学期|[春秋]季"
)
_GRADE_AND_CLASS = re.compile(
    rf"(?:(?:幼儿园|小学|初中|高中|中职|职高|初|高|职)?20\d{{2}}级|\d{{2}}级|(?:小学|初中|高中|中职|职高|初|高|职)[一二三四五六](?:年级|年段|年)?"
    rf"|[一二三四五六七八九](?:年级|年段|年(?=\(?{NUMERAL}\)?班))|[1-9]年级|[一二三四五六七八九](?=\(\d)"
    rf"|(?<![一二三四五六七八九十实])(?:小小|小|中|大|托)(?=\(?(?!\d{{3}}){NUMERAL}\)?班|班)班?)(?:第?\(?{NUMERAL}\)?班)?"
)
_CLASS_ALONE = re.compile(rf"(?<![\d一二三四五六七八九十])(?:[1-9]\d{{2}}|\({NUMERAL}\)|{NUMERAL})班(?!级|主任|额|数)")
_HOMEROOM = re.compile(
    r"(?:班主任|主班教师|主班老师)(?:老师|姓名)?[::\s]+([\u3400-\u9fff·]{2,5}?)(?=老师|$|[\s,,。;()]|联系|电话|人数|副班|学生)"
)


def search_class(text: str, stages: Sequence[str] = ()) -> GradeText:
    """The grade and class named anywhere in a text; a class beats a mere grade."""
    text = _SCHOOL_YEARS.sub(" ", text)
    best = GradeText()
    for match in _GRADE_AND_CLASS.finditer(text):
        found = read_grade(match[0], stages)
        if found.class_name:
            return found
        if best.grade is None and best.entry_year is None:
            best = found
    if bare := _CLASS_ALONE.search(text):
        alone = read_grade(bare[0], (best.stage,) if best.stage else stages)
        grade = best if best.grade is not None or best.entry_year is not None else alone
        return GradeText(grade.stage, grade.grade, grade.entry_year, alone.class_name)
    return best


def search_homeroom(text: str) -> str:
    match = _HOMEROOM.search(text)
    return match[1] if match else ""
