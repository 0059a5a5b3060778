"""A school whose homeroom teachers have phones."""

from dataclasses import dataclass

import pytest

from jiafang.campaigns.models import Campaign, Duty
from jiafang.common.clock import today
from jiafang.organization.models import Person
from jiafang.organization.services.move import move_student
from tests.factories import campaigns as made
from tests.factories.phones import PhoneOf


@dataclass
class House:
    """Two classes; the first homeroom teacher has a phone in hand."""

    school: made.SmallSchool
    campaign: Campaign
    phone: PhoneOf

    def duty(self, number: int = 0, in_class: int = 0) -> Duty:
        return made.duty_of(self.campaign, self.school.students[in_class][number])

    def transfer(self, child: Person) -> None:
        """To the other class of the school."""
        move_student(by=self.school.by, student=child, to=self.school.classes[1], on=today())


@pytest.fixture
def house() -> House:
    school = made.small_school()
    campaign = made.launched(school.by, school.school)
    return House(school, campaign, PhoneOf(school.homeroom[0], "teacher"))
