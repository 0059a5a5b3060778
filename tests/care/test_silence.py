"""A result that nobody answers: asked for once more, then closed, as it was said to whoever had to answer."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from jiafang.access import system
from jiafang.care.models import CaseStep
from jiafang.care.services.close_silent import ask_again, close_silent
from jiafang.care.services.confirm import confirm_case, deny_case
from jiafang.care.services.reopen import reopen_case
from jiafang.care.tasks import close_silent_daily
from jiafang.care.workflow import SILENCE_DAYS
from jiafang.common.clock import at, today
from jiafang.common.errors import NotAllowed
from jiafang.notifications.kinds import kind_of
from jiafang.notifications.models import Notification
from jiafang.web.visits.words import short_date
from tests.care.escalating import DAY, Clock
from tests.care.ground import Ground, now_of, person_of, proposed
from tests.factories import care
from tests.factories import organization as make

MACHINE = system("escalation")
NIGHT = dt.time(1, 10)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def ground(clock, db):
    return Ground()


@pytest.fixture
def waiting(ground):
    """A mother's matter of which the teacher says that it is done."""
    case = care.student_case(ground.mother, ground.student)
    proposed(ground.teacher, case)
    return case


def nights(clock: Clock, *, until: dt.date) -> None:
    """The nightly job of every day up to this one, which is included."""
    while today() < until:
        clock.shows = at(today() + DAY, NIGHT)
        close_silent_daily(0)


def told(ground: Ground, code: str) -> int:
    return Notification.unscoped.filter(person_id=ground.mother.person_id, code=code).count()


def test_the_last_day_is_a_whole_one_and_the_night_after_it_closes(ground, waiting, clock):
    last = today() + SILENCE_DAYS * DAY
    nights(clock, until=last)
    assert now_of(waiting).state == "awaiting"
    nights(clock, until=last + DAY)
    case = now_of(waiting)
    assert (case.state, case.closed_by_silence, case.result) == ("closed", True, "solved")
    step = CaseStep.unscoped.get(case=case, verb="silence")
    assert (step.by_id, step.internal) == (None, False)
    assert told(ground, "case.silent") == 1
    assert Notification.unscoped.filter(person_id=ground.teacher.person_id, code="case.silent").count() == 1
    assert close_silent(by=MACHINE) == 0
    reopen_case(by=ground.mother, case_id=case.pk, words="又来了")
    again = now_of(case)
    assert (again.state, again.closed_by_silence) == ("reopened", False)


def test_whoever_is_to_answer_is_asked_once_more_three_days_before(ground, waiting, clock):
    last = today() + SILENCE_DAYS * DAY
    nights(clock, until=last - 4 * DAY)
    assert told(ground, "case.asked_again") == 0
    nights(clock, until=last - 3 * DAY)
    assert told(ground, "case.asked_again") == 1
    nights(clock, until=last)
    assert told(ground, "case.asked_again") == 1
    row = Notification.unscoped.get(person_id=ground.mother.person_id, code="case.asked_again")
    assert (row.capacity_kind, row.object_id) == ("guardian", str(waiting.pk))
    deny_case(by=ground.mother, case_id=waiting.pk, words="还差一点")
    proposed(ground.teacher, waiting)
    nights(clock, until=today() + (SILENCE_DAYS - 3) * DAY)
    assert told(ground, "case.asked_again") == 2, "another result is another question"


def test_an_answer_in_time_is_the_answer(ground, waiting, clock):
    nights(clock, until=today() + SILENCE_DAYS * DAY)
    confirm_case(by=ground.mother, case_id=waiting.pk)
    nights(clock, until=today() + 3 * DAY)
    assert not now_of(waiting).closed_by_silence
    assert told(ground, "case.silent") == 0


def test_nobody_but_the_machine_closes_by_silence(ground):
    for use_case in (ask_again, close_silent):
        with pytest.raises(NotAllowed):
            use_case(by=ground.director)


def test_what_silence_means_is_said_where_one_is_asked(client, ground, waiting):
    last = short_date(today() + SILENCE_DAYS * DAY)
    make.sign_in(client, person_of(ground.mother))
    page = client.get(reverse("case", args=[waiting.pk])).content.decode()
    assert f"14 天没有答复就算办结:请在{last}(含)以前说一声。以后还可以重新打开。" in page
    family = client.get(reverse("family")).content.decode()
    assert reverse("case", args=[waiting.pk]) in family
    assert "等您确认" in family
    assert last in family
    for code in ("case.asked", "case.asked_again"):
        assert "14 天" in str(kind_of(code).words)
        assert "重新打开" in str(kind_of(code).words)
    confirm_case(by=ground.mother, case_id=waiting.pk)
    assert "等您确认" not in client.get(reverse("family")).content.decode()
