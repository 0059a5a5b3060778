"""Children against the district: new, moved, changed, leaving; their tags and where they live."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from jiafang.organization.models import STAGE_YEARS, Enrollment, Stage
from jiafang.organization.roster.compare.options import Options
from jiafang.organization.roster.compare.people import People, doubt_key
from jiafang.organization.roster.compare.plan import Plan
from jiafang.organization.roster.compare.report import Absent, Doubt, Report
from jiafang.organization.roster.compare.snapshot import Snapshot
from jiafang.organization.roster.compare.units import Units
from jiafang.organization.roster.rows import ClassKey, GuardianRow, Roster, StudentRow

SOURCE = "名册导入"
REASON = Enrollment.Reason


class Students:
    def __init__(
        self, now: Snapshot, plan: Plan, report: Report, units: Units, people: People, options: Options
    ) -> None:
        self._now, self._plan, self._report = now, plan, report
        self._units, self._people, self._options = units, people, options
        self.refs: list[int] = []  # by position in the roster
        self._seen: dict[int, int] = {}  # person → position

    def take(self, roster: Roster) -> None:
        adults: dict[int, list[GuardianRow]] = defaultdict(list)
        for guardian in roster.guardians:
            if guardian.student >= 0:
                adults[guardian.student].append(guardian)
        for position, row in enumerate(roster.students):
            ref = self._find(row, adults.get(position, []))
            if ref is not None and ref in self._seen:
                ref = None  # two rows may not both be one child
            if ref is None:
                ref = self._new(row)
            else:
                self._known(ref, row)
            self._seen[ref] = position
            self.refs.append(ref)
        self._absent(roster)

    def _find(self, row: StudentRow, adults: list[GuardianRow]) -> int | None:
        found = self._people.student(row)
        if found is not None:
            return found
        candidates = [pk for pk in self._people.perhaps(row) if pk not in self._seen]
        if not candidates:
            return None
        if len(candidates) == 1 and self._shares_adult(candidates[0], adults):
            return candidates[0]
        for pk in candidates:
            key = doubt_key("student", row.registry_number, row.name, row.birth_date, row.key, pk)
            decision = self._options.decision(key)
            self._report.doubts.append(
                Doubt(key, row.name, self._units.where(row.key), pk, self._where_now(pk), decision)
            )
            if decision == "same":
                return pk
        return None

    def _shares_adult(self, student_id: int, adults: list[GuardianRow]) -> bool:
        """The same name and birth date and the same guardian by name and telephone: the same child."""
        known = {
            (self._now.people[held.guardian_id].phone_hash, self._now.people[held.guardian_id].name)
            for held in self._now.guardianships.get(student_id, ())
        }
        return any((self._people.hashed(adult.phone, "phone"), adult.name) in known for adult in adults if adult.phone)

    def _where_now(self, student_id: int) -> str:
        enrollment = self._now.enrollments.get(student_id)
        return self._units.where(self._now.class_keys[enrollment.school_class_id]) if enrollment else ""

    def _start(self, row: StudentRow) -> str:
        """A new child has been there since the school year began, unless admitted later."""
        day = min(self._options.on, max(self._first_day(), row.admitted_on or self._first_day()))
        return day.isoformat()

    def _first_day(self) -> Any:
        return self._options.on.replace(year=self._options.school_year, month=9, day=1)

    def _new(self, row: StudentRow) -> int:
        ref = self._people.add(
            name=row.name,
            sex=row.sex,
            birth_date=row.birth_date,
            id_number=row.id_number,
            registry_number=row.registry_number,
        )
        self._plan.enrollments_new.append(
            (ref, self._units.school_class(row.key), bool(row.boarding), self._start(row))
        )
        for tag in sorted(row.tags or ()):
            self._plan.tags_new.append((ref, self._kind(tag)))
        self._report.add("students", "new", row.name, self._units.where(row.key))
        return ref

    def _known(self, ref: int, row: StudentRow) -> None:
        changed = self._people.set(
            ref,
            name=row.name,
            sex=row.sex,
            birth_date=row.birth_date,
            id_number=row.id_number,
            registry_number=row.registry_number,
        )
        enrollment = self._now.enrollments.get(ref)
        target = self._units.school_class(row.key)
        moved = enrollment is not None and enrollment.school_class_id != target
        if enrollment is None:
            self._plan.enrollments_new.append((ref, target, bool(row.boarding), self._options.on.isoformat()))
            self._report.add("students", "returned", row.name, self._units.where(row.key))
        elif moved:
            before = self._now.class_keys[enrollment.school_class_id]
            reason = self._reason(before, row.key)
            self._plan.enrollments_ended.append((enrollment.id, ref, enrollment.school_class_id, reason))
            boarding = enrollment.boarding if row.boarding is None else row.boarding
            self._plan.enrollments_new.append((ref, target, boarding, self._options.on.isoformat()))
            self._report.add("students", "moved", row.name, self._units.where(row.key), self._units.where(before))
        elif row.boarding is not None and row.boarding != enrollment.boarding:
            self._plan.enrollments_changed.append((enrollment.id, {"boarding": row.boarding}))
            changed.append("boarding")
        changed += self._tags(ref, row)
        if changed and not moved and enrollment is not None:
            self._report.add("students", "changed", row.name, self._units.where(row.key), ",".join(changed))
        elif not moved and enrollment is not None:
            self._report.count("students", "unchanged")

    def _reason(self, before: ClassKey, after: ClassKey) -> str:
        if before[:3] == after[:3]:
            return str(REASON.REMIXED if self._options.roll_over else REASON.TRANSFERRED)
        if self._options.roll_over and self._finished(before):
            return str(REASON.GRADUATED)
        return str(REASON.TRANSFERRED)

    def _finished(self, key: ClassKey) -> bool:
        return self._options.school_year - key.entry_year >= STAGE_YEARS[Stage(key.stage)]

    def _tags(self, ref: int, row: StudentRow) -> list[str]:
        """Tags from an earlier import follow the file; those given by hand stay."""
        if row.tags is None:
            return []
        held = self._now.tags.get(ref, {})
        changed = []
        for tag in sorted(row.tags - held.keys()):
            self._plan.tags_new.append((ref, self._kind(tag)))
            changed.append(f"+{tag}")
        for tag, (pk, source) in sorted(held.items()):
            covered = row.tags_covered is None or tag in row.tags_covered
            if tag not in row.tags and covered and source == SOURCE:
                self._plan.tags_ended.append(pk)
                changed.append(f"-{tag}")
        return changed

    def _kind(self, tag: str) -> str:
        if tag not in self._now.kinds and tag not in self._plan.kinds_new:
            self._plan.kinds_new.append(tag)
            self._report.add("kinds", "new", tag)
        return tag

    def _absent(self, roster: Roster) -> None:
        """Who is at a school of the file and not in the file; they leave only where the user says it is whole."""
        in_file: dict[str, int] = defaultdict(int)
        for row in roster.students:
            in_file[row.key.school] += 1
        for student_id, enrollment in self._now.enrollments.items():
            if student_id in self._seen:
                continue
            key = self._now.class_keys[enrollment.school_class_id]
            if self._options.roll_over and self._finished(key):
                self._leave(student_id, str(REASON.GRADUATED), "graduated")
                continue
            if key.school not in in_file:
                continue
            absent = self._report.absent.setdefault(
                key.school, Absent(key.school, self._units.school_name(key.school), in_file=in_file[key.school])
            )
            absent.students += 1
            absent.students_leave = self._options.complete(self._options.students_complete, key.school)
            if absent.students_leave:
                self._leave(student_id, str(REASON.LEFT), "leaving")

    def _leave(self, student_id: int, reason: str, change: str) -> None:
        enrollment = self._now.enrollments[student_id]
        self._plan.enrollments_ended.append((enrollment.id, student_id, enrollment.school_class_id, reason))
        self._report.add(
            "students", change, self._now.people[student_id].name,
            self._units.where(self._now.class_keys[enrollment.school_class_id]),
        )  # fmt: skip
