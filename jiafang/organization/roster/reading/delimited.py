"""Text tables: comma, tab or semicolon, in the encodings that Chinese offices produce."""

from __future__ import annotations

import codecs
import csv
import io

from jiafang.organization.roster.faults import FileFault
from jiafang.organization.roster.reading.limits import Limits
from jiafang.organization.roster.reading.table import RawTable, SourceFile

SAMPLE = 65_536


def decode(source: SourceFile) -> str:
    """UTF-8 with or without BOM, UTF-16 with or without BOM, else GB18030; anything else is told."""
    content = source.content
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_as(source, "utf-16")
    if content.startswith(codecs.BOM_UTF8):
        return _decode_as(source, "utf-8-sig")
    if b"\x00" in content[:SAMPLE]:
        return _decode_as(source, _utf16_order(content))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_as(source, "gb18030")


def _decode_as(source: SourceFile, encoding: str) -> str:
    try:
        return source.content.decode(encoding)
    except UnicodeError as error:
        raise FileFault("encoding_unknown", file=source.name) from error


def _utf16_order(content: bytes) -> str:
    """Without a BOM the zero bytes of commas and digits tell the order."""
    sample = content[:SAMPLE]
    return "utf-16-be" if sample[0::2].count(0) > sample[1::2].count(0) else "utf-16-le"


def delimiter_of(text: str) -> str:
    lines = [line for line in text[:SAMPLE].splitlines()[:30] if line.strip()]
    counts = {mark: sum(line.count(mark) for line in lines) for mark in (",", "\t", ";", "\uff0c", "|")}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def read_delimited(source: SourceFile, limits: Limits) -> RawTable:
    text = decode(source)
    if "\x00" in text:
        raise FileFault("file_not_a_table", file=source.name)
    rows: list[list[object]] = []
    cells = 0
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        for row in reader:
            cells += len(row)
            if len(rows) >= limits.rows:
                raise FileFault("too_many_rows", file=source.name, limit=limits.rows)
            if len(row) > limits.columns:
                raise FileFault("too_many_columns", file=source.name, limit=limits.columns)
            if cells > limits.cells:
                raise FileFault("too_many_cells", file=source.name, limit=limits.cells)
            rows.append(row)  # type: ignore[arg-type]
    except csv.Error as error:
        raise FileFault("file_not_a_table", file=source.name) from error
    stem = source.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return RawTable(file=source.name, sheet=stem, rows=rows)
