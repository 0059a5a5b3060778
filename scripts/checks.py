"""What `make test` checks, in the order in which a mistake is cheapest to find."""

import os
import subprocess
import sys
import time
from pathlib import Path

from scripts import machine
from scripts.machine import CHECKOUT, VENV, VENV_PYTHON, say

PROGRAMS = VENV / "bin"


def static_checks() -> dict[str, list[str | Path]]:
    return {
        "lint": [PROGRAMS / "ruff", "check", "."],
        "format": [PROGRAMS / "ruff", "format", "--check", "."],
        "types": [VENV_PYTHON, "-m", "mypy"],
        "architecture": [PROGRAMS / "lint-imports", "--no-cache"],
        "messages": [VENV_PYTHON, "-m", "jiafang", "messages", "--check"],
        "migrations": [VENV_PYTHON, "-m", "jiafang", "makemigrations", "--check", "--dry-run"],
    }


def run_all() -> int:
    """Run every check even when one fails; pytest comes last so that its closing line is the last word."""
    failed = [name for name, command in static_checks().items() if not _passes(name, command)]
    say(f"Checks failed: {', '.join(failed)}" if failed else "Checks passed")
    status = run_tests(
        "-n",
        os.environ.get("JIAFANG_TEST_PROCESSES", "2"),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "--durations",
        "40",
    )
    if failed:
        print(f"make test: failed before the tests: {', '.join(failed)}", file=sys.stderr)
    return status or (1 if failed else 0)


def run_tests(*arguments: str) -> int:
    started = time.monotonic()
    status = subprocess.run([VENV_PYTHON, "-m", "pytest", *arguments], cwd=CHECKOUT, check=False).returncode
    print(f"· tests: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return status


def run_nights() -> int:
    """Each rule taken away, very many random requests with both fences and with either alone, then killed browsers."""
    nights = [
        ["tests.oracle.mutants"],
        ["tests.oracle.night"],
        ["tests.oracle.night", "--first-off"],
        ["tests.oracle.night", "--second-off"],
        ["tests.browser.phone_kill", "--runs", "2000"],
    ]
    ended = [subprocess.run([VENV_PYTHON, "-m", *night], cwd=CHECKOUT, check=False).returncode for night in nights]
    return max(ended)


def _passes(name: str, command: list[str | Path]) -> bool:
    started = time.monotonic()
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    if done.returncode == 0:
        machine.say(f"{name}: ok ({seconds:.0f} s)")
        return True
    machine.say(f"{name}: FAILED ({seconds:.0f} s)")
    print(done.stdout + done.stderr, flush=True)
    return False
