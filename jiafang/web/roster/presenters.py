"""An import in words: its state, its progress, its counts and its faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.organization.models import Post, RosterImport
from jiafang.organization.roster.messages import column_letters, fault_words
from jiafang.web.components.shapes import Fault, Job

State = RosterImport.State
LIVE = (State.UPLOADED, State.CHECKING, State.COMMITTING)
TONES = {
    State.COMMITTED: "met",
    State.PREVIEWED: "due",
    State.MAPPING: "due",
    State.FAILED: "overdue",
    State.ABANDONED: "declined",
}
GROUPS = {
    "schools": gettext_lazy("学校"),
    "cohorts": gettext_lazy("年段"),
    "classes": gettext_lazy("班级"),
    "staff": gettext_lazy("教职工"),
    "posts": gettext_lazy("职务与任课"),
    "students": gettext_lazy("学生"),
    "guardians": gettext_lazy("家长"),
    "households": gettext_lazy("住处"),
    "villages": gettext_lazy("村社区"),
    "kinds": gettext_lazy("关爱标签种类"),
    "pairings": gettext_lazy("结对"),
}
CHANGES = {
    "new": gettext_lazy("新增"),
    "linked": gettext_lazy("新联系"),
    "returned": gettext_lazy("回来"),
    "changed": gettext_lazy("有改动"),
    "moved": gettext_lazy("转班转校"),
    "leaving": gettext_lazy("离开"),
    "graduated": gettext_lazy("毕业"),
    "ended": gettext_lazy("结束"),
    "unchanged": gettext_lazy("没有变化"),
}
LISTED = ("new", "changed", "moved", "returned", "linked", "leaving", "graduated", "ended")
DETAILS = {
    "name": gettext_lazy("姓名"),
    "sex": gettext_lazy("性别"),
    "birth_date": gettext_lazy("出生日期"),
    "phone": gettext_lazy("手机号"),
    "id_number": gettext_lazy("身份证件号"),
    "registry_number": gettext_lazy("学籍号"),
    "has_smartphone": gettext_lazy("智能手机"),
    "boarding": gettext_lazy("是否寄宿"),
    "relation": gettext_lazy("关系"),
    "is_guardian": gettext_lazy("是否监护人"),
    "primary": gettext_lazy("主要联系人"),
    "number": gettext_lazy("工号"),
    "address": gettext_lazy("住址"),
    "village": gettext_lazy("村社区"),
    "lat": gettext_lazy("位置"),
    "lon": "",
    "township": gettext_lazy("乡镇"),
    "stages": gettext_lazy("学段"),
    "parent": gettext_lazy("上级学校"),
}
STEPS = {
    "queued": gettext_lazy("排队等候"),
    "reading": gettext_lazy("正在读文件"),
    "checking": gettext_lazy("正在检查每一行"),
    "comparing": gettext_lazy("正在和现有名册比对"),
    "saving": gettext_lazy("正在准备预览"),
    "units": gettext_lazy("正在写入学校和班级"),
    "people": gettext_lazy("正在写入人员"),
    "households": gettext_lazy("正在写入住处"),
    "enrollments": gettext_lazy("正在写入学籍"),
    "guardians": gettext_lazy("正在写入家长"),
    "posts": gettext_lazy("正在写入职务和任课"),
    "tags": gettext_lazy("正在写入关爱标签"),
    "announcing": gettext_lazy("正在通知各项工作"),
}


@dataclass(frozen=True, slots=True)
class CountCell:
    label: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class CountRow:
    label: str
    cells: list[CountCell]
    unchanged: int


def job_of(row: RosterImport) -> Job:
    """The panel of a running check or commit."""
    progress: Mapping[str, Any] = row.progress or {}
    step, done, total = str(progress.get("step", "queued")), progress.get("done", 0), progress.get("total", 100)
    fraction = done / total if total else 0
    seconds = float(progress.get("seconds", 0))
    left = int(seconds * (1 - fraction) / fraction) if fraction > 0.08 and seconds > 1 else None
    state: Literal["waiting", "running"] = "waiting" if step == "queued" else "running"
    title = _("正在写入名册") if row.state == State.COMMITTING else _("正在检查名册")
    return Job(
        title=title,
        phase=str(STEPS.get(step, step)),
        state=state,
        poll_url=reverse("roster_progress", args=[row.pk]),
        percent=min(99, int(100 * fraction)) if step != "queued" else None,
        seconds_left=left,
    )


def count_rows(row: RosterImport) -> list[CountRow]:
    """One line for each kind of thing, with a link to every list."""
    counts: Mapping[str, int] = (row.preview.get("report") or {}).get("counts", {})
    lines: Mapping[str, Any] = (row.preview.get("report") or {}).get("lines", {})
    rows = []
    for group, label in GROUPS.items():
        cells = [
            CountCell(
                str(CHANGES[change]),
                counts[f"{group}.{change}"],
                reverse("roster_changes", args=[row.pk, group, change]) if lines.get(f"{group}.{change}") else "",
            )
            for change in LISTED
            if counts.get(f"{group}.{change}")
        ]
        unchanged = counts.get(f"{group}.unchanged", 0)
        if cells or unchanged:
            rows.append(CountRow(str(label), cells, unchanged))
    return rows


def headline(row: RosterImport) -> list[tuple[str, int, str]]:
    """The four numbers that are looked at first: label, count, tone."""
    counts: Mapping[str, int] = (row.preview.get("report") or {}).get("counts", {})

    def total(*changes: str) -> int:
        return sum(counts.get(f"{group}.{change}", 0) for group in ("students", "staff") for change in changes)

    return [
        (_("新来的人"), total("new", "returned"), "met"),
        (_("转班转校"), total("moved"), "due"),
        (_("有改动"), total("changed"), "due"),
        (_("离开、毕业"), total("leaving", "graduated"), "overdue"),
    ]


def faults_of(preview: Mapping[str, Any], severities: Iterable[str] = ("error", "warning", "note")) -> list[Fault]:
    """Faults in the order in which they hurt, each with its place."""
    rank = {severity: place for place, severity in enumerate(("error", "warning", "note"))}
    wanted = set(severities)
    found = [fault for fault in preview.get("faults", []) if fault["severity"] in wanted]
    found.sort(
        key=lambda fault: (rank[fault["severity"]], fault["place"][0], fault["place"][1], fault["place"][2] or 0)
    )
    several = len({fault["place"][0] for fault in found}) > 1
    return [_fault(fault, several) for fault in found]


def _fault(fault: Mapping[str, Any], several_files: bool) -> Fault:
    file, sheet, row, column, header = fault["place"]
    column_words = _("%(column)s 列") % {"column": column_letters(column)} if column else ""
    if header and column_words:
        column_words = f"{column_words}({header})"
    return Fault(
        message=fault_words(fault["code"], fault["params"]),
        sheet=f"{file} · {sheet}" if several_files and sheet else sheet or file,
        row=row,
        column=column_words,
        serious=fault["severity"] == "error",
    )


def detail_words(group: str, detail: str) -> str:
    """What changed, in words: field names, tags with their sign, kinds of posts, or where somebody came from."""
    if group == "posts":
        return str(dict(Post.Kind.choices).get(detail, detail))
    parts = [part for part in detail.split(",") if part]
    words = [str(DETAILS.get(part, part)) for part in parts]
    return "、".join(word for word in words if word)


def state_words(row: RosterImport) -> str:
    return str(row.get_state_display())
