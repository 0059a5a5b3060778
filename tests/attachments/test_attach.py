"""Photos and voice notes of a record: taken if wanted, looked through, sealed, few, and never by a stranger."""

import io
import random
import uuid

import pytest
from django.db import connection
from PIL import Image

from jiafang.access import actor_transaction
from jiafang.accounts.models import AuditEntry
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.visits.models import Attachment
from jiafang.visits.services.attach import attach, attach_in, remove_attachment
from tests.attachments.recordings import webm
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write
from tests.uploads.files import image
from tests.uploads.hostile import CANARY, jpeg_with_position

pytestmark = pytest.mark.django_db


def hang(scene, content=None, *, kind="photo", by=None, pk=None, visit=None):
    return attach(
        by=by or scene.teacher,
        visit_id=visit or scene.visit.pk,
        attachment_id=pk or uuid.uuid4(),
        kind=kind,
        content=image() if content is None else content,
    )


def numbered(number):
    return image(size=(100 + number, 80))


def test_a_photo_is_written_anew_without_its_position_and_sealed(scene):
    content, _taken = jpeg_with_position(random.Random(1))
    row = Attachment.unscoped.get(pk=hang(scene, content).pk)
    with Image.open(io.BytesIO(row.content)) as picture:
        assert picture.format == "JPEG"
        assert not picture.getexif()
    assert (row.size, row.content_type) == (len(row.content), "image/jpeg")
    assert CANARY in content
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM visits_attachment")
        stored = bytes(cursor.fetchone()[0])
    assert CANARY not in stored
    assert row.content not in stored


def test_a_voice_note_is_taken(scene):
    row = hang(scene, webm(), kind="voice")
    assert (row.kind, row.content_type) == ("voice", "audio/webm")


def test_the_same_file_again_changes_nothing(scene):
    pk = uuid.uuid4()
    hang(scene, pk=pk)
    hang(scene, pk=pk)
    assert Attachment.unscoped.count() == 1
    assert AuditEntry.objects.filter(action="visit.attach").count() == 1


def test_the_same_file_again_is_known_after_the_bureau_has_changed_its_mind(scene, settings):
    pk = uuid.uuid4()
    hang(scene, pk=pk)
    settings.VISIT_PHOTOS = False
    assert hang(scene, pk=pk).pk == pk
    with pytest.raises(InputFault):
        hang(scene)


@pytest.mark.parametrize(("kind", "setting"), [("photo", "VISIT_PHOTOS"), ("voice", "VOICE_NOTES")])
def test_nothing_is_taken_where_the_bureau_has_not_switched_it_on(scene, settings, kind, setting):
    setattr(settings, setting, False)
    with pytest.raises(InputFault) as refused:
        hang(scene, webm() if kind == "voice" else None, kind=kind)
    assert refused.value.place == "file"
    assert not Attachment.unscoped.exists()


def test_a_kind_that_does_not_exist_is_refused(scene):
    with pytest.raises(InputFault):
        hang(scene, kind="video")


def test_another_file_under_a_known_id_is_refused(scene):
    pk = uuid.uuid4()
    hang(scene, pk=pk)
    with pytest.raises(InputFault):
        hang(scene, numbered(1), pk=pk)


def test_a_tenth_photo_and_a_second_voice_note_are_refused(scene):
    for number in range(9):
        hang(scene, numbered(number))
    hang(scene, webm(), kind="voice")
    with pytest.raises(InputFault):
        hang(scene, numbered(10))
    with pytest.raises(InputFault):
        hang(scene, webm(packets=4), kind="voice")
    assert Attachment.unscoped.count() == 10


def test_a_picture_is_no_voice_note_and_a_voice_note_no_picture(scene):
    for content, kind in ((image(), "voice"), (webm(), "photo")):
        with pytest.raises(InputFault) as refused:
            hang(scene, content, kind=kind)
        assert refused.value.place == "file"


def test_only_who_wrote_or_visited_may_add(scene):
    principal = make.actor_of(scene.school.principal, "principal")
    for other in (scene.colleague, principal):
        with pytest.raises(NotAllowed):
            hang(scene, by=other)
    with pytest.raises(NotAllowed):
        hang(scene, visit=uuid.uuid4())
    assert not Attachment.unscoped.exists()


def test_an_id_of_a_file_elsewhere_is_refused_without_telling(scene):
    theirs = write.record(scene.colleague, [made.duty_of(scene.campaign, scene.school.students[1][0])])
    pk = hang(scene, by=scene.colleague, visit=theirs.pk).pk
    with pytest.raises(NotAllowed):
        hang(scene, pk=pk)


def test_the_file_goes_with_the_transaction_around_it(scene):
    class CutError(Exception):
        pass

    def attach_and_fall():
        with actor_transaction(scene.teacher):
            attach_in(
                by=scene.teacher, visit_id=scene.visit.pk, attachment_id=uuid.uuid4(), kind="photo", content=image()
            )
            raise CutError

    with pytest.raises(CutError):
        attach_and_fall()
    assert not Attachment.unscoped.exists()


def test_who_wrote_the_record_may_remove_a_photo_and_it_is_remembered(scene):
    row = hang(scene)
    with pytest.raises(NotAllowed):
        remove_attachment(by=make.actor_of(scene.school.principal, "principal"), attachment=row)
    remove_attachment(by=scene.teacher, attachment=row)
    assert not Attachment.unscoped.exists()
    entry = AuditEntry.objects.get(action="visit.attachment_removed")
    assert (entry.object_id, entry.subjects) == (str(row.pk), [scene.duty.person_id])
