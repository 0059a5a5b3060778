"""How an adult is related to a child, in the many words of real files."""

from __future__ import annotations

from typing import Any

from jiafang.organization.roster.values.text import EMPTY_WORDS, clean

_WORDS = {
    "father": "父亲 爸爸 父 爸 父子 父女 生父 继父 养父 1",
    "mother": "母亲 妈妈 母 妈 母子 母女 生母 继母 养母 2",
    "grandfather": "祖父 爷爷 爷 3",
    "grandmother": "祖母 奶奶 奶 4",
    "maternal_grandfather": "外祖父 外公 姥爷 5",
    "maternal_grandmother": "外祖母 外婆 姥姥 6",
}
RELATION_WORDS = {word: code for code, words in _WORDS.items() for word in words.split()}


def relation(raw: Any) -> str:
    text = clean(raw)
    if text in EMPTY_WORDS:
        return ""
    return RELATION_WORDS.get(text) or RELATION_WORDS.get(text.removesuffix("关系"), "other")
