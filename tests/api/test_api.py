"""The API: who may ask, what a move would meet, how far a plan is; faults come as problem+json."""

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.access import actor_transaction, system
from jiafang.campaigns.models import Appointment, PlanRun, Shift, Trip, VisitGroup
from jiafang.campaigns.services.availability import set_unavailable
from jiafang.campaigns.services.meet import mark_met
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.common.clock import today
from jiafang.organization.models import GradeCohort
from tests.factories import campaigns as running
from tests.factories import organization as make

pytestmark = pytest.mark.django_db(transaction=True)
PROBLEM = "application/problem+json"


def planned_school(**fields):
    """A school with a planned campaign, a call and a trip in every class."""
    school = running.small_school(**fields)
    for children in school.students:
        make.CareTagFactory(student=children[0], kind="left_behind")
    campaign = running.launched(school.by, school.school)
    running.planned(school.by, campaign)
    return school, campaign


def free_evening(campaign, taken):
    return Shift.unscoped.filter(campaign=campaign).exclude(pk=taken.shift_id).last()


def addresses(campaign):
    """Every address of the API with a row of this campaign."""
    call = Appointment.unscoped.filter(campaign=campaign, trip=None).first()
    trip = Trip.unscoped.filter(campaign=campaign).first()
    run = PlanRun.unscoped.filter(campaign=campaign).first()
    evening = free_evening(campaign, call)
    asked = f"?visitor={call.group_id}&evening={evening.pk}"
    return [
        reverse("api:check_move", args=[call.pk]) + asked,
        reverse("api:check_move_trip", args=[trip.pk]) + asked,
        reverse("api:plan_run", args=[run.pk]),
    ]


def test_without_a_session_everything_is_401(client):
    _school, campaign = planned_school()
    call = Appointment.unscoped.filter(campaign=campaign, trip=None).first()
    for address in addresses(campaign):
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    answer = client.post(reverse("api:move", args=[call.pk]), {"visitor": call.group_id, "evening": call.shift_id})
    assert answer.status_code == 401


@pytest.mark.parametrize("kind", ["principal", "cohort_lead", "teacher"])
def test_another_school_finds_nothing(client, kind):
    own, (_other, campaign) = running.small_school(), planned_school()
    people = {
        "principal": own.principal,
        "cohort_lead": make.cohort_lead(own.classes[0].cohort),
        "teacher": own.homeroom[0],
    }
    make.sign_in(client, people[kind], kind)
    for address in addresses(campaign):
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
        assert answer.json() == client.get(reverse("api:plan_run", args=[999999])).json()


def test_a_teacher_of_the_school_may_not_move(client):
    school, campaign = planned_school()
    make.sign_in(client, school.homeroom[0], "teacher")
    assert {client.get(address).status_code for address in addresses(campaign)} == {404}


def test_a_free_evening_fits_and_the_drop_moves_the_trip(client):
    school, campaign = planned_school(classes=1)
    trip = Trip.unscoped.get(campaign=campaign)
    evening = free_evening(campaign, trip)
    group = VisitGroup.unscoped.get(campaign=campaign)
    make.sign_in(client, school.principal)
    asked = {"visitor": group.pk, "evening": evening.pk}
    verdict = client.get(reverse("api:check_move_trip", args=[trip.pk]), asked).json()
    assert verdict["ok"] is True
    answer = client.post(reverse("api:move_trip", args=[trip.pk]), asked)
    assert answer.json()["ok"] is True
    assert f"{evening.date.month}月{evening.date.day}日" in answer.json()["message"]
    stops = Appointment.unscoped.filter(campaign=campaign, trip__isnull=False)
    assert {stop.shift_id for stop in stops} == {evening.pk} == {stop.trip.shift_id for stop in stops}


def test_an_evening_on_which_the_teacher_cannot_come_is_told_before_the_drop(client):
    school, campaign = planned_school(classes=1)
    call = Appointment.unscoped.filter(campaign=campaign, trip=None).first()
    evening = free_evening(campaign, call)
    set_unavailable(by=school.by, campaign=campaign, visitor=school.homeroom[0], shifts=[evening])
    make.sign_in(client, school.principal)
    asked = {"visitor": call.group_id, "evening": evening.pk}
    verdict = client.get(reverse("api:check_move", args=[call.pk]), asked).json()
    assert any(school.homeroom[0].name in words for words in verdict["conflicts"])
    assert verdict["ok"] is True  # whoever was told may still do it
    assert client.post(reverse("api:move", args=[call.pk]), asked).status_code == 200
    call.refresh_from_db()
    assert call.shift_id == evening.pk


def test_what_is_impossible_is_told_before_the_drop_and_refused_after(client):
    school, campaign = planned_school(classes=1)
    call = Appointment.unscoped.filter(campaign=campaign, trip=None).first()
    evening, before = free_evening(campaign, call), call.shift_id
    with actor_transaction(system("records")):
        mark_met(by=school.by, duties=list(call.duties.all()), on=today(), appointment=call)
    make.sign_in(client, school.principal)
    asked = {"visitor": call.group_id, "evening": evening.pk}
    assert client.get(reverse("api:check_move", args=[call.pk]), asked).json()["ok"] is False
    answer = client.post(reverse("api:move", args=[call.pk]), asked)
    assert (answer.status_code, answer["Content-Type"]) == (409, PROBLEM)
    assert answer.json()["conflicts"]
    call.refresh_from_db()
    assert call.shift_id == before


def test_a_family_stays_with_its_teacher(client):
    school, campaign = planned_school()
    call = Appointment.unscoped.filter(campaign=campaign, trip=None).first()
    other = VisitGroup.unscoped.filter(campaign=campaign).exclude(pk=call.group_id).get()
    make.sign_in(client, school.principal)
    asked = {"visitor": other.pk, "evening": call.shift_id}
    verdict = client.get(reverse("api:check_move", args=[call.pk]), asked).json()
    assert verdict["ok"] is False
    assert "不能换到别的老师那里" in verdict["conflicts"][0]
    answer = client.post(reverse("api:move", args=[call.pk]), asked)
    assert answer.status_code == 409
    assert answer.json()["conflicts"] == verdict["conflicts"]


def test_an_evening_of_another_campaign_is_missing_or_refused(client):
    school, campaign = planned_school(classes=1)
    _foreign_school, foreign = planned_school(classes=1)
    call = Appointment.unscoped.filter(campaign=campaign, trip=None).first()
    evening = Shift.unscoped.filter(campaign=foreign).first()
    make.sign_in(client, school.principal)
    asked = {"visitor": call.group_id, "evening": evening.pk}
    assert client.get(reverse("api:check_move", args=[call.pk]), asked).status_code == 404
    assert client.post(reverse("api:move", args=[call.pk]), asked).status_code == 404


@pytest.mark.parametrize("asked", [{}, {"visitor": "x", "evening": "1"}, {"visitor": "1"}])
def test_a_question_that_is_not_understood_names_its_places(client, asked):
    school, campaign = planned_school(classes=1)
    call = Appointment.unscoped.filter(campaign=campaign, trip=None).first()
    make.sign_in(client, school.principal)
    answer = client.get(reverse("api:check_move", args=[call.pk]), asked)
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    assert any("evening" in place or "visitor" in place for place in answer.json()["places"])


def test_a_change_needs_the_token_of_the_page():
    school, campaign = planned_school(classes=1)
    call = Appointment.unscoped.filter(campaign=campaign, trip=None).first()
    strict = Client(enforce_csrf_checks=True)
    make.sign_in(strict, school.principal)
    asked = {"visitor": call.group_id, "evening": free_evening(campaign, call).pk}
    before = call.shift_id
    assert strict.post(reverse("api:move", args=[call.pk]), asked).status_code == 403
    call.refresh_from_db()
    assert call.shift_id == before


def test_the_progress_of_a_plan(client):
    school = running.small_school()
    campaign = running.launched(school.by, school.school)
    run = running.request_plan(by=school.by, campaign=campaign)
    make.sign_in(client, school.principal)
    address = reverse("api:plan_run", args=[run.pk])
    assert client.get(address).json()["state"] == "queued"
    running.run_jobs()
    told = client.get(address).json()
    assert (told["state"], told["fraction"], told["unplaced"]) == ("done", 1.0, 0)
    assert told["objective"]["unvisited"] == 0


def test_a_trip_that_also_serves_another_cohort_is_left_to_the_school(client):
    school = running.small_school(classes=1, students=1)
    other = make.SchoolClassFactory(cohort=make.GradeCohortFactory(school=school.school, entry_year=2024))
    make.homeroom_teacher(other)
    make.subject_teacher(other)
    household = make.HouseholdFactory()
    for school_class in (school.classes[0], other):
        make.student(school_class, household=household, tags=("left_behind",))
    campaign = running.launched(school.by, school.school)
    running.planned(school.by, campaign)
    together = Appointment.unscoped.filter(campaign=campaign, trip__isnull=False).get()
    seen_by = GradeCohort.unscoped.exclude(pk=together.group.school_class.cohort_id).get(school=school.school)
    own_line = VisitGroup.unscoped.get(campaign=campaign, school_class__cohort=seen_by)
    make.sign_in(client, make.cohort_lead(seen_by), "cohort_lead")
    asked = {"visitor": own_line.pk, "evening": free_evening(campaign, together).pk}
    check = reverse("api:check_move_trip", args=[together.trip_id])
    assert client.get(check, asked).status_code == 404  # the draft of another cohort
    publish_timetable(by=school.by, campaign=campaign)
    assert client.get(check, asked).json() == {"ok": False, "conflicts": ["这一趟还有别的年段的家庭,请学校来换"]}
    before = together.shift_id
    assert client.post(reverse("api:move_trip", args=[together.trip_id]), asked).status_code == 404
    together.refresh_from_db()
    assert together.shift_id == before
