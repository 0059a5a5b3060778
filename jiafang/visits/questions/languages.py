"""The two languages of a form, and how workbooks call them."""

import re
from collections.abc import Mapping

CHINESE = "zh"
ENGLISH = "en"
Texts = dict[str, str]

_CODE = re.compile(r"\((zh|en|cmn)\b[^)]*\)\s*$")
_CHINESE = re.compile(r"zh\b.*|chinese.*|mandarin.*|.*中文|.*汉语|普通话|simplified chinese.*")
_ENGLISH = re.compile(r"en\b.*|english.*|英文|英语")


def language_of(called: str) -> str:
    """zh or en for what a workbook calls the language; empty for any other."""
    plain = called.strip().lower()
    if code := _CODE.search(plain):
        return ENGLISH if code[1] == "en" else CHINESE
    if _CHINESE.fullmatch(plain):
        return CHINESE
    return ENGLISH if _ENGLISH.fullmatch(plain) else ""


def texts_of(written: object) -> Texts:
    """The Chinese and the English text; what has no language counts as the one that is missing, Chinese first."""
    if not written:
        return {}
    if not isinstance(written, Mapping):
        return {CHINESE: str(written)}
    found: Texts = {}
    others: list[str] = []
    for called, text in written.items():
        language = language_of(str(called))
        if language:
            found.setdefault(language, str(text))
        else:
            others.append(str(text))
    for text in others[:1]:
        if CHINESE not in found:
            found[CHINESE] = text
        else:
            found.setdefault(ENGLISH, text)
    return {language: found[language] for language in (CHINESE, ENGLISH) if language in found}


def said(texts: Mapping[str, str], language: str) -> str:
    """The text in the language, or in the other one."""
    wanted = ENGLISH if language.startswith(ENGLISH) else CHINESE
    return texts.get(wanted) or next(iter(texts.values()), "")
