"""The loop of the sequencer: chain what is new every half second, anchor the head when it has moved."""

import threading
import time
from pathlib import Path

from jiafang.accounts.audit import anchor
from jiafang.accounts.audit.chain import Connection, Sequencer, head_of

PAUSE_SECONDS = 0.5
STANDBY_SECONDS = 5.0
ENTRIES_BETWEEN_ANCHORS = 1000


def keep_chain(connection: Connection, anchors: Path, every: float, stopping: threading.Event) -> None:
    """Run until told to stop; while another sequencer holds the lock, wait for its end."""
    sequencer = Sequencer(connection)
    while not sequencer.is_the_only_one():
        if stopping.wait(STANDBY_SECONDS):
            return
    anchored, last = _anchored(anchors), 0.0
    while True:
        stops = stopping.is_set()
        sequencer.append()
        head = head_of(connection)
        moved = head.sequence - anchored
        if moved and (stops or moved >= ENTRIES_BETWEEN_ANCHORS or time.monotonic() - last >= every):
            if moved > 0:
                anchor.write(anchors, head.sequence, head.hash)
            # A chain shorter than its anchor is for `verify-audit` to tell; a new anchor must not hide it.
            anchored, last = max(anchored, head.sequence), time.monotonic()
        if stops:
            return
        stopping.wait(PAUSE_SECONDS)


def _anchored(anchors: Path) -> int:
    heads, _gone = anchor.standing(anchor.read(anchors).anchors)
    return max(heads, default=0)
