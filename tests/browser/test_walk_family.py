"""From a roster to a published timetable and a first record, as an administrator and a teacher walk it."""

import datetime as dt
import re
from pathlib import Path

import openpyxl
import pytest

from jiafang.common.clock import today
from jiafang.organization.roster.schema import SHEETS
from jiafang.web.timetable.dates import day_with_weekday
from tests.browser import walking
from tests.browser.conftest import OpenPage
from tests.browser.walking import Clock, Walker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "秋季大家访"
MOST_TAPS = 8


def tomorrow() -> re.Pattern[str]:
    """What a page calls it."""
    return re.compile(re.escape(day_with_weekday(today() + dt.timedelta(days=1))))


def can_only_be_met_tomorrow(walker: Walker) -> None:
    boxes = walker.page.get_by_label(tomorrow()).all()
    assert boxes
    for box in boxes:
        box.check()


def cannot_come_tomorrow(walker: Walker) -> None:
    parts = walker.page.get_by_role("group", name=tomorrow()).all()
    assert parts
    for part in parts:
        part.get_by_role("radio", name="来不了").check()


def open_accounts(walker: Walker, school: str) -> dict[str, tuple[str, str]]:
    """The codes on paper: name → username and code."""
    walker.place("学校")
    walker.follow(school)
    walker.press("给教职工开通账号")
    walker.agree()
    walker.page.get_by_role("heading", name="账号和激活码").wait_for()
    lines = [row.locator("th, td").all_inner_texts() for row in walker.page.locator("tbody tr").all()]
    return {name: (username, code) for name, username, code in lines}


def test_from_the_roster_to_the_first_record(open_page: OpenPage, tmp_path: Path, monkeypatch) -> None:
    clock = Clock(monkeypatch)
    clock.strikes(8)
    demo, workbook = walking.small_roster(tmp_path, classes_of={"小学": 2}, students=5, visited_at_home=2)
    school, youngest = demo.schools[0], demo.classes[0]
    of_class = [child for child in demo.students if child.key == youngest.key]
    never_home, at_home = of_class[:2]
    teacher = next(one for one in demo.staff if one.number == youngest.homeroom_number)
    office = walking.administrator(open_page)

    office.place("名册导入")
    template = openpyxl.load_workbook(office.download("下载模板", tmp_path))
    assert {sheet.name for sheet in SHEETS} <= set(template.sheetnames)
    walking.import_roster(office, workbook)
    codes = open_accounts(office, school.name)

    # Two cohorts, a focus for each.
    walking.prepare(office, tier="教师家访", title=TITLE, days=2, school=school.name)
    for topics, words in zip(office.page.get_by_label("家访重点").all(), ("适应小学", "阅读习惯"), strict=True):
        topics.fill(words)
    office.press("下一步")
    office.says("适应小学")
    office.press("启动活动")
    office.says("活动已启动")
    assert walking.coverage(office.page) == "0 / 10"

    # One family has time tomorrow only, when the teacher has none.
    office.follow("家庭的时间")
    office.follow(never_home.name)
    can_only_be_met_tomorrow(office)
    office.press("保存")
    office.says("已记下")
    office.place("家访活动")
    office.follow(TITLE)
    office.follow("老师的时间")
    office.follow(teacher.name)
    cannot_come_tomorrow(office)
    office.press("保存")
    office.says("已记下")

    # The plan, and why one family found no place in it.
    office.place("家访活动")
    office.follow("自动排表")
    walking.plan(office)
    office.picture("walk-plan")
    line = office.page.locator(".reasoned-line")
    assert line.count() == 1
    assert never_home.name in line.inner_text()
    assert f"家里有空的时候,{teacher.name} 都来不了" in line.inner_text()
    walking.publish(office)

    # The file that hangs on the wall says what the page says.
    walking.whole_timetable(office)
    office.picture("walk-timetable")
    on_page = walking.rows_of_page(office.page)
    assert len(on_page) == 9
    assert walking.rows_of_file(office.download("Excel", tmp_path)) == on_page

    # The same evening the teacher is on the way, with a phone.
    clock.strikes(19)
    phone = Walker(open_page, size="phone")
    phone.activate(*codes[teacher.name])
    phone.picture("walk-today")
    stop = phone.page.get_by_role("article").filter(has_text=at_home.name)
    assert "上门" in stop.inner_text()
    phone.follow("访前了解", within=stop)
    phone.says("适应小学")
    phone.page.locator("[data-map]").wait_for()
    phone.picture("walk-brief")
    phone.place("今日家访")
    assert never_home.name not in phone.page.locator("main").inner_text()
    clock.strikes(21)
    phone.page.reload()
    phone.taps = 0
    phone.follow("记一笔", within=stop)
    phone.tap(phone.page.get_by_text("学习自觉"))
    phone.page.get_by_label("一句话记录").fill("奶奶说孩子最近自己整理书包")
    phone.tap(phone.page.get_by_text("不用", exact=True))
    phone.press("保存记录")
    phone.says("已上传,可放心")
    assert phone.taps <= MOST_TAPS
    phone.picture("walk-recorded")

    # The office has not been used since the morning, so it signs in again.
    office.sign_in("gly", walking.NEW_PASSWORD)
    office.place("家访活动")
    office.follow(TITLE)
    assert walking.coverage(office.page) == "1 / 10"
    office.picture("walk-coverage")
