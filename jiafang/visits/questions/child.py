"""Reads one XLSForm with pyxform in a process of its own, so that a hostile file can only kill this process.

Started by path (`python -I child.py limits…`), the workbook on standard input; writes one JSON document. Needs pyxform
and the standard library only.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import warnings
import zipfile
from typing import Any

ZIP_MAGIC = b"PK\x03\x04"
OLD_MAGIC = b"\xd0\xcf\x11\xe0"
BLOCK = 1 << 20
SHEETS = ("survey", "choices", "settings")
# Written beside every row, so that what pyxform makes of it still knows where it came from.
ROW = "jiafang_row"
# Tables of choices would grow rows that nobody wrote.
LEFT_OUT = "appearance"


class Refused(Exception):
    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def check_archive(content: bytes, limits: dict[str, int]) -> None:
    """Unpack every part once, in blocks, before anything else may touch it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > limits["entries"]:
                raise Refused("too_demanding")
            left = limits["unpacked_bytes"]
            for entry in entries:
                with archive.open(entry) as stream:
                    while block := stream.read(BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise Refused("too_demanding")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Refused("damaged") from error


def read(content: bytes, limits: dict[str, int]) -> dict[str, Any]:
    if content.startswith(ZIP_MAGIC):
        check_archive(content, limits)
    elif not content.startswith(OLD_MAGIC):
        raise Refused("not_excel")

    # openpyxl would load numpy, which reserves memory for every core: more than this process may have.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    # Only now: what pyxform imports is much, and a bomb is refused without it.
    from pyxform.errors import PyXFormError
    from pyxform.xls2json_backends import get_xlsform

    kind = ".xlsx" if content.startswith(ZIP_MAGIC) else ".xls"
    try:
        book = get_xlsform(io.BytesIO(content), file_type=kind)
    except PyXFormError as error:
        raise Refused("headers" if "header" in str(error) else "damaged", value=str(error)) from error
    if not book.survey:
        raise Refused("no_questions" if book.survey_header else "no_survey")
    if len(book.survey) > limits["rows"]:
        raise Refused("too_many_questions", most=limits["questions"])
    if len(book.choices or ()) > limits["rows"]:
        raise Refused("too_many_choices", most=limits["choices"])
    found = {
        "sheets": list(book.sheet_names or ()),
        "rows": {sheet: rows_of(book, sheet) for sheet in SHEETS},
        "form": None,
        "error": "",
    }
    mark_rows(book, "survey")
    mark_rows(book, "choices")
    try:
        found["form"] = form_of(book)
    except PyXFormError as error:
        found["error"] = str(error)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        # A row that pyxform did not expect; our own checks of the rows mostly name it.
        found["error"] = f"{type(error).__name__}: {error}"
    return found


def rows_of(book: Any, sheet: str) -> list[tuple[int, dict[str, str]]]:
    """(row, column → value), the columns under the names that pyxform gives them: label::English."""
    names = column_names(sheet, (getattr(book, f"{sheet}_header") or [{}])[0])
    return [
        (number, {names[header]: value for header, value in row.items() if value})
        for number, row in enumerate(getattr(book, sheet) or (), start=2)
        if row
    ]


def column_names(sheet: str, headers: Any) -> dict[str, str]:
    from pyxform import aliases
    from pyxform.parsing.sheet_headers import process_header
    from pyxform.question import MultipleChoiceQuestion, Option
    from pyxform.survey import Survey

    known, slots = {
        "survey": (aliases.survey_header, MultipleChoiceQuestion),
        "choices": (aliases.list_header, Option),
        "settings": (aliases.settings_header, Survey),
    }[sheet]
    double = any("::" in header for header in headers)
    return {
        header: "::".join(process_header(header, double, known, set(slots.get_slot_names()))[1]) for header in headers
    }


def mark_rows(book: Any, sheet: str) -> None:
    rows, headers = getattr(book, sheet), getattr(book, f"{sheet}_header")
    if not rows or not headers:
        return
    headers[0].pop(LEFT_OUT, None)
    headers[0][ROW] = None
    for number, row in enumerate(rows, start=2):
        for header in [header for header in row if header.strip().lower() == LEFT_OUT]:
            del row[header]
        if row:
            row[ROW] = str(number)


def form_of(book: Any) -> dict[str, Any]:
    from pyxform.xls2json import workbook_to_json

    form = workbook_to_json(book, warnings=[])
    return {key: form.get(key) for key in ("title", "children", "choices", "default_language")}


def main() -> None:
    limits = {name: int(value) for name, value in (argument.split("=") for argument in sys.argv[1:])}
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    try:
        found = read(sys.stdin.buffer.read(), limits)
    except Refused as refused:
        found = {"fault": refused.code, "facts": refused.facts}
    except MemoryError:
        found = {"fault": "too_demanding", "facts": {}}
    except BaseException:  # whatever a hostile workbook makes a reader raise, the file is at fault
        found = {"fault": "damaged", "facts": {}}
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(found))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
