"""Who works where and teaches what."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random

from jiafang.demonstration.model import (
    ClassKey,
    Cohort,
    School,
    SchoolClass,
    Size,
    Staff,
    Teaching,
    Township,
)
from jiafang.demonstration.names import NameMaker
from jiafang.demonstration.numbers import NumberIssuer, Sex
from jiafang.demonstration.places import SEAT, near

STAFF_OF_A_DISTRICT = 4_000
ID_NUMBER_SHARE = 0.04
POINT_SHARE = 0.7

# Subject and the number of classes that one teacher takes. The first two lead the classes.
SUBJECTS: dict[str, tuple[tuple[str, int], ...]] = {
    "幼儿园": (("语言与社会", 2), ("科学与健康", 2), ("艺术", 4)),
    "小学": (("语文", 2), ("数学", 2), ("英语", 4), ("科学", 6), ("体育", 6), ("艺术", 6), ("道德与法治", 8)),
    "初中": (
        ("语文", 2), ("数学", 2), ("英语", 2), ("物理", 4), ("道德与法治", 5), ("历史", 5), ("地理", 5),
        ("生物学", 5), ("体育与健康", 5),
    ),
    "高中": (
        ("语文", 2), ("数学", 2), ("英语", 2), ("物理", 3), ("化学", 4), ("生物学", 4), ("思想政治", 5), ("历史", 4),
        ("地理", 5), ("体育与健康", 6),
    ),
    "中职": (("语文", 2), ("数学", 2), ("英语", 4), ("专业课", 2), ("思想政治", 6), ("体育与健康", 6)),
    "特教": (("生活语文", 2), ("生活数学", 2), ("康复训练", 4), ("艺术与运动", 4)),
}  # fmt: skip
# A school this small gets its other subjects from a teacher of its central school (走教).
TINY_CLASS = 15
VISITING_SUBJECTS = ("英语", "艺术")

SHARE_OF_WOMEN = {"幼儿园": 0.97, "小学": 0.7, "初中": 0.58, "高中": 0.48, "中职": 0.5, "特教": 0.75}
CLASSES_FOR_SECOND_DEPUTY = 10
CLASSES_FOR_COUNSELOR = 8
BUREAU: dict[Size, tuple[int, int]] = {"small": (3, 1), "district": (42, 17)}


@dataclass(slots=True)
class Workforce:
    """The people and assignments while they are being made."""

    staff: list[Staff] = field(default_factory=list)
    classes: list[SchoolClass] = field(default_factory=list)
    cohorts: list[Cohort] = field(default_factory=list)
    teachings: list[Teaching] = field(default_factory=list)


def staff_schools(
    size: Size,
    random: Random,
    numbers: NumberIssuer,
    townships: tuple[Township, ...],
    schools: tuple[School, ...],
    places: dict[ClassKey, int],
) -> Workforce:
    """Bureau, heads, counselors, homeroom and subject teachers of every school."""
    hire = Hiring(random, numbers, townships)
    work = Workforce()
    keys_of: dict[str, list[ClassKey]] = defaultdict(list)
    for key in places:
        keys_of[key.school_code].append(key)
    _bureau(work, hire, size, random, schools)
    for school in schools:
        keys = keys_of[school.code]
        _leadership(work, hire, school, keys)
        _teachers(work, hire, school, keys, places)
        _cohorts(work, keys)
    if size == "district":
        _share_out(work, hire, {s.code: s for s in schools}, STAFF_OF_A_DISTRICT)
    return work


class Hiring:
    """Makes people with a name, a number, a telephone and a home."""

    def __init__(self, random: Random, numbers: NumberIssuer, townships: Iterable[Township]) -> None:
        self._random = random
        self._numbers = numbers
        self._names = NameMaker(random)
        self._townships = {t.name: t for t in townships}

    def person(
        self, *, letter: str, school_code: str, township: str, women: float, duties: tuple[str, ...] = ()
    ) -> Staff:
        random = self._random
        sex: Sex = "女" if random.random() < women else "男"
        home = self._townships[township if random.random() < 0.65 else SEAT]
        village = random.choice(home.villages)
        lat, lon = near(random, village.lat, village.lon, 0.4)
        born = dt.date(random.randint(1968, 1998), random.randint(1, 12), random.randint(1, 28))
        return Staff(
            number=self._numbers.staff_number(letter),
            name=self._names.full_name(sex, "adult"),
            sex=sex,
            phone=self._numbers.phone(),
            id_number=self._numbers.id_number(born, sex) if random.random() < ID_NUMBER_SHARE else "",
            school_code=school_code,
            duties=duties,
            paired_codes=(),
            township=home.name,
            village=village.name,
            lat=lat,
            lon=lon,
        )


def _bureau(work: Workforce, hire: Hiring, size: Size, random: Random, schools: tuple[School, ...]) -> None:
    cadres, community_workers = BUREAU[size]
    work.staff.append(hire.person(letter="J", school_code="", township=SEAT, women=0.2, duties=("局长",)))
    paired = [school.code for school in schools]
    random.shuffle(paired)
    for place in range(cadres):
        cadre = hire.person(letter="J", school_code="", township=SEAT, women=0.4, duties=("局机关干部",))
        work.staff.append(replace(cadre, paired_codes=tuple(paired[place::cadres])))
    townships = [*sorted({school.township for school in schools} - {SEAT}), SEAT]
    for place in range(community_workers):
        township = townships[place % len(townships)]
        work.staff.append(hire.person(letter="S", school_code="", township=township, women=0.6, duties=("社区工作者",)))


def _leadership(work: Workforce, hire: Hiring, school: School, keys: list[ClassKey]) -> None:
    is_kindergarten = school.stages == ("幼儿园",)
    women = 0.9 if is_kindergarten else 0.35

    def add(*duties: str) -> None:
        work.staff.append(
            hire.person(letter="T", school_code=school.code, township=school.township, women=women, duties=duties)
        )

    add("园长" if is_kindergarten else "校长")
    if school.parent_code and not is_kindergarten:
        return
    if len(keys) < CLASSES_FOR_SECOND_DEPUTY:
        # Nobody leads a cohort here; this deputy stands in.
        add("德育副校长", "政教主任")
    else:
        add("副校长")
        add("德育副校长")
        add("政教主任")
    if len(keys) >= CLASSES_FOR_COUNSELOR and not is_kindergarten:
        add("心理教师")


def _teachers(work: Workforce, hire: Hiring, school: School, keys: list[ClassKey], places: dict[ClassKey, int]) -> None:
    for stage in school.stages:
        of_stage = [key for key in keys if key.stage == stage]
        is_tiny = places[of_stage[0]] <= TINY_CLASS and bool(school.parent_code)
        subjects = SUBJECTS[stage][:2] if is_tiny else SUBJECTS[stage]
        taught: dict[ClassKey, list[str]] = defaultdict(list)
        for subject, load in subjects:
            for start in range(0, len(of_stage), load):
                teacher = hire.person(
                    letter="T", school_code=school.code, township=school.township, women=SHARE_OF_WOMEN[stage]
                )
                work.staff.append(teacher)
                for key in of_stage[start : start + load]:
                    work.teachings.append(Teaching(key, teacher.number, subject))
                    taught[key].append(teacher.number)
        for place, key in enumerate(of_stage):
            # The first two subjects go to two classes each: one of the pair leads the first, the other the second.
            work.classes.append(SchoolClass(key, places[key], homeroom_number=taught[key][place % 2]))
        if is_tiny:
            _send_visiting_teachers(work, school, of_stage)


def _send_visiting_teachers(work: Workforce, school: School, keys: list[ClassKey]) -> None:
    for subject in VISITING_SUBJECTS:
        sender = next(
            t.staff_number for t in work.teachings if t.key.school_code == school.parent_code and t.subject == subject
        )
        work.teachings.extend(Teaching(key, sender, subject) for key in keys)


def _cohorts(work: Workforce, keys: list[ClassKey]) -> None:
    """Every cohort of a school, led where it has more than one class."""
    sizes = Counter((key.school_code, key.stage, key.entry_year) for key in keys)
    in_school = set(keys)
    homerooms = {c.homeroom_number for c in work.classes if c.key in in_school}
    leads: set[str] = set()
    teachers: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for teaching in work.teachings:
        if teaching.key in in_school:
            teachers[teaching.key[:3]].append(teaching.staff_number)
    for cohort, size in sizes.items():
        lead = ""
        if size > 1:
            free = (t for t in teachers[cohort] if t not in leads and t not in homerooms)
            lead = next(free, next(t for t in teachers[cohort] if t not in leads))
            leads.add(lead)
        work.cohorts.append(Cohort(*cohort, lead_number=lead))


def _share_out(work: Workforce, hire: Hiring, schools: dict[str, School], wanted: int) -> None:
    """Reach the wanted number of staff: new colleagues take over half of the classes of the busiest teachers."""
    loads: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    employer = {s.number: s.school_code for s in work.staff}
    busy_as_lead = {c.homeroom_number for c in work.classes} | {c.lead_number for c in work.cohorts}
    for place, teaching in enumerate(work.teachings):
        key = teaching.key
        if teaching.staff_number not in busy_as_lead and employer[teaching.staff_number] == key.school_code:
            loads[key.school_code, key.stage, teaching.subject, teaching.staff_number].append(place)
    busiest = sorted(loads, key=lambda load: -len(loads[load]))
    for load in busiest[: max(0, wanted - len(work.staff))]:
        school = schools[load[0]]
        colleague = hire.person(
            letter="T", school_code=school.code, township=school.township, women=SHARE_OF_WOMEN[load[1]]
        )
        work.staff.append(colleague)
        half = loads[load][len(loads[load]) // 2 :]
        for place in half:
            work.teachings[place] = replace(work.teachings[place], staff_number=colleague.number)
