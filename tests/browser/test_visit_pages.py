"""The pages of visitors, families and the bureau in a real browser, on a phone and at a desk."""

import datetime as dt
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from jiafang.campaigns.models import Appointment, Campaign, Channel, Duty, Shift, Tier
from jiafang.campaigns.services.focus import set_focus
from jiafang.common.clock import today
from jiafang.organization.models import Person, School
from jiafang.visits.body import ConcernDraft, NoteDraft, ParticipantDraft
from jiafang.visits.models import Visit
from tests.browser.conftest import OpenPage
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = ("phone", "desk")
# A folder for pictures to look at.
SHOTS = os.environ.get("JIAFANG_SHOTS", "")


@dataclass
class Evening:
    """A school in the midst of its campaign."""

    school: made.SmallSchool
    campaign: Campaign
    tonight: list[Appointment]
    mother: Person
    director: Person
    visit: Visit


@pytest.fixture
def evening() -> Evening:
    school = made.small_school(classes=2, students=18, name="云溪县双桥初级中学")
    campaign = made.launched(school.by, school.school, title="秋季大家访")
    cohort = school.classes[0].cohort
    set_focus(
        by=school.by,
        campaign=campaign,
        cohort=cohort,
        topics="适应初中的节奏:作业、睡眠和手机",
        talking_points="先说孩子的一个进步\n问问晚上几点睡、谁陪写作业\n手机怎么约定的",
        notices="国庆假期离校安全;防溺水“六不”",
    )
    teacher = make.actor_of(school.homeroom[0], "teacher")
    students = school.students[0]
    mothers = [make.guardian_of(child) for child in students]
    make.CareTagFactory(student=students[0], kind="left_behind")
    make.CareTagFactory(student=students[1], kind="single_parent")
    for number, child in enumerate(students[6:14]):
        write.record(
            teacher,
            [made.duty_of(campaign, child)],
            chips=["study_improved", "rhythm_good"],
            finding="妈妈说最近肯自己整理书包了",
            follow_up=number == 0,
            started_at=write.an_hour_ago() - dt.timedelta(days=7 * (number % 5)),
        )
    visit = write.record(
        teacher,
        [made.duty_of(campaign, students[0])],
        chips=["with_grandparents", "phone_too_much"],
        finding="爷爷奶奶带,晚上看手机到十点多",
        guardian_opinion="希望老师多提醒写作业",
        follow_up=True,
        started_at=write.an_hour_ago() - dt.timedelta(days=40),
        channel=Channel.ONSITE,
        participants=[
            ParticipantDraft("奶奶", Channel.ONSITE),
            ParticipantDraft("母亲", Channel.VIDEO, mothers[0].pk),
        ],
        notes=[
            NoteDraft(students[0].pk, "life", "奶奶做饭,晚饭后在村口和同学打球"),
            NoteDraft(students[0].pk, "mind", "和爷爷亲,想爸妈的时候会躲起来"),
        ],
        concerns=[ConcernDraft(uuid.uuid4(), students[0].pk, "life", "yellow", "手机看到很晚,早上起不来")],
    )
    write.record(
        teacher,
        [made.duty_of(campaign, students[1])],
        started_at=write.an_hour_ago() - dt.timedelta(days=60),
        concerns=[
            ConcernDraft(uuid.uuid4(), students[1].pk, "mind", "orange", "说过不想上学,要再聊一次"),
            ConcernDraft(uuid.uuid4(), students[1].pk, "study", "green", "数学跟不上,想补一补"),
        ],
    )
    Duty.unscoped.filter(person__in=[students[14], students[15]]).update(due=today() - dt.timedelta(days=2))
    Duty.unscoped.filter(person=students[16]).update(state="declined")
    group = made.duty_of(campaign, students[1]).group
    assert group is not None
    out = write.trip(campaign, group)
    tonight = [
        write.appointment(campaign, [students[1]], hour=dt.time(18, 40), trip=out, lat=25.52, lon=118.215),
        write.appointment(
            campaign, students[2:4], hour=dt.time(19, 25), trip=out, lat=25.53, lon=118.23, approximate=True
        ),
        write.appointment(
            campaign, [students[4]], hour=dt.time(20, 10), channel=Channel.VIDEO, trip=None, lat=None, lon=None
        ),
    ]
    Appointment.unscoped.filter(pk=tonight[1].pk).update(state="confirmed")
    write.appointment(
        campaign, [students[5]], day=today() + dt.timedelta(days=2), kind=Shift.Kind.MORNING, hour=dt.time(9)
    )
    other = made.small_school(classes=1, students=8, name="云溪县石岭中心小学")
    another = made.launched(other.by, other.school)
    write.record(make.actor_of(other.homeroom[0], "teacher"), [made.duty_of(another, other.students[0][0])])
    Duty.unscoped.filter(campaign=another, state="due").update(due=today() - dt.timedelta(days=1))
    talks = made.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER, title="校长和老师拉家常")
    write.appointment(talks, [school.homeroom[0]], hour=dt.time(16, 30), channel=Channel.AT_SCHOOL)
    return Evening(school, campaign, tonight, mothers[1], make.bureau_post("director"), visit)


def _faults(page: Page, axe_faults: Callable[[Page], list[str]], name: str, size: str) -> list[str]:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{size}.png", full_page=True)
    page.eval_on_selector_all("details.record-more", "all => all.forEach(one => one.open = true)")
    if SHOTS and name in ("visits-record", "visits-talk", "visits-brief"):
        page.screenshot(path=f"{SHOTS}/{name}-unfolded-{size}.png", full_page=True)
    faults = [f"{name}: {fault}" for fault in axe_faults(page)]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        faults.append(f"{name}: wider than the screen")
    return faults


def _talk(school: School) -> str:
    """The page on which a talk without an appointment is recorded."""
    duty = Duty.unscoped.filter(campaign__tier=Tier.PRINCIPAL_TEACHER, school=school).order_by("pk").last()
    assert duty is not None
    return f"{reverse('record_unplanned')}?{urlencode({'duty': duty.pk, 'id': uuid.uuid4()})}"


@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_clean_at_every_size(open_page: OpenPage, axe_faults, evening: Evening, size: str) -> None:
    school, teacher, principal = evening.school, evening.school.homeroom[0], evening.school.principal
    child = school.students[0][1]
    own = [
        (teacher, "teacher", "today", reverse("today")),
        (teacher, "teacher", "brief", reverse("brief", args=[evening.tonight[0].pk])),
        (teacher, "teacher", "record", reverse("record", args=[evening.tonight[1].pk])),
        (teacher, "teacher", "choose", reverse("record_unplanned")),
        (teacher, "teacher", "visit", reverse("visit", args=[evening.visit.pk])),
        (teacher, "teacher", "visit-edit", reverse("visit_edit", args=[evening.visit.pk])),
        (teacher, "teacher", "my-class", reverse("my_class")),
        (teacher, "teacher", "student", reverse("student_sheet", args=[child.pk])),
        (teacher, "teacher", "unseen", reverse("unseen")),
        (teacher, "teacher", "calendar", reverse("calendar_subscribe")),
        (principal, "principal", "principal-today", reverse("today")),
        (principal, "principal", "talk", _talk(school.school)),
        (principal, "principal", "principal-overview", reverse("overview")),
        (evening.director, "director", "overview", reverse("overview")),
        (evening.director, "director", "overview-tier", reverse("overview_tier", args=["teacher_family"])),
        (
            evening.director,
            "director",
            "overview-school",
            reverse("overview_school", args=["teacher_family", school.school.pk]),
        ),
        (evening.director, "director", "unseen-schools", reverse("unseen")),
        (evening.mother, "guardian", "family", reverse("family")),
        (
            evening.mother,
            "guardian",
            "family-appointment",
            reverse("family_appointment", args=[evening.tonight[0].pk]),
        ),
    ]
    faults: list[str] = []
    for person, kind, name, path in own:
        page = open_page(person, path, kind=kind, size=size)
        page.wait_for_load_state("networkidle")
        faults += _faults(page, axe_faults, f"visits-{name}", size)
        page.close()
    assert faults == []


def test_a_routine_record_takes_no_more_than_eight_taps(open_page: OpenPage, evening: Evening) -> None:
    page = open_page(evening.school.homeroom[0], reverse("today"), kind="teacher", size="phone")
    taps = [
        page.locator("article", has_text="18:40").get_by_role("link", name="记一笔"),
        page.get_by_text("学习自觉"),
        page.get_by_text("作息规律"),
        page.get_by_text("要告知的事已经说了"),
        page.get_by_text("不用", exact=True),
        page.get_by_role("button", name="保存记录"),
    ]
    for tap in taps:
        tap.tap()
    page.get_by_text("已上传,可放心").wait_for()
    saved = Visit.unscoped.get(appointment=evening.tonight[0])
    assert saved.chips == ["study_steady", "rhythm_good"]
    assert saved.notices_conveyed
    assert saved.form_seconds is not None


def test_what_was_typed_survives_a_failed_request(open_page: OpenPage, evening: Evening) -> None:
    path = reverse("record", args=[evening.tonight[0].pk])
    page = open_page(evening.school.homeroom[0], path, kind="teacher", size="phone")
    page.locator("textarea[name=finding]").fill("奶奶说孩子爱帮忙")
    page.get_by_text("不用", exact=True).tap()
    page.route("**/record/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="保存记录").tap()
    page.wait_for_timeout(300)
    page.unroute("**/record/")
    page.goto(path)
    assert page.locator("textarea[name=finding]").input_value() == "奶奶说孩子爱帮忙"
    page.get_by_text("学习自觉").tap()
    page.get_by_role("button", name="保存记录").tap()
    page.get_by_text("已上传,可放心").wait_for()
    assert Visit.unscoped.get(appointment=evening.tonight[0]).finding == "奶奶说孩子爱帮忙"
