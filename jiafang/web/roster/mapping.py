"""The questions of an upload as form fields, and the answers back from the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.organization.roster.headers.synonyms import TAG_COLUMNS
from jiafang.organization.roster.headers.words import IGNORED
from jiafang.organization.roster.schema import SHEET_OF_KIND, Kind

KIND_WORDS = {
    Kind.STUDENTS: gettext_lazy("学生名单"),
    Kind.STAFF: gettext_lazy("教职工名单"),
    Kind.GUARDIANS: gettext_lazy("家长名单"),
    Kind.CLASSES: gettext_lazy("班级和班主任"),
    Kind.TEACHING: gettext_lazy("任课表"),
    Kind.SCHOOLS: gettext_lazy("学校名单"),
    Kind.COHORTS: gettext_lazy("年段和年段长"),
}
MORE_FIELDS = {
    "school": gettext_lazy("学校标识码"),
    "school_name": gettext_lazy("学校名称"),
    "stage": gettext_lazy("学段"),
    "grade": gettext_lazy("年级"),
    "entry_year": gettext_lazy("入学年份"),
    "class_name": gettext_lazy("班级"),
    "homeroom": gettext_lazy("班主任工号"),
    "homeroom_name": gettext_lazy("班主任姓名"),
    "teacher_name": gettext_lazy("任课教师姓名"),
    "lead_name": gettext_lazy("年段长姓名"),
    "subject": gettext_lazy("任教学科"),
    "homeroom_of": gettext_lazy("班主任班级"),
    "is_homeroom": gettext_lazy("是否班主任"),
    "phone": gettext_lazy("联系电话"),
}
EXTRA = {
    Kind.STUDENTS: ("school_name", "grade", "homeroom_name", "phone"),
    Kind.STAFF: ("school_name", "grade", "class_name", "subject", "homeroom_of", "is_homeroom"),
    Kind.CLASSES: ("school_name", "grade", "homeroom_name"),
    Kind.COHORTS: ("school_name", "grade", "lead_name"),
    Kind.TEACHING: ("school_name", "grade", "teacher_name"),
    Kind.GUARDIANS: ("school_name", "grade"),
    Kind.SCHOOLS: (),
}
MEMBERS = {
    "member:家长:.name": gettext_lazy("家长姓名"),
    "member:家长:.relation": gettext_lazy("家长关系"),
    "member:家长:.phone": gettext_lazy("家长电话"),
    "member:father:father.name": gettext_lazy("父亲姓名"),
    "member:father:father.phone": gettext_lazy("父亲电话"),
    "member:mother:mother.name": gettext_lazy("母亲姓名"),
    "member:mother:mother.phone": gettext_lazy("母亲电话"),
}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One choice the user makes; `name` is that of the form field."""

    name: str
    label: str
    options: list[Option]
    required: bool = True


@dataclass(slots=True)
class TableQuestions:
    index: int
    title: str
    rows: int
    headers: list[str]
    sample: list[list[str]]
    needed: list[Question] = field(default_factory=list)
    columns: list[Question] = field(default_factory=list)  # headers nobody knows; may stay as they are
    kind_open: bool = False


def targets_of(kind: Kind) -> dict[str, str]:
    """Everything a column of a table of this kind can be, in words."""
    found = {column.field: column.header for column in SHEET_OF_KIND[kind].columns}
    found.update({name: str(MORE_FIELDS[name]) for name in EXTRA[kind]})
    if kind is Kind.STUDENTS:
        found.update({target: str(label) for target, label in MEMBERS.items()})
        found.update({f"tag:{tag}": _("标签:%(tag)s") % {"tag": tag} for tag in TAG_COLUMNS})
    return found


def questions_of(preview: Mapping[str, Any], *, everything: bool) -> list[TableQuestions]:
    """The tables with something to ask; with `everything` also those where columns went unrecognized."""
    found = []
    for index, table in enumerate(preview.get("tables", [])):
        if table["left_out"] or not table["headers"]:
            continue
        if table["questions"] or (everything and table["unknown"]):
            found.append(_of_table(index, table))
    return found


def _of_table(index: int, table: Mapping[str, Any]) -> TableQuestions:
    title = f"{table['file']} · {table['sheet']}"
    asked = TableQuestions(index, title, table["rows"], table["headers"], table["sample"])
    if "kind" in table["questions"]:
        asked.kind_open = True
        asked.needed.append(
            Question(
                f"kind-{index}",
                _("这张表是"),
                [Option("", _("请选择")), *(Option(str(kind), str(label)) for kind, label in KIND_WORDS.items())],
            )
        )
        return asked
    kind = Kind(table["kind"])
    labels = targets_of(kind)
    free = [
        header
        for header, target in zip(table["headers"], table["targets"], strict=True)
        if header and target in ("", IGNORED)
    ]
    for choice in table["missing"]:
        asked.needed.append(
            Question(
                f"need-{index}-{choice[0]}",
                _("哪一列是“%(field)s”") % {"field": labels.get(choice[0], choice[0])},
                [Option("", _("请选择")), *(Option(header, header) for header in free)],
            )
        )
    if "grade" in table["questions"]:
        asked.needed.append(Question(f"grade-{index}", _("这些学生是哪个年级"), _grades()))
    for header in table["unknown"]:
        position = table["headers"].index(header)
        options = [Option("", _("不保留")), *(Option(target, label) for target, label in labels.items())]
        asked.columns.append(Question(f"column-{index}-{position}", header, options, required=False))
    return asked


def _grades() -> list[Option]:
    names = [
        "小班",
        "中班",
        "大班",
        *(f"{n}年级" for n in "一二三四五六七八九"),
        "高一",
        "高二",
        "高三",
        "职一",
        "职二",
        "职三",
    ]
    return [Option("", _("请选择")), *(Option(name, name) for name in names)]


def asks_for_school(preview: Mapping[str, Any]) -> bool:
    return any("school" in table["questions"] for table in preview.get("tables", []))


def answers_from(data: Mapping[str, Any], preview: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as the importer keeps them; columns by the fingerprint of their headers."""
    tables = preview.get("tables", [])
    columns: dict[str, Any] = {}
    grades: dict[str, str] = {}
    left_out = [table["key"] for table in tables if table["left_out"]]
    for index, table in enumerate(tables):
        if data.get(f"skip-{index}"):
            left_out.append(table["key"])
            continue
        said = _columns(index, table, data)
        kind = data.get(f"kind-{index}") or table["kind"]
        if said or (data.get(f"kind-{index}") and kind in set(Kind)):
            columns[table["fingerprint"]] = {"kind": str(kind), "columns": said}
        if data.get(f"grade-{index}"):
            grades[table["key"]] = str(data[f"grade-{index}"])
    answers: dict[str, Any] = {"columns": columns, "grades": grades, "left_out": left_out}
    if "school" in data:
        answers["default_school"] = "" if data["school"] == "bureau" else data["school"] or None
    return answers


def _columns(index: int, table: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, str]:
    said: dict[str, str] = {}
    if not table["kind"]:
        return said
    allowed = targets_of(Kind(table["kind"]))
    for choice in table["missing"]:
        header = data.get(f"need-{index}-{choice[0]}")
        if header in table["headers"]:
            said[str(header)] = choice[0]
    for position, header in enumerate(table["headers"]):
        target = data.get(f"column-{index}-{position}")
        if target in allowed:
            said[header] = str(target)
        elif target == "" and header in table["unknown"]:
            said.setdefault(header, IGNORED)
    return said
