"""Adults against the district: the same person for siblings and for teachers who are parents.

A guardianship is ended by a person alone, so no file begins it again: whoever it was is told of, and not linked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jiafang.organization.roster.check import place_of
from jiafang.organization.roster.compare.people import PLACEHOLDER, People
from jiafang.organization.roster.compare.plan import Plan
from jiafang.organization.roster.compare.report import Report
from jiafang.organization.roster.compare.snapshot import GuardianshipNow, Snapshot
from jiafang.organization.roster.faults import Fault, FaultList, Severity
from jiafang.organization.roster.interpret.context import TableInfo
from jiafang.organization.roster.rows import GuardianRow, Roster


class Guardians:
    def __init__(
        self,
        now: Snapshot,
        plan: Plan,
        report: Report,
        people: People,
        students: list[int],
        faults: FaultList,
        tables: Sequence[TableInfo],
    ) -> None:
        self._now, self._plan, self._report = now, plan, report
        self._faults, self._tables = faults, tables
        self._people, self._students = people, students
        self.of_student: dict[int, list[int]] = {}  # student → guardians, with those that were known
        self._new: dict[tuple[int, int], list[Any]] = {}
        self._first_new: dict[int, int] = {}  # student → the first guardian the plan adds

    def take(self, roster: Roster) -> None:
        primaries: dict[int, int] = {}
        people = self._people
        for row in roster.guardians:
            student = self._students[row.student] if row.student >= 0 else people.by_registry(row.student_registry)
            if student is None:
                continue
            guardian = self._find(row, student)
            if guardian is None:
                guardian = self._people.add(
                    name=row.name,
                    phone=row.phone,
                    id_number=row.id_number,
                    has_smartphone=row.has_smartphone is not False,
                )
                self._report.add("guardians", "new", row.name, self._people.name(student))
            elif guardian == student:
                continue
            else:
                self._known(guardian, row, student)
            if guardian in self._now.revoked.get(student, ()):
                self._tell_of_revoked(row, student)
                continue
            self._link(row, guardian, student)
            if row.is_primary:
                primaries[student] = guardian
        self._one_primary(primaries)

    def _find(self, row: GuardianRow, student: int) -> int | None:
        if found := self._people.by_card(row.id_number):
            return found
        if found := self._people.by_phone(row.phone, row.name):
            return found
        held = [link.guardian_id for link in self._now.guardianships.get(student, ())]
        for guardian in [*held, *sorted(self._now.revoked.get(student, ()))]:
            person = self._now.people[guardian]
            if person.name == row.name:
                return person.id
            if row.phone and person.phone_hash == self._people.hashed(row.phone, "phone"):
                placeholder = f"{self._people.name(student)}{PLACEHOLDER}"
                if placeholder in (person.name, row.name):
                    return person.id
        return None

    def _known(self, guardian: int, row: GuardianRow, student: int) -> None:
        name = "" if row.name == f"{self._people.name(student)}{PLACEHOLDER}" else row.name
        changed = self._people.set(
            guardian, name=name, phone=row.phone, id_number=row.id_number, has_smartphone=row.has_smartphone
        )
        if changed:
            self._report.add("guardians", "changed", row.name, self._people.name(student), ",".join(changed))

    def _tell_of_revoked(self, row: GuardianRow, student: int) -> None:
        told = {"value": row.name, "other": self._people.name(student)}
        place = place_of(self._tables, row.at)
        self._faults.add(Fault("guardian_revoked", Severity.WARNING, place, told))

    def _link(self, row: GuardianRow, guardian: int, student: int) -> None:
        held = self._held(guardian, student)
        self.of_student.setdefault(student, []).append(guardian)
        if held is not None:
            changes: dict[str, Any] = {}
            if row.relation != "other" and row.relation != held.relation:
                changes["relation"] = row.relation
            if row.is_guardian is not None and row.is_guardian != held.is_guardian:
                changes["is_guardian"] = row.is_guardian
            if changes:
                self._plan.guardianships_changed.append((held.id, changes))
                self._report.add("guardians", "changed", row.name, self._people.name(student), ",".join(changes))
            else:
                self._report.count("guardians", "unchanged")
            return
        if (guardian, student) in self._new:
            return
        link = [guardian, student, row.relation, False, row.is_guardian is not False]
        self._new[guardian, student] = link
        self._first_new.setdefault(student, guardian)
        self._plan.guardianships_new.append(link)  # type: ignore[arg-type]  # the primary contact is set at the end
        if guardian > 0:
            self._report.add("guardians", "linked", row.name, self._people.name(student))

    def _held(self, guardian: int, student: int) -> GuardianshipNow | None:
        if guardian < 0 or student < 0:
            return None
        return next((held for held in self._now.guardianships.get(student, ()) if held.guardian_id == guardian), None)

    def _one_primary(self, primaries: dict[int, int]) -> None:
        """The file's primary contact replaces the one before; the rest keep theirs."""
        students = {student for _, student in self._new} | primaries.keys()
        for student in sorted(students, key=lambda ref: (ref < 0, abs(ref))):
            held = self._now.guardianships.get(student, []) if student > 0 else []
            now_primary = next((row for row in held if row.is_primary), None)
            wanted = primaries.get(student)
            if wanted is None and now_primary is None:
                wanted = self._first_new.get(student)
            if wanted is None or (now_primary is not None and now_primary.guardian_id == wanted):
                continue
            if now_primary is not None:
                self._plan.guardianships_changed.append((now_primary.id, {"is_primary": False}))
            if link := self._new.get((wanted, student)):
                link[3] = True
            elif row := next((each for each in held if each.guardian_id == wanted), None):
                self._plan.guardianships_changed.append((row.id, {"is_primary": True}))
                self._report.add(
                    "guardians", "changed", self._people.name(wanted), self._people.name(student), "primary"
                )
