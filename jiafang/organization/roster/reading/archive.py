"""Zip bundles: OneRoster, or several tables sent as one file; unpacked within limits, never onto a disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from jiafang.organization.roster.faults import FileFault
from jiafang.organization.roster.reading.limits import Limits
from jiafang.organization.roster.reading.table import SourceFile

READABLE = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls")
BLOCK = 1 << 20
UTF8_FLAG = 0x800


def is_office_document(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.replace("\\", "/").lower().startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return False


def unpack(source: SourceFile, limits: Limits) -> Iterator[SourceFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > limits.archive_entries:
                raise FileFault("too_many_entries", file=source.name, limit=limits.archive_entries)
            left = limits.unpacked_bytes
            for entry in entries:
                name = _name(entry)
                base = name.rsplit("/", 1)[-1]
                if base.startswith((".", "~$", "._")) or "__MACOSX" in name:
                    continue
                if not base.lower().endswith(READABLE):
                    continue
                content = _content(archive, entry, min(left, limits.file_bytes), source, limits)
                left -= len(content)
                yield SourceFile(name=f"{source.name}/{name}", content=content)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        if isinstance(error, RuntimeError) and "password" in str(error):
            raise FileFault("file_has_password", file=source.name) from error
        raise FileFault("file_damaged", file=source.name) from error


def _content(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowed: int, source: SourceFile, limits: Limits
) -> bytes:
    buffer = io.BytesIO()
    with archive.open(entry) as stream:
        while block := stream.read(BLOCK):
            buffer.write(block)
            if buffer.tell() > allowed:
                megabytes = limits.unpacked_bytes // 1_000_000
                raise FileFault("file_unpacks_too_large", file=source.name, limit_mb=megabytes)
    return buffer.getvalue()


def _name(entry: zipfile.ZipInfo) -> str:
    """Windows writes Chinese names as GBK without saying so."""
    if entry.flag_bits & UTF8_FLAG:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename
