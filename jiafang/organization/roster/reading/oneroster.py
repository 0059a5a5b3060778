"""OneRoster 1.1 and 1.2 CSV bundles as records by file; what they mean is read in interpret/oneroster.py."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field

from jiafang.organization.roster.faults import FileFault
from jiafang.organization.roster.reading.archive import unpack
from jiafang.organization.roster.reading.delimited import decode
from jiafang.organization.roster.reading.limits import Limits
from jiafang.organization.roster.reading.table import SourceFile

NEEDED = ("orgs.csv", "classes.csv", "users.csv", "enrollments.csv")
USED = (*NEEDED, "demographics.csv", "roles.csv", "courses.csv", "manifest.csv")


@dataclass(slots=True)
class Record:
    row: int  # as Excel would show it
    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name.lower(), "")

    @property
    def deleted(self) -> bool:
        return self["status"].lower() == "tobedeleted"


@dataclass(slots=True)
class Bundle:
    file: str
    records: dict[str, list[Record]] = field(default_factory=dict)
    headers: dict[str, list[str]] = field(default_factory=dict)

    def of(self, name: str) -> list[Record]:
        return self.records.get(f"{name}.csv", [])


def is_bundle(source: SourceFile) -> bool:
    """A zip that holds the four files without which there is no roster."""
    if not source.content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            names = {name.replace("\\", "/").rsplit("/", 1)[-1].lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return False
    return set(NEEDED) <= names


def read_bundle(source: SourceFile, limits: Limits) -> Bundle:
    bundle = Bundle(source.name)
    rows = 0
    for inner in unpack(source, limits):
        name = inner.name.rsplit("/", 1)[-1].lower()
        if name not in USED or name in bundle.records or not inner.content.strip():
            continue
        text = decode(inner)
        csv.field_size_limit(1_000_000)
        records: list[Record] = []
        try:
            lines = csv.reader(io.StringIO(text, newline=""))
            header = [cell.strip() for cell in next(lines, [])]
            keys = [cell.lower() for cell in header]
            for number, cells in enumerate(lines, start=2):
                rows += 1
                if rows > limits.rows * 4:
                    raise FileFault("too_many_rows", file=source.name, limit=limits.rows * 4)
                if any(cells):
                    records.append(Record(number, dict(zip(keys, map(str.strip, cells), strict=False))))
        except csv.Error as error:
            raise FileFault("file_not_a_table", file=inner.name) from error
        bundle.records[name], bundle.headers[name] = records, header
    return bundle
