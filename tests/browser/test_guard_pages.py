"""The pages of the guards in a browser: a file behind the password, the child's data, corrections, retention."""

import os
from pathlib import Path

import pytest

from jiafang.access import system
from jiafang.organization.services.corrections import ask_correction
from jiafang.retention.services.purge import purge
from tests.browser.conftest import OpenPage
from tests.factories import campaigns as running
from tests.factories import organization as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("JIAFANG_SHOTS")


def keep(page, name):
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_file_asks_for_the_password_and_then_comes(open_page: OpenPage) -> None:
    school = running.small_school(classes=1, students=2)
    campaign = running.launched(school.by, school.school)
    running.planned_at_once(campaign)
    page = open_page(school.principal, f"/campaigns/{campaign.pk}/timetable/", kind="principal")
    page.get_by_role("link", name="Excel").click()
    page.wait_for_url("**/confirm/**")
    keep(page, "confirm-desk")
    page.locator("input[type=password]").fill("jiafang-demo-8")
    with page.expect_download() as waiting:
        page.locator("main button.btn-primary").click()
    assert waiting.value.suggested_filename.endswith(".xlsx")
    assert "/timetable/" in page.url
    keep(page, "after-download-desk")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_pages_of_corrections_and_retention(open_page: OpenPage, axe_faults, size: str) -> None:
    school = running.small_school(classes=1, students=2)
    child = school.students[0][0]
    mother = make.guardian_of(child)
    by = make.actor_of(mother, "guardian")
    for about in ("phone", "address"):
        ask_correction(by=by, student_id=child.pk, about=about, wrong="石岭村 3 号", right="石岭村 13 号")
    purge(by=system("retention"))
    admin = make.bureau_post("administrator")
    for person, kind, path in (
        (mother, "guardian", "/children/"),
        (school.principal, "principal", "/corrections/"),
        (school.homeroom[0], "teacher", "/corrections/"),
        (admin, "administrator", "/retention/"),
    ):
        page = open_page(person, path, kind=kind, size=size)
        keep(page, f"{kind}{path.replace('/', '-')}{size}")
        assert axe_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
