"""Planning through a real worker: read, compute, write; then publishing."""

import datetime as dt
from itertools import pairwise
from threading import Thread

import pytest
from django.db import transaction

from jiafang.campaigns.models import Appointment, Campaign, Duty, Occupancy, PlanRun, Tier, Trip
from jiafang.campaigns.services.availability import set_unavailable, set_windows
from jiafang.campaigns.services.plan import cancel_plan, request_plan
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.campaigns.services.run_plan import run_plan
from jiafang.common.clock import now
from jiafang.common.errors import Conflict, NotReady
from tests.factories import campaigns as run
from tests.factories import organization as make
from tests.jobs import run_jobs
from tests.waiting import apart, somebody_waits_for_us, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_plan_meets_everybody_once_and_each_by_the_people_answerable():
    place = run.small_school(classes=2, students=3)
    tagged = make.student(place.classes[0], tags=("hardship",))
    campaign = run.launched(place.by, place.school)
    plan = run.planned(place.by, campaign)
    assert plan.objective["unvisited"] == 0
    assert plan.proven
    assert plan.progress["fraction"] == 1.0
    appointments = Appointment.unscoped.filter(campaign=campaign)
    assert {a.published for a in appointments} == {False}
    for duty in Duty.unscoped.filter(campaign=campaign):
        met = duty.appointments.get()
        assert duty.group.lead in met.visitors.all()
    onsite = run.duty_of(campaign, tagged).appointments.get()
    assert onsite.channel == "onsite"
    assert set(onsite.trip.crew.all()) == {place.homeroom[0], place.subject[0]}
    assert onsite.trip.departs_at < onsite.starts_at < onsite.ends_at < onsite.trip.returns_at


def test_a_campaign_is_planned_here_when_the_cluster_does_not_answer(settings, caplog):
    settings.PLANNER_CLUSTER = "tcp://127.0.0.1:9"
    place = run.small_school(classes=1, students=2)
    campaign = run.launched(place.by, place.school)
    assert run.planned(place.by, campaign).objective["unvisited"] == 0
    assert "tcp://127.0.0.1:9" in caplog.text


def test_siblings_in_two_classes_are_met_together_by_both_homeroom_teachers():
    place = run.small_school(classes=2, students=1)
    home = make.HouseholdFactory()
    children = [make.student(c, household=home, tags=("hardship",)) for c in place.classes]
    campaign = run.launched(place.by, place.school)
    run.planned(place.by, campaign)
    one, other = (run.duty_of(campaign, child).appointments.get() for child in children)
    assert one == other
    assert set(place.homeroom) <= set(one.trip.crew.all())
    assert one.trip.groups.count() == 2


def test_who_is_unavailable_does_not_come_and_families_are_met_in_their_windows():
    place = run.small_school(classes=1, students=3)
    campaign = run.launched(place.by, place.school)
    shifts = list(campaign.shifts.all())
    set_unavailable(
        by=make.actor_of(place.homeroom[0], "teacher"), campaign=campaign, visitor=place.homeroom[0], shifts=shifts[:3]
    )
    only = run.duty_of(campaign, place.students[0][0])
    set_windows(by=place.by, duty=only, windows=[(shifts[5], dt.time(20, 0), dt.time(20, 10))])
    run.planned(place.by, campaign)
    assert not Appointment.unscoped.filter(campaign=campaign, shift__in=shifts[:3]).exists()
    meeting = only.appointments.get()
    assert meeting.shift == shifts[5]
    assert meeting.starts_at.astimezone(dt.timezone(dt.timedelta(hours=8))).time() >= dt.time(20, 0)


def test_an_evening_that_a_teacher_would_rather_keep_is_used_only_when_no_other_is_as_good():
    place = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school)
    teacher, duty = make.actor_of(place.homeroom[0], "teacher"), run.duty_of(campaign, place.students[0][0])
    run.planned(place.by, campaign)
    first = duty.appointments.get().shift

    def planned_with_regrets() -> int:
        set_unavailable(by=teacher, campaign=campaign, visitor=place.homeroom[0], shifts=(), rather_not=list(regretted))
        plan = run.planned(place.by, campaign)
        assert plan.unplaced == []
        return Appointment.unscoped.get(campaign=campaign).shift_id

    regretted = [first]
    assert planned_with_regrets() != first.pk
    regretted = list(campaign.shifts.all())
    assert planned_with_regrets() in {shift.pk for shift in regretted}


def test_a_family_that_cannot_be_placed_is_named_with_a_reason():
    place = run.small_school(classes=1, students=1)
    alone = make.student(place.classes[0], tags=("hardship",))
    campaign = run.launched(place.by, place.school)
    set_unavailable(by=place.by, campaign=campaign, visitor=place.subject[0], shifts=list(campaign.shifts.all()))
    plan = run.planned(place.by, campaign)
    (left,) = plan.unplaced
    assert left["duty_ids"] == [run.duty_of(campaign, alone).pk]
    assert left["code"]
    assert left["words"]


@pytest.mark.parametrize("tier", [Tier.PRINCIPAL_TEACHER, Tier.BUREAU_PRINCIPAL, Tier.BUREAU_TEACHER])
def test_the_other_tiers_are_planned_and_published_by_the_same_code(tier):
    place = run.small_school(classes=2, students=1)
    if tier == Tier.PRINCIPAL_TEACHER:
        by, school, channel = place.by, place.school, "at_school"
    else:
        make.PairingFactory(school=place.school, cadre=make.bureau_post("cadre"))
        by, school, channel = make.actor_of(make.bureau_post("director"), "director"), None, "onsite"
    campaign = run.published(by, school, tier)
    appointments = Appointment.unscoped.filter(campaign=campaign)
    assert {a.channel for a in appointments} == {channel}
    assert {a.published for a in appointments} == {True}
    assert sum(a.duties.count() for a in appointments) == Duty.unscoped.filter(campaign=campaign).count()


def test_publishing_takes_the_time_of_the_visitors():
    place = run.small_school(classes=1, students=2)
    make.student(place.classes[0], tags=("hardship",))
    campaign = run.published(place.by, place.school)
    assert campaign.state == Campaign.State.PUBLISHED
    lead = Occupancy.unscoped.filter(visitor=place.homeroom[0])
    assert lead.count() == Trip.unscoped.count() + Appointment.unscoped.filter(trip=None).count()
    spans = sorted((o.during.lower, o.during.upper) for o in lead)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))


def test_a_visitor_busy_in_one_campaign_is_not_planned_in_another():
    place = run.small_school(classes=1, students=1)
    run.published(place.by, place.school, shifts=run.evenings(1))
    second = run.launched(place.by, place.school, title="第二轮", shifts=run.evenings(2))
    run.planned(place.by, second)
    _first_evening, second_evening = second.shifts.all()
    assert {a.shift for a in Appointment.unscoped.filter(campaign=second)} == {second_evening}


def test_two_timetables_that_put_a_teacher_in_two_places_cannot_both_be_published():
    place = run.small_school(classes=1, students=1)
    campaigns = [run.launched(place.by, place.school, title=title, shifts=run.evenings(1)) for title in ("甲", "乙")]
    for campaign in campaigns:
        run.planned(place.by, campaign)
    publish_timetable(by=place.by, campaign=campaigns[0])
    with pytest.raises(Conflict, match=place.homeroom[0].name):
        publish_timetable(by=place.by, campaign=campaigns[1])
    campaigns[1].refresh_from_db()
    assert campaigns[1].state == Campaign.State.LAUNCHED
    assert not Appointment.unscoped.filter(campaign=campaigns[1], published=True).exists()


def test_nothing_is_published_before_there_is_a_plan():
    place = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school)
    with pytest.raises(NotReady):
        publish_timetable(by=place.by, campaign=campaign)


def test_a_draft_beside_the_published_timetable_changes_nothing_until_it_is_published():
    place = run.small_school(classes=1, students=4)
    campaign = run.published(place.by, place.school)
    agreed, other = Appointment.unscoped.filter(campaign=campaign)[:2]
    Appointment.unscoped.filter(pk=agreed.pk).update(state=Appointment.State.CONFIRMED)
    before = set(Appointment.unscoped.filter(published=True).values_list("pk", flat=True))
    run.planned(place.by, campaign)
    assert set(Appointment.unscoped.filter(published=True).values_list("pk", flat=True)) == before
    agreed.refresh_from_db()
    other.refresh_from_db()
    assert (agreed.superseded, other.superseded) == (False, True)
    publish_timetable(by=place.by, campaign=campaign)
    assert not Appointment.unscoped.filter(pk=other.pk).exists()
    kept = Appointment.unscoped.get(pk=agreed.pk)
    assert (kept.starts_at, kept.state) == (agreed.starts_at, Appointment.State.CONFIRMED)
    for duty in Duty.unscoped.filter(campaign=campaign):
        assert duty.appointments.count() == 1
    assert Occupancy.unscoped.filter(visitor=place.homeroom[0]).count() == 4


def times_of(campaign: Campaign) -> dict[int, tuple[int, str]]:
    """When and how each duty is to be met."""
    rows = Appointment.unscoped.filter(campaign=campaign, superseded=False).values_list("duties", "shift", "channel")
    return {duty: (shift, channel) for duty, shift, channel in rows}


def test_a_new_plan_moves_only_whom_the_absence_of_a_teacher_moves_and_says_why():
    place = run.small_school(classes=2, students=6)
    for number in range(2):
        make.student(place.classes[number], tags=("hardship",))
    campaign = run.launched(place.by, place.school)
    assert run.planned(place.by, campaign).moved == []
    publish_timetable(by=place.by, campaign=campaign)
    before = times_of(campaign)
    first = Appointment.unscoped.filter(campaign=campaign, group__lead=place.homeroom[0]).order_by("starts_at")[0]
    concerned = set(
        Duty.unscoped.filter(appointments__shift=first.shift, group__lead=place.homeroom[0]).values_list(
            "pk", flat=True
        )
    )
    teacher = make.actor_of(place.homeroom[0], "teacher")
    set_unavailable(by=teacher, campaign=campaign, visitor=place.homeroom[0], shifts=[first.shift])
    again = run.planned(place.by, campaign)
    after = times_of(campaign)
    assert {duty for duty in before if before[duty] != after[duty]} == concerned
    assert {pk for entry in again.moved for pk in entry["duty_ids"]} == concerned
    assert {entry["code"] for entry in again.moved} == {"lead_not_free"}
    assert {entry["was"]["date"] for entry in again.moved} == {first.shift.date.isoformat()}
    assert again.objective["moved"] == len(again.moved)
    assert "moved" in again.proven
    # What families were told holds until the draft is published, however often it is planned before.
    third = run.planned(place.by, campaign)
    assert {pk for entry in third.moved for pk in entry["duty_ids"]} == concerned
    assert {duty for duty in before if before[duty] != times_of(campaign)[duty]} == concerned


def test_only_one_plan_at_a_time_and_one_can_be_called_off():
    place = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school)
    first = request_plan(by=place.by, campaign=campaign)
    with pytest.raises(Conflict):
        request_plan(by=place.by, campaign=campaign)
    cancel_plan(by=place.by, run=first)
    run_jobs()
    first.refresh_from_db()
    assert first.state == PlanRun.State.CANCELLED
    assert not Appointment.unscoped.exists()
    assert run.planned(place.by, campaign).state == PlanRun.State.DONE


def test_a_run_whose_worker_died_can_be_asked_for_anew():
    place = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school)
    dead = request_plan(by=place.by, campaign=campaign)
    PlanRun.unscoped.filter(pk=dead.pk).update(state="running", started_at=now(), heartbeat_at=now())
    with pytest.raises(Conflict):
        request_plan(by=place.by, campaign=campaign)
    PlanRun.unscoped.filter(pk=dead.pk).update(heartbeat_at=now() - dt.timedelta(minutes=2))
    assert run.planned(place.by, campaign).state == PlanRun.State.DONE
    dead.refresh_from_db()
    assert dead.state == PlanRun.State.FAILED
    assert dead.log


def test_a_plan_without_any_evening_left_fails_in_words():
    place = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school, shifts=run.evenings(1, first=0))
    campaign.shifts.update(start=dt.time(0, 0), end=dt.time(0, 1))
    plan = request_plan(by=place.by, campaign=campaign)
    run_jobs()
    plan.refresh_from_db()
    assert plan.state == PlanRun.State.FAILED
    assert "时段" in plan.log


def test_a_running_plan_that_is_called_off_changes_nothing():
    place = run.small_school(classes=1, students=2)
    campaign = run.launched(place.by, place.school)
    running = request_plan(by=place.by, campaign=campaign)
    worker = Thread(target=apart, args=[lambda: run_plan(run_id=running.pk)])
    caller = Thread(target=apart, args=[lambda: cancel_plan(by=place.by, run=running)])
    with transaction.atomic():
        # The worker reads and computes, then waits for this row before it writes.
        Campaign.unscoped.select_for_update().get(pk=campaign.pk)
        worker.start()
        wait_until(somebody_waits_for_us)
        caller.start()
        caller.join()
    worker.join()
    running.refresh_from_db()
    assert running.state == PlanRun.State.CANCELLED
    assert not Appointment.unscoped.exists()


def test_an_accident_leaves_words_and_the_timetable_as_it_was():
    place = run.small_school(classes=1, students=1)
    campaign = run.published(place.by, place.school)
    before = set(Appointment.unscoped.values_list("pk", "starts_at"))
    Campaign.unscoped.filter(pk=campaign.pk).update(rules={"speed_kmh": "fast"})
    broken = request_plan(by=place.by, campaign=campaign)
    run_jobs()
    broken.refresh_from_db()
    assert broken.state == PlanRun.State.FAILED
    assert "原来的安排没有动" in broken.log
    assert set(Appointment.unscoped.values_list("pk", "starts_at")) == before
