"""The roster workbook of ours: its sheets and columns, and the fields that every source is read into.

The template, the demonstration generator and the importer share these names; nothing here needs Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the rows of a table are."""

    SCHOOLS = "schools"
    COHORTS = "cohorts"
    CLASSES = "classes"
    STAFF = "staff"
    TEACHING = "teaching"
    STUDENTS = "students"
    GUARDIANS = "guardians"


@dataclass(frozen=True, slots=True)
class Column:
    field: str
    header: str
    required: bool = False
    note: str = ""
    example: str = ""
    width: int = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    kind: Kind
    name: str
    note: str
    columns: tuple[Column, ...]

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.columns)

    def column(self, field: str) -> Column:
        return next(column for column in self.columns if column.field == field)


STAGES = {
    "幼儿园": "kindergarten",
    "小学": "primary",
    "初中": "junior",
    "高中": "senior",
    "中职": "vocational",
    "特教": "special",
}
STAGE_NAMES = {code: name for name, code in STAGES.items()}
RELATIONS = {
    "父亲": "father",
    "母亲": "mother",
    "祖父": "grandfather",
    "祖母": "grandmother",
    "外祖父": "maternal_grandfather",
    "外祖母": "maternal_grandmother",
    "其他": "other",
}
RELATION_NAMES = {code: name for name, code in RELATIONS.items()}
SEXES = {"男": "m", "女": "f"}
YES, NO = "是", "否"
SEPARATOR = "、"

_SCHOOL = Column("school", "学校标识码", True, "10 位数字，请设为文本格式", "3135020301", 14)
_STAGE = Column("stage", "学段", True, "幼儿园、小学、初中、高中、中职、特教 之一", "初中", 8)
_YEAR = Column("entry_year", "入学年份", True, "进入本学段的年份，4 位数字", "2024", 10)
_CLASS = Column("class_name", "班级", True, "如 1班", "1班", 8)
_LAT = Column("lat", "纬度", False, "WGS-84，小数，可空", "24.52810", 10)
_LON = Column("lon", "经度", False, "WGS-84，小数，可空", "118.14630", 10)
_TOWNSHIP = Column("township", "乡镇", False, "", "云溪镇", 12)
_VILLAGE = Column("village", "村社区", False, "", "白鹭村", 12)

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        Kind.SCHOOLS,
        "学校",
        "每所学校、幼儿园、教学点一行。",
        (
            _SCHOOL,
            Column("name", "学校名称", True, "", "云溪中学", 24),
            Column("stages", "学段", True, "有几个学段就写几个，用顿号隔开", "初中、高中", 14),
            _TOWNSHIP,
            Column("address", "地址", False, "", "云溪镇书院路 1 号", 28),
            _LAT,
            _LON,
            Column("parent", "上级学校标识码", False, "教学点、附属幼儿园填中心校的标识码", "", 16),
        ),
    ),
    Sheet(
        Kind.COHORTS,
        "年段",
        "每个年段一行；没有年段长的可以不填本表。",
        (_SCHOOL, _STAGE, _YEAR, Column("lead", "年段长工号", False, "可空", "T0012", 14)),
    ),
    Sheet(
        Kind.CLASSES,
        "班级",
        "每个班一行。",
        (
            _SCHOOL,
            _STAGE,
            _YEAR,
            _CLASS,
            Column("homeroom", "班主任工号", False, "可空，一班只能有一位班主任", "T0031", 14),
        ),
    ),
    Sheet(
        Kind.STAFF,
        "教职工",
        "每位教职工一行，只写在人事关系所在的单位；教育局的人员学校标识码留空。",
        (
            Column("school", "学校标识码", False, "人事关系所在学校；教育局人员留空", "3135020301", 14),
            Column("number", "工号", True, "同一单位内不重复", "T0031", 12),
            Column("name", "姓名", True, "", "林知秋", 10),
            Column("sex", "性别", False, "男或女", "女", 6),
            Column("phone", "手机号", False, "11 位，请设为文本格式", "13800000031", 14),
            Column("id_number", "身份证件号", False, "可空；请设为文本格式，加密保存", "", 20),
            Column(
                "posts",
                "职务",
                False,
                "可写几个，用顿号隔开：局长、局机关干部、校长、园长、副校长、德育副校长、心理教师…",
                "心理教师",
                20,
            ),
            Column("paired_schools", "结对学校标识码", False, "局机关干部挂钩的学校，可写几个", "", 18),
            _TOWNSHIP,
            _VILLAGE,
            _LAT,
            _LON,
        ),
    ),
    Sheet(
        Kind.TEACHING,
        "任课",
        "谁教哪个班的什么学科，一科一行。",
        (
            _SCHOOL,
            _STAGE,
            _YEAR,
            _CLASS,
            Column("number", "工号", True, "", "T0031", 12),
            Column("subject", "学科", True, "", "语文", 10),
        ),
    ),
    Sheet(
        Kind.STUDENTS,
        "学生",
        "每位学生一行。",
        (
            _SCHOOL,
            _STAGE,
            _YEAR,
            _CLASS,
            Column("registry_number", "学籍号", False, "G、J 或 L 开头共 19 位；幼儿园可空", "G350203201209150021", 22),
            Column("name", "姓名", True, "", "陈一帆", 10),
            Column("sex", "性别", False, "男或女", "男", 6),
            Column("birth_date", "出生日期", False, "如 2012-09-15", "2012-09-15", 12),
            Column("id_number", "身份证件号", False, "可空；请设为文本格式，加密保存", "", 20),
            Column("admitted_on", "入学日期", False, "如 2024-09-01", "2024-09-01", 12),
            Column("boarding", "是否寄宿", False, "是或否", "否", 8),
            _TOWNSHIP,
            _VILLAGE,
            Column("address", "现住址", False, "加密保存", "白鹭村 12 号", 24),
            _LAT,
            _LON,
            Column(
                "tags",
                "关爱标签",
                False,
                "可写几个，用顿号隔开：留守儿童、单亲家庭、困难家庭、残疾、控辍保学…",
                "留守儿童",
                20,
            ),
        ),
    ),
    Sheet(
        Kind.GUARDIANS,
        "家长",
        "每位家长对每个孩子一行；有学籍号的只写学籍号和姓名，没有的写清学校和班级。",
        (
            Column("registry_number", "学生学籍号", False, "没有学籍号时填后面几列", "G350203201209150021", 22),
            Column("school", "学校标识码", False, "", "", 14),
            Column("stage", "学段", False, "", "", 8),
            Column("entry_year", "入学年份", False, "", "", 10),
            Column("class_name", "班级", False, "", "", 8),
            Column("student_name", "学生姓名", True, "", "陈一帆", 10),
            Column("name", "姓名", True, "家长的姓名", "陈致远", 10),
            Column("relation", "关系", True, "父亲、母亲、祖父、祖母、外祖父、外祖母、其他", "父亲", 10),
            Column("phone", "手机号", False, "11 位，请设为文本格式", "13800000101", 14),
            Column("id_number", "身份证件号", False, "可空；加密保存", "", 20),
            Column("is_primary", "是否主要联系人", False, "是或否；一个孩子一位", "是", 14),
            Column("is_guardian", "是否监护人", False, "否 = 受委托照护人", "是", 12),
            Column("has_smartphone", "是否有智能手机", False, "是或否", "是", 14),
        ),
    ),
)
SHEET_OF_KIND = {sheet.kind: sheet for sheet in SHEETS}
SHEET_NAMES = {sheet.name: sheet.kind for sheet in SHEETS}
