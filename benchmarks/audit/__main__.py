"""Chains and verifies a million audit entries in a database of its own; what an entry costs a page beside it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile

from benchmarks.scratch import scratch_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, scratch_database("jiafang_benchmark_audit") as environment:
        environment["JIAFANG_AUDIT_ANCHOR"] = f"{folder}/anchors.jsonl"
        command = [sys.executable, "-m", "benchmarks.audit.measure", str(arguments.entries)]
        subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
