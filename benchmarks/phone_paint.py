"""The phone app out of its own cache on a slow phone without a line: `python -m benchmarks.phone_paint`.

Each time the browser is started anew, four times slower than this machine, on a profile in which a teacher with a
class of 45 has opened the app once. Printed are the medians of the first paint and of the first screen with the day's
visits, and how much has to be fetched for the app, compressed.
"""

import argparse
import gzip
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path

from tests.browser.phone_kill.stage import stage  # isort: skip  # settings come first

from tests.browser import phone_evening
from tests.browser.phone_kill.line import Line
from tests.browser.phone_kill.teacher import Teacher

BUILD = Path(__file__).parent.parent / "jiafang" / "static" / "build"
MOST_MILLISECONDS, MOST_SCRIPT = 1000, 120 * 1024
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
FIRST_SCREEN = "performance.getEntriesByName('first-screen')[0]?.startTime"
NO_LINE = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


def paint(teacher: Teacher, slower: float) -> tuple[float, float]:
    browser = teacher.begin()
    try:
        browser.ask("Emulation.setCPUThrottlingRate", rate=slower)
        browser.ask("Network.enable")
        browser.ask("Network.emulateNetworkConditions", **NO_LINE)
        browser.ask("Page.navigate", url=f"{teacher.line.url}/phone/")
        both = browser.wait_for(f"{FIRST_PAINT} && {FIRST_SCREEN} && [{FIRST_PAINT}, {FIRST_SCREEN}]", patience=60)
        return both[0], both[1]
    finally:
        browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--slower", type=float, default=4)
    arguments = parser.parse_args()
    with stage() as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        evening = phone_evening.build(students=45)
        line = Line(server)
        teacher = Teacher(evening.teacher, [], line, Path(profile), random.Random(1))
        teacher.first_opening()
        line.close()
        measured = [paint(teacher, arguments.slower) for _time in range(arguments.times)]
    first, screen = (statistics.median(values) for values in zip(*measured, strict=True))
    script = len(gzip.compress((BUILD / "phone.js").read_bytes()))
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print("first paint, ms:", ", ".join(f"{one:.0f}" for one, _screen in measured))
    print(f"median of {len(measured)}: first paint {first:.0f} ms, first screen with the day's visits {screen:.0f} ms")
    print(f"script: {script / 1024:.1f} KB compressed")
    return 0 if first <= MOST_MILLISECONDS and script <= MOST_SCRIPT else 1


if __name__ == "__main__":
    sys.exit(main())
