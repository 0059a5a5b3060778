"""The clock and the caller's wish to stop, asked between steps of work."""

from __future__ import annotations

import time
from collections.abc import Callable


class Deadline:
    """Says when to hand over the best plan so far."""

    def __init__(self, seconds: float | None = None, wants_stop: Callable[[], bool] | None = None) -> None:
        self.began = time.monotonic()
        self.seconds = seconds
        self.wants_stop = wants_stop
        self.cancelled = False

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    def left(self, share: float = 1.0) -> float:
        """Seconds that remain, times `share`; a very long time when there is no limit."""
        if self.cancelled:
            return 0.0
        return 1e7 if self.seconds is None else max(0.0, (self.seconds - self.elapsed) * share)

    def part(self, share: float) -> Deadline:
        """A deadline for a share of what remains, that also ends when this one does."""
        seconds = None if self.seconds is None else self.left(share)
        return Deadline(seconds, None if self.wants_stop is None else lambda: self.over)

    @property
    def over(self) -> bool:
        """Whether to stop now."""
        if not self.cancelled and self.wants_stop is not None and self.wants_stop():
            self.cancelled = True
        return self.cancelled or self.left() <= 0
