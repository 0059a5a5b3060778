"""Uploaded files at rest: sealed in the database until the import is committed or given up."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from jiafang.organization.models import RosterFile, RosterImport
from jiafang.organization.roster.reading import SourceFile

LONGEST_NAME = 200


def store(roster_import: RosterImport, files: Sequence[SourceFile]) -> None:
    RosterFile.unscoped.bulk_create(
        RosterFile(
            roster_import=roster_import,
            name=file.name[-LONGEST_NAME:],
            size=len(file.content),
            content=file.content,
        )
        for file in files
    )


def files_of(roster_import: RosterImport) -> list[SourceFile]:
    """The files as they were uploaded; none once the import is over."""
    return [SourceFile(file.name, file.content) for file in RosterFile.unscoped.filter(roster_import=roster_import)]


def packed_plan(plan: bytes) -> bytes:
    return zlib.compress(plan, 1) if plan else b""


def stored_plan(roster_import: RosterImport) -> bytes:
    """The plan of the preview as bytes; nothing when there is none."""
    return zlib.decompress(roster_import.plan) if roster_import.plan else b""
