"""What a table is and which column means what; what remains is for a person to say, once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jiafang.organization.roster.headers.layout import Layout
from jiafang.organization.roster.headers.words import IGNORED, meaning, sure_meaning
from jiafang.organization.roster.schema import SHEET_NAMES, Kind

# Fields that give the kind away, with their weight.
SIGNS: dict[Kind, dict[str, float]] = {
    Kind.SCHOOLS: {"stages": 1.5, "address": 0.5, "parent": 2, "lat": 0.5},
    Kind.COHORTS: {"lead": 4, "lead_name": 3},
    Kind.CLASSES: {"homeroom": 2, "homeroom_name": 2, "class_name": 1},
    Kind.STAFF: {"number": 3, "posts": 3, "subject": 1.5, "homeroom_of": 1.5, "is_homeroom": 3, "paired_schools": 3},
    Kind.TEACHING: {"subject": 2, "teacher_name": 1, "number": 1, "class_name": 1},
    Kind.STUDENTS: {"registry_number": 3, "boarding": 2, "admitted_on": 1, "tags": 2, "address": 0.5, "phone": 0.1},
    Kind.GUARDIANS: {"student_name": 3, "relation": 1.5, "is_primary": 2, "has_smartphone": 2},
}
NEEDED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.SCHOOLS: (("school",), ("name",)),
    Kind.COHORTS: (("lead", "lead_name", "entry_year", "grade"),),
    Kind.CLASSES: (("class_name",),),
    Kind.STAFF: (("name",),),
    Kind.TEACHING: (("subject",), ("class_name",), ("number", "teacher_name")),
    Kind.STUDENTS: (("name",),),
    Kind.GUARDIANS: (("student_name", "registry_number"), ("name",), ("relation",)),
}
STAFF_HEADERS = frozenset({"工号", "教职工号", "职务", "任教学科", "任教班级"})
TITLE_SIGNS = {
    Kind.STUDENTS: ("学生", "幼儿", "学籍", "班级名单", "新生", "在校生"),
    Kind.STAFF: ("教职工", "教师", "教职员", "职工", "任课教师", "干部", "人员名单"),
    Kind.GUARDIANS: ("家长", "监护人"),
    Kind.SCHOOLS: ("学校名单", "学校基本", "学校信息", "学校一览", "办学"),
    Kind.CLASSES: ("班级一览", "班主任一览", "班主任名单", "班级设置"),
    Kind.TEACHING: ("任课", "课程安排"),
    Kind.COHORTS: ("年段长", "年级组长"),
}


@dataclass(slots=True)
class Recognized:
    """Columns by position: the target of each, and the headers that nobody knows yet."""

    kind: Kind | None
    targets: list[str]
    headers: list[str]
    fingerprint: str
    missing: list[tuple[str, ...]] = field(default_factory=list)
    certain: bool = True

    @property
    def unknown(self) -> list[str]:
        return [header for header, target in zip(self.headers, self.targets, strict=True) if header and not target]

    @property
    def not_kept(self) -> list[str]:
        found = [header for header, target in zip(self.headers, self.targets, strict=True) if target == IGNORED]
        return list(dict.fromkeys(found))


def fingerprint(headers: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(headers).encode()).hexdigest()


def recognize(layout: Layout, sheet: str, hints: str, remembered: Mapping[str, object] | None = None) -> Recognized:
    """Synonyms first, then what a person once said for exactly these headers."""
    headers = layout.headers
    said = remembered or {}
    chosen = said.get("kind")
    kind = Kind(str(chosen)) if chosen in {str(each) for each in Kind} else _kind_of(headers, sheet, hints)
    certain = bool(chosen) or kind is not None
    if kind is None:
        return Recognized(None, [""] * len(headers), list(headers), fingerprint(headers), certain=False)
    targets = _targets(headers, kind)
    columns = said.get("columns")
    if isinstance(columns, Mapping):
        for position, header in enumerate(headers):
            if header in columns:
                target = str(columns[header])
                targets = [("" if other == target and target != IGNORED else other) for other in targets]
                targets[position] = target
    found = Recognized(kind, targets, list(headers), fingerprint(headers), certain=certain)
    present = set(targets)
    found.missing = [choice for choice in NEEDED[kind] if not present.intersection(choice)]
    return found


def _targets(headers: Sequence[str], kind: Kind) -> list[str]:
    """Each field once, except posts, tags and addresses, whose further columns add to the first."""
    targets, taken, group = [], set[str](), ""
    sure = {sure_meaning(header, kind) for header in headers}
    for header in headers:
        target = sure_meaning(header, kind)
        if not target and (guess := meaning(header, kind)):
            target = IGNORED if guess in sure and not guess.startswith(("tag:", "posts")) else guess
        if target.startswith("member:"):
            group = target.split(":", 2)[1]
        elif target.startswith("nearest:"):
            target = f"member:{group}:.{target.removeprefix('nearest:')}" if group else IGNORED
        if target and target != IGNORED and target in taken and not target.startswith(("tag:", "posts")):
            target = IGNORED
        taken.add(target)
        targets.append(target)
    return targets


def _kind_of(headers: Sequence[str], sheet: str, hints: str) -> Kind | None:
    by_name = SHEET_NAMES.get(sheet.strip())
    scores = {kind: _score(headers, kind) for kind in Kind}
    if by_name is not None and scores[by_name] >= 2:
        return by_name
    for kind, words in TITLE_SIGNS.items():
        if scores[kind] > 0 and any(word in sheet for word in words):
            scores[kind] += 2
        elif scores[kind] > 0 and any(word in hints for word in words):
            scores[kind] += 1
    if scores[Kind.STUDENTS] > 0 and "班" in sheet and "班主任" not in sheet:
        scores[Kind.STUDENTS] += 1.5
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    (best, score), (_, second) = ranked[0], ranked[1]
    return best if score >= 2 and score - second >= 0.5 else None


def _score(headers: Sequence[str], kind: Kind) -> float:
    targets = _targets([header for header in headers if header], kind)
    present = {target for target in targets if target and target != IGNORED}
    if any(not present.intersection(choice) for choice in NEEDED[kind]):
        return 0.0
    if kind in (Kind.CLASSES, Kind.COHORTS, Kind.SCHOOLS) and any(header == "姓名" for header in headers):
        return 0.0  # a list of people
    score = len(present) * 0.5
    for sign, weight in SIGNS[kind].items():
        score += weight if sign in present else 0.0
    if kind is Kind.STUDENTS:
        score += min(3.0, sum(1.0 for target in present if target.startswith(("member:", "tag:"))))
        score += 1.0 if present & {"class_name", "grade"} else 0.0
        score -= (
            3.0 if any(header in ("工号", "教职工号", "职务", "任教学科", "任教班级") for header in headers) else 0.0
        )
    return score
