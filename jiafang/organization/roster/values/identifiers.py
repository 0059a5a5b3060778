"""Numbers that carry a check: identity card, registry number, school code, mobile phone."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from jiafang.organization.roster.faults import Severity, ValueFault
from jiafang.organization.roster.reading.table import ERROR_VALUE, MISSING_FORMULA
from jiafang.organization.roster.values.text import EMPTY_WORDS, compact

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
ID_NUMBER = re.compile(r"^[1-9]\d{16}[\dX]$")
REGISTRY_NUMBER = re.compile(r"^[GJL]\d{17}[\dX]$")
SCHOOL_CODE = re.compile(r"^\d{10}$")
MOBILE = re.compile(r"^1[3-9]\d{9}$")
SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?E\+?\d{1,2}$")
FEWEST_CUT_ZEROS = "000"
EXACT_DIGITS = 10**15


def check_digit(first_seventeen: str) -> str:
    return CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(first_seventeen, WEIGHTS, strict=True)) % 11]


def cut_by_excel(raw: Any) -> bool:
    """Whether a long number has been a number to Excel, which keeps 15 digits and writes zeros for the rest."""
    if isinstance(raw, float):
        return abs(raw) >= EXACT_DIGITS
    return isinstance(raw, str) and bool(SCIENTIFIC.match(raw.strip().upper())) and "E" in raw.upper()


def _long_number(raw: Any, name: str) -> str:
    if raw is MISSING_FORMULA:
        raise ValueFault("formula_without_value")
    if raw is ERROR_VALUE:
        raise ValueFault("error_value")
    if cut_by_excel(raw):
        raise ValueFault("number_cut_by_excel", name=name)
    text = compact(raw)
    return "" if text in EMPTY_WORDS else text


def id_number(raw: Any) -> str:
    """An identity card of 18 places; other papers are not kept, since nothing could be checked or found by them."""
    text = _long_number(raw, "id_number")
    if not text:
        return ""
    if not ID_NUMBER.match(text):
        raise ValueFault("id_number_shape", severity=Severity.WARNING, length=len(text))
    if check_digit(text[:17]) != text[17]:
        if text.endswith(FEWEST_CUT_ZEROS):
            raise ValueFault("number_cut_by_excel", name="id_number")
        raise ValueFault("id_number_check", severity=Severity.WARNING)
    try:
        dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise ValueFault("id_number_check", severity=Severity.WARNING) from None
    return text


def birth_date_of(number: str) -> dt.date:
    return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def registry_number(raw: Any) -> str:
    """G and J numbers carry the identity card's check digit; L numbers carry none."""
    text = _long_number(raw, "registry_number")
    if not text:
        return ""
    if ID_NUMBER.match(text):
        raise ValueFault("registry_number_lacks_letter")
    if not REGISTRY_NUMBER.match(text):
        raise ValueFault("registry_number_shape", value=text[:24])
    if text[0] in "GJ" and check_digit(text[1:18]) != text[18]:
        if text.endswith(FEWEST_CUT_ZEROS):
            raise ValueFault("number_cut_by_excel", name="registry_number")
        raise ValueFault("registry_number_check")
    return text


def school_code(raw: Any) -> str:
    text = compact(raw)
    if text in EMPTY_WORDS:
        return ""
    if not SCHOOL_CODE.match(text):
        raise ValueFault("school_code_shape", value=text[:24])
    return text


def mobile(raw: Any) -> str:
    """The first mobile number in the cell; fixed lines and broken numbers are told and left out."""
    text = compact(raw)
    if text in EMPTY_WORDS or text == "0":
        return ""
    for part in re.split(r"[、,;/|]", text):
        digits = re.sub(r"[-()+]", "", part)
        if len(digits) == 13 and digits.startswith("86"):
            digits = digits[2:]
        elif len(digits) == 15 and digits.startswith("0086"):
            digits = digits[4:]
        if MOBILE.match(digits):
            return digits
    raise ValueFault("mobile_shape", severity=Severity.WARNING, value=text[:20])


def staff_number(raw: Any) -> str:
    text = compact(raw)
    if text in EMPTY_WORDS:
        return ""
    if cut_by_excel(raw):
        raise ValueFault("number_cut_by_excel", name="number")
    if len(text) > 30:
        raise ValueFault("text_too_long", limit=30)
    return text
