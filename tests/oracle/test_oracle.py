"""The oracle notices what goes wrong: a rule too wide, a rule gone, a gate left open, a page that says too much."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.http import HttpResponse

from jiafang.access import registry
from jiafang.access.registry import CHANGE, VIEW, everything
from jiafang.campaigns.models import Appointment, Campaign, Duty
from jiafang.care.models import CaseFile
from jiafang.care.scope import WORK
from jiafang.organization.models import CareTag, Guardianship, Household, HouseholdMembership, Person, SchoolClass
from jiafang.visits.models import Visit
from jiafang.visits.scope import BRIEF, RECORD
from tests.oracle.facts import World
from tests.oracle.fences import Fences, standing
from tests.oracle.oracle import Subject
from tests.oracle.questions import questions
from tests.oracle.walk import Walker

pytestmark = pytest.mark.long

HOMEROOM = Subject("homeroom 1a", "teacher", "one")
OWN_CHILD = Subject("homeroom 1b", "teacher", "one")
LEAD = Subject("lead k1", "cohort_lead", "one")
PRINCIPAL = Subject("principal two", "principal", "two")
MOTHER = Subject("mother a", "guardian")
CADRE = Subject("cadre one", "cadre")


@contextmanager
def rule(model: type, kind: str, purpose: str, changed: object) -> Iterator[None]:
    """The registry with one rule widened to everything, or without it."""
    key = (model, kind, purpose)
    kept = registry._rules[key]
    if changed is None:
        del registry._rules[key]
    else:
        registry._rules[key] = replace(kept, rule=changed)
    try:
        yield
    finally:
        registry._rules[key] = kept


@pytest.fixture(autouse=True)
def without_the_database() -> Iterator[None]:
    """What a rule lets through by mistake the database would hold back: here it lets everything through."""
    with standing(Fences.FIRST_ALONE):
        yield


def faults_at(world: World, subject: Subject | None, name: str) -> Iterator[str]:
    """The faults of a subject at an address, as they are found; without any change to the rules there are none."""
    walker = Walker(world, subject)
    asked = [question for question in questions(world) if question.name == name and not question.data]
    return (fault for question in asked for fault in walker.faults(question))


WIDENED = [
    (HOMEROOM, Person, VIEW, "person"),
    (OWN_CHILD, CareTag, VIEW, "class_tiles"),
    (OWN_CHILD, CareTag, BRIEF, "brief"),
    (HOMEROOM, CaseFile, WORK, "brief"),
    (HOMEROOM, CaseFile, WORK, "student_sheet"),
    (HOMEROOM, CaseFile, WORK, "api:phone_bundle"),
    (HOMEROOM, Visit, VIEW, "visit"),
    (HOMEROOM, Appointment, RECORD, "missed"),
    (HOMEROOM, Appointment, BRIEF, "today"),
    (HOMEROOM, Duty, BRIEF, "record_unplanned"),
    (LEAD, SchoolClass, VIEW, "class_tiles"),
    (LEAD, Appointment, CHANGE, "timetable_cancel"),
    (PRINCIPAL, Campaign, CHANGE, "campaign_close"),
    (PRINCIPAL, Guardianship, CHANGE, "guardianship_revoke"),
    (HOMEROOM, Duty, VIEW, "campaign_families"),
    (MOTHER, Appointment, VIEW, "family"),
    (MOTHER, Duty, VIEW, "family_reopen"),
    (CADRE, Campaign, VIEW, "campaign"),
]
MISSING = [
    (HOMEROOM, Person, VIEW, "person"),
    (LEAD, Appointment, CHANGE, "timetable_appointment"),
    (PRINCIPAL, Household, CHANGE, "household_edit"),
    (MOTHER, Appointment, VIEW, "family_appointment"),
]


def named(case: object) -> str:
    return case.__name__ if isinstance(case, type) else str(case)


@pytest.mark.parametrize(("subject", "model", "purpose", "name"), WIDENED, ids=named)
def test_a_rule_that_lets_everything_through_is_noticed(
    world: World, subject: Subject, model: type, purpose: str, name: str
) -> None:
    with rule(model, subject.kind, purpose, everything):
        assert any(faults_at(world, subject, name))


@pytest.mark.parametrize(("subject", "model", "purpose", "name"), MISSING, ids=named)
def test_a_rule_that_is_gone_is_noticed(world: World, subject: Subject, model: type, purpose: str, name: str) -> None:
    with rule(model, subject.kind, purpose, None):
        assert any(faults_at(world, subject, name))


def test_a_household_opened_to_a_class_teacher_of_another_class_is_noticed(world: World) -> None:
    with (
        rule(Person, "teacher", VIEW, everything),
        rule(HouseholdMembership, "teacher", VIEW, everything),
        rule(Household, "teacher", VIEW, everything),
    ):
        assert any("LEAKS household" in fault for fault in faults_at(world, HOMEROOM, "person"))


def test_a_page_that_says_too_much_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = next(token for token, one in world.secrets.items() if one.kind == "visit")
    walker = Walker(world, MOTHER)
    monkeypatch.setattr(walker.client, "generic", lambda *args, **kwargs: HttpResponse(f"<p>{secret}</p>"))
    (question,) = [one for one in questions(world) if one.name == "family"]
    assert [fault for fault in walker.faults(question) if "LEAKS visit" in fault]


def test_a_gate_left_open_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walker = Walker(world, None)
    monkeypatch.setattr(walker.client, "generic", lambda *args, **kwargs: HttpResponse("somebody"))
    (question,) = [one for one in questions(world) if one.name == "people_list"]
    assert [fault for fault in walker.faults(question) if "→ 200, expected [302]" in fault]
