"""From the bytes of an XLSForm to a definition of our own, or to everything that is wrong in it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jiafang.visits.questions.define import MOST_CHOICES, MOST_QUESTIONS, Definition, define
from jiafang.visits.questions.faults import Fault, WorkbookFault
from jiafang.visits.questions.rows import look_through, words_of_pyxform

CHILD = Path(__file__).with_name("child.py")
LARGEST = 2 * 1024 * 1024
_MOST_SECONDS = 30
_LIMITS = {
    "unpacked_bytes": 60_000_000,
    "entries": 500,
    "rows": 3 * MOST_CHOICES,
    "questions": MOST_QUESTIONS,
    "choices": MOST_CHOICES,
    "memory": 700_000_000,
    "seconds": 20,
}


@dataclass(frozen=True)
class FormRead:
    """A workbook as it is asked; what was left out without harm is said in the remarks."""

    title: str
    definition: Definition
    remarks: list[Fault]


def read_workbook(content: bytes) -> FormRead:
    """The definition in a workbook; raises WorkbookFault with all that is wrong or not supported."""
    if len(content) > LARGEST:
        raise WorkbookFault([Fault("too_demanding")])
    found = _found_by_child(content)
    if "fault" in found:
        raise WorkbookFault([Fault(found["fault"], facts=found["facts"])])
    faults, remarks = look_through(found["sheets"], found["rows"])
    if not faults and found["error"]:
        faults = [words_of_pyxform(found["error"])]
    if faults:
        raise WorkbookFault(faults)
    definition = define(found["form"])
    return FormRead(_title(found), definition, remarks)


def _title(found: dict[str, Any]) -> str:
    settings = found["rows"]["settings"]
    return str(settings[0][1].get("title", "")).strip() if settings else ""


def _found_by_child(content: bytes) -> dict[str, Any]:
    arguments = [f"{name}={value}" for name, value in _LIMITS.items()]
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD), *arguments],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_MOST_SECONDS,
            check=False,
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return {"fault": "too_demanding", "facts": {}}
    return found
