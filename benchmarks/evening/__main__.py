"""Fills a district in a database of its own, then flushes the records of one evening into it as phones do.

The line comes back for each phone at some moment within `--minutes`; from then on it sends what it keeps, one item
after the other, some of it twice and some of it again because the answer was cut off.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.scratch import scratch_database

SMALL = 900


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=22500)
    parser.add_argument("--minutes", type=float, default=8.0, help="within which the phones find a line again")
    parser.add_argument("--pages", type=float, default=4.0, help="pages asked for in a second")
    parser.add_argument("--size", choices=("small", "district"), help="of the district; as many visits need")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    size = arguments.size or ("small" if arguments.visits <= SMALL else "district")
    with scratch_database("jiafang_benchmark_evening") as environment:
        command = [sys.executable, "-m", "benchmarks.evening.measure", size]
        numbers = (arguments.seed, arguments.visits, arguments.minutes, arguments.pages)
        done = subprocess.run([*command, *map(str, numbers)], env=environment, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
