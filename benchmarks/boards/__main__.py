"""Fills 40 schools with open cases in a database of its own and measures the boards of each role."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.scratch import scratch_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="open cases, spread over 40 schools")
    parser.add_argument("--requests", type=int, default=60, help="measured requests of each page")
    arguments = parser.parse_args()
    with scratch_database("jiafang_benchmark_boards") as environment:
        command = [sys.executable, "-m", "benchmarks.boards.measure", str(arguments.cases), str(arguments.requests)]
        subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
