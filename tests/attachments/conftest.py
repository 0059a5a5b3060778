"""One recorded visit in a bureau that wants photos and voice notes."""

from dataclasses import dataclass

import pytest

from jiafang.access import Actor
from jiafang.campaigns.models import Campaign, Duty
from jiafang.visits.models import Visit
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write


@dataclass
class Scene:
    """A family of the first class was visited by its homeroom teacher."""

    school: made.SmallSchool
    campaign: Campaign
    teacher: Actor
    colleague: Actor
    duty: Duty
    visit: Visit


@pytest.fixture
def switched_on(settings):
    settings.VISIT_PHOTOS = settings.VOICE_NOTES = True


@pytest.fixture
def scene(db, switched_on):
    school = made.small_school()
    campaign = made.launched(school.by, school.school)
    teacher, colleague = (make.actor_of(person, "teacher") for person in school.homeroom[:2])
    duty = made.duty_of(campaign, school.students[0][0])
    return Scene(school, campaign, teacher, colleague, duty, write.record(teacher, [duty]))
