"""Family members in the row of their child: 成员1姓名, 姓名1, 父亲电话, 第二监护人关系."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5"}
_FIXED = {
    "父亲": "father", "爸爸": "father", "父": "father", "母亲": "mother", "妈妈": "mother", "母": "mother",
    "爷爷": "grandfather", "祖父": "grandfather", "奶奶": "grandmother", "祖母": "grandmother",
    "外公": "maternal_grandfather", "外祖父": "maternal_grandfather", "姥爷": "maternal_grandfather",
    "外婆": "maternal_grandmother", "外祖母": "maternal_grandmother", "姥姥": "maternal_grandmother",
}  # fmt: skip
_WHO = (
    "家庭成员或监护人|父母或监护人|父母或其他监护人|家庭成员|直系亲属|紧急联系人|主要联系人|联系人|监护人|成员|家长|亲属"
    "|照护人|受委托照护人|委托监护人"
)
_MAY_STAND_ALONE = frozenset({"监护人", "家长", "联系人", "主要联系人", "紧急联系人", "照护人"})
_NTH = r"[1-6一二三四五]"
_SEP = r"(?:的|-|_|:|/|\.)?"
_FIELDS = {
    "name": "姓名 名字 名",
    "relation": "关系 与学生关系 与本人关系 与孩子关系 称谓 与学生的关系 与幼儿关系 亲属关系",
    "phone": "联系电话 电话 手机 手机号 手机号码 联系方式 电话号码 联系手机 移动电话",
    "id_number": "身份证件号 身份证号 身份证号码 证件号码 身份证件号码 证件号 身份证 居民身份证号 公民身份号码",
    "id_type": "身份证件类型 证件类型 身份证类型",
    "is_guardian": "是否监护人 是否为监护人 是否法定监护人",
    "is_primary": "是否主要联系人 是否第一联系人 是否首要联系人",
    "has_smartphone": "是否有智能手机 有无智能手机 智能手机",
    "": """
        关系说明 民族 工作单位 单位 职务 职业 户口所在地 户口所在地行政区划 户口所在地行政区划代码 学历 文化程度
        政治面貌 年龄 出生日期 出生年月 健康状况 现住址 住址 家庭住址 居住地址 地址 工作单位及职务 户籍 户籍地址 性别
        备注 国籍 微信 微信号 收入 工作地点 务工地点 身份证件有效期 工作
    """,
}
_FIELD_OF = {word: name for name, words in _FIELDS.items() for word in words.split()}
_FIELD_PATTERN = "|".join(sorted(map(re.escape, _FIELD_OF), key=len, reverse=True))

_NUMBERED = re.compile(rf"^(?:第?({_NTH}))?(?:位)?({_WHO})({_NTH})?{_SEP}({_FIELD_PATTERN})?{_SEP}({_NTH})?$")
_BARE = re.compile(rf"^({_FIELD_PATTERN})({_NTH})$")
_FIXED_PATTERN = "|".join(sorted(_FIXED, key=len, reverse=True))
_NAMED = re.compile(rf"^(?:学生)?({_FIXED_PATTERN}){_SEP}({_FIELD_PATTERN})?({_NTH})?$")


@dataclass(frozen=True, slots=True)
class MemberColumn:
    """`group` keeps the columns of one adult together; `field` empty means known and not kept."""

    group: str
    field: str
    relation: str = ""

    @property
    def target(self) -> str:
        return f"member:{self.group}:{self.relation}.{self.field}" if self.field else ""


def member_column(header: str) -> MemberColumn | None:
    if match := _NAMED.match(header):
        return MemberColumn(_FIXED[match[1]], _FIELD_OF[match[2]] if match[2] else "name", _FIXED[match[1]])
    if match := _NUMBERED.match(header):
        number = match[1] or match[3] or match[5] or ""
        if not match[4] and not number and match[2] not in _MAY_STAND_ALONE:
            return None
        field = _FIELD_OF[match[4]] if match[4] else "name"
        group = "成员" if match[2].startswith(("家庭成员", "父母或", "成员")) else match[2]
        return MemberColumn(f"{group}{_NUMBERS.get(number, number)}", field)
    if match := _BARE.match(header):
        return MemberColumn(f"成员{_NUMBERS.get(match[2], match[2])}", _FIELD_OF[match[1]])
    return None


def parse_target(target: str) -> tuple[str, str, str]:
    """group, fixed relation and field of a target made by `MemberColumn.target`."""
    _, group, rest = target.split(":", 2)
    relation, _, name = rest.partition(".")
    return group, relation, name
