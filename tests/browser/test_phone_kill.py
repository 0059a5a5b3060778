"""What the phone has called saved outlives line, browser and power: nothing is lost, nothing arrives twice."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from playwright.sync_api import Browser, Page

from jiafang.visits.models import Attachment, HeldItem, Receipt, Visit
from tests.browser import phone_evening
from tests.browser.phone_evening import Evening, Pockets, arrive
from tests.browser.phone_kill import ground
from tests.browser.phone_kill.line import Asked, Fate, Line
from tests.browser.phone_kill.plans import Plan, Plans, What, When
from tests.browser.phone_kill.teacher import photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HERE, SENT = "已存在手机里", "已上传,可放心"


@pytest.fixture
def line(live_server: Any) -> Iterator[Line]:
    found = Line(live_server.url)
    yield found
    found.close()


@pytest.fixture
def pockets(chromium: Browser, line: Line, tmp_path: Path) -> Iterator[Pockets]:
    found = Pockets(chromium, line.url, tmp_path)
    yield found
    found.close()


def show(page: Page, address: str, heading: str) -> None:
    page.evaluate("hash => { location.hash = hash }", address)
    page.get_by_role("heading", level=1, name=heading).wait_for()


def record(page: Page, address: str, who: str, words: str, *, with_photo: bool = False) -> None:
    show(page, address, who)
    page.get_by_label("一句话记录").fill(words)
    if with_photo:
        page.locator("summary", has_text="照片").tap()
        page.locator("input[type=file]").set_input_files(photo())
        page.get_by_role("img", name="第 1 张照片").wait_for()
    page.get_by_text("不用", exact=True).tap()
    page.get_by_role("button", name="保存记录").tap()
    page.locator(".phone-saved-title", has_text=HERE).wait_for()


def test_a_page_that_has_not_begun_teaches_nothing_about_its_steps() -> None:
    plans = Plans(random.Random(1))
    for what in get_args(What):
        plans.learn(Plan(what, "said", True), 0)
        plans.learn(Plan(what, "said", False), 0)
    assert {plans.draw(waiting=True, known=True).when for _draw in range(200)} == set(get_args(When))


def test_an_evening_without_a_line_arrives_once_when_the_line_is_back(
    pockets: Pockets, line: Line, settings: Any
) -> None:
    settings.VISIT_PHOTOS = True
    evening: Evening = phone_evening.build(students=6)
    page = pockets.open(evening.teacher)
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    arrive(page)
    # No line, and nobody at the other end of it either.
    line.close()
    page.context.set_offline(True)
    page.context.close()

    page = pockets.open(evening.teacher)
    page.context.set_offline(True)
    arrive(page)
    first, second = evening.students[1:3]
    show(page, f"#/brief/{evening.siblings.pk}", f"{first.name}、{second.name}")
    page.get_by_text("先说孩子的一个进步").wait_for()
    record(page, f"#/record/{evening.siblings.pk}", first.name, "姐弟俩一起看书")
    record(page, f"#/record/{evening.alone.pk}", evening.students[0].name, "墙上有奖状", with_photo=True)
    duty = evening.duty(evening.students[5])
    record(page, f"#/record?duty={duty.pk}", evening.students[5].name, "校门口碰到爸爸")
    page.context.close()

    page = pockets.open(evening.teacher)
    page.context.set_offline(True)
    arrive(page)
    show(page, "#/mine", "我的记录")
    page.get_by_text("这些还没有到学校").wait_for()
    for words in ("姐弟俩一起看书", "墙上有奖状", "校门口碰到爸爸"):
        page.locator("li", has_text=words).get_by_text("只在这部手机里").wait_for()
    assert not Receipt.unscoped.exists()

    line.listen()
    page.context.set_offline(False)
    page.get_by_role("link", name=SENT).wait_for(timeout=30_000)
    assert page.get_by_text("只在这部手机里").count() == 0
    written = Visit.unscoped.filter(pk__in=Receipt.unscoped.filter(kind="visit").values("item"))
    visits = {visit.finding: visit for visit in written}
    assert sorted(visits) == sorted(["姐弟俩一起看书", "墙上有奖状", "校门口碰到爸爸"])
    met = visits["姐弟俩一起看书"].duties.values_list("person", "state")
    assert sorted(met) == sorted([(first.pk, "met"), (second.pk, "met")])
    assert Attachment.unscoped.get().visit == visits["墙上有奖状"]
    assert not HeldItem.unscoped.exists()
    assert Receipt.unscoped.count() == 4


PLANS = [
    Plan("record", "step", online=False, step=8),
    Plan("photo", "step", online=False, step=13),
    Plan("record", "request", online=True, number=2, phase="answered"),
    Plan("photo", "request", online=True, number=3, phase="cut", share=0.5),
    Plan("correct", "said", online=True),
    Plan("open", "request", online=True, number=2, phase="sent"),
    Plan("photo", "said", online=False),
    Plan("open", "step", online=True, step=12),
]


def test_a_browser_killed_at_any_moment_keeps_what_it_called_saved(live_server: Any, settings: Any) -> None:
    settings.VISIT_PHOTOS = True
    with ground.phone(live_server.url, random.Random(4)) as teacher:
        done, faults = ground.killed(teacher, PLANS)
    assert faults == []
    assert len(done) == len(PLANS)
    assert sum(version.said for record in teacher.records for version in record.versions) >= 4


class Cutting(Fate):
    """Ends the answers to records after so many bytes."""

    def __init__(self) -> None:
        self.most: int | None = None
        self.length = 0
        self.cuts = 0

    def answered(self, asked: Asked, length: int) -> int | None:
        if not asked.is_item:
            return None
        self.length = length
        if self.most is not None:
            self.cuts += 1
        return self.most


def cut_and_sent_again(pockets: Pockets, line: Line, places: Any) -> int:
    """Records with a line that ends each answer at the next of the places; how often that was."""
    evening = phone_evening.build(students=6)
    page = pockets.open(evening.teacher)
    line.fate = cutting = Cutting()
    arrive(page)
    cutting.most = 0
    record(page, f"#/record/{evening.alone.pk}", evening.students[0].name, "墙上有奖状")
    show(page, "#/mine", "我的记录")
    again = page.get_by_role("button", name="现在就传")
    again.and_(page.locator(":enabled")).wait_for()
    for place in places(cutting.length):
        before, cutting.most = cutting.cuts, place
        again.tap()
        while cutting.cuts == before:
            page.wait_for_timeout(10)
        again.and_(page.locator(":enabled")).wait_for()
        assert page.locator("li", has_text="墙上有奖状").get_by_text("只在这部手机里").count() == 1
    cutting.most = None
    again.tap()
    page.get_by_role("link", name=SENT).wait_for()
    assert Visit.unscoped.filter(appointment=evening.alone).count() == 1
    assert Receipt.unscoped.count() == 1
    return cutting.cuts


def test_an_answer_that_is_cut_off_counts_as_none_until_a_whole_one_comes(pockets: Pockets, line: Line) -> None:
    def places(length: int) -> list[int]:
        return [1, length // 3, length // 2, length - 200, length - 1]

    assert cut_and_sent_again(pockets, line, places) >= 6


@pytest.mark.nightly
def test_an_answer_may_be_cut_off_after_any_of_its_bytes(pockets: Pockets, line: Line) -> None:
    cuts = cut_and_sent_again(pockets, line, range)
    print(f"{cuts} answers cut off")
    assert cuts > 500
