"""How far a job is, written on a connection of its own, so that a page sees it while the work is not committed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from jiafang.access import Actor, enter, system

SECONDS_BETWEEN = 0.3
PROGRESS = system("progress")


class Progress:
    def __init__(self, by: Actor, import_id: int) -> None:
        self._by, self._import_id = by, import_id
        self._other = connection.copy()
        self._began = time.monotonic()
        self._last = 0.0
        self._step = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        elapsed = time.monotonic() - self._began
        if step == self._step and elapsed - self._last < SECONDS_BETWEEN:
            return
        self._step, self._last = step, elapsed
        state = {"step": step, "done": done, "total": total, "seconds": round(elapsed, 1)}
        self._other.set_autocommit(False)
        try:
            with self._other.cursor() as cursor:
                enter(cursor, PROGRESS)
                cursor.execute(
                    "UPDATE organization_rosterimport SET progress = %s WHERE id = %s",
                    [json.dumps(state), self._import_id],
                )
            self._other.commit()
        finally:
            self._other.set_autocommit(True)

    def close(self) -> None:
        self._other.close()


@contextmanager
def progress_of(by: Actor, import_id: int) -> Iterator[Progress]:
    progress = Progress(by, import_id)
    try:
        yield progress
    finally:
        progress.close()
