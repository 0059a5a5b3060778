"""One header cell to what it means, for each kind of table."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from jiafang.organization.roster.faults import ValueFault
from jiafang.organization.roster.headers.members import _FIELD_OF as MEMBER_FIELDS
from jiafang.organization.roster.headers.members import member_column
from jiafang.organization.roster.headers.synonyms import FIELD_WORDS, NOT_KEPT, PATTERNS, TAG_COLUMNS
from jiafang.organization.roster.schema import SHEETS, Kind
from jiafang.organization.roster.values.text import clean

IGNORED = "-"  # known, and not kept
_DROPPED = re.compile(r"[\s*＊★:：_\"'“”]+")
_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")
_PREFIXES = {
    Kind.STUDENTS: ("学生", "幼儿", "学员"),
    Kind.STAFF: ("教师", "教职工", "教职员工", "本人", "职工"),
    Kind.GUARDIANS: ("家长", "监护人", "成员", "家庭成员"),
    Kind.SCHOOLS: ("学校", "单位"),
    Kind.CLASSES: (),
    Kind.COHORTS: (),
    Kind.TEACHING: (),
}


def header_text(raw: Any) -> str:
    try:
        return clean(raw)
    except ValueFault:
        return ""


@lru_cache(maxsize=20_000)
def normal_header(text: str) -> str:
    return _DROPPED.sub("", text)[:60]


@cache
def _words_of(kind: Kind) -> dict[str, str]:
    table: dict[str, str] = {}
    for field, words in FIELD_WORDS[kind].items():
        for word in words.split():
            table.setdefault(word, field)
    for sheet in SHEETS:
        if sheet.kind is kind:
            table.update({column.header: column.field for column in sheet.columns})
    return table


@cache
def _tag_words() -> dict[str, str]:
    return {word: f"tag:{tag}" for tag, words in TAG_COLUMNS.items() for word in words.split()}


@lru_cache(maxsize=50_000)
def meaning(header: str, kind: Kind) -> str:
    """What a normalized header means in a table of a kind: a field, tag:…, member:…, IGNORED, or nothing."""
    return sure_meaning(header, kind) or next(
        (target for pattern, target in PATTERNS.get(kind, ()) if re.search(pattern, header)), ""
    )


@lru_cache(maxsize=50_000)
def sure_meaning(header: str, kind: Kind) -> str:
    """The meaning by a whole word of the lists; beats one that was only guessed from a part."""
    if not header:
        return ""
    if found := _exact(header, kind):
        return found
    bare = _PARENTHESES.sub("", header)
    if bare and bare != header and (found := _exact(bare, kind)):
        return found
    for prefix in _PREFIXES[kind]:
        if bare.startswith(prefix) and len(bare) > len(prefix) and (found := _exact(bare.removeprefix(prefix), kind)):
            return found
    return ""


def _exact(header: str, kind: Kind) -> str:
    if found := _words_of(kind).get(header):
        return found
    if kind is Kind.STUDENTS:
        if found := _tag_words().get(header):
            return found
        if MEMBER_FIELDS.get(header) in ("relation", "is_guardian", "is_primary", "has_smartphone"):
            return f"nearest:{MEMBER_FIELDS[header]}"
        if member := member_column(header):
            return member.target or IGNORED
    return IGNORED if header in NOT_KEPT else ""


def sub_header(text: str) -> bool:
    """Whether a word is one that stands below a family member in a header of two rows."""
    return text in MEMBER_FIELDS
