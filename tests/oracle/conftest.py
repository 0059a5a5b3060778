"""The world is built once for all questions of a process, and undone at its end."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.oracle.building import built_world
from tests.oracle.facts import World
from tests.oracle.walk import quiet


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), quiet(), built_world() as built:
        yield built
