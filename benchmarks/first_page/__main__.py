"""The first page of a signed-in teacher with and without the fences: one process, the same data, in turn."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.scratch import scratch_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("small", "district"), default="district")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=40, help="how often each variant has its turn")
    parser.add_argument("--requests", type=int, default=10, help="requests in one turn")
    arguments = parser.parse_args()
    numbers = [str(number) for number in (arguments.seed, arguments.rounds, arguments.requests)]
    with scratch_database("jiafang_benchmark_first_page") as environment:
        command = [sys.executable, "-m", "benchmarks.first_page.measure", arguments.size, *numbers]
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
