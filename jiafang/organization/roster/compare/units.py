"""Schools, villages, cohorts and classes: found, changed or new."""

from __future__ import annotations

import re
from typing import Any

from jiafang.organization.roster.compare.plan import Plan, new_ref
from jiafang.organization.roster.compare.report import Report
from jiafang.organization.roster.compare.snapshot import Snapshot
from jiafang.organization.roster.interpret.directory import Directory
from jiafang.organization.roster.rows import ClassKey, CohortKey, Roster, SchoolRow
from jiafang.organization.roster.schema import STAGE_NAMES


class Units:
    def __init__(self, now: Snapshot, plan: Plan, report: Report, directory: Directory) -> None:
        self._now, self._plan, self._report, self._directory = now, plan, report, directory
        self.schools: dict[str, int] = {code: row.id for code, row in now.schools.items()}
        self._cohorts: dict[CohortKey, int] = dict(now.cohorts)
        self._classes: dict[ClassKey, int] = dict(now.classes)
        self._villages: dict[tuple[str, str], int] = dict(now.villages)
        self._village_by_name: dict[str, list[int]] = {}
        for (_, name), pk in self._villages.items():
            self._village_by_name.setdefault(name, []).append(pk)
        self._townships = {code: row.township for code, row in now.schools.items()}

    def take(self, roster: Roster) -> None:
        for row in roster.schools:
            self._school(row)
        for cohort in roster.cohorts:
            self.cohort(cohort.key)
        for each in roster.classes:
            self.school_class(each.key)

    def _school(self, row: SchoolRow) -> None:
        known = self._now.schools.get(row.code)
        self._townships[row.code] = row.township or self._townships.get(row.code, "")
        if known is None:
            self._plan.schools_new.append(
                (row.code, row.name, list(row.stages), row.township, row.address, row.lat, row.lon, row.parent)
            )
            self.schools[row.code] = new_ref(self._plan.schools_new)
            self._report.add("schools", "new", row.name, row.code)
            return
        changed: dict[str, Any] = {}
        wanted = {"name": row.name, "township": row.township, "address": row.address}
        changed.update({name: value for name, value in wanted.items() if value and value != getattr(known, name)})
        missing = [stage for stage in row.stages if stage not in known.stages]
        if missing:
            changed["stages"] = [*known.stages, *missing]
        if row.lat is not None and row.lon is not None and (row.lat, row.lon) != (known.lat, known.lon):
            changed.update(lat=row.lat, lon=row.lon)
        if row.parent and row.parent != (self._now.school_codes[known.parent_id] if known.parent_id else ""):
            changed["parent"] = row.parent
        if changed:
            self._plan.schools_changed.append((known.id, changed))
            self._report.add("schools", "changed", row.name, row.code, ",".join(changed))
        else:
            self._report.count("schools", "unchanged")

    def cohort(self, key: CohortKey) -> int:
        if key not in self._cohorts:
            self._plan.cohorts_new.append((self.schools[key.school], key.stage, key.entry_year))
            self._cohorts[key] = new_ref(self._plan.cohorts_new)
            self._report.add(
                "cohorts",
                "new",
                f"{key.entry_year}级{STAGE_NAMES.get(key.stage, key.stage)}",
                self.school_name(key.school),
            )
        return self._cohorts[key]

    def school_class(self, key: ClassKey) -> int:
        if key not in self._classes:
            cohort = self.cohort(CohortKey(*key[:3]))
            digits = re.match(r"^(\d{1,4})", key.name)
            self._plan.classes_new.append((cohort, key.name, int(digits[1]) if digits else 0))
            self._classes[key] = new_ref(self._plan.classes_new)
            self._report.add("classes", "new", self.class_name(key), self.school_name(key.school))
        return self._classes[key]

    def village(self, township: str, name: str, school: str) -> int | None:
        """The village of a row; without a township the only one of that name, else one of the school's township."""
        if not name:
            return None
        if not township:
            same_name = self._village_by_name.get(name, [])
            if len(same_name) == 1:
                return same_name[0]
            township = self._townships.get(school, "")
        key = (township, name)
        if key not in self._villages:
            self._plan.villages_new.append(key)
            self._villages[key] = new_ref(self._plan.villages_new)
            self._village_by_name.setdefault(name, []).append(self._villages[key])
            self._report.add("villages", "new", name, township)
        return self._villages[key]

    def school_name(self, code: str) -> str:
        return self._directory.name_of(code)

    def class_name(self, key: ClassKey) -> str:
        return f"{key.entry_year}级{STAGE_NAMES.get(key.stage, key.stage)}{key.name}"

    def where(self, key: ClassKey) -> str:
        return f"{self.school_name(key.school)} {self.class_name(key)}"
