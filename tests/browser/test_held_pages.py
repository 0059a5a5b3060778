"""What waits to be settled, on a phone and at a desk: a conflict is merged, a record of somebody else let in."""

import datetime as dt
import os
import uuid
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from jiafang.common.clock import now, today
from jiafang.organization.services.move import move_student
from jiafang.visits.models import HeldItem, Visit
from tests.browser.conftest import OpenPage
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories.phones import PhoneOf, visit_body

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("JIAFANG_SHOTS", "")


@pytest.fixture
def waiting() -> made.SmallSchool:
    """Of the first homeroom teacher: a conflict, a clock that is years ahead, and a record about a child who moved."""
    school = made.small_school(name="云溪县双桥初级中学")
    campaign = made.launched(school.by, school.school)
    phone = PhoneOf(school.homeroom[0], "teacher")
    duties = [made.duty_of(campaign, child) for child in school.students[0]]
    item, opinion = uuid.uuid4(), "希望老师多表扬,孩子听得进"
    phone.put_visit(item, visit_body(duties[:1]))
    phone.put_visit(item, visit_body(duties[:1], revision=2, base_revision=1, finding="妈妈说作业自己写完,字也端正了"))
    edited = visit_body(duties[:1], revision=2, base_revision=1, finding="妈妈说作业自己写完", guardian_opinion=opinion)
    phone.put_visit(item, edited | {"chips": ["study_improved", "rhythm_good"], "follow_up": True})
    ahead = (now() + dt.timedelta(days=3653)).isoformat()
    phone.put_visit(uuid.uuid4(), visit_body(duties[1:2], started_at=ahead, finding="奶奶身体好些了"))
    move_student(by=school.by, student=school.students[0][2], to=school.classes[1], on=today())
    phone.put_visit(
        uuid.uuid4(), visit_body(duties[2:], finding="爸爸周末才打电话,想多读课外书", guardian_opinion=opinion)
    )
    return school


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/held-{name}.png", full_page=True)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_conflict_is_merged_by_its_writer(
    waiting: made.SmallSchool, open_page: OpenPage, axe_faults: Callable[[Page], list[str]], size: str
) -> None:
    page = open_page(waiting.homeroom[0], reverse("today"), kind="teacher", size=size)
    shot(page, f"today-{size}")
    page.get_by_role("link", name="3 条").click()
    page.wait_for_url(f"**{reverse('held_list')}")
    assert axe_faults(page) == []
    shot(page, f"list-{size}")
    for reason in ("refused", "out_of_reach", "conflict"):
        row = HeldItem.unscoped.get(reason=reason)
        page.goto(reverse("held_item", args=[row.pk]))
        assert axe_faults(page) == []
        shot(page, f"{reason}-{size}")
    page.get_by_label("一句话记录").fill("妈妈说作业自己写完,字也端正了,希望多表扬")
    page.get_by_label("手机上的这一份").check()
    page.get_by_role("button", name="保存合成的这一份").click()
    page.get_by_text("已收下,可放心").wait_for()
    visit = Visit.unscoped.get(pk=row.item)
    assert (visit.revision, visit.follow_up) == (3, True)
    assert visit.finding == "妈妈说作业自己写完,字也端正了,希望多表扬"


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_new_teacher_lets_a_record_in(
    waiting: made.SmallSchool, open_page: OpenPage, axe_faults: Callable[[Page], list[str]], size: str
) -> None:
    page = open_page(waiting.homeroom[1], reverse("held_list"), kind="teacher", size=size)
    shot(page, f"others-{size}")
    page.get_by_role("link", name=waiting.students[0][2].name).click()
    page.get_by_role("button", name="收下", exact=True).wait_for()
    assert axe_faults(page) == []
    shot(page, f"accept-{size}")
    page.get_by_role("button", name="收下", exact=True).click()
    page.get_by_text("算作原来那位老师的记录").wait_for()
    assert Visit.unscoped.filter(recorded_by=waiting.homeroom[0]).count() == 2


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_administrator_sees_no_text(
    waiting: made.SmallSchool, open_page: OpenPage, axe_faults: Callable[[Page], list[str]], size: str
) -> None:
    page = open_page(make.bureau_post("administrator"), reverse("held_list"), kind="administrator", size=size)
    assert axe_faults(page) == []
    shot(page, f"facts-{size}")
    assert page.get_by_text(waiting.homeroom[0].name).count() == 3
    assert page.get_by_text("想多读课外书").count() == 0
