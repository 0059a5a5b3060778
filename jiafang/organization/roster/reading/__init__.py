"""Uploaded files become raw tables; whatever the files hold, the only error is FileFault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jiafang.organization.roster.faults import FileFault
from jiafang.organization.roster.reading.archive import is_office_document, unpack
from jiafang.organization.roster.reading.delimited import read_delimited
from jiafang.organization.roster.reading.limits import DEFAULT_LIMITS, Limits
from jiafang.organization.roster.reading.table import RawTable, SourceFile
from jiafang.organization.roster.reading.workbook import read_workbook

ZIP_MAGIC = b"PK"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BIFF_MAGICS = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
HTML_STARTS = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")
XML_START = b"<?xml"
OTHER_MAGICS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x7fELF", b"MZ")

__all__ = ["DEFAULT_LIMITS", "Limits", "RawTable", "SourceFile", "open_file", "tables_of"]


def tables_of(sources: Sequence[SourceFile], limits: Limits = DEFAULT_LIMITS) -> Iterator[RawTable | FileFault]:
    """Every table of every file in order; a file that cannot be read yields its fault and the others go on."""
    if len(sources) > limits.files:
        yield FileFault("too_many_files", file="", limit=limits.files)
        return
    for source in sources:
        try:
            yield from open_file(source, limits)
        except FileFault as fault:
            yield fault


def open_file(
    source: SourceFile, limits: Limits = DEFAULT_LIMITS, *, inside_archive: bool = False
) -> Iterator[RawTable]:
    content = source.content
    if not content.strip(b"\x00 \r\n\t"):
        raise FileFault("file_empty", file=source.name)
    if len(content) > limits.file_bytes:
        raise FileFault("file_too_large", file=source.name, limit_mb=limits.file_bytes // 1_000_000)
    head = content[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if content.startswith(ZIP_MAGIC):
        if is_office_document(content):
            yield from read_workbook(source, limits)
        elif inside_archive:
            raise FileFault("archive_in_archive", file=source.name)
        else:
            for inner in unpack(source, limits):
                yield from open_file(inner, limits, inside_archive=True)
    elif content.startswith((OLE_MAGIC, *BIFF_MAGICS)):
        yield from read_workbook(source, limits)
    elif head.startswith(HTML_STARTS) or (head.startswith(XML_START) and b"<workbook" in content[:4096].lower()):
        raise FileFault("file_is_a_web_page", file=source.name)
    elif head.startswith(XML_START) or content.startswith(OTHER_MAGICS):
        raise FileFault("file_not_a_table", file=source.name)
    else:
        yield read_delimited(source, limits)
