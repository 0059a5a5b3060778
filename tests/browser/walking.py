"""What the walks through the house share: a small generated roster, and the house as somebody meets it on a screen."""

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page

from jiafang.access import system
from jiafang.common.clock import at, today
from jiafang.demonstration.district import generate
from jiafang.demonstration.model import DemoDistrict
from jiafang.demonstration.workbook import write_workbooks
from jiafang.organization.services.entrust import entrust_administration
from tests.accounts.doors.entering import App
from tests.browser.conftest import OpenPage
from tests.jobs import run_jobs

SEED = 20
TAGS = ("留守儿童",)
NEW_PASSWORD = "yunxi-shiling-38"
PICTURES = os.environ.get("JIAFANG_SHOTS")


class Clock:
    """The clock of the house: it shows the day and hour that the walk says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real = timezone.now
        self._ahead = dt.timedelta()
        monkeypatch.setattr(timezone, "now", lambda: self._real() + self._ahead)

    def strikes(self, hour: int, *, on: dt.date | None = None) -> None:
        self._ahead = at(on or today(), dt.time(hour)) - self._real()


def small_roster(
    folder: Path, *, classes_of: Mapping[str, int], students: int, visited_at_home: int = 0
) -> tuple[DemoDistrict, Path]:
    """A generated district cut down to the youngest classes of some stages, and its workbook.

    The first children of each class carry a tag for which a visit is made at home.
    """
    demo = generate("small", SEED, today())
    tagged = {home.number for home in demo.households if home.tags}
    schools = [school for school in demo.schools if school.stages[0] in classes_of]
    classes = [
        one
        for school in schools
        for one in sorted(
            (c for c in demo.classes if c.key.school_code == school.code and c.key.name == "1班"),
            key=lambda c: -c.key.entry_year,
        )[: classes_of[school.stages[0]]]
    ]
    keys = [one.key for one in classes]
    cohorts = {(key.school_code, key.entry_year) for key in keys}
    codes = {school.code for school in schools}
    in_class = {key: [child for child in demo.students if child.key == key] for key in keys}
    children = [
        replace(child, tags=TAGS if place < visited_at_home else ())
        for of_class in in_class.values()
        for place, child in enumerate(islice((c for c in of_class if c.household_number not in tagged), students))
    ]
    homes = {child.household_number for child in children}
    cut = replace(
        demo,
        schools=tuple(replace(school, parent_code="") for school in schools),
        cohorts=tuple(c for c in demo.cohorts if (c.school_code, c.entry_year) in cohorts),
        classes=tuple(classes),
        staff=tuple(
            replace(one, paired_codes=tuple(code for code in one.paired_codes if code in codes))
            for one in demo.staff
            if one.school_code in {"", *codes}
        ),
        teachings=tuple(t for t in demo.teachings if t.key in keys),
        households=tuple(home for home in demo.households if home.number in homes),
        students=tuple(children),
    )
    return cut, write_workbooks(cut, folder)[0]


_APPS: dict[str, App] = {}


class Walker:
    """Somebody at a screen: presses, fills in, and counts the taps."""

    def __init__(self, open_page: OpenPage, *, size: str = "desk") -> None:
        self._open, self.size = open_page, size
        self.page: Page = open_page(None, "/", size=size)
        self.taps = 0
        self._pictures = 0
        self._username = self._password = ""

    def sign_in(self, username: str, password: str) -> None:
        self.page.goto("/")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码", exact=True).fill(password)
        self.press("登录")
        self._pass_the_second_door(username, password)

    def activate(self, username: str, code: str) -> None:
        """The first sign-in, with the code on paper."""
        self.page.goto("/")
        self.page.get_by_role("link", name="激活账号").click()
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("激活码").fill(code)
        self.page.get_by_label("自己的密码").fill(NEW_PASSWORD)
        self.press("激活并登录")
        self._pass_the_second_door(username, NEW_PASSWORD)

    def _pass_the_second_door(self, username: str, password: str) -> None:
        """Whoever answers for more than a class sets up an app on the first day, and shows its code from then on."""
        self._username, self._password, page = username, password, self.page
        page.locator("main#main").wait_for()
        if page.get_by_role("heading", name="先给账号加一道保护").is_visible():
            page.get_by_role("link", name="用手机验证器").click()
            page.get_by_text("扫不了").click()
            app = _APPS[username] = App(page.locator(".secret-text").inner_text().replace(" ", ""))
            page.get_by_label("手机上显示的 6 位数字").fill(app.code())
            page.get_by_role("button", name="设置好了").click()
            # Reading a list waits for nothing: read before the page was there, it is empty.
            page.locator(".paper-codes li").first.wait_for()
            app.paper = page.locator(".paper-codes li").all_inner_texts()
            page.get_by_role("link", name="抄好了").click()
            page.locator("main#main").wait_for()
        elif page.get_by_role("heading", name="再确认一步").is_visible():
            page.get_by_label("验证码").fill(_APPS[username].code())
            page.get_by_role("button", name="登录").click()
            page.get_by_role("heading", name="再确认一步").wait_for(state="detached")

    def place(self, name: str) -> None:
        """One of the main places of the role."""
        bar = self.page.get_by_role("navigation", name="主要页面").locator("visible=true")
        self.tap(bar.get_by_role("link", name=name))
        bar.locator("[aria-current=page]", has_text=name).wait_for()

    def press(self, name: str, *, within: Locator | None = None) -> None:
        self.tap((within or self.page).get_by_role("button", name=name))

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        self.tap((within or self.page).get_by_role("link", name=name).first)

    def agree(self) -> None:
        """Say yes to the question that the page asks before it acts."""
        self.tap(self.page.locator("[data-confirm-yes]"))

    def tap(self, what: Locator) -> None:
        self.taps += 1
        what.tap() if self.size == "phone" else what.click()

    def says(self, words: str) -> None:
        self.page.get_by_text(words).first.wait_for()

    def confirm(self) -> None:
        """Give the password (and the code) again, as a file of many people asks, and come back."""
        here = urlsplit(self.page.url)._replace(scheme="", netloc="").geturl()
        self.page.goto(f"/accounts/confirm/?{urlencode({'next': here})}")
        self.page.get_by_label("密码").fill(self._password)
        if self._username in _APPS:
            self.page.get_by_label("验证码").fill(_APPS[self._username].code())
        self.page.get_by_role("button", name="继续").click()
        self.page.get_by_role("heading", name="再确认一次").wait_for(state="detached")

    def download(self, name: str, folder: Path) -> Path:
        self.confirm()
        with self.page.expect_download() as coming:
            self.follow(name)
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path

    def picture(self, name: str) -> None:
        if PICTURES:
            self._pictures += 1
            self.page.screenshot(path=f"{PICTURES}/{name}-{self.size}.png", full_page=True)


def import_roster(walker: Walker, workbook: Path) -> None:
    """Upload, look at the preview, confirm."""
    walker.place("名册导入")
    walker.follow("上传名册")
    walker.page.locator("input[type=file]").set_input_files(workbook)
    walker.press("上传并检查")
    run_jobs()
    walker.says("还没有写入任何内容")
    walker.picture("walk-preview")
    walker.press("确认导入")
    walker.agree()
    walker.page.get_by_role("heading", name="名册预览").wait_for(state="detached")
    run_jobs()
    walker.page.get_by_role("link", name="去发起家访活动").wait_for()


def prepare(walker: Walker, *, tier: str, title: str, days: int, school: str = "") -> None:
    """The wizard with what it suggests, up to what follows the rules and evenings."""
    walker.place("家访活动")
    walker.follow("新的活动")
    walker.page.get_by_label(tier).check()
    if school:
        walker.page.get_by_label("哪些学校").select_option(label=school)
    walker.page.get_by_label("活动名称").fill(title)
    walker.page.get_by_label("结束").fill((today() + dt.timedelta(days=days - 1)).isoformat())
    walker.press("下一步")
    walker.page.get_by_role("heading", name="规则和时段").wait_for()
    walker.press("下一步")


def plan(walker: Walker) -> None:
    """Let it plan with a real worker, and wait for what it reached."""
    walker.page.get_by_label("快排").check()
    walker.press("自动排表")
    walker.page.get_by_role("button", name="停止排表").wait_for()
    run_jobs()
    walker.page.get_by_label("排表结果").wait_for()


def publish(walker: Walker) -> None:
    walker.press("发布安排表")
    walker.agree()
    walker.says("安排表已发布")


def whole_timetable(walker: Walker) -> None:
    """As a list, of all weeks and all of the school."""
    for chooser, name in (("哪一周", "全部"), ("年段", "全校")):
        choices = walker.page.get_by_role("navigation", name=chooser)
        if choices.count():
            walker.follow(name, within=choices)
    walker.follow("按日期")


def coverage(page: Page) -> str:
    """How many of how many have been met, as the campaign's page says it."""
    return page.locator(".panel", has_text="走到哪里了").locator(".coverage-fraction").first.inner_text()


def rows_of_file(path: Path) -> list[list[str]]:
    """The lines of all sheets of a timetable file, without title, headings and foot."""
    book = openpyxl.load_workbook(path)
    return [
        [str(cell or "") for cell in row]
        for sheet in book.worksheets
        for row in sheet.iter_rows(min_row=4, values_only=True)
        if any(row[1:])  # the foot (how many, for whom) is one cell wide
    ]


def rows_of_page(page: Page) -> list[list[str]]:
    """The same lines as the page shows them."""
    return [
        [cell.inner_text().strip() for cell in row.locator("td").all()]
        for row in page.locator("[data-sheet] tbody tr").all()
    ]


def administrator(open_page: OpenPage) -> Walker:
    """The first administrator of a new bureau, signed in through the form."""
    entrust_administration(by=system("create-admin"), username="gly", password=NEW_PASSWORD, name="林若谷")
    walker = Walker(open_page)
    walker.sign_in("gly", NEW_PASSWORD)
    return walker
