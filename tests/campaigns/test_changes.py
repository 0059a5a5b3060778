"""People move while a campaign runs: open duties follow, history stays."""

import datetime as dt

import pytest

from jiafang.access import actor_transaction, system
from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Appointment, Duty, Occupancy, Tier, Trip, VisitGroup
from jiafang.campaigns.rules import Rules
from jiafang.campaigns.services.edit import edit_campaign
from jiafang.campaigns.services.follow_changes import follow_changes, follow_the_calendar
from jiafang.campaigns.services.launch import launch_campaign
from jiafang.campaigns.services.meet import mark_met
from jiafang.campaigns.tasks import follow_the_calendar_daily
from jiafang.common.clock import today
from jiafang.organization.changes import Left, PostBegan, PostEnded, Transferred, announce
from jiafang.organization.models import Enrollment, Person, Post, SchoolClass
from tests.factories import campaigns as run
from tests.factories import organization as make
from tests.fence import as_in_production

pytestmark = pytest.mark.django_db
ROSTER = system("roster")


def transfer(child: Person, to: SchoolClass) -> None:
    """What the roster does when a student changes class."""
    with actor_transaction(ROSTER):
        old = Enrollment.unscoped.get(student=child, end=None)
        old.end, old.end_reason = today(), Enrollment.Reason.TRANSFERRED
        old.save()
        Enrollment.unscoped.create(student=child, school_class=to, start=today())
        announce(ROSTER, [Transferred(child.pk, old.school_class_id, to.pk, today())])


def leave(child: Person, reason: str = Enrollment.Reason.LEFT) -> None:
    with actor_transaction(ROSTER):
        old = Enrollment.unscoped.get(student=child, end=None)
        old.end, old.end_reason = today(), reason
        old.save()
        announce(ROSTER, [Left(child.pk, old.school_class_id, reason, today())])


def enter(child: Person, school_class: SchoolClass) -> None:
    with actor_transaction(ROSTER):
        Enrollment.unscoped.create(student=child, school_class=school_class, start=today())
        announce(ROSTER, [Transferred(child.pk, None, school_class.pk, today())])


def post_ends(person: Person, kind: str, school_class: SchoolClass | None = None) -> None:
    with actor_transaction(ROSTER):
        post = Post.unscoped.get(person=person, kind=kind, school_class=school_class, end=None)
        post.end = today()
        post.save()
        announce(ROSTER, [PostEnded(person.pk, kind, post.school_id, post.school_class_id, today())])


def post_begins(person: Person, kind: str, school_class: SchoolClass) -> None:
    with actor_transaction(ROSTER):
        school = school_class.cohort.school
        Post.unscoped.create(
            person=person,
            kind=kind,
            school=school,
            cohort=school_class.cohort,
            school_class=school_class,
            start=today(),
        )
        announce(ROSTER, [PostBegan(person.pk, kind, school.pk, school_class.pk, today())])


def test_a_transfer_within_the_school_moves_the_open_duty_and_calls_off_the_meeting():
    place = run.small_school(classes=2, students=2)
    campaign = run.published(place.by, place.school)
    child = place.students[0][0]
    duty = run.duty_of(campaign, child)
    promised = duty.appointments.get()
    transfer(child, place.classes[1])
    moved = run.duty_of(campaign, child)
    assert (moved.pk, moved.state) == (duty.pk, Duty.State.DUE)
    assert moved.school_class == place.classes[1]
    assert moved.group.lead == place.homeroom[1]
    promised.refresh_from_db()
    assert (promised.state, promised.cancelled_by) == (Appointment.State.CANCELLED, "school")
    assert not Occupancy.unscoped.filter(appointment=promised).exists()
    assert AuditEntry.objects.filter(action="campaign.follow_roster").exists()


def test_what_was_done_stays_with_the_old_class():
    place = run.small_school(classes=2, students=1)
    campaign = run.launched(place.by, place.school)
    child = place.students[0][0]
    duty = run.duty_of(campaign, child)
    with actor_transaction(system("records")):
        mark_met(by=place.by, duties=[duty], on=today())
    transfer(child, place.classes[1])
    duty.refresh_from_db()
    assert (duty.state, duty.school_class) == (Duty.State.MET, place.classes[0])


@pytest.mark.parametrize(
    ("reason", "void"),
    [("left", "left"), ("graduated", "graduated"), ("deceased", "deceased"), ("transferred", "left")],
)
def test_the_duty_of_a_leaver_is_void_with_the_reason(reason, void):
    place = run.small_school(classes=1, students=2)
    campaign = run.published(place.by, place.school)
    child, sibling = place.students[0]
    leave(child, reason)
    duty = run.duty_of(campaign, child)
    assert (duty.state, duty.void_reason) == (Duty.State.VOID, void)
    assert duty.appointments.get().state == Appointment.State.CANCELLED
    assert run.duty_of(campaign, sibling).appointments.get().state == Appointment.State.PROPOSED


def test_a_sibling_who_stays_keeps_the_meeting():
    place = run.small_school(classes=1, students=0)
    home = make.HouseholdFactory()
    leaver, stays = (make.student(place.classes[0], household=home, tags=("hardship",)) for _ in range(2))
    campaign = run.published(place.by, place.school)
    meeting = run.duty_of(campaign, stays).appointments.get()
    leave(leaver)
    meeting.refresh_from_db()
    assert meeting.state == Appointment.State.PROPOSED
    assert [duty.person for duty in meeting.duties.all()] == [stays]
    assert Occupancy.unscoped.filter(trip=meeting.trip).count() == 2


def test_who_leaves_for_another_school_is_expected_there_unless_met_under_the_same_notice():
    here, there = run.small_school(classes=1, students=2), run.small_school(classes=1, students=1)
    director = make.actor_of(make.bureau_post("director"), "director")
    umbrella = run.launched(director, None)
    ours, theirs = (
        launch_campaign(by=place.by, campaign=umbrella.children.get(school=place.school)) for place in (here, there)
    )
    met, open_one = here.students[0]
    with actor_transaction(system("records")):
        mark_met(by=here.by, duties=[run.duty_of(ours, met)], on=today())
    for child in (met, open_one):
        transfer(child, there.classes[0])
    assert run.duty_of(ours, met).state == Duty.State.MET
    assert not Duty.unscoped.filter(campaign=theirs, person=met).exists()
    assert run.duty_of(ours, open_one).state == Duty.State.VOID
    assert run.duty_of(theirs, open_one).group.lead == there.homeroom[0]


def test_a_new_student_is_to_be_met_and_one_who_comes_back_is_again():
    place = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school)
    newcomer, child = make.PersonFactory(), place.students[0][0]
    enter(newcomer, place.classes[0])
    assert run.duty_of(campaign, newcomer).group.lead == place.homeroom[0]
    leave(child)
    enter(child, place.classes[0])
    duty = run.duty_of(campaign, child)
    assert (duty.state, duty.void_reason) == (Duty.State.DUE, "")


def test_a_new_homeroom_teacher_leads_the_group_and_goes_to_the_meetings():
    place = run.small_school(classes=1, students=1)
    tagged = make.student(place.classes[0], tags=("hardship",))
    campaign = run.published(place.by, place.school)
    successor = make.employee(place.school)
    with actor_transaction(ROSTER):
        old = Post.unscoped.get(person=place.homeroom[0], kind="homeroom_teacher")
        old.end = today()
        old.save()
        Post.unscoped.create(
            person=successor,
            kind="homeroom_teacher",
            school=place.school,
            cohort=place.classes[0].cohort,
            school_class=place.classes[0],
            start=today(),
        )
        follow_changes(ROSTER, [PostEnded(old.person_id, old.kind, place.school.pk, place.classes[0].pk, today())])
    assert VisitGroup.unscoped.get(campaign=campaign).lead == successor
    meeting = run.duty_of(campaign, tagged).appointments.get()
    assert set(meeting.visitors.all()) == {successor, place.subject[0]}
    call = run.duty_of(campaign, place.students[0][0]).appointments.get()
    assert list(call.visitors.all()) == [successor]
    assert not Occupancy.unscoped.filter(visitor=place.homeroom[0]).exists()
    assert Occupancy.unscoped.filter(visitor=successor).count() == 2


def test_without_a_successor_the_class_waits_unassigned_until_there_is_one():
    place = run.small_school(classes=1, students=1)
    campaign = run.published(place.by, place.school)
    child = place.students[0][0]
    post_ends(place.homeroom[0], "homeroom_teacher", place.classes[0])
    duty = run.duty_of(campaign, child)
    assert (duty.state, duty.group) == (Duty.State.DUE, None)
    assert duty.appointments.get().state == Appointment.State.CANCELLED
    successor = make.employee(place.school)
    post_begins(successor, "homeroom_teacher", place.classes[0])
    assert run.duty_of(campaign, child).group.lead == successor


def test_a_colleague_takes_the_place_of_a_co_visitor_who_left():
    place = run.small_school(classes=1, students=0)
    colleague = make.subject_teacher(place.classes[0], subject="数学")
    child = make.student(place.classes[0], tags=("hardship",))
    campaign = run.published(place.by, place.school)
    meeting = run.duty_of(campaign, child).appointments.get()
    goes = next(person for person in meeting.visitors.all() if person != place.homeroom[0])
    stays = colleague if goes == place.subject[0] else place.subject[0]
    post_ends(goes, "subject_teacher", place.classes[0])
    meeting.refresh_from_db()
    assert meeting.state == Appointment.State.PROPOSED
    assert set(meeting.visitors.all()) == {place.homeroom[0], stays}
    post_ends(stays, "subject_teacher", place.classes[0])
    meeting.refresh_from_db()
    assert meeting.state == Appointment.State.CANCELLED
    assert not Occupancy.unscoped.filter(trip__in=Trip.unscoped.all()).exists()


def test_on_the_tier_of_the_teachers_a_leaver_is_void_and_a_newcomer_goes_to_the_smaller_share():
    place = run.small_school(classes=2, students=1)
    make.school_post("deputy_principal", place.school)
    campaign = run.launched(place.by, place.school, Tier.PRINCIPAL_TEACHER)
    before = {duty.person_id: duty.group_id for duty in Duty.unscoped.filter(campaign=campaign)}
    gone = place.subject[0]
    post_ends(gone, "employee")
    duty = run.duty_of(campaign, gone)
    assert (duty.state, duty.void_reason) == (Duty.State.VOID, "post_ended")
    newcomer = make.employee(place.school)
    with actor_transaction(ROSTER):
        follow_changes(ROSTER, [PostBegan(newcomer.pk, "employee", place.school.pk, None, today())])
    after = {d.person_id: d.group_id for d in Duty.unscoped.filter(campaign=campaign, state="due")}
    assert after.pop(newcomer.pk) == before.pop(gone.pk)
    assert after == before


def test_a_change_entered_for_a_later_day_counts_from_that_day():
    place = run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school)
    child = place.students[0][0]
    Enrollment.unscoped.filter(student=child).update(end=today() + dt.timedelta(3), end_reason="left")
    follow_the_calendar(by=ROSTER)
    assert run.duty_of(campaign, child).state == Duty.State.DUE
    Enrollment.unscoped.filter(student=child).update(end=today())
    with as_in_production():
        follow_the_calendar_daily(timestamp=0)
    assert run.duty_of(campaign, child).state == Duty.State.VOID


def test_a_closed_campaign_and_other_schools_stay_as_they_are():
    place, other = run.small_school(classes=1, students=1), run.small_school(classes=1, students=1)
    campaign = run.launched(place.by, place.school)
    leave(other.students[0][0])
    assert run.duty_of(campaign, place.students[0][0]).state == Duty.State.DUE
    assert not AuditEntry.objects.filter(action="campaign.follow_roster").exists()


def test_a_new_tag_and_new_rules_change_what_an_open_duty_asks_for():
    place = run.small_school(classes=1, students=2)
    campaign = run.launched(place.by, place.school)
    tagged, other = place.students[0]
    make.CareTagFactory(student=tagged, kind="hardship")
    follow_the_calendar(by=ROSTER)
    assert (run.duty_of(campaign, tagged).channel, run.duty_of(campaign, tagged).weight) == ("onsite", 2)
    edit_campaign(by=place.by, campaign=campaign, rules=Rules(onsite_for_tags=False, default_channel="remote"))
    assert {run.duty_of(campaign, child).channel for child in (tagged, other)} == {"remote"}
