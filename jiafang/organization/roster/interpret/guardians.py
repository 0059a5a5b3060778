"""Guardian tables: one adult for one child a row."""

from __future__ import annotations

from jiafang.organization.roster.faults import Severity
from jiafang.organization.roster.interpret.students import RESIDENT_CARD
from jiafang.organization.roster.interpret.table_reader import TableReader
from jiafang.organization.roster.interpret.units import UnitFinder
from jiafang.organization.roster.rows import GuardianRow, Roster
from jiafang.organization.roster.values import identifiers, text
from jiafang.organization.roster.values.kinship import relation as read_relation


def read_guardians(reader: TableReader, finder: UnitFinder, roster: Roster) -> None:
    column = reader.column
    name_of = column("name", text.person_name, "")
    student_name_of = column("student_name", text.person_name, "")
    registry_of = column("registry_number", identifiers.registry_number, "")
    relation_of = column("relation", read_relation, "", repeated=True)
    phone_of = column("phone", identifiers.mobile, "")
    id_type_of = column("id_type", text.clean, "", repeated=True)
    id_number_of = column("id_number", identifiers.id_number, "")
    primary_of = column("is_primary", text.yes_or_no, None, repeated=True)
    guardian_of = column("is_guardian", text.yes_or_no, None, repeated=True)
    smartphone_of = column("has_smartphone", text.yes_or_no, None, repeated=True)
    has_class = reader.has("class_name")
    for row in reader.rows():
        name, student_name, registry = name_of(row), student_name_of(row), registry_of(row)
        relation = relation_of(row)
        if not name:
            reader.tell("name_missing", Severity.ERROR, "name")
        if not relation:
            reader.tell("relation_missing", Severity.ERROR, "relation")
        if not registry and not student_name and reader.ok:
            reader.tell("student_missing", Severity.ERROR, "student_name")
        if not reader.ok:
            continue
        key, school = None, ""
        if not registry:
            if has_class:
                key = finder.class_of(row)
            else:
                school = finder.school_of(row) or ""
        guardian = GuardianRow(
            at=reader.at,
            student=-1,
            name=name,
            relation=relation,
            phone=phone_of(row),
            id_number=id_number_of(row) if id_type_of(row) in RESIDENT_CARD else "",
            is_primary=primary_of(row),
            is_guardian=guardian_of(row),
            has_smartphone=smartphone_of(row),
            student_registry=registry,
            student_name=student_name,
            student_class=key,
            student_school=school,
        )
        if reader.ok:
            roster.guardians.append(guardian)
