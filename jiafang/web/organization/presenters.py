"""People and units in words."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.organization.models import Enrollment, Guardianship, Person, Post, grade_name


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list of people."""

    name: str
    url: str
    who: str
    where: str


def person_row(person: Person, day: dt.date) -> PersonRow:
    """Needs the annotations of `find_people`."""
    who, where = "", ""
    if person.class_name:  # type: ignore[attr-defined]  # annotated
        grade = grade_name(person.stage, person.entry_year, day)  # type: ignore[attr-defined]  # annotated
        who, where = _("学生 · %(cls)s") % {"cls": grade + person.class_name}, person.student_school  # type: ignore[attr-defined]  # annotated
    elif person.post_kind:  # type: ignore[attr-defined]  # annotated
        who = str(Post.Kind(person.post_kind).label)  # type: ignore[attr-defined]  # annotated
        subject = person.post_subject  # type: ignore[attr-defined]  # annotated
        who = f"{who} · {subject}" if subject else who
        where = person.post_school or _("区教育局")  # type: ignore[attr-defined]  # annotated
    elif person.ward_name:  # type: ignore[attr-defined]  # annotated
        relation = Guardianship.Relation(person.ward_relation).label  # type: ignore[attr-defined]  # annotated
        who = _("%(child)s的%(relation)s") % {"child": person.ward_name, "relation": relation}  # type: ignore[attr-defined]  # annotated
    return PersonRow(person.name, reverse("person", args=[person.pk]), who, where or "")


def post_words(post: Post, day: dt.date) -> str:
    """班主任 · 高一1班, or 语文教师 · 高一1班; needs school, cohort and class."""
    title = str(Post.Kind(post.kind).label)
    if post.kind == Post.Kind.SUBJECT_TEACHER and post.subject:
        title = _("%(subject)s教师") % {"subject": post.subject}
    elif post.kind == Post.Kind.HOMEROOM_TEACHER and post.school:
        title = post.school.homeroom_label
    elif post.kind == Post.Kind.COHORT_LEAD and post.school:
        title = post.school.cohort_lead_label
    unit = ""
    if post.cohort:
        unit = post.cohort.grade_name(day) + (post.school_class.name if post.school_class else "")
    elif post.school:
        unit = post.school.name
    return f"{title} · {unit}" if unit else title


def enrollment_words(enrollment: Enrollment, day: dt.date) -> str:
    """高一1班 · 学校; needs class, cohort and school."""
    school_class = enrollment.school_class
    return f"{school_class.full_name(day)} · {school_class.cohort.school.name}"


def masked(number: str) -> str:
    """An identity number of which only the ends are shown."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}" if len(number) > 5 else ""
