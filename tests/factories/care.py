"""Cases in small schools, raised through the service."""

from typing import Any

from jiafang.access import Actor
from jiafang.care.models import BureauSection, CaseFile, Category, SectionMember
from jiafang.care.services.raise_case import Difficulty, raise_case
from jiafang.organization.models import Person
from tests.factories import organization as make

FIRST_CATEGORIES = [
    # code, name, subjects, confided
    ("study", "学习", ["student"], False),
    ("life", "生活", ["student", "teacher", "principal", "cadre"], False),
    ("mind", "心理", ["student", "teacher", "principal", "cadre"], True),
    ("family", "家庭", ["student", "teacher", "principal", "cadre"], True),
    ("teaching", "教学", ["teacher", "principal", "school"], False),
    ("health", "健康", ["student", "teacher", "principal", "cadre"], True),
    ("conditions", "办学条件", ["school", "teacher", "principal"], False),
    ("safety", "安全", ["student", "teacher", "principal", "cadre", "school"], False),
    ("tutoring", "校外培训", ["student", "school"], False),
    ("other", "其他", ["student", "teacher", "principal", "cadre", "school"], False),
]


def ensure_categories() -> None:
    """The categories a new district begins with, after a test that emptied the table."""
    Category.objects.bulk_create(
        [
            Category(code=code, name=name, subjects=subjects, confided=confided, order=order)
            for order, (code, name, subjects, confided) in enumerate(FIRST_CATEGORIES)
        ],
        ignore_conflicts=True,
    )


def bureau_section(name: str = "基教科") -> tuple[BureauSection, Person]:
    """A section and the cadre at its head."""
    section, _new = BureauSection.objects.get_or_create(name=name)
    head = make.bureau_post("cadre")
    SectionMember.unscoped.create(section=section, person=head, head=True, start=make.LONG_AGO)
    return section, head


def student_case(by: Actor, student: Person, *, text: str = "最近上课老走神,晚上睡不好", **told: Any) -> CaseFile:
    return raise_case(
        by=by, difficulty=Difficulty(**{"category": "life", "text": text, "person_id": student.pk} | told)
    )
