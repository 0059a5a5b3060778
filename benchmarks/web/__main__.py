"""Fills a district in a database of its own and measures the pages; `--size small` shows what grows with the data."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.scratch import scratch_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("small", "district"), default="district")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=60, help="measured requests of each page")
    arguments = parser.parse_args()
    with scratch_database("jiafang_benchmark_web") as environment:
        command = [sys.executable, "-m", "benchmarks.web.measure", arguments.size]
        subprocess.run([*command, str(arguments.seed), str(arguments.requests)], env=environment, check=True)


if __name__ == "__main__":
    main()
