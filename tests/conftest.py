"""Fixtures for every test."""

import pytest

from scripts.chromium import find_chromium
from tests.database import database_environment, django_db_setup

__all__ = ["database_environment", "django_db_setup"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if find_chromium() is None:
        skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
        terminalreporter.write_sep("!", f"NO CHROMIUM: {len(skipped)} browser tests skipped", red=True, bold=True)
