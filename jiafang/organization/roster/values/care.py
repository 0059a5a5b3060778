"""Care tags: the words of files and the kinds of the house, and what a column of yes and no says."""

from __future__ import annotations

from typing import Any

from jiafang.organization.roster.values.text import EMPTY_WORDS, clean, split_list, yes_or_no

# Kinds are data; these names are the ones the house starts with, and how files call them.
_WORDS = {
    "留守儿童": "留守 是否留守儿童 留守儿童 农村留守儿童 单亲留守",
    "随迁子女": "随迁子女 随迁 是否随迁子女 进城务工人员随迁子女 外来务工人员子女 是否进城务工人员随迁子女",
    "单亲家庭": "单亲 单亲家庭 离异 离异家庭 父母离异 是否单亲",
    "困难家庭": "困难 困难家庭 贫困 贫困家庭 低保 低保户 建档立卡 特困 家庭困难 家庭经济困难 脱贫户",
    "残疾": "残疾 残疾人 残疾儿童 残疾学生 随班就读 送教上门",
    "孤儿/事实无人抚养": "孤儿 是否孤儿 事实无人抚养 事实无人抚养儿童",
    "控辍保学": "控辍保学 控辍 辍学风险 疑似辍学",
    "心理关注": "心理关注 心理 心理预警 心理重点关注 心理问题",
    "临水居住": "临水居住 临水 水边居住 涉水",
    "转入": "转入 转学 新转入 转学生",
    "毕业年级": "毕业年级 毕业班",
    "小候鸟": "小候鸟 小候鸟儿童 假期随父母居住",
}
TAG_WORDS = {word: name for name, words in _WORDS.items() for word in words.split()} | {name: name for name in _WORDS}
NOT_DISABLED = frozenset({"无", "非残疾", "无残疾", "否", "健全", "正常", "健康", "良好", "0", "00"})


def tag_name(text: str) -> str:
    return TAG_WORDS.get(text) or TAG_WORDS.get(text.removesuffix("家庭"), text)


def tags(raw: Any) -> frozenset[str]:
    """Every tag in a cell; a word not known becomes a tag of its own name."""
    return frozenset(tag_name(part)[:30] for part in split_list(raw) if part not in EMPTY_WORDS and part != "否")


def tagged(raw: Any) -> bool:
    """Whether a column such as 是否留守儿童 or 残疾类型 says that the child has the tag."""
    text = clean(raw)
    if text in EMPTY_WORDS or text in NOT_DISABLED or text.startswith(("非", "不是", "否", "无")):
        return False
    try:
        return yes_or_no(text) is not False
    except Exception:
        return True  # a kind is named (视力残疾, 单亲留守): that is a yes
