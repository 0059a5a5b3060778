"""How a name is typed on a keyboard: its pinyin and initials, cached by character (a roster repeats few)."""

from functools import cache

from pypinyin import Style, lazy_pinyin

# Surnames that are read otherwise than the same character elsewhere.
SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "任": "ren", "朴": "piao",
    "盖": "ge", "洗": "xian", "冼": "xian", "翟": "zhai", "员": "yun", "乐": "yue", "尹": "yin", "尉": "yu",
    "华": "hua", "葛": "ge", "纪": "ji", "缪": "miao", "宓": "mi", "种": "chong", "繁": "po", "秘": "bi",
}  # fmt: skip


@cache
def _syllable(character: str) -> str:
    return lazy_pinyin(character, style=Style.NORMAL, errors=lambda other: other)[0].lower().replace("ü", "v")


def spell(name: str) -> tuple[str, str]:
    """The pinyin of a name without spaces or tones, and its initials: 曾小雨 → ("zengxiaoyu", "zxy")."""
    syllables = [_syllable(c) for c in name if not c.isspace() and c != "·"]
    if syllables and name[0] in SURNAMES:
        syllables[0] = SURNAMES[name[0]]
    return "".join(syllables)[:150], "".join(s[0] for s in syllables if s)[:30]
