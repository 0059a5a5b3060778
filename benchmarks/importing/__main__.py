"""Generates the 60,000-student workbook, imports it into a fresh database, and prints time and memory."""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.scratch import scratch_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("small", "district"), default="district")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("workbooks", nargs="*", help="workbooks to import instead of a generated one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, scratch_database("jiafang_benchmark_import") as environment:
        paths = arguments.workbooks or [str(path) for path in _generate(arguments.size, arguments.seed, Path(folder))]
        subprocess.run([sys.executable, "-m", "benchmarks.importing.measure", *paths], env=environment, check=True)


def _generate(size: str, seed: int, folder: Path) -> list[Path]:
    from jiafang.demonstration.district import generate
    from jiafang.demonstration.workbook import write_workbooks

    began = time.monotonic()
    paths = write_workbooks(generate(size, seed, dt.datetime.now().astimezone().date()), folder)  # type: ignore[arg-type]  # argparse checked it
    print(f"generated {', '.join(path.name for path in paths)} in {time.monotonic() - began:.1f} s")
    return paths


if __name__ == "__main__":
    main()
