"""The machine goes through many cases: one that fails is noted and tried again next time, the others are done."""

import logging
from collections.abc import Callable, Iterable

from jiafang.common.errors import Conflict

logger = logging.getLogger(__name__)


def one_by_one(found: Iterable[int], do: Callable[[int], bool]) -> int:
    """Do it with each, in a transaction of its own; with how many it was done. If some failed, Conflict in the end."""
    done = failed = 0
    for pk in found:
        try:
            done += do(pk)
        except Exception:
            logger.exception("%s failed for %d", do.__qualname__, pk)
            failed += 1
    if failed:
        raise Conflict(f"{failed} failed, {done} done")
    return done
