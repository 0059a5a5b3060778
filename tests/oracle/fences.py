"""Taking down one fence in a test, so that the other is seen to hold alone; nothing in the product can do it."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from tests.fence import without_the_first_fence, without_the_second_fence


class Fences(Enum):
    """Which of the two stand: the registry of scope rules, the policies of the database."""

    BOTH = "both"
    SECOND_ALONE = "first off"
    FIRST_ALONE = "second off"


@contextmanager
def standing(fences: Fences) -> Iterator[None]:
    if fences is Fences.SECOND_ALONE:
        with without_the_first_fence():
            yield
    elif fences is Fences.FIRST_ALONE:
        with without_the_second_fence():
            yield
    else:
        yield
