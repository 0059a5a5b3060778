"""Plans a school of 40 classes in a database of its own and measures its timetable: pages, moves, a plan anew."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.scratch import scratch_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classes", type=int, default=40)
    parser.add_argument("--moves", type=int, default=20, help="appointments moved by hand")
    arguments = parser.parse_args()
    with scratch_database("jiafang_benchmark_timetable") as environment:
        command = [sys.executable, "-m", "benchmarks.timetable.measure"]
        subprocess.run([*command, str(arguments.classes), str(arguments.moves)], env=environment, check=True)


if __name__ == "__main__":
    main()
