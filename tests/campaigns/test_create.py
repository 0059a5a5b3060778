"""A draft begins with rules and shifts that suit the tier and the stage of the school."""

import datetime as dt

import pytest

from jiafang.campaigns.defaults import default_rules, default_shifts
from jiafang.campaigns.models import Campaign, Shift, Tier
from jiafang.campaigns.rules import Rules
from jiafang.campaigns.services.create import create_campaign
from jiafang.campaigns.services.edit import edit_campaign, set_shifts
from jiafang.campaigns.services.focus import set_focus
from jiafang.common.clock import today
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.organization.models import CalendarDay
from tests.factories import campaigns as run
from tests.factories import organization as make

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 10, 12)
SUNDAY = MONDAY + dt.timedelta(6)


def hours(school, tier=Tier.TEACHER_FAMILY) -> dict[str, list[str]]:
    """Start times by weekday of one week."""
    found: dict[str, list[str]] = {}
    for draft in default_shifts(tier=tier, school=school, start=MONDAY, end=SUNDAY):
        found.setdefault(f"{draft.date:%a}", []).append(f"{draft.start:%H:%M}")
    return found


def test_most_schools_visit_in_the_evening_and_at_weekends():
    found = hours(make.SchoolFactory(stages=["primary"]))
    assert found["Mon"] == ["18:30"]
    assert found["Sat"] == ["09:00", "14:30"]


def test_kindergartens_visit_after_pick_up():
    assert hours(make.SchoolFactory(stages=["kindergarten"]))["Wed"] == ["16:30"]


def test_boarders_are_called_after_evening_study_and_visited_at_weekends():
    senior = hours(make.SchoolFactory(stages=["senior"]))
    assert (senior["Tue"], senior["Sun"]) == (["20:30"], ["09:00", "14:30"])
    junior = run.small_school(classes=1, students=1)
    for _ in range(2):
        make.student(junior.classes[0], boarding=True)
    assert hours(junior.school)["Tue"] == ["20:30"]


def test_talks_with_teachers_are_at_school_and_the_bureau_keeps_office_hours():
    weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri"]
    assert hours(make.SchoolFactory(), Tier.PRINCIPAL_TEACHER) == {day: ["15:30"] for day in weekdays}
    assert hours(None, Tier.BUREAU_PRINCIPAL)["Mon"] == ["08:30", "14:30"]


def test_holidays_and_moved_working_days_are_respected():
    primary, senior = make.SchoolFactory(stages=["primary"]), make.SchoolFactory(stages=["senior"])
    make.CalendarDayFactory(date=MONDAY, kind=CalendarDay.Kind.HOLIDAY)
    make.CalendarDayFactory(date=SUNDAY, kind=CalendarDay.Kind.WORKDAY)
    make.CalendarDayFactory(date=MONDAY + dt.timedelta(4), kind=CalendarDay.Kind.RETURN_DAY, school=senior)
    assert "Mon" not in hours(primary)
    assert hours(primary)["Sun"] == ["18:30"]
    assert hours(senior)["Mon"] == ["09:00", "14:30"]
    assert hours(senior)["Fri"] == ["09:00", "14:30"]
    assert hours(primary)["Fri"] == ["18:30"]


@pytest.mark.parametrize("tier", Tier.values)
def test_the_default_rules_of_every_tier_are_sound(tier):
    rules = default_rules(tier=tier, school=None)
    rules.check()
    assert Rules.from_json(rules.to_json()) == rules


def test_a_draft_keeps_its_basis_and_begins_with_defaults():
    place = run.small_school(classes=1, students=1)
    campaign = create_campaign(
        by=place.by,
        tier=Tier.TEACHER_FAMILY,
        school=place.school,
        title=" 秋季大家访 ",
        start=MONDAY,
        end=SUNDAY,
        basis_number="云教〔2026〕8号",
        basis_file=b"%PDF-1.7 ...",
        party_building=True,
    )
    campaign.refresh_from_db()
    assert (campaign.title, campaign.state) == ("秋季大家访", Campaign.State.DRAFT)
    assert campaign.typed_rules == default_rules(tier=Tier.TEACHER_FAMILY, school=place.school)
    assert campaign.shifts.count() == 9
    assert campaign.created_by == place.principal


def test_what_makes_no_sense_is_refused_with_its_place():
    place = run.small_school(classes=1, students=1)
    faults = {
        "end": {"end": MONDAY - dt.timedelta(1)},
        "title": {"title": " "},
        "basis_file": {"basis_file": b"MZ program"},
        "tier": {"tier": "family_teacher"},
        "school": {"tier": Tier.BUREAU_PRINCIPAL},
        "speed_kmh": {"rules": Rules(speed_kmh=0)},
        "shifts": {"shifts": [*run.evenings(1), *run.evenings(1)], "start": today(), "end": today() + dt.timedelta(9)},
    }
    for where, wrong in faults.items():
        fields = {"tier": Tier.TEACHER_FAMILY, "title": "大家访", "start": MONDAY, "end": SUNDAY} | wrong
        with pytest.raises(InputFault) as fault:
            create_campaign(by=place.by, school=place.school, **fields)
        assert fault.value.place == where
    assert not Campaign.unscoped.exists()


def test_principals_create_for_their_own_school_only_and_teachers_not_at_all():
    place, other = run.small_school(classes=1, students=1), run.small_school(classes=1, students=1)
    teacher = make.actor_of(place.homeroom[0], "teacher")
    for by, school in ((place.by, other.school), (place.by, None), (teacher, place.school)):
        with pytest.raises(NotAllowed):
            run.campaign(by, school)


def test_a_cohort_lead_writes_the_focus_of_the_own_cohort_only():
    place = run.small_school(classes=1, students=1)
    campaign = run.campaign(place.by, place.school)
    own, other = place.classes[0].cohort, make.GradeCohortFactory(school=place.school, entry_year=2020)
    lead = make.actor_of(make.cohort_lead(own), "cohort_lead")
    assert set_focus(by=lead, campaign=campaign, cohort=own, topics="防溺水").topics == "防溺水"
    with pytest.raises(NotAllowed):
        set_focus(by=lead, campaign=campaign, cohort=other, topics="防溺水")
    with pytest.raises(InputFault):
        set_focus(by=lead, campaign=campaign, cohort=own, topics="防溺水", due=campaign.end + dt.timedelta(1))


def test_a_school_may_not_end_later_than_the_bureau_asks_for():
    place = run.small_school(classes=1, students=1)
    director = make.actor_of(make.bureau_post("director"), "director")
    child = run.launched(director, None).children.get()
    edit_campaign(by=place.by, campaign=child, end=child.end - dt.timedelta(1))
    assert not Shift.unscoped.filter(campaign=child, date__gt=child.end - dt.timedelta(1)).exists()
    with pytest.raises(InputFault, match="教育局"):
        edit_campaign(by=place.by, campaign=child, end=child.end + dt.timedelta(1))


def test_an_evening_that_has_begun_goes_from_a_campaign_that_has_not():
    place = run.small_school(classes=1, students=1)
    campaign = run.campaign(place.by, place.school)
    begun = campaign.shifts.first()
    Shift.unscoped.filter(pk=begun.pk).update(date=today() - dt.timedelta(1))
    set_shifts(by=place.by, campaign=campaign, shifts=run.evenings()[1:])
    assert not campaign.shifts.filter(date__lt=today()).exists()
