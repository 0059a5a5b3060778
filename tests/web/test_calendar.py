"""The .ics feed: an address of one's own, and nothing private in it."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from jiafang.campaigns.models import Shift
from jiafang.campaigns.services.reconcile import reconcile
from jiafang.common.clock import today
from jiafang.organization.models import Post
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = pytest.mark.django_db


def _subscribe(client) -> str:
    make.confirm(client)
    return client.post(reverse("calendar_subscribe")).context["address"]


def _events(address: str) -> list:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_visitor_subscribes_and_finds_the_visit_without_names_numbers_or_addresses(client, school, campaign):
    child = make.student(school.classes[0], name="林若水", initials="lrs", tags=("left_behind",))
    reconcile(campaign)
    mother = make.guardian_of(child)
    appointment = write.appointment(campaign, [child], place="石岭村 12 号")
    make.sign_in(client, school.homeroom[0])
    address = _subscribe(client)
    (event,) = _events(address)
    home = child.households.get().household
    assert "L.R.S." in event["SUMMARY"]
    assert str(event["LOCATION"]) == f"{home.village.township}{home.village.name}"
    assert event.decoded("DTSTART") == appointment.starts_at
    raw = Client().get(address).content.decode()
    for private in ("林若水", mother.phone, mother.name, "12 号", home.address, "留守"):
        assert private not in raw


def test_a_family_gets_the_window(client, school, campaign):
    child = school.students[0][0]
    mother = make.guardian_of(child)
    appointment = write.appointment(
        campaign, [child], day=today() + dt.timedelta(days=1), hour=dt.time(9, 40), kind=Shift.Kind.MORNING
    )
    make.sign_in(client, mother)
    (event,) = _events(_subscribe(client))
    assert event.decoded("DTSTART") < appointment.starts_at < event.decoded("DTEND")
    assert child.name not in str(event["SUMMARY"])


def test_a_teacher_who_is_a_mother_finds_both_in_one_calendar(client, school, campaign):
    own, pupil = school.students[0][0], school.students[1][0]
    write.appointment(campaign, [own])
    teacher = made.duty_of(campaign, pupil).group.lead
    write.appointment(campaign, [pupil], day=today() + dt.timedelta(days=9))
    make.guardian_of(own, teacher)
    make.sign_in(client, teacher, "teacher")
    assert len({str(event["UID"]).split("-")[0] for event in _events(_subscribe(client))}) == 2


def test_a_new_address_ends_the_old_one_and_revoking_ends_both(client, school, campaign):
    write.appointment(campaign, [school.students[0][0]])
    make.sign_in(client, school.homeroom[0])
    old = _subscribe(client)
    new = _subscribe(client)
    assert Client().get(old).status_code == 404
    assert len(_events(new)) == 1
    client.post(reverse("calendar_subscribe"), {"revoke": "1"})
    assert Client().get(new).status_code == 404
    assert new.rsplit("/", 1)[1] not in client.get(reverse("calendar_subscribe")).content.decode()


def test_the_address_is_not_kept_in_the_database(client, school):
    teacher = school.homeroom[0]
    make.sign_in(client, teacher)
    token = _subscribe(client).rsplit("/", 1)[1].removesuffix(".ics")
    teacher.user.refresh_from_db()
    assert teacher.user.calendar_token
    assert token not in teacher.user.calendar_token


@pytest.mark.parametrize("token", ["x", "0" * 64, "None"])
def test_a_wrong_address_is_missing(token):
    assert Client().get(reverse("calendar_feed", args=[token])).status_code == 404


def test_whoever_leaves_has_no_feed_any_more(client, school, campaign):
    write.appointment(campaign, [school.students[0][0]])
    teacher = school.homeroom[0]
    make.sign_in(client, teacher)
    address = _subscribe(client)
    assert len(_events(address)) == 1
    Post.unscoped.filter(person=teacher).update(end=today())
    assert Client().get(address).status_code == 404


def test_a_closed_account_has_no_feed_any_more(client, school):
    make.sign_in(client, school.homeroom[0])
    address = _subscribe(client)
    user = school.homeroom[0].user
    user.is_active = False
    user.save()
    assert Client().get(address).status_code == 404
