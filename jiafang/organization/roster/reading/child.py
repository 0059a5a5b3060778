"""Reads one Excel workbook in a process of its own, so that a hostile file can only kill this process.

Started by path (`python -I child.py limits…`), the workbook on standard input; writes marshalled frames to
standard output. Needs python-calamine and the standard library only.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import marshal
import re
import resource
import sys
import zipfile
from typing import Any

CHUNK_ROWS = 2_000
ZIP_MAGIC = b"PK\x03\x04"
SHEET_XML = re.compile(r"^xl/worksheets/[^/]+\.xml$", re.IGNORECASE)
# A reference beyond column OJ or row 299,999: only those can blow the dense table up.
FAR_REFERENCE = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br\s*=\s*[\"']([A-Za-z]*)(\d*)[\"'][^>]*(?<!/)>")
SUSPECT = re.compile(rb'r="(?:[A-Za-z]{3,}\d|(?:[Oo][K-Zk-z]|[P-Zp-z][A-Za-z])\d|[A-Za-z]+(?:[3-9]\d{5}|\d{7}))')
UNUSUAL_XML = re.compile(rb"r=['\s]|r\s+=")
FORMULA_CELL = re.compile(
    rb"<c\b([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>", re.DOTALL
)
ERROR_CELL = re.compile(rb"<c\b([^>]*\bt\s*=\s*[\"']e[\"'][^>]*)>")
REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
BLOCK = 1 << 20
OVERLAP = 1 << 14
MARKS_KEPT = 20_000


class Refused(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
        if number > 100_000:
            break
    return number - 1


class Budget:
    """What is still allowed of unpacked bytes and of cells."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.limits = limits
        self.bytes_left = limits["unpacked_bytes"]
        self.cells_left = limits["cells"]
        self.sent_left = limits["sent_bytes"]

    def spend_bytes(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise Refused("file_unpacks_too_large", limit_mb=self.limits["unpacked_bytes"] // 1_000_000)

    def spend_sent(self, count: int) -> None:
        """What goes to the parent is what the parent must hold."""
        self.sent_left -= count
        if self.sent_left < 0:
            raise Refused("file_too_demanding")

    def check_extent(self, rows: int, columns: int) -> None:
        if rows > self.limits["rows"]:
            raise Refused("too_many_rows", limit=self.limits["rows"])
        if columns > self.limits["columns"]:
            raise Refused("too_many_columns", limit=self.limits["columns"])


def scan_sheet(stream: Any, budget: Budget) -> dict[tuple[int, int], Any]:
    """Measure a sheet's XML while it unpacks and note cells whose formula has no stored value."""
    marks: dict[tuple[int, int], Any] = {}
    tail = b""
    while block := stream.read(BLOCK):
        budget.spend_bytes(len(block))
        text = tail + block
        if SUSPECT.search(text) or UNUSUAL_XML.search(text):
            for match in FAR_REFERENCE.finditer(text):
                row = int(match[2][:9] or b"0")
                if column_number(match[1]) >= budget.limits["columns"]:
                    raise Refused("too_many_columns", limit=budget.limits["columns"])
                if row > budget.limits["rows"]:
                    raise Refused("too_many_rows", limit=budget.limits["rows"])
        if b"<f" in text:
            note_marks(marks, FORMULA_CELL, text, None)
        if b't="e"' in text or b"t='e'" in text:
            note_marks(marks, ERROR_CELL, text, ...)
        tail = text[-OVERLAP:]
    return marks


def note_marks(marks: dict[tuple[int, int], Any], pattern: re.Pattern[bytes], text: bytes, mark: Any) -> None:
    for match in pattern.finditer(text):
        if len(marks) >= MARKS_KEPT:
            return
        if reference := REFERENCE.search(match[1]):
            marks[(int(reference[2]) - 1, column_number(reference[1]))] = mark


def scan_archive(content: bytes, budget: Budget) -> dict[str, dict[tuple[int, int], Any]]:
    """Unpack every part once, in blocks, before the Excel library may touch it."""
    marks: dict[str, dict[tuple[int, int], Any]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > budget.limits["archive_entries"]:
                raise Refused("too_many_entries", limit=budget.limits["archive_entries"])
            for entry in entries:
                with archive.open(entry) as stream:
                    if SHEET_XML.match(entry.filename.replace("\\", "/")):
                        found = scan_sheet(stream, budget)
                        if found:
                            marks[entry.filename.replace("\\", "/").lower()] = found
                    else:
                        while block := stream.read(BLOCK):
                            budget.spend_bytes(len(block))
            return marks_by_sheet_name(archive, marks) if marks else {}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Refused("file_damaged") from error


def marks_by_sheet_name(
    archive: zipfile.ZipFile, marks: dict[str, dict[tuple[int, int], Any]]
) -> dict[str, dict[tuple[int, int], Any]]:
    """Follow workbook.xml to its sheets; a workbook that cannot be followed has no marks."""
    try:
        workbook = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return {}
    targets = {}
    for element in re.findall(r"<Relationship\b[^>]*>", relations):
        identity, target = re.search(r'\bId="([^"]*)"', element), re.search(r'\bTarget="([^"]*)"', element)
        if identity and target:
            path = target[1].lstrip("/")
            targets[identity[1]] = (path if path.startswith("xl/") else "xl/" + path).lower()
    named = {}
    for element in re.findall(r"<sheet\b[^>]*>", workbook):
        name, identity = re.search(r'\bname="([^"]*)"', element), re.search(r'\br:id="([^"]*)"', element)
        if name and identity and (found := marks.get(targets.get(identity[1], ""))):
            named[unescape(name[1])] = found
    return named


def unescape(text: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def plain(value: Any, text_length: int) -> Any:
    kind = type(value)
    if kind is str:
        return value if len(value) <= text_length else value[:text_length]
    if kind is float:
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if kind is int and abs(value) >= 10**15:
        return float(value)
    if kind is datetime.datetime:
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if kind is datetime.date:
        return value.isoformat()
    if kind in (bool, int):
        return value
    return str(value)


def send(frame: tuple[Any, ...], budget: Budget | None = None) -> None:
    body = marshal.dumps(frame, 2)
    if budget is not None:
        budget.spend_sent(len(body))
    sys.stdout.buffer.write(len(body).to_bytes(4, "big"))
    sys.stdout.buffer.write(body)


def read(content: bytes, limits: dict[str, int]) -> None:
    import python_calamine  # after the scan's own imports: the library is the slow part

    budget = Budget(limits)
    marks: dict[str, dict[tuple[int, int], Any]] = {}
    if content.startswith(ZIP_MAGIC):
        marks = scan_archive(content, budget)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise Refused("file_has_password") from error
    if len(workbook.sheet_names) > limits["sheets"]:
        raise Refused("too_many_sheets", limit=limits["sheets"])
    for metadata in workbook.sheets_metadata:
        if metadata.typ == python_calamine.SheetTypeEnum.WorkSheet:
            visible = metadata.visible == python_calamine.SheetVisibleEnum.Visible
            send_sheet(workbook, metadata.name, visible, marks.get(metadata.name, {}), budget)
    send(("end",))


def send_sheet(workbook: Any, name: str, visible: bool, marks: dict[tuple[int, int], Any], budget: Budget) -> None:
    sheet = workbook.get_sheet_by_name(name)
    start = sheet.start
    if start is None:
        return
    left, bottom = start[1], sheet.end[0]
    budget.check_extent(bottom + 1, sheet.end[1] + 1)
    merges = [(a, b, c, d) for (a, b), (c, d) in (sheet.merged_cell_ranges or [])[:50_000]]
    send(("sheet", name, visible, left, merges))
    text_length = budget.limits["text_length"]
    marked_rows: dict[int, list[tuple[int, Any]]] = {}
    for (row, column), mark in marks.items():
        marked_rows.setdefault(row, []).append((column - left, mark))
    chunk = []
    for number, values in enumerate(sheet.iter_rows()):
        cells = [value if type(value) is str and len(value) < 256 else plain(value, text_length) for value in values]
        for position, mark in marked_rows.get(number, ()):
            if 0 <= position < len(cells) and cells[position] == "":
                cells[position] = mark
        budget.cells_left -= len(cells)
        if budget.cells_left < 0:
            raise Refused("too_many_cells", limit=budget.limits["cells"])
        chunk.append(cells)
        if len(chunk) == CHUNK_ROWS:
            send(("rows", chunk), budget)
            chunk = []
    if chunk:
        send(("rows", chunk), budget)


def main() -> None:
    limits = {name: int(value) for name, value in (argument.split("=") for argument in sys.argv[1:])}
    resource.setrlimit(resource.RLIMIT_AS, (limits["child_memory"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["child_seconds"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        read(sys.stdin.buffer.read(), limits)
    except Refused as refused:
        send(("fault", refused.code, refused.params))
    except MemoryError:
        send(("fault", "file_too_demanding", {}))
    except BaseException:  # a panic of the Excel library is no Exception; whatever it is, the file is at fault
        send(("fault", "file_damaged", {}))
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
