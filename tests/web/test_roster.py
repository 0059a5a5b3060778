"""The roster pages: upload, answer what is asked, look at the preview, confirm, see it in the history."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from jiafang.common.clock import today
from jiafang.organization.models import Enrollment, Guardianship, Person, RosterFile, RosterImport
from jiafang.organization.roster.schema import Kind
from jiafang.organization.services.roster import import_files
from tests.factories import organization as make
from tests.jobs import run_jobs
from tests.organization.roster.workbooks import SCHOOL, ours, small_school, workbook
from tests.queries import query_count

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator(client):
    return make.sign_in(client, make.bureau_post("administrator"), "administrator")


def text(response):
    return response.content.decode()


def upload(client, source, **data):
    files = SimpleUploadedFile(source.name, source.content)
    posted = {"kind": "update", "school_year": "2026", "files": files} | data
    response = client.post(reverse("roster_upload"), posted)
    assert response.status_code == 302, text(response)
    run_jobs()
    return RosterImport.unscoped.latest("pk")


def page_of(client, row):
    return text(client.get(reverse("roster_import", args=[row.pk]), follow=True))


def test_from_upload_to_committed_and_the_files_are_gone(client, administrator):
    row = upload(client, ours(small_school()))
    page = page_of(client, row)
    assert "确认导入" in page
    assert "像是兄弟姐妹的有 1 组" in page
    assert not Person.unscoped.filter(name="陈一帆").exists()
    client.post(reverse("roster_choose", args=[row.pk]), {"siblings": "guardian"})
    run_jobs()
    client.post(reverse("roster_confirm", args=[row.pk]))
    run_jobs()
    row.refresh_from_db()
    assert row.state == RosterImport.State.COMMITTED
    assert Enrollment.unscoped.filter(student__name="陈一帆", end=None).exists()
    assert not RosterFile.unscoped.exists()
    assert "已导入" in page_of(client, row)
    assert "已导入" in text(client.get(reverse("roster_list")))


def test_a_running_check_shows_its_progress_and_the_page_reloads_when_it_is_over(client, administrator):
    source = ours(small_school())
    files = SimpleUploadedFile(source.name, source.content)
    client.post(reverse("roster_upload"), {"kind": "update", "school_year": "2026", "files": files})
    row = RosterImport.unscoped.get()
    assert "正在检查名册" in page_of(client, row)
    assert "HX-Refresh" not in client.get(reverse("roster_progress", args=[row.pk]))
    run_jobs()
    assert client.get(reverse("roster_progress", args=[row.pk]))["HX-Refresh"] == "true"


def test_what_cannot_be_recognized_is_asked_once_and_remembered(client, administrator):
    rows = [["编码", "人名", "备注栏"], ["T1", "林知秋", "x"], ["T2", "陈致远", "y"]]
    make.SchoolFactory(code=SCHOOL, name="云溪中学")
    row = upload(client, workbook({"Sheet1": rows}))
    assert row.state == RosterImport.State.MAPPING
    page = page_of(client, row)
    assert "这张表是" in page
    client.post(reverse("roster_columns", args=[row.pk]), {"kind-0": "staff"})
    run_jobs()
    page = page_of(client, row)
    assert "哪一列是“姓名”" in page
    client.post(reverse("roster_columns", args=[row.pk]), {"need-0-name": "人名", "column-0-0": "number"})
    run_jobs()
    row.refresh_from_db()
    assert row.state == RosterImport.State.PREVIEWED
    assert row.preview["report"]["counts"]["staff.new"] == 2
    again = upload(client, workbook({"Sheet1": rows}))
    assert again.state == RosterImport.State.PREVIEWED


def test_every_fault_is_told_by_sheet_row_and_column_and_stops_the_import(client, administrator):
    tables = small_school()
    tables[Kind.STUDENTS] = [{**tables[Kind.STUDENTS][0], "registry_number": "G123"}, *tables[Kind.STUDENTS][1:]]
    row = upload(client, ours(tables))
    page = page_of(client, row)
    assert "有 1 处错误" in page or "处错误,要先处理" in page
    assert "学籍号“G123”格式不对" in page
    assert "第 2 行" in page
    assert "E 列(学籍号)" in page
    client.post(reverse("roster_confirm", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == RosterImport.State.PREVIEWED
    client.post(reverse("roster_choose", args=[row.pk]), {"skip_faulty": "1"})
    run_jobs()
    client.post(reverse("roster_confirm", args=[row.pk]))
    run_jobs()
    row.refresh_from_db()
    assert row.state == RosterImport.State.COMMITTED
    assert not Person.unscoped.filter(name="陈一帆").exists()
    assert Person.unscoped.filter(name="陈一诺").exists()


def test_who_is_no_guardian_any_more_is_told_of_in_the_preview(client, administrator):
    import_files(by=administrator, files=[ours(small_school())], school_year=2026)
    Guardianship.unscoped.filter(guardian__name="许若水").update(revoked_on=today(), is_primary=False)
    page = page_of(client, upload(client, ours(small_school())))
    assert "“许若水”以前是 许嘉禾 的家长,已被撤销,没有重新联系" in page
    assert "第 4 行" in page
    assert "和现有名册完全一样" in page


def test_the_marked_copy_names_the_faults(client, administrator):
    tables = small_school()
    tables[Kind.STUDENTS] = [{**tables[Kind.STUDENTS][0], "registry_number": "G123"}]
    row = upload(client, ours(tables))
    make.confirm(client)
    response = client.get(reverse("roster_marked", args=[row.pk]))
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    assert any("G123" in str(cell) for line in book.get_sheet_by_name("问题清单").to_python() for cell in line)
    assert book.get_sheet_by_name("学生").to_python()[1][4] == "G123"


def test_an_abandoned_import_leaves_no_file(client, administrator):
    row = upload(client, ours(small_school()))
    client.post(reverse("roster_abandon", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == RosterImport.State.ABANDONED
    assert not RosterFile.unscoped.exists()


def test_the_lists_of_the_preview_open(client, administrator):
    row = upload(client, ours(small_school()))
    page = text(client.get(reverse("roster_changes", args=[row.pk, "students", "new"])))
    assert "陈一帆" in page
    assert "云溪中学" in page
    assert client.get(reverse("roster_changes", args=[row.pk, "students", "nonsense"])).status_code == 404


def test_the_template_is_a_workbook_that_the_importer_itself_understands(client, administrator):
    response = client.get(reverse("roster_template"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    assert book.sheet_names == ["说明", "学校", "年段", "班级", "教职工", "任课", "学生", "家长"]


def test_a_principal_finds_nothing_here(client):
    make.sign_in(client, make.school_post("principal", make.SchoolFactory()))
    row = RosterImport.unscoped.create()
    for name, arguments in (("roster_list", []), ("roster_upload", []), ("roster_import", [row.pk])):
        assert client.get(reverse(name, args=arguments)).status_code == 404


def test_the_history_costs_the_same_for_one_import_and_for_three(client, administrator):
    RosterImport.unscoped.create(uploaded_by_id=administrator.user_id)
    one = query_count(lambda: client.get(reverse("roster_list")))
    for _ in range(2):
        RosterImport.unscoped.create(uploaded_by_id=administrator.user_id)
    assert query_count(lambda: client.get(reverse("roster_list"))) == one
