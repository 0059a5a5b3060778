"""Cases in small schools, raised through the service."""

from typing import Any

from jiafang.access import Actor
from jiafang.care.models import BureauSection, CaseFile, SectionMember
from jiafang.care.rules import ensure_categories
from jiafang.care.services.raise_case import Difficulty, raise_case
from jiafang.organization.models import Person
from tests.factories import organization as make


def bureau_section(name: str = "基教科") -> tuple[BureauSection, Person]:
    """A section and the cadre at its head."""
    section, _new = BureauSection.objects.get_or_create(name=name)
    head = make.bureau_post("cadre")
    SectionMember.unscoped.create(section=section, person=head, head=True, start=make.LONG_AGO)
    return section, head


def student_case(by: Actor, student: Person, *, text: str = "最近上课老走神,晚上睡不好", **told: Any) -> CaseFile:
    ensure_categories()
    return raise_case(
        by=by, difficulty=Difficulty(**{"category": "life", "text": text, "person_id": student.pk} | told)
    )
