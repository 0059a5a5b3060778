"""Read, check and compare an import's files: the same work for the preview and for the commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jiafang.common.clock import today
from jiafang.organization.models import HeaderMapping, RosterImport, first_year_of
from jiafang.organization.roster.check import check_roster
from jiafang.organization.roster.compare.compare import Comparison, compare
from jiafang.organization.roster.compare.options import Options
from jiafang.organization.roster.compare.snapshot import Snapshot, take_snapshot
from jiafang.organization.roster.faults import FaultList, Severity
from jiafang.organization.roster.interpret.context import Answers, TableInfo
from jiafang.organization.roster.interpret.read import Reading, read_roster
from jiafang.organization.roster.rows import Roster
from jiafang.organization.services.roster.stored import files_of

Step = Callable[[str, int, int], None]


@dataclass(slots=True)
class Examined:
    reading: Reading
    comparison: Comparison | None  # None while a question is open

    @property
    def tables(self) -> list[TableInfo]:
        return self.reading.tables

    @property
    def faults(self) -> FaultList:
        return self.reading.faults

    @property
    def errors(self) -> int:
        return self.faults.count(Severity.ERROR)


def options_of(roster_import: RosterImport) -> Options:
    data: dict[str, Any] = roster_import.options
    day = today()
    roll_over = roster_import.kind == RosterImport.Kind.ROLL_OVER
    options = Options.of(data, school_year=first_year_of(day), on=day, roll_over=roll_over)
    begins = day.replace(year=options.school_year, month=9, day=1)
    if roll_over and begins > day:
        options.on = begins  # committed in the holidays, it holds from the first of September
    return options


def examine(roster_import: RosterImport, step: Step, now: Snapshot | None = None) -> Examined:
    """Everything up to the plan; reads the database, writes nothing."""
    options = options_of(roster_import)
    step("reading", 0, 100)
    now = now or take_snapshot()
    directory = now.directory()
    remembered = dict(HeaderMapping.objects.values_list("fingerprint", "mapping"))
    reading = read_roster(
        files_of(roster_import),
        directory=directory,
        school_year=options.school_year,
        answers=Answers.of(roster_import.options.get("answers", {})),
        remembered=remembered,
    )
    step("checking", 60, 100)
    if reading.questions:
        return Examined(reading, None)
    check_roster(reading.roster, reading.faults, reading.tables, now.known(), new_classes=options.new_classes)
    step("comparing", 75, 100)
    comparison = compare(reading.roster, now, options, directory, reading.tables, reading.faults)
    reading.roster = Roster(options.school_year)  # the plan holds what is needed; the rows may go
    return Examined(reading, comparison)
