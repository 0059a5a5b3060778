"""Taking down one fence in a test, so that the other is seen to hold alone; nothing in the product can do it."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any
from unittest import mock

from jiafang.access import registry
from jiafang.access.registry import RuleEntry, everything


class Fences(Enum):
    """Which of the two stand: the registry of scope rules, the policies of the database."""

    BOTH = "both"
    SECOND_ALONE = "first off"
    FIRST_ALONE = "second off"


class _Everything(dict[Any, RuleEntry]):
    """A registry in which everybody may see everything for every purpose."""

    def get(self, key: Any, default: Any = None) -> RuleEntry:
        model, kind, purpose = key
        return RuleEntry(model, kind, purpose, everything, "everything")


@contextmanager
def standing(fences: Fences) -> Iterator[None]:
    if fences is Fences.SECOND_ALONE:
        with mock.patch.object(registry, "_rules", _Everything()):
            yield
    else:
        yield
