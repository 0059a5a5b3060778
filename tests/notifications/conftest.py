from collections.abc import Iterator

import pytest

from jiafang.notifications import kinds
from tests.notifications.telling import declare_once


@pytest.fixture(autouse=True)
def kinds_of_the_test() -> Iterator[None]:
    before = dict(kinds._kinds)
    declare_once()
    yield
    kinds._kinds.clear()
    kinds._kinds.update(before)
