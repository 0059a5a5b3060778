"""Fixtures for every test."""

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test.utils import override_settings
from hypothesis import HealthCheck, settings

from scripts.chromium import find_chromium
from tests import fence
from tests.database import database_environment, django_db_setup

fence.connect()
# Machines are shared: how long an example takes says nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

__all__ = ["database_environment", "django_db_setup"]


@pytest.fixture(scope="session", autouse=True)
def passwords_cost_nothing() -> Iterator[None]:
    """A password's hash is slow on purpose, and every test that signs somebody in pays for one."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_as_they_are() -> Iterator[None]:
    """Pages under test name the files of the front end without collecting them first."""
    plain: dict[str, Any] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    memory: dict[str, Any] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    with override_settings(STORAGES={"default": memory, "staticfiles": plain}):
        yield


@pytest.fixture(autouse=True)
def anchors_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each test keeps the heads of its own audit chain, and never meets or harms those of a demonstration beside it."""
    anchors = tmp_path_factory.getbasetemp() / "anchors" / f"{uuid.uuid4()}.jsonl"
    with override_settings(AUDIT_ANCHOR=anchors):
        yield


@pytest.fixture(autouse=True)
def what_migrations_bring(request: pytest.FixtureRequest) -> None:
    """A transactional test leaves every table empty, also those that a new district finds filled."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None and not {"db", "transactional_db", "live_server"} & set(request.fixturenames):
        return
    transactional = marker is not None and marker.kwargs.get("transaction")
    request.getfixturevalue("transactional_db" if transactional else "db")
    from jiafang.insight.signs import ensure_sign_rules
    from tests.factories.care import ensure_categories

    ensure_categories()
    ensure_sign_rules()


@pytest.fixture(autouse=True)
def requests_end_before_the_tables_are_emptied(
    request: pytest.FixtureRequest, what_migrations_bring: None
) -> Iterator[None]:
    """A request that the last page left running would block that, or be blocked by it."""
    yield
    if "live_server" in request.fixturenames:
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join(timeout=20)


@pytest.fixture
def school(db: None) -> Any:
    """A school at work, with a campaign that has begun and a child in it, for tests that want no other."""
    from tests.factories.campaigns import small_school

    return small_school()


@pytest.fixture
def campaign(school: Any) -> Any:
    from tests.factories.campaigns import launched

    return launched(school.by, school.school)


@pytest.fixture
def child(school: Any) -> Any:
    return school.students[0][0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Whole files go to whichever process is free: the long ones first, or one process works alone at the end.
    long = {item.path for item in items if item.get_closest_marker("long")}
    browser = {item.path for item in items if item.get_closest_marker("browser")} - long
    items.sort(key=lambda item: (item.path not in long, item.path not in browser))
    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if find_chromium() is None:
        skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
        terminalreporter.write_sep("!", f"NO CHROMIUM: {len(skipped)} browser tests skipped", red=True, bold=True)
