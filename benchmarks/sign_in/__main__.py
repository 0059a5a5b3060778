"""A school at eight in the morning: 300 people sign in from one address, with the hasher and server of production."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from benchmarks.scratch import scratch_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--at-once", type=int, default=30, help="browsers that press the button at the same time")
    arguments = parser.parse_args()
    os.environ["JIAFANG_DEBUG"] = "1"  # static files as they are; no page debugs anything
    with scratch_database("jiafang_benchmark_sign_in") as environment:
        command = [sys.executable, "-m", "benchmarks.sign_in.measure"]
        subprocess.run([*command, str(arguments.people), str(arguments.at_once)], env=environment, check=True)


if __name__ == "__main__":
    main()
