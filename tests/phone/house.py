"""A school with a running campaign, and the real server behind a line that a test can disturb."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from jiafang.campaigns.models import Appointment, Campaign, Duty
from jiafang.organization.models import Person, SchoolClass
from tests.factories import campaigns as plan
from tests.factories import organization as make
from tests.factories import visits as write
from tests.phone.node import CUT, Answer, Asked

BUSY = Answer(503, {"content-type": "application/problem+json", "Retry-After": "5"}, b'{"status": 503}')
FAULTY = Answer(500, {"content-type": "text/html"}, b"<h1>Server Error</h1>")
PORTAL = Answer(200, {"content-type": "text/html"}, b"<title>Welcome to our hotel</title>")
PASSED_ON = ("Content-Type", "ETag", "Retry-After")


@dataclass
class House:
    school: plan.SmallSchool
    campaign: Campaign
    duties: list[Duty]
    appointments: list[Appointment]

    @property
    def teachers(self) -> list[Person]:
        return self.school.homeroom

    def duties_of(self, school_class: SchoolClass) -> list[Duty]:
        students = self.school.students[self.school.classes.index(school_class)]
        return [duty for duty in self.duties if duty.person in students]


def build(*, classes: int = 2, students: int = 3) -> House:
    """Every class with an appointment for its first student; no planner."""
    school = plan.small_school(classes=classes, students=students)
    for teacher in school.homeroom:
        make.user_of(teacher)
    campaign = plan.launched(school.by, school.school)
    appointments = [write.appointment(campaign, [of_class[0]]) for of_class in school.students]
    duties = list(Duty.unscoped.filter(campaign=campaign, parent=None).order_by("pk").select_related("person"))
    return House(school, campaign, duties, appointments)


def draft(duties: list[Duty], finding: str, **fields: Any) -> dict[str, Any]:
    """A routine record as the form fills it."""
    return {
        "campaign": duties[0].campaign_id,
        "appointment": None,
        "duties": [duty.pk for duty in duties],
        "people": [duty.person_id for duty in duties],
        "channel": "phone",
        "started_at": write.an_hour_ago().isoformat(),
        "ended_at": None,
        "participants": [{"person": None, "relation": "母亲", "channel": "phone"}],
        "chips": [],
        "finding": finding,
        "notes": [],
        "guardian_opinion": "",
        "notices_conveyed": True,
        "follow_up": False,
        "concerns": [],
        "answers": [],
        "form_seconds": 20,
    } | fields


Disturb = Callable[[Asked, Callable[[], Answer]], Answer]


class Line:
    """Each phone's way to the server: who is signed in on it, and what happens to what it asks."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self._sessions: dict[tuple[str, int], Client] = {}
        self.served: list[Asked] = []
        self.bundles = True
        self.disturb: Disturb = lambda asked, reach: reach()

    def sign_in(self, device: str, person: Person, kind: str = "teacher", *, anew: bool = False) -> None:
        """The session from before the test if it still stands: a new one costs as much as ten requests."""
        kept = None if anew else self._sessions.get((device, person.pk))
        if kept is None or not kept.session.exists(kept.session.session_key or ""):
            client = Client(enforce_csrf_checks=True, raise_request_exception=False)
            make.sign_in(client, person, kind)
            kept = self._sessions[device, person.pk] = client
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        for name, morsel in kept.cookies.items():
            client.cookies[name] = morsel.value
        self.clients[device] = client

    def sign_out(self, device: str) -> None:
        """The session ends elsewhere, as by revocation."""
        self.clients[device] = Client(enforce_csrf_checks=True)

    def __call__(self, asked: Asked) -> Answer:
        if not self.bundles and asked.path == bundle_address():
            return FAULTY
        return self.disturb(asked, lambda: self.reach(asked))

    def reach(self, asked: Asked) -> Answer:
        """What the server says, when it is reached."""
        client = self.clients.get(asked.device)
        if client is None:
            return CUT
        self.served.append(asked)
        headers = {name: value for name, value in asked.headers.items() if name != "content-type"}
        content_type = asked.headers.get("content-type", "application/octet-stream")
        response = client.generic(asked.method, asked.path, asked.body, content_type=content_type, headers=headers)
        body = response.content
        told = {name.lower(): response.headers[name] for name in PASSED_ON if name in response.headers}
        return Answer(response.status_code, told, body)


def outcome(appointment: Appointment, what: str) -> dict[str, Any]:
    return {"appointment": appointment.pk, "outcome": what, "moved_to": None}


def bundle_address() -> str:
    return reverse("api:phone_bundle")
