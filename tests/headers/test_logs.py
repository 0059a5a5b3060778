"""What is typed and stored stays out of the logs."""

import io
import logging

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from gunicorn.config import Config

from jiafang.common.quiet_log import QuietFormatter
from jiafang.config.gunicorn import AccessLogger
from tests.factories import organization as make
from tests.headers.faulty import CANARY

FAULTY = override_settings(ROOT_URLCONF="tests.headers.faulty")


@pytest.fixture
def log():
    """What the handler of the settings writes, at the finest level."""
    handler = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, QuietFormatter))
    written = io.StringIO()
    before, level = handler.setStream(written), logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    yield written
    logging.getLogger().setLevel(level)
    handler.setStream(before)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/faulty/crash/", "/faulty/row/", "/faulty/forbidden/", "/faulty/suspicious/"])
@FAULTY
def test_a_fault_is_logged_by_its_kind_and_place_alone(log, path):
    client = Client(raise_request_exception=False)
    client.post(f"{path}?name={CANARY}", {"finding": CANARY}, headers={"referer": f"http://testserver/?q={CANARY}"})
    said = log.getvalue()
    assert CANARY not in said
    assert "faulty.py:" in said or path in said
    assert "could not take" not in said
    if path.endswith("crash/"):
        assert "ValueError" in said
        assert "faulty.py:" in said
        assert "crash" in said
    if path.endswith("row/"):
        assert "IntegrityError" in said


@pytest.mark.django_db(transaction=True)
def test_pages_log_nothing_of_what_is_typed(log):
    client = Client()
    client.post(reverse("account_login"), {"login": CANARY, "password": CANARY})
    make.sign_in(client, make.bureau_post("administrator"))
    client.get(reverse("people_list"), {"q": CANARY})
    client.get(f"/nothing/?q={CANARY}")
    client.get(reverse("calendar_feed", args=["t0ken-" + "a" * 40]))
    said = log.getvalue()
    assert CANARY not in said
    assert "a" * 40 not in said
    assert "/nothing/" in said


@pytest.mark.parametrize(
    "speak",
    [
        lambda logger, error: logger.error("failed: %s", error),
        lambda logger, error: logger.error(f"failed: {error}", exc_info=error),
        lambda logger, error: logger.error("failed %(why)s", {"why": error}),
        lambda logger, error: logger.exception(error, exc_info=error),
        lambda logger, error: logger.warning("GET /people/?q=%s", CANARY.encode().hex(), stack_info=True),
        lambda logger, error: logger.error("GET /people/?q=" + CANARY),
    ],
)
def test_the_words_of_an_error_are_left_out_however_it_is_logged(log, speak):
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as inner:
            raise ValueError(f"refused: {CANARY}") from inner
    except ValueError as error:
        speak(logging.getLogger("anything"), error)
    said = log.getvalue()
    assert said
    assert CANARY not in said
    assert CANARY.encode().hex() not in said


def test_the_access_log_has_paths_alone():
    class Request:
        method, uri, path, version = "GET", f"/people/?q={CANARY}", "/people/", (1, 1)
        headers = (("REFERER", f"http://x/?q={CANARY}"), ("COOKIE", CANARY))

    class Response:
        status, sent, headers = "200 OK", 10, ()

    import datetime as dt

    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"/people/?q={CANARY}",
        "PATH_INFO": "/calendar/s3cret.ics",
        "QUERY_STRING": f"q={CANARY}",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"http://x/?q={CANARY}",
    }
    atoms = AccessLogger(Config()).atoms(Response, Request, environ, dt.timedelta(seconds=1))
    assert CANARY not in str(atoms)
    assert "s3cret" not in str(atoms)
    assert atoms["U"] == "/calendar/…"
