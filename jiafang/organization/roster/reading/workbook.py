"""Excel workbooks, read by a child process that may be killed by what it reads."""

from __future__ import annotations

import dataclasses
import marshal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from jiafang.organization.roster.faults import FileFault
from jiafang.organization.roster.reading.limits import Limits
from jiafang.organization.roster.reading.table import Merge, RawTable, SourceFile

CHILD = Path(__file__).with_name("child.py")
CHILD_LIMITS = (
    "unpacked_bytes",
    "archive_entries",
    "sheets",
    "rows",
    "columns",
    "cells",
    "text_length",
    "sent_bytes",
    "child_memory",
    "child_seconds",
)


def read_workbook(source: SourceFile, limits: Limits) -> Iterator[RawTable]:
    """The sheets one after another, so that one can be worked on while the next is read."""
    chosen = dataclasses.asdict(limits)
    arguments = [f"{name}={chosen[name]}" for name in CHILD_LIMITS]
    process = subprocess.Popen(
        [sys.executable, "-I", str(CHILD), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    feeder = threading.Thread(target=_feed, args=(process.stdin, source.content), daemon=True)
    feeder.start()
    try:
        yield from _tables(source.name, process.stdout)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
        feeder.join()


def _feed(stream: IO[bytes], content: bytes) -> None:
    try:
        stream.write(content)
        stream.close()
    except OSError:
        pass  # the child died early; its missing last frame says so


def _tables(file: str, stream: IO[bytes]) -> Iterator[RawTable]:
    table: RawTable | None = None
    while True:
        try:
            body = stream.read(int.from_bytes(stream.read(4), "big"))
            frame: tuple[Any, ...] = marshal.loads(body)  # noqa: S302 - written by our own child
        except (EOFError, ValueError, TypeError) as error:
            raise FileFault("file_too_demanding", file=file) from error
        if frame[0] == "rows":
            assert table is not None
            table.rows.extend(frame[1])
            continue
        if frame[0] == "fault":
            raise FileFault(frame[1], file=file, **frame[2])
        if table is not None:
            yield table
            table = None
        if frame[0] == "end":
            return
        _, name, visible, left, merges = frame
        table = RawTable(
            file=file, sheet=name, rows=[], first_column=left, merges=[Merge(*m) for m in merges], hidden=not visible
        )
