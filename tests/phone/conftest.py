"""Phones and the house they talk with."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from tests.oracle.changes import quickly_undone, undone
from tests.phone.house import House, Line, build
from tests.phone.node import Phones, running_phones

DEVICES = ("a", "b", "c")


@pytest.fixture(scope="module")
def process() -> Iterator[Phones]:
    with running_phones() as phones:
        yield phones


@pytest.fixture(scope="module")
def standing_house(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[House, Line]]:
    """Built once for a module, with both teachers signed in on every phone."""
    with django_db_blocker.unblock(), override_settings(VISIT_PHOTOS=True), undone():
        house, line = build(), Line()
        for device in DEVICES:
            for teacher in house.teachers:
                line.sign_in(device, teacher)
        line.clients.clear()
        yield house, line


@pytest.fixture
def house(standing_house: tuple[House, Line], django_db_blocker: Any) -> Iterator[House]:
    with django_db_blocker.unblock(), quickly_undone():
        yield standing_house[0]


@pytest.fixture
def line(standing_house: tuple[House, Line]) -> Iterator[Line]:
    line = standing_house[1]
    yield line
    line.clients.clear()
    line.served.clear()
    line.bundles = True
    line.disturb = lambda asked, reach: reach()


@pytest.fixture
def phones(process: Phones, line: Line) -> Phones:
    process.reset()
    process.serve = line
    return process
