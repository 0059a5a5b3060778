"""A teacher's evening as the phone app shows it, and a phone that keeps what it is given when it is closed."""

import datetime as dt
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from jiafang.campaigns.models import Appointment, Campaign, Channel, Duty, Tier
from jiafang.campaigns.services.focus import set_focus
from jiafang.common.clock import today
from jiafang.organization.models import HouseholdMembership, Person
from jiafang.visits.body import ParticipantDraft
from jiafang.visits.models import Participant
from scripts.chromium import find_chromium
from tests.browser.conftest import FLAGS, SIZES
from tests.factories import campaigns as plan
from tests.factories import care
from tests.factories import organization as make
from tests.factories import visits as write

WECHAT = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/107 Mobile Safari/537.36 MicroMessenger/8.0.40"

CASE_TEXT = "晚上常一个人在家,作业没人问"


@dataclass
class Evening:
    """A class of 45, three visits tonight (one to siblings), one the day after tomorrow, and what is asked of it."""

    teacher: Person
    campaign: Campaign
    students: list[Person]
    alone: Appointment
    siblings: Appointment
    call: Appointment
    later: Appointment
    principal: Person

    def duty(self, student: Person) -> Duty:
        return Duty.unscoped.get(campaign=self.campaign, person=student, parent=None)


def build(students: int = 12) -> Evening:
    school = plan.small_school(classes=1, students=students, name="云溪县双桥初级中学")
    of_class = school.students[0]
    for child in of_class[:5]:
        make.guardian_of(child, relation="mother")
    father = make.guardian_of(of_class[0], relation="father", is_primary=False)
    assert father is not None
    HouseholdMembership.unscoped.filter(person__in=of_class[1:3]).update(household=make.HouseholdFactory())
    make.CareTagFactory(student=of_class[0], kind="left_behind")
    teacher = make.actor_of(school.homeroom[0], "teacher")
    campaign = plan.launched(school.by, school.school, title="秋季大家访")
    set_focus(
        by=school.by,
        campaign=campaign,
        cohort=school.classes[0].cohort,
        topics="适应初中的节奏:作业、睡眠和手机",
        talking_points="先说孩子的一个进步\n问问晚上几点睡、谁陪写作业",
        notices="国庆假期离校安全;防溺水“六不”",
    )
    write.record(
        teacher,
        [plan.duty_of(campaign, of_class[5])],
        chips=["study_improved"],
        finding="妈妈说最近肯自己整理书包了",
        started_at=write.an_hour_ago() - dt.timedelta(days=7),
    )
    care.student_case(teacher, of_class[1], text=CASE_TEXT, alert_tier="yellow")
    alone = write.appointment(campaign, [of_class[0]], hour=dt.time(0, 10))
    siblings = write.appointment(campaign, of_class[1:3], hour=dt.time(0, 50), approximate=True)
    call = write.appointment(campaign, [of_class[3]], hour=dt.time(1, 30), channel=Channel.PHONE, lat=None, lon=None)
    later = write.appointment(campaign, [of_class[4]], day=today() + dt.timedelta(days=2), hour=dt.time(19))
    talks = plan.launched(school.by, school.school, Tier.PRINCIPAL_TEACHER, title="校长和老师拉家常")
    write.appointment(talks, [school.homeroom[0]], hour=dt.time(16, 30), channel=Channel.AT_SCHOOL)
    return Evening(school.homeroom[0], campaign, of_class, alone, siblings, call, later, school.principal)


@dataclass
class Pockets:
    """Browsers with a memory of their own, as a phone's is: closed and opened again they know what they knew."""

    browser: Browser
    address: str
    folder: Path
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        person: Person | None,
        kind: str = "teacher",
        *,
        name: str = "phone",
        size: str = "phone",
        user_agent: str | None = None,
        language: str = "",
    ) -> Page:
        """The phone with this name, signed in as the person; `/phone/` is not opened yet."""
        width, height = SIZES[size]
        context = self.browser.browser_type.launch_persistent_context(
            self.folder / name,
            executable_path=find_chromium(),
            args=FLAGS,
            base_url=self.address,
            viewport={"width": width, "height": height},
            has_touch=size == "phone",
            is_mobile=size == "phone",
            locale="zh-CN",
            user_agent=user_agent,
        )
        self.contexts.append(context)
        if person is not None:
            client = Client()
            make.sign_in(client, person, kind)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            # Kept as long as the server says, so that what wakes with a closed and opened browser is signed in.
            until = time.time() + settings.SESSION_COOKIE_AGE
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address, "expires": until}
            context.add_cookies([cookie])
        if language:
            context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": self.address}])
        context.set_default_timeout(20_000)
        page = context.pages[0]
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        expected = "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(message.text)

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def as_draft(who: Participant) -> ParticipantDraft:
    return ParticipantDraft(relation=who.relation, channel=who.channel, person_id=who.person_id)


def arrive(page: Page, heading: str = "今日家访") -> None:
    """The app with its list, also kept for the time without a line."""
    page.goto("/phone/")
    page.get_by_role("heading", name=heading).wait_for()
    page.evaluate("navigator.serviceWorker.ready")


def without_line(page: Page) -> None:
    page.context.set_offline(True)


def with_line(page: Page) -> None:
    page.context.set_offline(False)
