"""The roster import in a real browser: drop a file, answer, decide, confirm; on a phone and at a desk."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from jiafang.organization.models import Person, RosterImport
from jiafang.organization.roster.schema import Kind
from jiafang.organization.services.roster import import_files
from tests.browser.conftest import OpenPage
from tests.factories import organization as make
from tests.jobs import run_jobs
from tests.organization.roster.real_shapes import staff_list
from tests.organization.roster.workbooks import OTHER_SCHOOL, ours, registry, small_school, workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = ("phone", "desk")
SHOTS = os.environ.get("JIAFANG_SHOTS", "")
AxeFaults = Callable[[Page], list[str]]


def looked_at(page: Page, axe_faults: AxeFaults, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    assert axe_faults(page) == [], name


def write(folder: Path, source) -> str:
    path = folder / source.name
    path.write_bytes(source.content)
    return str(path)


@pytest.mark.parametrize("size", SIZES)
def test_a_roster_is_dropped_previewed_and_committed(
    open_page: OpenPage, axe_faults: AxeFaults, tmp_path: Path, size: str
) -> None:
    administrator = make.bureau_post("administrator")
    page = open_page(administrator, reverse("roster_list"), size=size)
    looked_at(page, axe_faults, f"roster-empty-{size}")
    page.goto(reverse("roster_upload"))
    page.set_input_files("input[type=file]", write(tmp_path, ours(small_school())))
    looked_at(page, axe_faults, f"roster-upload-{size}")
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    looked_at(page, axe_faults, f"roster-running-{size}")
    run_jobs()
    page.get_by_role("button", name="确认导入").wait_for()
    looked_at(page, axe_faults, f"roster-preview-{size}")
    page.get_by_label("同一位家长的合成一户").check()
    page.get_by_role("button", name="按上面的选择重新预览").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    run_jobs()
    page.get_by_role("button", name="确认导入").click()
    page.locator("#confirm-dialog [data-confirm-yes]").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    run_jobs()
    expect(page.get_by_role("heading", name="已导入")).to_be_visible()
    looked_at(page, axe_faults, f"roster-committed-{size}")
    assert Person.unscoped.filter(name="陈一帆").exists()


@pytest.mark.parametrize("size", SIZES)
def test_faults_doubts_and_leavers_are_shown(
    open_page: OpenPage, axe_faults: AxeFaults, tmp_path: Path, size: str
) -> None:
    administrator = make.bureau_post("administrator")
    by = make.actor_of(administrator, "administrator")
    before = small_school()
    before[Kind.STUDENTS] = [
        *before[Kind.STUDENTS],
        {**before[Kind.STUDENTS][0], "name": "叶雨桐", "registry_number": "", "class_name": "2班"},
    ]
    import_files(by=by, files=[ours(before)], school_year=2026)
    tables = small_school()
    first, second, third = tables[Kind.STUDENTS]
    tables[Kind.STUDENTS] = [
        {**first, "school": OTHER_SCHOOL},
        {**second, "sex": "男", "id_number": 350203201209150000},
        {
            **third,
            "registry_number": registry(serial=77),
            "name": "叶雨桐",
            "school": OTHER_SCHOOL,
            "class_name": "1班",
        },
        {**third, "registry_number": "G1234", "class_name": "9班", "birth_date": "龙年"},
    ]
    tables[Kind.GUARDIANS] = [{**tables[Kind.GUARDIANS][0], "phone": "0592-123"}]
    page = open_page(administrator, reverse("roster_upload"), size=size)
    page.set_input_files("input[type=file]", write(tmp_path, ours(tables)))
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    run_jobs()
    expect(page.get_by_role("heading", name="名册预览")).to_be_visible()
    looked_at(page, axe_faults, f"roster-faults-{size}")
    row = RosterImport.unscoped.latest("pk")
    page.goto(reverse("roster_faults", args=[row.pk]))
    looked_at(page, axe_faults, f"roster-all-faults-{size}")
    page.goto(reverse("roster_changes", args=[row.pk, "students", "moved"]))
    looked_at(page, axe_faults, f"roster-changes-{size}")
    page.goto(reverse("roster_list"))
    looked_at(page, axe_faults, f"roster-list-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_what_cannot_be_recognized_is_asked(
    open_page: OpenPage, axe_faults: AxeFaults, tmp_path: Path, size: str
) -> None:
    make.SchoolFactory(name="石岭中学")
    make.SchoolFactory(name="双桥中学")
    unknown = workbook({"Sheet1": [["编码", "人名", "特点"], ["T1", "林知秋", "话多"]]}, "人员.xlsx")
    page = open_page(make.bureau_post("administrator"), reverse("roster_upload"), size=size)
    page.set_input_files("input[type=file]", [write(tmp_path, unknown), write(tmp_path, staff_list())])
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    run_jobs()
    expect(page.get_by_role("heading", name="确认列名")).to_be_visible()
    looked_at(page, axe_faults, f"roster-columns-{size}")
