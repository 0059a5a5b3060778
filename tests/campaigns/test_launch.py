"""Launching sets who visits whom, on every tier by the same code."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiafang.access import scope
from jiafang.campaigns.models import Campaign, Duty, Shift, Tier, VisitGroup
from jiafang.campaigns.rules import Rules
from jiafang.campaigns.services.focus import set_focus
from jiafang.campaigns.services.launch import launch_campaign
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, NotAllowed, NotReady
from jiafang.organization.models import SchoolClass
from tests.factories import campaigns as run
from tests.factories import organization as make

pytestmark = pytest.mark.django_db


def test_each_student_gets_a_duty_with_the_homeroom_teacher_of_the_class():
    place = run.small_school(classes=2, students=3)
    other = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school)
    assert campaign.state == Campaign.State.LAUNCHED
    duties = Duty.unscoped.filter(campaign=campaign)
    assert {duty.person_id for duty in duties} == {child.pk for of_class in place.students for child in of_class}
    assert not duties.filter(person=other.students[0][0]).exists()
    for school_class, lead, teacher, children in zip(
        place.classes, place.homeroom, place.subject, place.students, strict=True
    ):
        group = VisitGroup.unscoped.get(campaign=campaign, school_class=school_class)
        assert group.lead == lead
        assert list(group.co_visitors.all()) == [teacher]
        assert {duty.person for duty in group.duties.all()} == set(children)


def test_a_tagged_child_is_met_on_site_and_counts_more():
    place = run.small_school(classes=1, students=1)
    tagged = make.student(place.classes[0], tags=("left_behind",))
    twice = make.student(place.classes[0], tags=("left_behind", "hardship", "orphan"))
    only_noted = make.student(place.classes[0], tags=("by_water",))
    campaign = run.launched(place.by, place.school)
    assert (run.duty_of(campaign, tagged).channel, run.duty_of(campaign, tagged).weight) == ("onsite", 2)
    assert run.duty_of(campaign, twice).weight == 3
    assert (run.duty_of(campaign, only_noted).channel, run.duty_of(campaign, only_noted).weight) == ("any", 1)


def test_an_expired_tag_and_rules_without_tags_ask_for_nothing_on_site():
    place = run.small_school(classes=1, students=1)
    over = make.student(place.classes[0])
    make.CareTagFactory(student=over, kind="left_behind", expires=today())
    tagged = make.student(place.classes[0], tags=("hardship",))
    assert run.duty_of(run.launched(place.by, place.school), over).channel == "any"
    without = run.launched(place.by, place.school, rules=Rules(onsite_for_tags=False))
    assert run.duty_of(without, tagged).channel == "any"


def test_the_focus_of_the_cohort_sets_the_due_date():
    place = run.small_school(classes=1, students=1)
    campaign = run.campaign(place.by, place.school)
    cohort, soon, later = place.classes[0].cohort, today() + dt.timedelta(5), today() + dt.timedelta(9)
    set_focus(by=place.by, campaign=campaign, cohort=cohort, topics="毕业年级先访", due=soon)
    launch_campaign(by=place.by, campaign=campaign)
    duty = run.duty_of(campaign, place.students[0][0])
    assert duty.due == soon
    set_focus(by=place.by, campaign=campaign, cohort=cohort, topics="毕业年级先访", due=later)
    duty.refresh_from_db()
    assert duty.due == later


def test_a_class_without_a_homeroom_teacher_waits_unassigned():
    place = run.small_school(classes=1, students=1)
    orphaned = make.SchoolClassFactory(cohort=place.classes[0].cohort)
    child = make.student(orphaned)
    campaign = run.launched(place.by, place.school)
    duty = run.duty_of(campaign, child)
    assert duty.group is None
    assert duty.cohort == orphaned.cohort
    lead = make.actor_of(make.cohort_lead(orphaned.cohort), "cohort_lead")
    assert duty in scope(lead, Duty).filter(group=None)


def test_principal_and_deputies_share_the_teachers_evenly():
    place = run.small_school(classes=3, students=1)
    deputy = make.school_post("deputy_principal", place.school)
    campaign = run.launched(place.by, place.school, Tier.PRINCIPAL_TEACHER)
    shares = {
        group.lead: group.duties.count() for group in VisitGroup.unscoped.filter(campaign=campaign).order_by("pk")
    }
    assert shares == {place.principal: 3, deputy: 3}
    duties = Duty.unscoped.filter(campaign=campaign)
    assert {duty.person for duty in duties} == {*place.homeroom, *place.subject}
    assert {duty.channel for duty in duties} == {"remote"}


def test_a_cadre_meets_the_principals_of_the_paired_schools_and_others_wait_unassigned():
    near, far, alone = (run.small_school(classes=1, students=1) for _ in range(3))
    cadre, colleague = make.bureau_post("cadre"), make.bureau_post("cadre")
    for school in (near.school, far.school):
        make.PairingFactory(cadre=cadre, school=school)
    make.PairingFactory(cadre=colleague, school=far.school)
    director = make.actor_of(make.bureau_post("director"), "director")
    campaign = run.launched(director, None, Tier.BUREAU_PRINCIPAL)
    leads = {d.person: d.group and d.group.lead for d in Duty.unscoped.filter(campaign=campaign)}
    assert leads == {near.principal: cadre, far.principal: colleague, alone.principal: None}


def test_the_bureau_meets_as_many_teachers_of_each_school_as_the_rules_say():
    near, far = run.small_school(classes=3, students=1), run.small_school(classes=1, students=1)
    make.PairingFactory(cadre=make.bureau_post("cadre"), school=near.school)
    director = make.actor_of(make.bureau_post("director"), "director")
    campaign = run.launched(director, None, Tier.BUREAU_TEACHER, rules=Rules(people_per_school=2))
    of_school = Duty.unscoped.filter(campaign=campaign)
    assert of_school.filter(school=near.school, group__isnull=False).count() == 2
    assert of_school.filter(school=far.school, group=None).count() == 2
    assert not of_school.filter(person__in=[near.principal, far.principal]).exists()


def test_a_bureau_campaign_opens_one_draft_in_every_school_which_launches_it_itself():
    kindergarten = run.small_school(classes=1, students=1, stages=["kindergarten"])
    senior = run.small_school(classes=1, students=1, stages=["senior"])
    director = make.actor_of(make.bureau_post("director"), "director")
    umbrella = run.launched(director, None, end=today() + dt.timedelta(13))
    children = {child.school: child for child in umbrella.children.all()}
    assert set(children) == {kindergarten.school, senior.school}
    assert {child.state for child in children.values()} == {Campaign.State.DRAFT}
    assert not Duty.unscoped.exists()
    kinds = set(children[kindergarten.school].shifts.values_list("kind", flat=True))
    assert Shift.Kind.EVENING not in kinds
    assert set(children[senior.school].shifts.values_list("start", flat=True)) >= {dt.time(20, 30), dt.time(9, 0)}
    child = launch_campaign(by=senior.by, campaign=children[senior.school])
    assert child.duties.count() == 1
    with pytest.raises(NotAllowed):
        launch_campaign(by=senior.by, campaign=children[kindergarten.school])


def test_a_campaign_is_launched_once_and_not_without_people_or_shifts():
    place = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school)
    with pytest.raises(Conflict):
        launch_campaign(by=place.by, campaign=campaign)
    with pytest.raises(NotReady, match="时段"):
        run.launched(place.by, place.school, shifts=[])
    empty = run.small_school(classes=1, students=0)
    with pytest.raises(NotReady, match="名册"):
        run.launched(empty.by, empty.school)


def test_launching_costs_the_same_number_of_queries_for_one_class_and_for_many():
    def queries(classes: int) -> int:
        place = run.small_school(classes=classes, students=classes)
        campaign = run.campaign(place.by, place.school)
        with CaptureQueriesContext(connection) as captured:
            launch_campaign(by=place.by, campaign=campaign)
        return len(captured)

    assert queries(1) == queries(4)


def test_opening_children_costs_the_same_number_of_queries_for_one_school_and_for_three():
    director = make.actor_of(make.bureau_post("director"), "director")

    def queries() -> int:
        umbrella = run.campaign(director, None)
        with CaptureQueriesContext(connection) as captured:
            launch_campaign(by=director, campaign=umbrella)
        return len(captured)

    run.small_school(classes=1, students=1)
    one = queries()
    run.small_school(classes=1, students=1)
    run.small_school(classes=1, students=1)
    assert SchoolClass.unscoped.count() == 3
    assert queries() == one
