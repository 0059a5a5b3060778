"""When visitors cannot come and when families can be met."""

import datetime as dt

import pytest
from django.urls import reverse

from jiafang.campaigns.models import FamilyWindow, Shift, Unavailability
from jiafang.campaigns.services.availability import set_windows
from jiafang.campaigns.services.edit import set_shifts
from tests.factories import campaigns as running
from tests.factories import organization as make
from tests.queries import query_count

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def launched_school(**fields):
    school = running.small_school(**fields)
    return school, running.launched(school.by, school.school)


def shifts_of(campaign):
    return list(Shift.unscoped.filter(campaign=campaign))


def said(shift, degree="cannot"):
    return {f"shift_{shift.pk}": degree}


def test_a_teacher_marks_the_evenings_that_are_impossible_or_unwelcome_and_takes_them_back(client):
    school, campaign = launched_school()
    make.sign_in(client, school.homeroom[0], "teacher")
    url = reverse("campaign_availability", args=[campaign.pk])
    first, second, third = shifts_of(campaign)[:3]
    assert "我的时间" in text(client.get(url))
    client.post(url, {**said(first), **said(second), **said(third, "rather_not")})
    rows = Unavailability.unscoped.filter(visitor=school.homeroom[0]).values_list("shift_id", "degree")
    assert set(rows) == {(first.pk, "cannot"), (second.pk, "cannot"), (third.pk, "rather_not")}
    page = text(client.get(url))
    assert page.count('value="cannot" checked') == 2
    assert page.count('value="rather_not" checked') == 1
    client.post(url, {**said(second, "rather_not"), **said(third, "")})
    assert set(rows.all()) == {(second.pk, "rather_not")}


def test_a_teacher_neither_sees_nor_marks_the_evenings_of_others(client):
    school, campaign = launched_school()
    make.sign_in(client, school.homeroom[0], "teacher")
    url = reverse("campaign_availability", args=[campaign.pk])
    assert school.homeroom[1].name not in text(client.get(url))
    foreign = f"{url}?visitor={school.homeroom[1].pk}"
    assert client.get(foreign).status_code == 404
    assert client.post(foreign, said(shifts_of(campaign)[0])).status_code == 404
    assert not Unavailability.unscoped.exists()


def test_a_cohort_lead_sees_all_and_marks_for_a_teacher(client):
    school, campaign = launched_school()
    make.sign_in(client, make.cohort_lead(school.classes[0].cohort), "cohort_lead")
    url = reverse("campaign_availability", args=[campaign.pk])
    page = text(client.get(url))
    assert all(teacher.name in page for teacher in [*school.homeroom, *school.subject])
    client.post(f"{url}?visitor={school.subject[0].pk}", said(shifts_of(campaign)[0]))
    assert Unavailability.unscoped.get().visitor_id == school.subject[0].pk
    assert "来不了" in text(client.get(url))


def test_the_table_of_teachers_costs_the_same_for_one_class_and_for_three(client):
    counts = []
    for classes in (1, 3):
        school, campaign = launched_school(classes=classes)
        make.sign_in(client, school.principal)
        url = reverse("campaign_availability", args=[campaign.pk])
        client.get(url)
        counts.append(query_count(lambda: client.get(url)))  # noqa: B023
    assert counts[0] == counts[1]


def test_a_shift_of_another_campaign_is_ignored(client):
    school, campaign = launched_school()
    _other, foreign = launched_school()
    make.sign_in(client, school.homeroom[0], "teacher")
    url = reverse("campaign_availability", args=[campaign.pk])
    client.post(url, {**said(shifts_of(foreign)[0]), "shift_x": "cannot", **said(shifts_of(campaign)[0], "nonsense")})
    assert not Unavailability.unscoped.exists()


def test_the_evenings_of_another_school_are_missing(client):
    own, (_other, foreign) = running.small_school(), launched_school()
    for person, kind in [(own.principal, "principal"), (own.homeroom[0], "teacher")]:
        make.sign_in(client, person, kind)
        for name in ("campaign_availability", "campaign_families"):
            assert client.get(reverse(name, args=[foreign.pk])).status_code == 404


def test_families_are_listed_with_what_they_told_for_the_own_class_only(client):
    school, campaign = launched_school()
    child = school.students[0][0]
    FamilyWindow.unscoped.create(
        duty=running.duty_of(campaign, child),
        shift=shifts_of(campaign)[0],
        earliest=dt.time(18, 30),
        latest=dt.time(19, 0),
    )
    make.sign_in(client, school.homeroom[0], "teacher")
    url = reverse("campaign_families", args=[campaign.pk])
    page = text(client.get(url))
    assert "说了 1 个时段" in page
    assert page.count('family-row"') == 3
    assert school.students[1][0].name not in text(client.get(f"{url}?class={school.classes[1].pk}"))


def test_the_list_of_families_costs_the_same_for_one_and_for_three(client):
    counts = []
    for students in (1, 3):
        school, campaign = launched_school(classes=1, students=students)
        make.sign_in(client, school.principal)
        url = reverse("campaign_families", args=[campaign.pk])
        client.get(url)
        counts.append(query_count(lambda: client.get(url)))  # noqa: B023
    assert counts[0] == counts[1]


def window(shift, start="18:30", end="20:00"):
    return {f"on_{shift.pk}": "on", f"from_{shift.pk}": start, f"to_{shift.pk}": end}


def test_a_family_says_when_it_can_be_met_and_later_that_any_time_suits(client):
    school, campaign = launched_school()
    duty = running.duty_of(campaign, school.students[0][0])
    shift = shifts_of(campaign)[2]
    make.sign_in(client, school.homeroom[0], "teacher")
    url = reverse("duty_windows", args=[duty.pk])
    client.post(url, window(shift))
    told = FamilyWindow.unscoped.get(duty=duty)
    assert (told.shift_id, told.earliest, told.latest) == (shift.pk, dt.time(18, 30), dt.time(20))
    assert " checked" in text(client.get(url))
    client.post(url, {})
    assert not FamilyWindow.unscoped.exists()


def test_a_window_in_an_evening_that_was_called_off_is_shown_as_lost(client):
    school, campaign = launched_school()
    duty = running.duty_of(campaign, school.students[0][0])
    only = shifts_of(campaign)[0]
    set_windows(by=school.by, duty=duty, windows=[(only, dt.time(18, 30), dt.time(20))])
    set_shifts(by=school.by, campaign=campaign, shifts=running.evenings(3, first=4))
    make.sign_in(client, school.homeroom[0], "teacher")
    assert "说的时段已取消" in text(client.get(reverse("campaign_families", args=[campaign.pk])))
    url = reverse("duty_windows", args=[duty.pk])
    page = text(client.get(url))
    assert "说过的时段取消了" in page
    assert f'name="on_{only.pk}"' not in page
    client.post(url, {})
    assert "说过的时段取消了" not in text(client.get(url))


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("20:00", "19:00", "最晚不能早于最早"),
        ("17:00", "19:00", "要在这个时段之内"),
        ("", "19:00", "请填最早和最晚几点"),
        ("晚饭后", "19:00", "还没有保存"),
    ],
)
def test_a_window_that_makes_no_sense_is_told_and_nothing_is_kept(client, start, end, said):
    school, campaign = launched_school()
    duty = running.duty_of(campaign, school.students[0][0])
    make.sign_in(client, school.homeroom[0], "teacher")
    answer = client.post(reverse("duty_windows", args=[duty.pk]), window(shifts_of(campaign)[0], start, end))
    assert answer.status_code == 422
    assert said in text(answer)
    assert not FamilyWindow.unscoped.exists()


def test_the_times_of_a_family_of_another_class_are_missing(client):
    school, campaign = launched_school()
    duty = running.duty_of(campaign, school.students[1][0])
    make.sign_in(client, school.homeroom[0], "teacher")
    url = reverse("duty_windows", args=[duty.pk])
    assert client.get(url).status_code == 404
    assert client.post(url, window(shifts_of(campaign)[0])).status_code == 404
    assert not FamilyWindow.unscoped.exists()
