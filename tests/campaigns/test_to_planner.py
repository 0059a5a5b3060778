"""A campaign becomes a planning problem, and any plan of it a timetable without faults."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiafang import planner
from jiafang.campaigns.from_planner import store_plan
from jiafang.campaigns.models import Appointment, Duty
from jiafang.campaigns.services.availability import set_windows
from jiafang.campaigns.to_planner import planner_input
from jiafang.common.clock import at, now, today
from jiafang.planner.check import check_plan
from tests.factories import campaigns as run
from tests.factories import organization as make

pytestmark = pytest.mark.django_db


def party_of(data, duty: Duty) -> planner.Party:
    (key,) = [key for key, duties in data.duties_of.items() if duty.pk in duties]
    return next(party for party in data.problem.parties if party.id == key)


def test_a_home_is_at_its_own_point_else_its_village_its_township_its_school():
    place = run.small_school(classes=1, students=0, lat=25.1, lon=118.1)
    school_class = place.classes[0]
    village = make.VillageFactory(township="溪口镇", name="上林村", lat=25.2, lon=118.2)
    unmapped = make.VillageFactory(township="溪口镇", name="下林村", lat=None, lon=None)
    lost = make.VillageFactory(township="白沙镇", name="沙尾村", lat=None, lon=None)
    homes = {
        "point": make.HouseholdFactory(village=village, lat=25.3, lon=118.3),
        "village": make.HouseholdFactory(village=village),
        "township": make.HouseholdFactory(village=unmapped),
        "school": make.HouseholdFactory(village=lost),
        "nothing": make.HouseholdFactory(village=None),
    }
    children = {word: make.student(school_class, household=home) for word, home in homes.items()}
    campaign = run.launched(place.by, place.school)
    data = planner_input(campaign, moment=now())
    places = {word: data.place_of[party_of(data, run.duty_of(campaign, c)).id] for word, c in children.items()}
    assert {word: (p.lat, p.lon, p.approximate) for word, p in places.items()} == {
        "point": (25.3, 118.3, False),
        "village": (25.2, 118.2, True),
        "township": (25.2, 118.2, True),
        "school": (25.1, 118.1, True),
        "nothing": (25.1, 118.1, True),
    }
    assert places["village"].words == "溪口镇上林村"


def test_the_same_input_has_the_same_hash_and_a_changed_window_another():
    place = run.small_school(classes=2, students=2)
    campaign, moment = run.launched(place.by, place.school), now()
    before = planner_input(campaign, moment=moment).hash
    campaign.title = "改个名字"
    campaign.save()
    assert planner_input(campaign, moment=moment).hash == before
    shift = campaign.shifts.first()
    duty = run.duty_of(campaign, place.students[0][0])
    set_windows(by=place.by, duty=duty, windows=[(shift, shift.start, shift.end)])
    assert planner_input(campaign, moment=moment).hash != before


def test_only_shifts_still_to_come_are_planned():
    place = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school, shifts=run.evenings(3, first=0))
    tonight = campaign.shifts.first()
    late = at(today(), tonight.start) + dt.timedelta(minutes=1)
    assert len(planner_input(campaign, moment=late).shifts) == 2
    assert len(planner_input(campaign, moment=late - dt.timedelta(hours=1)).shifts) == 3


def test_who_is_visited_this_very_evening_is_not_planned_again():
    place = run.small_school(classes=1, students=2)
    campaign = run.launched(place.by, place.school, shifts=run.evenings(3, first=0))
    data = planner_input(campaign, moment=at(today(), dt.time(8)))
    store_plan(campaign, data, planner.solve(data.problem, seed=1))
    Appointment.unscoped.update(published=True)
    tonight = Appointment.unscoped.filter(shift__date=today())
    assert tonight.count() == 2
    later = planner_input(campaign, moment=at(today(), dt.time(18, 45)))
    assert later.duties_of == {}


def test_siblings_share_the_times_that_suit_all_of_them():
    place = run.small_school(classes=1, students=0)
    home = make.HouseholdFactory()
    one, other = (make.student(place.classes[0], household=home) for _ in range(2))
    campaign = run.launched(place.by, place.school)
    first, second = list(campaign.shifts.all())[:2]
    for child, windows in (
        (one, [(first, dt.time(18, 30), dt.time(19, 30)), (second, dt.time(18, 30), dt.time(19, 0))]),
        (other, [(first, dt.time(19, 0), dt.time(20, 0))]),
    ):
        set_windows(by=place.by, duty=run.duty_of(campaign, child), windows=windows)
    data = planner_input(campaign, moment=now())
    party = party_of(data, run.duty_of(campaign, one))
    assert len(party.subjects) == 2
    assert party.windows == {f"s{first.pk}": (19 * 60, 19 * 60 + 30)}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_plan_beside_any_kept_meetings_breaks_no_rule_and_meets_nobody_twice(data):
    place = run.small_school(classes=2, students=data.draw(st.integers(1, 3)))
    homes = [make.HouseholdFactory() for _ in range(2)]
    for school_class in place.classes:
        for home in homes:
            make.student(school_class, household=home, tags=("hardship",) if data.draw(st.booleans()) else ())
    campaign = run.launched(place.by, place.school, shifts=run.evenings(data.draw(st.integers(2, 5))))
    moment = now()
    for _round in range(2):
        problem = planner_input(campaign, moment=moment)
        plan = planner.solve(problem.problem, stop=planner.Stop(seconds=20), seed=1)
        assert check_plan(problem.problem, plan) == []
        store_plan(campaign, problem, plan)
        kept = [a for a in Appointment.unscoped.filter(campaign=campaign) if data.draw(st.booleans())]
        Appointment.unscoped.filter(pk__in=[a.pk for a in kept]).update(moved_by_hand=True)
        placed = {duty for a in Appointment.unscoped.filter(campaign=campaign) for duty in a.duties.all()}
        left = {pk for u in plan.unplaced for pk in problem.duties_of[u.party]}
        assert {d.pk for d in placed} | left == set(
            Duty.unscoped.filter(campaign=campaign).values_list("pk", flat=True)
        )
        assert sum(a.duties.count() for a in Appointment.unscoped.filter(campaign=campaign)) == len(placed)
