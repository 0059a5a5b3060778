"""Coverage equals what counting one by one gives, whatever happens to the duties."""

import datetime as dt
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiafang.campaigns.models import Campaign, Channel, Duty, Tier, VisitGroup
from jiafang.common.clock import today
from jiafang.insight.coverage import campaign_coverage, district_overview, met_by_week, school_coverage
from jiafang.insight.models import DutyTally
from jiafang.insight.unseen import unseen, unseen_by_school
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db

NUMBERS = ("total", "met", "declined", "due", "overdue", "unassigned", "void")


def counted(duties: list[Duty]) -> dict[str, int]:
    """The numbers by the words of the glossary, one duty at a time."""
    initial = [duty for duty in duties if duty.parent_id is None]
    states = Counter(duty.state for duty in initial)
    due = [duty for duty in initial if duty.state == "due"]
    return {
        "total": len(initial) - states["void"],
        "met": states["met"],
        "declined": states["declined"],
        "due": len(due),
        "overdue": sum(1 for duty in due if duty.due < today()),
        "unassigned": sum(1 for duty in due if duty.group_id is None),
        "void": states["void"],
    }


def told(sums: object) -> dict[str, int]:
    return {name: getattr(sums, name) for name in NUMBERS}


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple]:
    """What may happen to duties: bulk changes of any kind, follow-ups, deletions."""
    index = st.integers(0, 5)
    return draw(
        st.lists(
            st.one_of(
                st.tuples(st.just("met"), st.sets(index), st.integers(0, 40)),
                st.tuples(
                    st.sampled_from(["due", "declined", "void", "unassigned", "follow_up", "delete"]), st.sets(index)
                ),
                st.tuples(st.just("due_on"), st.sets(index), st.integers(-20, 20)),
                st.tuples(st.just("move"), st.sets(index), st.integers(0, 1)),
            ),
            max_size=8,
        )
    )


def happen(what: tuple, pks: list[int], school: made.SmallSchool) -> None:
    rows = Duty.unscoped.filter(pk__in=[pks[i] for i in what[1]])
    clear = {"met_on": None, "void_reason": ""}
    if what[0] == "met":
        rows.update(state="met", void_reason="", met_on=today() - dt.timedelta(days=what[2]))
    elif what[0] in ("due", "declined"):
        rows.update(state=what[0], **clear)
    elif what[0] == "void":
        rows.update(state="void", met_on=None, void_reason="left")
    elif what[0] == "unassigned":
        rows.update(group=None)
    elif what[0] == "due_on":
        rows.update(due=today() + dt.timedelta(days=what[2]))
    elif what[0] == "move":
        rows.update(school_class=school.classes[what[2]])
    elif what[0] == "delete":
        rows.delete()
    else:
        for duty in rows:
            duty.pk, duty.parent_id, duty.state, duty.met_on, duty.void_reason = None, duty.pk, "due", None, ""
            duty.save(force_insert=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(what=happenings())
def test_sums_equal_counting_one_by_one(school, campaign, what):
    with transaction.atomic():
        pks = list(Duty.unscoped.filter(campaign=campaign).order_by("pk").values_list("pk", flat=True))
        for one in what:
            happen(one, pks, school)
        duties = list(Duty.unscoped.filter(campaign=campaign))
        coverage = campaign_coverage(school.by, campaign)
        assert told(coverage) == counted(duties)
        for part in coverage.by_class:
            assert told(part) == counted([duty for duty in duties if duty.school_class_id == part.class_id])
        assert sum(part.total for part in coverage.by_cohort) == coverage.total
        weeks = met_by_week(school.by, tier=Tier.TEACHER_FAMILY).get(school.school.pk, {})
        mondays = Counter(
            duty.met_on - dt.timedelta(days=duty.met_on.weekday())
            for duty in duties
            if duty.met_on and not duty.parent_id
        )
        assert {week: n for week, n in weeks.items() if n} == dict(mondays)
        transaction.set_rollback(True)


def test_nothing_is_left_of_the_sums_of_a_deleted_campaign(school):
    campaign = made.launched(school.by, school.school)
    Duty.unscoped.filter(campaign=campaign).delete()
    VisitGroup.unscoped.filter(campaign=campaign).delete()
    Campaign.unscoped.filter(pk=campaign.pk).delete()
    assert not DutyTally.unscoped.filter(campaign_id=campaign.pk).exists()


def test_the_bureau_counts_schools_reached_not_teachers():
    first, second = made.small_school(), made.small_school()
    cadre = make.bureau_post("cadre")
    for school in (first, second):
        make.PairingFactory(cadre=cadre, school=school.school)
    director = make.actor_of(make.bureau_post("director"), "director")
    campaign = made.launched(director, None, Tier.BUREAU_TEACHER)
    duty = Duty.unscoped.filter(campaign=campaign, school=first.school).first()
    write.record(make.actor_of(cadre, "cadre"), [duty], channel=Channel.AT_SCHOOL)
    coverage = campaign_coverage(director, campaign)
    assert coverage.counts_schools
    assert (coverage.total, coverage.met, coverage.due) == (2, 1, 1)
    by_name = {part.name: part for part in coverage.by_school}
    assert by_name[first.school.name].met == 1
    assert by_name[second.school.name].total > 1
    overview = {tier.tier: tier for tier in district_overview(director)}
    assert (overview[Tier.BUREAU_TEACHER].total, overview[Tier.BUREAU_TEACHER].met) == (2, 1)


def test_each_sees_only_the_sums_of_their_own(school):
    other = made.small_school()
    campaign = made.launched(school.by, school.school)
    made.launched(other.by, other.school)
    director = make.actor_of(make.bureau_post("director"), "director")
    cadre = make.bureau_post("cadre")
    make.PairingFactory(cadre=cadre, school=other.school)
    teacher = make.actor_of(school.homeroom[0], "teacher")
    guardian = make.actor_of(make.guardian_of(school.students[0][0]), "guardian")
    assert campaign_coverage(teacher, campaign).total == 3
    assert campaign_coverage(school.by, campaign).total == 6
    assert campaign_coverage(other.by, campaign).total == 0
    assert campaign_coverage(guardian, campaign).total == 0
    assert district_overview(director)[0].total == 12
    assert [row.name for row in district_overview(make.actor_of(cadre, "cadre"))[0].by_school] == [other.school.name]
    assert school_coverage(school.by, tier=Tier.TEACHER_FAMILY, school_id=other.school.pk).total == 0


def test_records_of_every_class_cover_the_school(school, campaign):
    for index in (0, 1):
        teacher = make.actor_of(school.homeroom[index], "teacher")
        write.record(teacher, [made.duty_of(campaign, child) for child in school.students[index]])
    coverage = campaign_coverage(school.by, campaign)
    assert (coverage.total, coverage.met, coverage.due, coverage.percent) == (6, 6, 0, 100)


def test_the_unseen_are_those_without_contact(school):
    campaign = made.launched(school.by, school.school)
    teacher = make.actor_of(school.homeroom[0], "teacher")
    recent, long_ago, never = school.students[0]
    write.record(teacher, [made.duty_of(campaign, recent)])
    write.record(teacher, [made.duty_of(campaign, long_ago)], started_at=write.an_hour_ago() - dt.timedelta(days=100))
    assert [row.student for row in unseen(teacher, 90)] == [never, long_ago]
    assert {row.student for row in unseen(teacher, 180)} == {never}
    assert unseen(school.by, 90).count() == 5
    assert not unseen(make.actor_of(make.guardian_of(never), "guardian"), 90).exists()
    director = make.actor_of(make.bureau_post("director"), "director")
    assert not unseen(director, 90).exists()
    assert [(row.total, row.unseen) for row in unseen_by_school(director, 90)] == [(6, 5)]
    assert unseen_by_school(teacher, 90) == []
