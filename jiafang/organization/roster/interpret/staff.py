"""Staff tables: ours, and the lists of schools with several posts in one cell."""

from __future__ import annotations

from typing import Any

from jiafang.organization.roster.faults import Severity
from jiafang.organization.roster.interpret.context import TableContext
from jiafang.organization.roster.interpret.directory import Directory
from jiafang.organization.roster.interpret.students import RESIDENT_CARD
from jiafang.organization.roster.interpret.table_reader import TableReader
from jiafang.organization.roster.interpret.units import UnitFinder
from jiafang.organization.roster.rows import (
    ClassRow,
    CohortRow,
    Roster,
    StaffRef,
    StaffRow,
    TeachingRow,
)
from jiafang.organization.roster.values import identifiers, text
from jiafang.organization.roster.values.grades import GradeText, read_grade_column
from jiafang.organization.roster.values.posts import (
    ADMINISTRATOR,
    CADRE,
    COHORT_LEAD,
    DIRECTOR,
    HOMEROOM,
    PARTNER,
    SUBJECT,
    Duty,
    Posts,
    classes_in,
    read_posts,
    subject_name,
)

STAFF_UNITS = ("school", "school_name", "stage")
BUREAU_NAMES = ("教育局", "教委", "教体局", "教育和体育局", "教育体育局", "区局", "县局", "局机关", "机关")


def read_staff(
    reader: TableReader, finder: UnitFinder, directory: Directory, context: TableContext, roster: Roster
) -> None:
    read = _Columns(reader, directory)
    for row in reader.rows():
        name = read.name(row)
        if not name and reader.ok:
            reader.tell("name_missing", Severity.ERROR, "name")
        unit = read.unit(row)
        if reader.has("number", "posts") and not reader.has("school_name") and reader.has("school"):
            school: str | None = read.school(row)  # our sheet: an empty code is the bureau
        elif unit and any(word in unit for word in BUREAU_NAMES) and "学校" not in unit:
            school = ""
        else:
            school = finder.school_of(row)
        number = read.number(row)
        staff = StaffRow(
            at=reader.at,
            school=school or "",
            number=number,
            name=name,
            sex=read.sex(row),
            phone=read.phone(row),
            id_number=read.id_number(row) if read.id_type(row) in RESIDENT_CARD else "",
            paired_schools=tuple(
                code
                for value in read.paired(row)
                if (code := value if value in directory else directory.by_name(value))
            ),
            township=read.township(row),
            village=read.village(row),
            lat=read.lat(row),
            lon=read.lon(row),
            posts_known=read.has_posts,
        )
        if school is None or reader.refused():
            continue  # only now, so that every fault of the row has been told
        if not number and not staff.phone:
            reader.tell("staff_without_number", Severity.NOTE, "number" if reader.has("number") else "name")
        _read_duties(reader, finder, read.duties(row, school), staff, roster)
        roster.staff.append(staff)


def _read_duties(reader: TableReader, finder: UnitFinder, posts: Posts, staff: StaffRow, roster: Roster) -> None:
    """Posts of the unit stay with the person; posts of a class or cohort become rows of their own."""
    ref = StaffRef(staff.school, staff.number, staff.name)
    kept: list[str] = []
    for duty in posts.duties:
        if duty.kind == ADMINISTRATOR:
            reader.tell("administrator_not_granted", Severity.WARNING, "posts", name=staff.name)
        elif duty.kind == COHORT_LEAD:
            cohort = finder.cohort_key(staff.school, duty.where) if staff.school else None
            if cohort is None:
                reader.tell("lead_without_grade", Severity.WARNING, "posts", name=staff.name)
            else:
                roster.cohorts.append(CohortRow(reader.at, cohort, ref))
        elif duty.kind in (HOMEROOM, SUBJECT):
            key = finder.class_key(staff.school, duty.where) if staff.school else None
            if key is None:
                code = "homeroom_without_class" if duty.kind == HOMEROOM else "subject_without_class"
                severity = Severity.WARNING if duty.kind == HOMEROOM else Severity.NOTE
                reader.tell(code, severity, "posts", name=staff.name, subject=duty.subject)
            elif duty.kind == HOMEROOM:
                roster.classes.append(ClassRow(reader.at, key, ref))
            else:
                roster.teaching.append(TeachingRow(reader.at, key, ref, duty.subject))
        elif duty.kind in (DIRECTOR, CADRE) and staff.school:
            reader.tell("bureau_post_at_school", Severity.WARNING, "posts", name=staff.name)
        else:
            kept.append(duty.kind)
    if not staff.school and not set(kept) & {DIRECTOR, CADRE, PARTNER}:
        kept.append(CADRE)
    for word in posts.unknown:
        if staff.school:
            reader.tell("post_unknown", Severity.NOTE, "posts", value=word[:20])
    staff.posts = tuple(dict.fromkeys(kept))


class _Columns:
    def __init__(self, reader: TableReader, directory: Directory) -> None:
        column = reader.column
        self._directory = directory
        self.name = column("name", text.person_name, "")
        self.number = column("number", identifiers.staff_number, "")
        self.unit = column("school_name", text.clean, "", repeated=True)
        self.school = column("school", identifiers.school_code, "", repeated=True)
        self.sex = column("sex", text.sex, "", repeated=True)
        self.phone = column("phone", identifiers.mobile, "")
        self.id_type = column("id_type", text.clean, "", repeated=True)
        self.id_number = column("id_number", identifiers.id_number, "")
        self.paired = column("paired_schools", text.split_list, ())
        self.township = column("township", text.short_text(50), "", repeated=True)
        self.village = column("village", text.short_text(50), "", repeated=True)
        self.lat = column("lat", text.coordinate(90.0), None)
        self.lon = column("lon", text.coordinate(180.0), None)
        self._posts = [reader.at_position(position, _lines, "") for position, _ in reader.positions("posts")]
        self._grade = column("grade", text.clean, "", repeated=True)
        self._classes = column("class_name", _lines, "")
        self._subject = column("subject", text.clean, "")
        self._homeroom_of = column("homeroom_of", _lines, "")
        self._is_homeroom = column("is_homeroom", text.yes_or_no, None, repeated=True)
        self.has_posts = reader.has("posts")

    def duties(self, row: list[Any], school: str) -> Posts:
        """What all columns together say: posts, classes taught, subject, homeroom class."""
        stages = self._directory.stages_of(school)
        grade_text = self._grade(row)
        grade = read_grade_column(grade_text, stages) if grade_text else GradeText()
        posts = Posts()
        taught_in = classes_in(self._classes(row), stages, grade)
        for read in self._posts:
            if cell := read(row):
                said = read_posts(cell, stages, grade)
                posts.duties.extend(said.duties)
                posts.unknown.extend(said.unknown)
        subjects = [name for part in text.split_list(self._subject(row)) if (name := subject_name(part))]
        posts.duties.extend(Duty(SUBJECT, where, subject) for subject in subjects for where in taught_in)
        homeroom_text = self._homeroom_of(row)
        led = classes_in(homeroom_text, stages, grade)
        if self._is_homeroom(row) or (homeroom_text and not led and text.clean(homeroom_text) in ("是", "√", "班主任")):
            led = taught_in[:1] or [grade]
        posts.duties.extend(Duty(HOMEROOM, where) for where in led)
        return _completed(posts, taught_in, subjects)


def _completed(posts: Posts, taught_in: list[GradeText], subjects: list[str]) -> Posts:
    """A post without a class takes the one class that the row names elsewhere."""
    duties: list[Duty] = []
    for duty in posts.duties:
        if duty.kind in (HOMEROOM, SUBJECT) and not duty.where.class_name and taught_in:
            places = taught_in[:1] if duty.kind == HOMEROOM else taught_in
            duties.extend(Duty(duty.kind, where, duty.subject) for where in places)
        elif duty.kind == SUBJECT and not duty.subject and len(subjects) == 1:
            duties.append(Duty(SUBJECT, duty.where, subjects[0]))
        else:
            duties.append(duty)
    posts.duties = list(dict.fromkeys(duties))
    return posts


def _lines(raw: Any) -> str:
    """Posts may stand on several lines of one cell; the line ends are kept as separators."""
    if isinstance(raw, str) and ("\n" in raw or "\r" in raw):
        return "\n".join(part for line in raw.splitlines() if (part := text.clean(line)))
    return text.clean(raw)
