"""Plans a school of 40 classes in a database of its own and measures its timetable: pages, moves, a plan anew."""

from __future__ import annotations

import argparse
import base64
import os
import secrets
import subprocess
import sys

from benchmarks.scratch import scratch_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classes", type=int, default=40)
    parser.add_argument("--moves", type=int, default=20, help="appointments moved by hand")
    arguments = parser.parse_args()
    os.environ.setdefault("JIAFANG_SECRET_KEY", secrets.token_urlsafe(50))
    for name in ("JIAFANG_MASTER_KEY", "JIAFANG_HASH_KEY"):
        os.environ.setdefault(name, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    with scratch_database("jiafang_benchmark_timetable") as environment:
        command = [sys.executable, "-m", "benchmarks.timetable.measure"]
        subprocess.run([*command, str(arguments.classes), str(arguments.moves)], env=environment, check=True)


if __name__ == "__main__":
    main()
