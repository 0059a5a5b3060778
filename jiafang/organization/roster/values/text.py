"""Cells as clean text: full-width forms narrowed, stray and invisible spaces removed."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from jiafang.common.cells import as_written
from jiafang.organization.roster.faults import Severity, ValueFault
from jiafang.organization.roster.reading.table import ERROR_VALUE, MISSING_FORMULA

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\ufffe\x00"), None)
SPACES = re.compile(r"\s+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
LIST_MARKS = re.compile(r"[、,，;；/|\n\r]+")
EMPTY_WORDS = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "空", "null", "NULL", "None", "N/A", "n/a", "#N/A"})
NOT_WORDS = frozenset({"否", "无", "没有", "不是", "非", "0", "n", "no", "false", "f", "×", "不", "2"})
YES_WORDS = frozenset({"是", "有", "1", "y", "yes", "true", "t", "√", "✓", "✔", "对", "v"})
TOO_LONG = 200


def clean(raw: Any) -> str:
    """The text of a cell; a formula without a value or an error value is a fault, never an empty cell."""
    if raw is MISSING_FORMULA:
        raise ValueFault("formula_without_value")
    if raw is ERROR_VALUE:
        raise ValueFault("error_value")
    if type(raw) is not str:
        return number_text(raw)
    raw = as_written(raw)
    if raw.isascii():
        text = raw.strip()
        return text if text.isprintable() else SPACES.sub(" ", CONTROL.sub("", text)).strip()
    text = raw if unicodedata.is_normalized("NFKC", raw) else unicodedata.normalize("NFKC", raw)
    text = text.translate(INVISIBLE).strip()
    return text if text.isprintable() else SPACES.sub(" ", CONTROL.sub("", text)).strip()


def number_text(raw: Any) -> str:
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float):
        if raw != raw or raw in (float("inf"), float("-inf")):
            raise ValueFault("error_value")
        return str(int(raw)) if raw.is_integer() else repr(raw)
    return str(raw)


def person_name(raw: Any) -> str:
    """A name: no spaces between Chinese characters (张 三), one between other words."""
    text = clean(raw)
    if " " in text:
        text = text.replace(" ", "") if HAN.search(text) else SPACES.sub(" ", text)
    if not text or text in EMPTY_WORDS:
        return ""
    if any(character.isdigit() for character in text):
        raise ValueFault("name_has_digits", value=text[:20])
    if len(text) > 50:
        raise ValueFault("text_too_long", limit=50)
    return text


def compact(raw: Any) -> str:
    """A code or a number in text: no spaces at all, letters in capitals."""
    text = clean(raw)
    return text.replace(" ", "").replace("'", "").replace("`", "").upper()


def place_text(raw: Any) -> str:
    text = clean(raw)
    if text in EMPTY_WORDS:
        return ""
    if len(text) > TOO_LONG:
        raise ValueFault("text_too_long", limit=TOO_LONG)
    return text


def short_text(limit: int) -> Any:
    def parse(raw: Any) -> str:
        text = place_text(raw)
        if len(text) > limit:
            raise ValueFault("text_too_long", limit=limit)
        return text

    return parse


def split_list(raw: Any) -> tuple[str, ...]:
    """Values between 、 , ; / or line ends; doubles dropped, order kept."""
    text = clean(raw) if not isinstance(raw, str) or not ("\n" in raw or "\r" in raw) else raw
    parts = (clean(part) for part in LIST_MARKS.split(text))
    return tuple(dict.fromkeys(part for part in parts if part and part not in EMPTY_WORDS))


def yes_or_no(raw: Any) -> bool | None:
    text = clean(raw).lower()
    if text in YES_WORDS:
        return True
    if text in NOT_WORDS:
        return False
    if text in EMPTY_WORDS:
        return None
    if text.startswith("是"):
        return True
    if text.startswith(("否", "不")):
        return False
    raise ValueFault("not_yes_or_no", severity=Severity.WARNING, value=text[:20])


def sex(raw: Any) -> str:
    text = clean(raw).lower()
    if text in ("男", "男性", "1", "m", "male", "男生", "先生"):
        return "m"
    if text in ("女", "女性", "2", "f", "female", "女生", "女士"):
        return "f"
    if text in EMPTY_WORDS or text in ("0", "9", "未知", "未说明"):
        return ""
    raise ValueFault("sex_unknown", severity=Severity.WARNING, value=text[:20])


def coordinate(limit: float) -> Any:
    def parse(raw: Any) -> float | None:
        text = clean(raw)
        if text in EMPTY_WORDS:
            return None
        try:
            value = float(text)
        except ValueError:
            raise ValueFault("coordinate_wrong", severity=Severity.WARNING, value=text[:20]) from None
        if not -limit <= value <= limit or value == 0:
            raise ValueFault("coordinate_wrong", severity=Severity.WARNING, value=text[:20])
        return value

    return parse
