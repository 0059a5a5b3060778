"""One import, measured in a process of its own; started by `python -m benchmarks.importing`."""

from __future__ import annotations

import contextlib
import io
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import django

django.setup()

import psutil  # noqa: E402
import python_calamine  # noqa: E402  # the settings come first

from jiafang.access import system  # noqa: E402
from jiafang.organization.models import RosterImport  # noqa: E402
from jiafang.organization.roster.reading import SourceFile  # noqa: E402
from jiafang.organization.services.roster import check_import, choose, commit_import, confirm, upload_roster  # noqa: E402

T = TypeVar("T")
BY = system("benchmark")


def main() -> None:
    peak = PeakMemory()
    peak.start()
    files = [SourceFile(Path(path).name, Path(path).read_bytes()) for path in sys.argv[1:]]
    upload = timed("upload", lambda: upload_roster(by=BY, files=files))
    choose(by=BY, import_id=upload.pk, choices={"siblings": ["guardian"]})
    began = time.monotonic()
    checked = timed("validate and preview", lambda: check_import(by=BY, import_id=upload.pk))
    counts = checked.preview["fault_counts"]
    print(f"  faults {counts}; siblings proposed {checked.preview['report']['sibling_count']}")
    confirm(by=BY, import_id=upload.pk)
    done = timed("commit", lambda: commit_import(by=BY, import_id=upload.pk))
    total = time.monotonic() - began
    print(f"{'in all':<42}{total:8.1f} s   (target 60, stretch 30)")
    print(f"{'peak memory, importer and its reader together':<42}{peak.megabytes:5.0f} MB   (target 600)")
    assert done.state == RosterImport.State.COMMITTED
    new = {key: count for key, count in done.preview["report"]["counts"].items() if key.endswith(".new")}
    print(f"  {new}")
    again = timed("the same file again: upload and preview", lambda: _again(files))
    assert again.preview["empty"], again.preview["report"]["counts"]
    alone = timed("python-calamine alone, only reading", lambda: [_read(file.content) for file in files])
    print(f"  {sum(alone)} rows; the whole import costs {total / max(0.001, timings[-1]):.0f} times the mere reading")


class PeakMemory(threading.Thread):
    """Looks five times a second at what this process and its children hold."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.megabytes = 0.0

    def run(self) -> None:
        process = psutil.Process()
        while True:
            held = 0
            for each in (process, *process.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    held += each.memory_info().rss
            self.megabytes = max(self.megabytes, held / 1e6)
            time.sleep(0.2)


def _again(files: list[SourceFile]) -> RosterImport:
    upload = upload_roster(by=BY, files=files)
    choose(by=BY, import_id=upload.pk, choices={"siblings": ["guardian"]})
    return check_import(by=BY, import_id=upload.pk)


def _read(content: bytes) -> int:
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return sum(sum(1 for _ in workbook.get_sheet_by_name(name).iter_rows()) for name in workbook.sheet_names)


timings: list[float] = []


def timed(what: str, work: Callable[[], T]) -> T:
    began, busy = time.monotonic(), _cpu()
    result = work()
    timings.append(time.monotonic() - began)
    print(f"{what:<42}{timings[-1]:8.1f} s   {_cpu() - busy:6.1f} s of processor, the database's aside", flush=True)
    return result


def _cpu() -> float:
    usages = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
