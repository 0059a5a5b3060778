"""Uploaded files at rest: sealed in the database until the import is committed or given up."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from jiafang.common.encrypted import seal, unseal
from jiafang.organization.models import RosterFile, RosterImport
from jiafang.organization.roster.reading import SourceFile

LONGEST_NAME = 200


def store(roster_import: RosterImport, files: Sequence[SourceFile]) -> None:
    RosterFile.unscoped.bulk_create(
        RosterFile(
            roster_import=roster_import,
            name=file.name[-LONGEST_NAME:],
            size=len(file.content),
            content=seal(file.content, f"roster {roster_import.pk} {file.name[-LONGEST_NAME:]}"),
        )
        for file in files
    )


def files_of(roster_import: RosterImport) -> list[SourceFile]:
    """The files as they were uploaded; none once the import is over."""
    return [
        SourceFile(file.name, unseal(bytes(file.content), f"roster {roster_import.pk} {file.name}"))
        for file in RosterFile.unscoped.filter(roster_import=roster_import)
    ]


def seal_plan(roster_import: RosterImport, plan: bytes) -> bytes:
    return seal(zlib.compress(plan, 1), f"roster plan {roster_import.pk}") if plan else b""


def stored_plan(roster_import: RosterImport) -> bytes:
    """The plan of the preview as bytes; nothing when there is none."""
    sealed = bytes(roster_import.plan)
    return zlib.decompress(unseal(sealed, f"roster plan {roster_import.pk}")) if sealed else b""
