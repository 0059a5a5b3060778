"""One comparison: the roster against the district gives a plan and a report, and writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jiafang.organization.roster.compare.guardians import Guardians
from jiafang.organization.roster.compare.households import Households
from jiafang.organization.roster.compare.options import Options
from jiafang.organization.roster.compare.people import People
from jiafang.organization.roster.compare.plan import Plan
from jiafang.organization.roster.compare.report import Report
from jiafang.organization.roster.compare.snapshot import Snapshot
from jiafang.organization.roster.compare.staff import StaffComparison
from jiafang.organization.roster.compare.students import Students
from jiafang.organization.roster.compare.units import Units
from jiafang.organization.roster.faults import FaultList
from jiafang.organization.roster.interpret.context import TableInfo
from jiafang.organization.roster.interpret.directory import Directory
from jiafang.organization.roster.rows import Roster
from jiafang.organization.roster.schema import Kind


@dataclass(slots=True)
class Comparison:
    plan: Plan
    report: Report


def compare(
    roster: Roster,
    now: Snapshot,
    options: Options,
    directory: Directory,
    tables: Sequence[TableInfo],
    faults: FaultList,
) -> Comparison:
    plan, report = Plan(on=options.on.isoformat(), school_year=options.school_year), Report()
    units = Units(now, plan, report, directory)
    units.take(roster)
    people = People(now, plan)
    staff = StaffComparison(now, plan, report, units, people, options)
    staff.take_people(roster)
    staff.take_posts(roster, frozenset(table.index for table in tables if table.kind is Kind.TEACHING))
    students = Students(now, plan, report, units, people, options)
    students.take(roster)
    guardians = Guardians(now, plan, report, people, students.refs, faults, tables)
    guardians.take(roster)
    Households(now, plan, report, units, people, options).take(roster, students.refs, staff.rows, guardians.of_student)
    staff.finish(roster)
    people.finish()
    return Comparison(plan, report)
