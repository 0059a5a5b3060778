"""Measures requests in one process: processor time of this process and of its database server process together."""

from __future__ import annotations

import io
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import django
from django.conf import settings

django.setup()
settings.ROOT_URLCONF = "benchmarks.web.plain"
settings.DATABASES["default"]["CONN_MAX_AGE"] = None
settings.TEMPLATES[0]["DIRS"] = [*settings.TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402  # settings come first
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from benchmarks.web.fill import BY, Measured, fill  # noqa: E402
from jiafang.access import actor_transaction  # noqa: E402
from jiafang.accounts.models import User  # noqa: E402
from jiafang.accounts.services.devices import open_device  # noqa: E402
from jiafang.campaigns.models import Duty  # noqa: E402
from jiafang.common.clock import today  # noqa: E402
from jiafang.web.accounts.signed_in import DEVICE  # noqa: E402

ROUNDS = 6
CSRF = "a" * 32
Request = Callable[[], "Answer"]


@dataclass(frozen=True)
class Answer:
    status: str
    size: int


class Visitor:
    """Somebody who is signed in, calling the application as a server would."""

    def __init__(self, application: Callable[..., list[bytes]], user: User) -> None:
        self.application = application
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        device = open_device(user=user, device_token=f"benchmark{user.pk}", label="", second_factor="totp")
        session[DEVICE] = device.pk
        session.save()
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}"

    def ask(self, path: str, body: dict[str, object] | None = None) -> Answer:
        path, _, query = path.partition("?")
        sent = urlencode(body or {}, doseq=True).encode()
        environ = {
            "REQUEST_METHOD": "GET" if body is None else "POST",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_COOKIE": self.cookie,
            "HTTP_X_CSRFTOKEN": CSRF,
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(sent)),
            "wsgi.input": io.BytesIO(sent),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
        }
        told: list[str] = []
        response = self.application(environ, lambda status, headers, error=None: told.append(status))
        size = sum(len(part) for part in response)
        response.close()  # type: ignore[attr-defined]  # a Django response
        return Answer(told[0], size)


def _database_seconds(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _cost(request: Request, times: int, expected: str, measured: Measured) -> float:
    """Milliseconds of processor time for one request; the class is made due again first, for the sake of the saves."""
    with actor_transaction(BY):
        Duty.unscoped.filter(pk__in=measured.duty_ids).update(state=Duty.State.DUE, met_on=None)
    return processor_milliseconds(request, times, expected)


def processor_milliseconds(request: Request, times: int, expected: str = "200") -> float:
    """What one request costs, in this process and in the database's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    own, database = time.process_time(), _database_seconds(pid)
    for _ in range(times):
        answer = request()
        assert answer.status.startswith(expected), answer.status
    return 1000 * (time.process_time() - own + _database_seconds(pid) - database) / times


def _queries(request: Request) -> int:
    with CaptureQueriesContext(connection) as captured:
        request()
    return len(captured)


def main(size: str, seed: int, requests: int) -> None:
    began = time.monotonic()
    measured = fill(size, seed)
    print(f"{size} filled in {time.monotonic() - began:.0f} s")
    application = get_wsgi_application()
    teacher, principal, director = (
        Visitor(application, user) for user in (measured.teacher, measured.principal, measured.director)
    )
    pages = [
        ("teacher's agenda", 1.25, "200", lambda: teacher.ask(reverse("today")), lambda: teacher.ask("/plain/agenda/")),
        (
            "brief",
            1.25,
            "200",
            lambda: teacher.ask(reverse("brief", args=[measured.appointment_id])),
            lambda: teacher.ask(f"/plain/students/{measured.student_id}/"),
        ),
        (
            "student's page",
            1.25,
            "200",
            lambda: teacher.ask(reverse("student_sheet", args=[measured.student_id])),
            lambda: teacher.ask(f"/plain/students/{measured.student_id}/"),
        ),
        ("save of a visit", 2.0, "302", _saves(teacher, measured), _plain_saves(teacher, measured)),
        (
            "campaign page (school)",
            1.5,
            "200",
            lambda: principal.ask(reverse("campaign", args=[measured.campaign.pk])),
            lambda: principal.ask(f"/plain/campaigns/{measured.campaign.pk}/"),
        ),
        (
            "school overview",
            1.5,
            "200",
            lambda: principal.ask(reverse("overview")),
            lambda: principal.ask(f"/plain/campaigns/{measured.campaign.pk}/"),
        ),
        (
            "district overview",
            3.0,
            "200",
            lambda: director.ask(reverse("overview")),
            lambda: principal.ask(f"/plain/campaigns/{measured.campaign.pk}/"),
        ),
        (
            "district counted row by row",
            0.0,
            "200",
            lambda: director.ask("/plain/district/"),
            lambda: principal.ask(f"/plain/campaigns/{measured.campaign.pk}/"),
        ),
    ]
    head = f"{'page':<30}{'ours ms':>9}{'plain ms':>10}{'ratio':>8}{'budget':>8}{'queries':>9}{'plain':>7}{'KB':>6}"
    print(head)
    for name, budget, expected, ours, plain in pages:
        for request in (ours, plain) * 3:
            request()
        costs = []
        for _ in range(ROUNDS):
            costs.append(tuple(_cost(request, requests // ROUNDS, expected, measured) for request in (ours, plain)))
        mine, theirs = (statistics.median(column) for column in zip(*costs, strict=True))
        allowed = f"{budget:>8.2f}" if budget else f"{'–':>8}"
        told = f"{name:<30}{mine:>9.1f}{theirs:>10.1f}{mine / theirs:>8.2f}{allowed}"
        print(f"{told}{_queries(ours):>9}{_queries(plain):>7}{ours().size / 1024:>6.0f}", flush=True)


def _saves(teacher: Visitor, measured: Measured) -> Request:
    count = iter(range(10**6))

    def save() -> Answer:
        duty = measured.duty_ids[next(count) % len(measured.duty_ids)]
        visit_id = uuid.uuid4()
        body: dict[str, object] = {
            "visit_id": str(visit_id),
            "duties": [duty],
            "channel": "phone",
            "people": ["other"],
            "other_relation": "母亲",
            "day": today().isoformat(),
            "time": "00:00",
            "chips": ["study_steady"],
            "finding": "在家能按时完成作业",
            "follow_up": "no",
        }
        return teacher.ask(f"{reverse('record_unplanned')}?{urlencode({'duty': duty, 'id': visit_id})}", body)

    return save


def _plain_saves(teacher: Visitor, measured: Measured) -> Request:
    count = iter(range(10**6))

    def save() -> Answer:
        body: dict[str, object] = {
            "visit_id": str(uuid.uuid4()),
            "duty": measured.duty_ids[next(count) % len(measured.duty_ids)],
            "channel": "phone",
            "day": today().isoformat(),
            "time": "00:00",
            "finding": "在家能按时完成作业",
            "follow_up": "no",
        }
        return teacher.ask("/plain/save/", body)

    return save


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
