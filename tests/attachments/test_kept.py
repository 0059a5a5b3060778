"""How long files of a record stay, what goes with a person, what a family is told, and where video leads."""

import datetime as dt
import uuid

import pytest
from django.core.checks import run_checks
from django.urls import reverse
from django.utils import timezone

from jiafang.access import reading
from jiafang.access.actor import system
from jiafang.campaigns.meeting import meeting_url
from jiafang.campaigns.models import Appointment, Channel
from jiafang.common.clock import today
from jiafang.keys.models import DataKey
from jiafang.organization.services.erase_person import erase_person
from jiafang.retention.services.purge import purge
from jiafang.visits.models import Attachment
from jiafang.visits.selectors.own_data import own_data
from jiafang.visits.services.attach import attach
from jiafang.web.family.own_data import sections
from tests.attachments.recordings import webm
from tests.factories import organization as make
from tests.factories import visits as write
from tests.uploads.files import image

pytestmark = pytest.mark.django_db
PATTERN = "https://meet.example.cn/r/{appointment}"


def hang(scene, content=None, kind="photo"):
    return attach(
        by=scene.teacher,
        visit_id=scene.visit.pk,
        attachment_id=uuid.uuid4(),
        kind=kind,
        content=content or image(),
    )


def test_files_go_after_a_year_and_the_record_stays(scene):
    old, young = hang(scene), hang(scene, image(size=(90, 90)))
    for row, days in ((old, 366), (young, 364)):
        Attachment.unscoped.filter(pk=row.pk).update(added_at=timezone.now() - dt.timedelta(days=days))
    run = purge(by=system("retention"))
    found = next(result for result in run.results if result["rule"] == "attachments")
    assert (found["removed"], found["left"], found["left_due"]) == (1, 1, 0)
    assert [row.pk for row in Attachment.unscoped.all()] == [young.pk]
    scene.visit.refresh_from_db()


def test_with_an_erased_child_go_the_files_and_their_key(scene):
    hang(scene)
    erase_person(by=make.administrator(), person_id=scene.duty.person_id)
    assert not Attachment.unscoped.exists()
    key = DataKey.objects.get(purpose="visit", subject=str(scene.visit.pk))
    assert (key.state, bytes(key.wrapped)) == (DataKey.State.ERASED, b"")


def test_a_family_is_told_how_many_files_there_are_and_gets_none(scene, client):
    child = scene.duty.person
    mother, stranger = make.guardian_of(child), make.guardian_of(scene.school.students[1][0])
    photo = hang(scene)
    hang(scene, image(size=(90, 90)))
    hang(scene, webm(), "voice")
    by = make.actor_of(mother, "guardian")
    with reading(by):
        found = own_data(by, child.pk, today())
    assert found.attachments == {"photo": 2, "voice": 1}
    told = dict(next(lines for title, lines in sections(found) if title == "家访的照片和语音"))
    assert set(told) == {"照片", "语音"}
    assert told["照片"].startswith("2 个")
    other = make.actor_of(stranger, "guardian")
    with reading(other):
        assert own_data(other, scene.school.students[1][0].pk, today()).attachments == {}
    make.sign_in(client, mother, "guardian")
    assert client.get(reverse("family_file", args=[child.pk])).status_code == 200
    assert client.get(reverse("attachment", args=[photo.pk])).status_code == 404


@pytest.fixture
def call(scene):
    child = scene.school.students[0][1]
    return write.appointment(
        scene.campaign, [child], channel=Channel.VIDEO, day=today() + dt.timedelta(days=1), state="confirmed"
    )


def of_phone(by):
    return {"X-Jiafang-Person": str(by.person_id), "X-Jiafang-Capacity": by.capacity_key}


def test_both_sides_of_a_call_by_video_find_the_same_link(scene, call, client, settings):
    settings.MEETING_URL = PATTERN
    link = meeting_url(call.pk)
    assert link.startswith("https://meet.example.cn/r/")
    make.sign_in(client, scene.school.homeroom[0], "teacher")
    assert f'href="{link}"' in client.get(reverse("brief", args=[call.pk])).content.decode()
    assert link in client.get("/api/phone/bundle", headers=of_phone(scene.teacher)).json()["stops"][0].values()
    make.sign_in(client, make.guardian_of(scene.school.students[0][1]), "guardian")
    assert f'href="{link}"' in client.get(reverse("family_appointment", args=[call.pk])).content.decode()


def test_a_visit_at_home_and_a_call_that_is_over_have_no_link(scene, call, client, settings):
    settings.MEETING_URL = PATTERN
    make.sign_in(client, scene.school.homeroom[0], "teacher")
    for change in ({"channel": Channel.ONSITE}, {"channel": Channel.VIDEO, "state": "done"}):
        Appointment.unscoped.filter(pk=call.pk).update(**change)
        assert "meet.example.cn" not in client.get(reverse("brief", args=[call.pk])).content.decode()


def test_each_appointment_has_a_place_of_its_own_that_its_number_does_not_tell(settings):
    settings.MEETING_URL = PATTERN
    links = {meeting_url(number) for number in range(1, 50)}
    assert len(links) == 49
    assert all(len(link.rsplit("/", 1)[1]) == 20 for link in links)
    assert meeting_url(7) == meeting_url(7)


@pytest.mark.parametrize(
    "pattern",
    [
        "http://meet.example.cn/{appointment}",
        "javascript:alert({appointment})//",
        "https://meet.example.cn/room",
        "https://{appointment}.example.cn/",
        "https:///{appointment}",
        "https://meet.example.cn/ {appointment}",
        "https://[::1/{appointment}",
        "meet.example.cn/{appointment}",
    ],
)
def test_a_pattern_that_leads_nowhere_safe_is_not_used_and_is_told(settings, pattern):
    settings.MEETING_URL = pattern
    assert meeting_url(1) is None
    assert "campaigns.W001" in {message.id for message in run_checks()}


def test_without_a_pattern_there_is_no_link_and_nothing_to_tell(settings):
    settings.MEETING_URL = ""
    assert meeting_url(1) is None
    assert "campaigns.W001" not in {message.id for message in run_checks()}


@pytest.mark.parametrize(("wanted", "allowed"), [(True, "microphone=(self)"), (False, "microphone=()")])
def test_only_the_phone_app_may_ask_for_the_microphone_and_only_if_wanted(client, settings, wanted, allowed):
    settings.VOICE_NOTES = wanted
    assert allowed in client.get("/phone/")["Permissions-Policy"]
    assert "microphone=()" in client.get("/today/")["Permissions-Policy"]
    assert "camera=()" in client.get("/phone/")["Permissions-Policy"]
