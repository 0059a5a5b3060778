"""Text that is safe in any spreadsheet."""

import unicodedata

_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫")  # full width and small forms: some programs fold them
_QUOTE = "'"


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula, also after it was saved as CSV and opened again."""
    return f"{_QUOTE}{text}" if _may_begin_a_formula(text) else text


def as_written(text: str) -> str:
    """The text that `inert` was given; other text as it is."""
    rest = text[1:]
    return rest if text.startswith(_QUOTE) and _may_begin_a_formula(rest) else text


def _may_begin_a_formula(text: str) -> bool:
    """Whether the first sign that counts is one; blanks, invisible signs and quotation marks are looked through."""
    for sign in text:
        if sign in _FORMULA_STARTS:
            return True
        if not (sign.isspace() or sign == '"' or unicodedata.category(sign) in ("Cf", "Cc")):
            return False
    return False
