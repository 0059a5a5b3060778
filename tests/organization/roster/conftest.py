import pytest

from jiafang.access import Actor, system


@pytest.fixture
def importer() -> Actor:
    """Work that the machine itself asks for may import."""
    return system("test")
