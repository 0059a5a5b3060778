"""A teacher adds a photo to a record in a real browser, fetches it and takes it away again."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from jiafang.visits.models import Attachment
from tests.attachments.recordings import webm
from tests.attachments.test_pages import hang
from tests.browser.conftest import AXE, chromium, open_page  # noqa: F401  # fixtures
from tests.uploads.files import image

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("JIAFANG_SHOTS", "")
RULES = "() => axe.run().then(found => found.violations.map(one => one.id + ' ' + one.nodes[0].html))"


@pytest.mark.parametrize("size", ["phone", pytest.param("desk", marks=pytest.mark.nightly)])
def test_a_photo_is_added_fetched_and_removed(scene, open_page, size, tmp_path):  # noqa: F811
    hang(scene, webm(), "voice")
    chosen = tmp_path / "合影.jpg"
    chosen.write_bytes(image(size=(300, 200)))
    page = open_page(scene.school.homeroom[0], reverse("visit", args=[scene.visit.pk]), size=size)
    page.set_input_files('input[name="photo"]', str(chosen))
    page.get_by_role("button", name="上传照片").click()
    page.get_by_text("照片和语音(2)").wait_for()
    photo = Attachment.unscoped.get(kind="photo")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/record-files-{size}.png", full_page=True)
    page.evaluate(Path(AXE).read_text())
    assert page.evaluate(RULES) == []
    with page.expect_download() as fetched:
        page.get_by_role("link", name="下载 照片 1").click()
    assert Path(fetched.value.path()).read_bytes() == bytes(photo.content)
    assert fetched.value.suggested_filename.endswith(".jpg")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="移除 照片 1").click()
    confirm = page.locator("dialog[open] button.btn-danger, dialog[open] button.btn-primary")
    page.get_by_text("已移除").or_(confirm.first).first.wait_for()
    if confirm.count():
        confirm.first.click()
        page.get_by_text("已移除").wait_for()
    assert not Attachment.unscoped.filter(kind="photo").exists()
