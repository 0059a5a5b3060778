"""The same walk, shorter, where the principal talks with teachers and the bureau visits the principals."""

from pathlib import Path

import pytest

from jiafang.campaigns.models import Appointment
from jiafang.organization.models import Person, Post, School, Village
from jiafang.organization.roster.reading import SourceFile
from jiafang.organization.services.roster.headless import import_files
from tests.browser import walking
from tests.browser.conftest import OpenPage
from tests.browser.walking import Clock, Walker
from tests.factories import organization as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "jiafang-demo-8"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(monkeypatch)
    clock.strikes(8)
    return clock


@pytest.fixture
def schools(tmp_path: Path, clock: Clock) -> list[School]:
    """A primary and a junior school of the generated district."""
    _demo, workbook = walking.small_roster(tmp_path, classes_of={"小学": 1, "初中": 1}, students=1)
    import_files(by=make.administrator(), files=[SourceFile(workbook.name, workbook.read_bytes())])
    return list(School.unscoped.order_by("pk"))


def signed_in(open_page: OpenPage, kind: str, school: School | None = None, *, size: str = "desk") -> Walker:
    return sign_in(open_page, Post.unscoped.get(kind=kind, school=school).person, size=size)


def sign_in(open_page: OpenPage, person: Person, *, size: str) -> Walker:
    walker = Walker(open_page, size=size)
    walker.sign_in(make.user_of(person, PASSWORD).username, PASSWORD)
    return walker


def arrange(walker: Walker, tier: str, title: str) -> None:
    """From the wizard to a published timetable."""
    walking.prepare(walker, tier=tier, title=title, days=7)
    walker.press("启动活动")
    walker.says("活动已启动")
    walker.follow("自动排表")
    walking.plan(walker)
    walker.says("全部排上")
    walking.publish(walker)


def the_file_says_what_the_page_says(walker: Walker, folder: Path) -> int:
    """How many meetings both show."""
    walking.whole_timetable(walker)
    on_page = walking.rows_of_page(walker.page)
    assert walking.rows_of_file(walker.download("Excel", folder)) == on_page
    return len(on_page)


def record_the_first(walker: Walker, chip: str) -> None:
    """The first talk of the day, with the short form."""
    walker.follow("记一笔", within=walker.page.get_by_role("article").first)
    walker.tap(walker.page.get_by_text(chip))
    walker.page.get_by_label("一句话记录").fill("教学有劲头,盼着多些教研时间")
    walker.tap(walker.page.get_by_text("不用", exact=True))
    walker.press("保存记录")
    walker.says("已上传,可放心")


def test_a_principal_talks_with_teachers(
    open_page: OpenPage, tmp_path: Path, schools: list[School], clock: Clock
) -> None:
    school = schools[0]
    desk = signed_in(open_page, Post.Kind.PRINCIPAL, school)
    arrange(desk, "校园长走访教师", "校长和老师拉家常")
    teachers = the_file_says_what_the_page_says(desk, tmp_path)
    first = Appointment.unscoped.order_by("starts_at", "pk")[0]
    clock.strikes(18, on=first.shift.date)
    phone = sign_in(open_page, first.group.lead, size="phone")
    phone.place("今日走访")
    agenda = phone.page.locator("main").inner_text()
    assert "到校" in agenda
    assert not any(village.name in agenda for village in Village.objects.all()), "a talk at school names no home"
    record_the_first(phone, "教学顺手")
    # Hours later, and on some days of the week a day or two: an office that was left signs in again.
    desk = signed_in(open_page, Post.Kind.PRINCIPAL, school)
    desk.place("家访活动")
    desk.follow("校长和老师拉家常")
    assert walking.coverage(desk.page) == f"1 / {teachers}"


def test_the_bureau_visits_the_principals(
    open_page: OpenPage, tmp_path: Path, schools: list[School], clock: Clock
) -> None:
    desk = signed_in(open_page, Post.Kind.DIRECTOR)
    arrange(desk, "局领导干部走访校园长", "局领导干部走访校园长")
    meetings = the_file_says_what_the_page_says(desk, tmp_path)
    assert meetings == len(schools)
    first = Appointment.unscoped.order_by("starts_at", "pk")[0]
    clock.strikes(18, on=first.shift.date)
    phone = sign_in(open_page, first.group.lead, size="phone")
    phone.place("今日走访")
    record_the_first(phone, "教学秩序好")
    desk = signed_in(open_page, Post.Kind.DIRECTOR)
    desk.place("家访活动")
    desk.follow("局领导干部走访校园长")
    assert walking.coverage(desk.page) == f"1 / {meetings}"
