from collections.abc import Iterator

import pytest

from tests.questions.phone import Phone


@pytest.fixture(scope="session")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    made = Phone(tmp_path_factory.mktemp("twin"))
    yield made
    made.close()
