"""Phones and the house they talk with."""

from collections.abc import Iterator

import pytest

from tests.phone.house import House, Line, build
from tests.phone.node import Phones, running_phones


@pytest.fixture(scope="module")
def process() -> Iterator[Phones]:
    with running_phones() as phones:
        yield phones


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def phones(process: Phones, line: Line) -> Phones:
    process.reset()
    process.serve = line
    return process


@pytest.fixture
def house(db: None) -> House:
    return build()
