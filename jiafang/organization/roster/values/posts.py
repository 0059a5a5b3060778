"""Posts as they stand in staff lists, several in one cell: 校长、数学教师; 高一1班班主任，高一2、3班语文."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from jiafang.organization.roster.values.grades import NUMERAL, UNSAID, GradeText, _leading_grade, by_number, class_label

PRINCIPAL, DEPUTY, MORAL_DEPUTY = "principal", "deputy_principal", "moral_deputy"
COHORT_LEAD, HOMEROOM, SUBJECT = "cohort_lead", "homeroom_teacher", "subject_teacher"
COUNSELOR, DIRECTOR, CADRE, PARTNER = "counselor", "director", "cadre", "community_partner"
ADMINISTRATOR = "administrator"

_SUBJECT_WORDS = {
    "语文": "语文",
    "数学": "数学",
    "英语": "英语 外语",
    "日语": "日语",
    "俄语": "俄语",
    "物理": "物理",
    "化学": "化学",
    "生物": "生物 生物学",
    "政治": "政治 思想政治 思政",
    "道德与法治": "道德与法治 道法 品德 思品 思想品德",
    "历史": "历史",
    "地理": "地理",
    "历史与社会": "历史与社会",
    "音乐": "音乐",
    "美术": "美术",
    "体育": "体育 体健 体育与健康",
    "艺术": "艺术",
    "科学": "科学",
    "信息科技": "信息技术 信息科技 信息 计算机",
    "通用技术": "通用技术",
    "劳动": "劳动 劳技 劳动技术",
    "书法": "书法",
    "综合实践": "综合实践 综合",
    "心理健康": "心理健康 心理",
    "班会": "班会",
    "阅读": "阅读",
    "舞蹈": "舞蹈",
    "健康": "健康",
    "社会": "社会",
    "语言": "语言",
    "专业课": "专业课",
}
SUBJECTS = {word: name for name, words in _SUBJECT_WORDS.items() for word in words.split()}
_LONGEST_FIRST = sorted(SUBJECTS, key=len, reverse=True)
_TEACHING_SUFFIX = re.compile(r"(?:学科)?(?:科任|任课|任教|专任|专职|教学|备课组长|教研组长)?(?:教师|老师|教员|课)?$")
_COHORT_LEAD = re.compile(r"(?:年段长|年级长|段长|级长|年级组长|年级主任|年段主任|年级组组长|级部主任)$")
_HOMEROOM = re.compile(r"^(?:正|主)?(?:班主任|班班主任)$|^主班(?:教师|老师)?$|^班主任(?:教师|老师)$")
_ASSISTANT = re.compile(r"^(?:副班主任|副班|配班(?:教师|老师)?|副班主任(?:教师|老师))$")
_COUNSELOR = re.compile(
    r"^(?:专职|兼职)?心理(?:健康|健康教育|辅导|咨询)?(?:专职|兼职)?(?:教师|老师|员|师|室主任|中心主任)$"
)
_MORAL = re.compile(r"^(?:(?:分管)?德育.*|政教.*|学生处.*|学生发展.*)(?:校长|园长|主任|副主任|干事)$")
_DEPUTY = re.compile(r"副(?:校|园)长$")
_PRINCIPAL = re.compile(r"^(?:党.{0,4}书记)?(?:执行|常务)?(?:校长|园长|总校长|校长\(园长\))$")
_PARTNER = re.compile(r"社区|关工委|网格|村干部|村委|居委")
_CADRE = re.compile(r"局机关|机关干部|副局长|股长|科长|科员|督学|教研员|干部$")
_PLAIN = frozenset(
    [
        "教师",
        "老师",
        "科任教师",
        "科任",
        "任课教师",
        "专任教师",
        "教职工",
        "职工",
        "职员",
        "无",
        "普通教师",
        "教员",
        "科任老师",
        "任课老师",
        "专技",
        "在编教师",
        "编外教师",
        "代课教师",
        "其他",
    ]
)
_MARKS = re.compile(r"[、,;/\n\r+&。|]|兼任|兼|及|和|并(?:任|担任)?")
_LEADING_WORDS = re.compile(r"^(?:担任|现任|任教|任(?!课)|带(?!队)|教(?=[\d一二三四五六七八九初高]))")
_LEAD_AFTER_GRADE = frozenset({"长", "组长", "主任", "组组长", "段长", "级长"})
_NUMBER_LIST = re.compile(
    r"\(((?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:[、,](?:\d{1,2}|[一二三四五六七八九十]{1,3}))*)\)"
)
_OUTSIDE = re.compile(r"([^\s、,;()/]{2,8})\(([^()]*(?:\d|班|年级|[初高七八九][一二三])[^()]*)\)")
_CLASS_AHEAD = re.compile(rf"^\(?({NUMERAL})\)?(?:班|(?=[^\d年级段])|$)")
_RANGE = re.compile(r"(\d{1,2})\s*(?:-|~|至|到)\s*(\d{1,2})(?=班|\D|$)")


@dataclass(frozen=True, slots=True)
class Duty:
    """One post in a cell; `where` holds grade and class as far as the cell says them."""

    kind: str
    where: GradeText = UNSAID
    subject: str = ""


@dataclass(slots=True)
class Posts:
    duties: list[Duty] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def subject_name(text: str) -> str:
    """The name under which a subject is kept; a subject not in the list keeps its own."""
    text = text.strip()
    return SUBJECTS.get(text) or SUBJECTS.get(_TEACHING_SUFFIX.sub("", text), _TEACHING_SUFFIX.sub("", text) or text)


def read_posts(text: str, stages: Sequence[str] = (), default: GradeText = UNSAID) -> Posts:
    """Every post in a cell; pieces without a grade take the one before, classes without a role wait for it."""
    found, waiting = Posts(), list[GradeText]()
    last, latest, carried = default, list[GradeText](), ""
    for piece in _pieces(text):
        where, role, role_first = _split(piece, last, stages)
        if where.grade is not None or where.entry_year is not None:
            last = GradeText(where.stage, where.grade, where.entry_year)
        if where.class_name and not role and not carried:
            waiting.append(where)
            continue
        carried = role if role_first else carried if not role else ""  # 语文:七1、七3 names the subject once
        role = role or carried
        places = [*waiting, where] if where.class_name else waiting or [where]
        before = len(found.duties)
        for place in places:
            _add(found, role, place, latest)
        if any(place.class_name for place in places) and len(found.duties) > before:
            latest = [place for place in places if place.class_name]
        waiting = []
    found.duties = list(dict.fromkeys(found.duties))
    if waiting:
        found.unknown.extend(f"{place.class_name}" for place in waiting)
    return found


def classes_in(text: str, stages: Sequence[str] = (), default: GradeText = UNSAID) -> list[GradeText]:
    """The classes of a cell that names only classes: 高一1班、2班, 七(1)(2)."""
    places, last = [], default
    for piece in _pieces(text):
        where, _, _ = _split(piece, last, stages)
        if where.grade is not None or where.entry_year is not None:
            last = GradeText(where.stage, where.grade, where.entry_year)
        if where.class_name:
            places.append(where)
    return places


def _pieces(text: str) -> list[str]:
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", text).replace("：", ":").replace(" ", "、" if "班" in text else "")
    text = _RANGE.sub(_expand_range, text)
    text = re.sub(r"\)\s*\(", ",", text)
    text = _NUMBER_LIST.sub(lambda match: match[1], text)
    text = _OUTSIDE.sub(lambda match: f"{match[2]}{match[1]}" if _is_role(match[1]) else match[0], text)
    text = re.sub(r"([^\d:、,;]{2,6}):", r"\1", text)
    return [piece for part in _MARKS.split(text) if (piece := _LEADING_WORDS.sub("", part.strip(" .·()"))).strip()]


def _expand_range(match: re.Match[str]) -> str:
    first, last = int(match[1]), int(match[2])
    if 0 < first < last <= first + 30:
        return "、".join(str(number) for number in range(first, last + 1))
    return match[0]


def _is_role(text: str) -> bool:
    return bool(
        _TEACHING_SUFFIX.sub("", text) in SUBJECTS
        or _COHORT_LEAD.search(text)
        or _HOMEROOM.match(text)
        or _ASSISTANT.match(text)
        or text in SUBJECTS
    )


def _split(piece: str, last: GradeText, stages: Sequence[str]) -> tuple[GradeText, str, bool]:
    """Class and role of one piece, and whether the subject stood before the class (语文七1班)."""
    for subject in _LONGEST_FIRST:
        if piece.startswith(subject) and len(piece) > len(subject):
            where, rest = _class_ahead(piece[len(subject) :].lstrip(":"), last, stages)
            if where.class_name and not rest:
                return where, subject, True
            break
    where, rest = _class_ahead(piece, last, stages)
    return where, rest.lstrip("-_·:的"), False


def _class_ahead(piece: str, last: GradeText, stages: Sequence[str]) -> tuple[GradeText, str]:
    head = _leading_grade(piece, stages)
    if head is None and (match := re.match(r"^([1-9])(\d{2})班?(?!\d|级|年)", piece)) and int(match[2]):
        stage, grade = by_number(int(match[1]), stages)
        if grade is not None:
            return GradeText(stage, grade, None, f"{int(match[2])}班"), piece[match.end() :]
    where, rest = head if head is not None else (GradeText(), piece)
    if match := _CLASS_AHEAD.match(rest.lstrip("-_·")):
        base = where if head is not None else last
        return GradeText(base.stage, base.grade, base.entry_year, class_label(match[1])), rest.lstrip("-_·")[
            match.end() :
        ]
    return where, rest


def _add(found: Posts, role: str, where: GradeText, latest: Sequence[GradeText]) -> None:
    if _COHORT_LEAD.search(role) or (role in _LEAD_AFTER_GRADE and (where.grade or where.entry_year)):
        found.duties.append(Duty(COHORT_LEAD, GradeText(where.stage, where.grade, where.entry_year)))
    elif _HOMEROOM.match(role):
        found.duties.append(Duty(HOMEROOM, where))
    elif _ASSISTANT.match(role):
        found.duties.append(Duty(SUBJECT, where, "副班主任"))
    elif kind := _fixed_kind(role):
        found.duties.append(Duty(kind))
    elif (subject := _TEACHING_SUFFIX.sub("", role)) in SUBJECTS:
        # 高一1班班主任、语文: the subject is taught in the class named just before
        places = [where] if where.class_name else list(latest) or [where]
        found.duties.extend(Duty(SUBJECT, place, SUBJECTS[subject]) for place in places)
    elif where.class_name and role in ("教师", "老师", "科任", "任课", ""):
        found.duties.append(Duty(SUBJECT, where, ""))
    elif role and role not in _PLAIN:
        found.unknown.append(role)


def _fixed_kind(role: str) -> str:
    for pattern, kind in (
        (_MORAL, MORAL_DEPUTY),
        (_DEPUTY, DEPUTY),
        (_COUNSELOR, COUNSELOR),
        (_PRINCIPAL, PRINCIPAL),
    ):
        if pattern.search(role):
            return kind
    if role in ("局长", "教育局局长", "党组书记"):
        return DIRECTOR
    if "管理员" in role and "宿" not in role and "图书" not in role:
        return ADMINISTRATOR
    if _PARTNER.search(role):
        return PARTNER
    return CADRE if _CADRE.search(role) else ""
