"""What hangs on a record is listed on its page, fetched as a download, added and removed by who wrote it."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jiafang.access import reading
from jiafang.accounts.audit import Reading
from jiafang.accounts.models import AuditEntry
from jiafang.common.clock import today
from jiafang.visits.models import Attachment
from jiafang.visits.selectors.attachments import counts_about
from jiafang.visits.services.attach import attach
from tests.attachments.recordings import webm
from tests.factories import organization as make
from tests.queries import query_count
from tests.uploads.files import image
from tests.uploads.hostile import CANARY, MAKERS, hostile
from tests.uploads.test_uploads import no_position

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(scene, client):
    make.sign_in(client, scene.school.homeroom[0], "teacher")
    return client


@pytest.fixture
def photo(scene):
    return hang(scene)


def hang(scene, content=None, kind="photo"):
    return attach(
        by=scene.teacher,
        visit_id=scene.visit.pk,
        attachment_id=uuid.uuid4(),
        kind=kind,
        content=image() if content is None else content,
    )


def page_of(client, scene):
    return client.get(reverse("visit", args=[scene.visit.pk])).content.decode()


def upload(client, scene, content, *, name="照片.jpg", pk=""):
    file = SimpleUploadedFile("x", content, content_type="image/jpeg")
    file._name = name
    return client.post(reverse("attachment_add", args=[scene.visit.pk]), {"id": pk, "photo": file}, follow=True)


def test_the_record_lists_its_files_with_their_number(scene, writer, photo):
    hang(scene, webm(), "voice")
    page = page_of(writer, scene)
    assert "照片和语音(2)" in page
    assert reverse("attachment", args=[photo.pk]) in page
    assert page.index("照片 1") < page.index("语音</b>")


def test_a_file_is_a_download_and_its_opening_names_the_child(scene, writer, photo):
    answer = writer.get(reverse("attachment", args=[photo.pk]))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.content == bytes(Attachment.unscoped.get(pk=photo.pk).content)
    entry = AuditEntry.objects.get(action=Reading.ATTACHMENT)
    assert (entry.object_id, entry.subjects) == (str(photo.pk), [scene.duty.person_id])


def test_the_count_of_photos_is_told_to_the_family_and_to_no_guardian_that_was(scene, photo):
    child, mother = scene.duty.person, make.PersonFactory()
    held = make.GuardianshipFactory(student=child, guardian=mother, is_primary=False)
    make.GuardianshipFactory(student=make.student(scene.school.classes[1]), guardian=mother)
    by = make.actor_of(mother, "guardian")
    with reading(by):
        assert counts_about(child.pk) == {"photo": 1}
    held.revoked_on = today()
    held.save()
    with reading(by):
        assert counts_about(child.pk) == {}


def test_whoever_may_not_read_the_record_finds_no_file(scene, client, photo):
    child = scene.duty.person
    for person, kind in (
        (scene.school.homeroom[1], "teacher"),
        (make.guardian_of(child), "guardian"),
        (make.bureau_post("administrator"), "administrator"),
    ):
        make.sign_in(client, person, kind)
        assert client.get(reverse("attachment", args=[photo.pk])).status_code == 404
        assert client.post(reverse("attachment_remove", args=[photo.pk])).status_code == 404
        assert upload(client, scene, image()).status_code == 404
    assert Attachment.unscoped.count() == 1


def test_the_principal_may_read_but_not_remove_or_add(scene, client, photo):
    make.sign_in(client, scene.school.principal, "principal")
    page = page_of(client, scene)
    assert reverse("attachment", args=[photo.pk]) in page
    assert reverse("attachment_remove", args=[photo.pk]) not in page
    assert reverse("attachment_add", args=[scene.visit.pk]) not in page
    assert client.get(reverse("attachment", args=[photo.pk])).status_code == 200
    assert client.post(reverse("attachment_remove", args=[photo.pk])).status_code == 404


def test_the_writer_adds_a_photo_once_however_often_it_is_sent(scene, writer):
    page = page_of(writer, scene)
    chosen = page.split('name="id" value="')[1].split('"')[0]
    for _time in range(2):
        assert "照片已上传" in upload(writer, scene, image(), pk=chosen).content.decode()
    assert str(Attachment.unscoped.get().pk) == chosen


def test_the_writer_removes_a_photo(scene, writer, photo):
    answer = writer.post(reverse("attachment_remove", args=[photo.pk]), follow=True)
    assert "已移除" in answer.content.decode()
    assert not Attachment.unscoped.exists()
    assert writer.get(reverse("attachment", args=[photo.pk])).status_code == 404


def test_nothing_is_offered_where_photos_are_off_and_what_is_there_stays(scene, writer, photo, settings):
    settings.VISIT_PHOTOS = False
    page = page_of(writer, scene)
    assert reverse("attachment_add", args=[scene.visit.pk]) not in page
    assert reverse("attachment", args=[photo.pk]) in page
    assert "没有启用" in upload(writer, scene, image()).content.decode()


def test_no_file_chosen_is_said(scene, writer):
    answer = writer.post(reverse("attachment_add", args=[scene.visit.pk]), {"id": "nothing"}, follow=True)
    assert "请先选一张照片" in answer.content.decode()


def test_hostile_uploads_are_refused_or_made_harmless(scene, writer):
    """One of each kind, as a photo."""
    taken = 0
    for number in range(len(MAKERS)):
        case = hostile(number)
        answer = upload(writer, scene, case.content, name=case.name)
        assert answer.status_code in (200, 400), case.what
        assert CANARY not in answer.content
        row = Attachment.unscoped.first()
        if row is not None:
            taken += 1
            served = writer.get(reverse("attachment", args=[row.pk]))
            assert served["Content-Type"] == "image/jpeg", case.what
            assert CANARY not in served.content, case.what
            assert no_position(served.content), case.what
            row.delete()
    assert 5 <= taken < len(MAKERS) / 2


def test_the_page_of_a_record_costs_the_same_with_one_file_and_with_three(scene, writer, photo):
    page_of(writer, scene)  # the first request of a session looks it up
    one = query_count(lambda: page_of(writer, scene))
    hang(scene, image(size=(90, 90)))
    hang(scene, webm(), "voice")
    assert query_count(lambda: page_of(writer, scene)) == one
