"""A homeroom teacher's case, looked at and worked on through its page."""

import re
from dataclasses import dataclass

from django.urls import reverse

from jiafang.access import Actor
from jiafang.care.models import CaseFile
from jiafang.organization.models import Person
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make

TEXT = "爸妈总吵架,夜里睡不着"


@dataclass
class Ground:
    """A homeroom teacher's case: around it everybody whom a school has, and a cadre."""

    school: made.SmallSchool
    child: Person
    mother: Person
    counselor: Person
    cadre: Person
    case: CaseFile

    def actor(self, person: Person, kind: str) -> Actor:
        return make.actor_of(person, kind)

    @property
    def teacher(self) -> Actor:
        return make.actor_of(self.school.homeroom[0], "teacher")


def case_ground() -> Ground:
    make.bureau_post("director")
    school = made.small_school()
    child = school.students[0][0]
    mother = make.guardian_of(child)
    counselor = make.school_post("counselor", school.school)
    cadre = make.bureau_post("cadre")
    make.PairingFactory(cadre=cadre, school=school.school)
    case = care.student_case(make.actor_of(school.homeroom[0], "teacher"), child, text=TEXT)
    return Ground(school, child, mother, counselor, cadre, case)


def page_of(client, case, status=200) -> str:
    answer = client.get(reverse("case", args=[case.pk]))
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def value(page: str, form: str, name: str) -> str:
    """A hidden value of the form that is sent to this address."""
    part = page[page.index(f'action="{form}"') :]
    found = re.search(rf'name="{name}" value="([^"]*)"', part)
    assert found, name
    return found[1]


def sent(client, case, verb: str, told: dict, status=302):
    address = reverse(f"case_{verb}", args=[case.pk])
    page = page_of(client, case)
    hidden = {}
    for name in ("revision", "origin"):
        if f'action="{address}"' in page and re.search(
            rf'name="{name}"', page[page.index(f'action="{address}"') :].split("</form>")[0]
        ):
            hidden[name] = value(page, address, name)
    answer = client.post(address, hidden | told)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer
