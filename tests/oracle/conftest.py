"""The world is built once for all questions of a process, and undone at its end."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.oracle.build_campaigns import build_campaigns
from tests.oracle.build_people import build_people
from tests.oracle.facts import World
from tests.oracle.walk import undone


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), undone():
        built = World()
        build_people(built)
        build_campaigns(built)
        yield built
