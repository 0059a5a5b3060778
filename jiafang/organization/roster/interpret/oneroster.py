"""What a OneRoster bundle means here: homeroom classes are classes, scheduled ones are teaching."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from jiafang.organization.roster.faults import Fault, FaultList, Place, Severity, ValueFault
from jiafang.organization.roster.interpret.context import TableInfo
from jiafang.organization.roster.interpret.directory import Directory, SchoolInfo
from jiafang.organization.roster.reading.oneroster import Bundle, Record
from jiafang.organization.roster.rows import (
    ClassKey,
    ClassRow,
    GuardianRow,
    Roster,
    SchoolRow,
    StaffRef,
    StaffRow,
    StudentRow,
    TeachingRow,
    pack,
)
from jiafang.organization.roster.schema import Kind
from jiafang.organization.roster.values import dates, identifiers, text
from jiafang.organization.roster.values.grades import GradeText, by_number, entry_year_of, read_grade, stages_of_name
from jiafang.organization.roster.values.posts import subject_name
from jiafang.organization.roster.values.titles import search_class

STAFF_ROLES = {
    "teacher": (), "aide": (), "proctor": (), "principal": ("principal",), "counselor": ("counselor",),
    "administrator": (), "siteadministrator": (), "districtadministrator": (), "systemadministrator": (),
}  # fmt: skip
ADMINISTRATORS = frozenset({"administrator", "siteadministrator", "districtadministrator", "systemadministrator"})
ADULT_ROLES = frozenset({"parent", "guardian", "relative"})
NURSERY_GRADES = {"it": 0, "pr": 1, "pk": 2, "tk": 2, "kg": 3}
KINDS = {"orgs": Kind.SCHOOLS, "classes": Kind.CLASSES, "users": Kind.STUDENTS, "enrollments": Kind.TEACHING}
REGISTRY_IN_TEXT = re.compile(r"[GJL]\d{17}[\dX]")


def read_oneroster(
    bundle: Bundle, roster: Roster, faults: FaultList, directory: Directory, tables: list[TableInfo]
) -> None:
    reader = _BundleReader(bundle, roster, faults, directory, tables)
    reader.schools()
    reader.users()
    reader.classes()
    reader.enrollments()
    reader.finish()


def _ids(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


class _BundleReader:
    def __init__(
        self, bundle: Bundle, roster: Roster, faults: FaultList, directory: Directory, tables: list[TableInfo]
    ) -> None:
        self._bundle, self._roster, self._faults, self._directory = bundle, roster, faults, directory
        self._tables: dict[str, TableInfo] = {}
        for name in ("orgs", "classes", "users", "enrollments", "demographics", "roles"):
            info = TableInfo(len(tables), bundle.file, f"{name}.csv", KINDS.get(name))
            info.headers = bundle.headers.get(f"{name}.csv", [])
            info.row_count, info.header_row = len(bundle.of(name)), 1
            self._tables[name] = info
            tables.append(info)
        self._codes: dict[str, str] = {}  # org → school code, "" for the bureau
        self._roles = self._read_roles()
        self._demographics = {record["sourcedId"]: record for record in bundle.of("demographics") if not record.deleted}
        self._students: dict[str, tuple[Record, str]] = {}
        self._adults: dict[str, Record] = {}
        self._staff: dict[str, StaffRef] = {}
        self._homerooms: dict[str, ClassKey] = {}
        self._scheduled: dict[str, tuple[Record, str]] = {}
        self._class_of: dict[str, ClassKey] = {}
        self._positions: dict[str, int] = {}

    def _tell(self, code: str, severity: Severity, file: str, record: Record, header: str = "", **params: Any) -> None:
        info = self._tables[file]
        column = next((at for at, name in enumerate(info.headers, 1) if name.lower() == header.lower()), None)
        self._faults.add(Fault(code, severity, Place(info.file, info.sheet, record.row, column, header), params))

    def _at(self, file: str, record: Record) -> int:
        return pack(self._tables[file].index, record.row)

    def _value(self, parser: Any, raw: str, default: Any, file: str, record: Record, header: str) -> Any:
        if not raw:
            return default
        try:
            return parser(raw)
        except ValueFault as fault:
            self._tell(fault.code, fault.severity, file, record, header, **fault.params)
            return default

    def _read_roles(self) -> dict[str, list[Record]]:
        """1.2 keeps roles in a file of their own; the primary one comes first."""
        roles: dict[str, list[Record]] = {}
        for record in self._bundle.of("roles"):
            if not record.deleted:
                roles.setdefault(record["userSourcedId"], []).append(record)
        for held in roles.values():
            held.sort(key=lambda record: record["roleType"].lower() != "primary")
        return roles

    def schools(self) -> None:
        records = [record for record in self._bundle.of("orgs") if not record.deleted]
        stages = self._stages_by_org()
        for record in records:
            if record["type"].lower() != "school":
                self._codes[record["sourcedId"]] = ""
                continue
            identity, name = record["sourcedId"], text.clean(record["name"])
            code = next((c for c in (record["identifier"], identity) if identifiers.SCHOOL_CODE.match(c)), "")
            code = code or self._directory.by_name(name)
            if not code:
                self._tell(
                    "school_code_shape", Severity.ERROR, "orgs", record, "identifier", value=record["identifier"]
                )
                continue
            self._codes[identity] = code
            known = self._directory.stages_of(code) or stages_of_name(name) or tuple(sorted(stages.get(identity, ())))
            if not name or not known:
                self._tell("stage_missing" if name else "name_missing", Severity.ERROR, "orgs", record, "name")
                continue
            self._directory.add(SchoolInfo(code, name, known))
            self._roster.schools.append(SchoolRow(self._at("orgs", record), code, name[:80], known))

    def _stages_by_org(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for record in self._bundle.of("classes"):
            for grade in _ids(record["grades"]):
                stage = "kindergarten" if grade.lower() in NURSERY_GRADES else ""
                if grade.isdigit():
                    stage = by_number(int(grade[:3]), ())[0]
                if stage:
                    found.setdefault(record["schoolSourcedId"], set()).add(stage)
        return found

    def users(self) -> None:
        for record in self._bundle.of("users"):
            if record.deleted:
                continue
            held = self._roles.get(record["sourcedId"], [])
            roles = [role["role"].lower() for role in held] or [record["role"].lower()]
            orgs = [role["orgSourcedId"] for role in held] or _ids(record["orgSourcedIds"])
            if record["primaryOrgSourcedId"]:
                orgs.insert(0, record["primaryOrgSourcedId"])
            if "student" in roles:
                self._students[record["sourcedId"]] = (record, orgs[0] if orgs else "")
            if ADULT_ROLES & set(roles):
                self._adults[record["sourcedId"]] = record
            if any(role in STAFF_ROLES for role in roles):
                self._read_staff(record, roles, orgs)

    def _name(self, record: Record) -> str:
        family, given = text.clean(record["familyName"]), text.clean(record["givenName"])
        joined = f"{family}{given}" if text.HAN.search(family + given) else f"{given} {family}"
        return str(self._value(text.person_name, joined.strip(), "", "users", record, "familyName"))

    def _read_staff(self, record: Record, roles: list[str], orgs: list[str]) -> None:
        name = self._name(record)
        codes = [self._codes[org] for org in orgs if org in self._codes]
        number = (record["identifier"] or record["username"] or record["sourcedId"])[:30]
        if not name or not codes:
            code = "school_missing" if name else "name_missing"
            self._tell(code, Severity.ERROR, "users", record, "orgSourcedIds" if name else "familyName")
            return
        if ADMINISTRATORS & set(roles):
            self._tell("administrator_not_granted", Severity.WARNING, "users", record, "role", name=name)
        school = next((code for code in codes if code), "")
        posts = tuple(dict.fromkeys(post for role in roles for post in STAFF_ROLES.get(role, ())))
        sex, _ = self._sex_and_birth(record["sourcedId"])
        phone = self._value(identifiers.mobile, record["sms"] or record["phone"], "", "users", record, "sms")
        self._staff[record["sourcedId"]] = StaffRef(school, number, name)
        self._roster.staff.append(
            StaffRow(self._at("users", record), school, number, name, sex, phone, posts=posts if school else ("cadre",))
        )

    def _sex_and_birth(self, user: str) -> tuple[str, Any]:
        record = self._demographics.get(user)
        if record is None:
            return "", None
        sex = {"male": "m", "female": "f"}.get(record["sex"].lower(), "")
        return sex, self._value(dates.day, record["birthDate"], None, "demographics", record, "birthDate")

    def classes(self) -> None:
        for record in self._bundle.of("classes"):
            school = self._codes.get(record["schoolSourcedId"], "")
            if record.deleted or not school:
                continue
            self._scheduled[record["sourcedId"]] = (record, school)
        kinds = {record["classType"].lower() for record, _ in self._scheduled.values()}
        for identity, (record, school) in list(self._scheduled.items()):
            if record["classType"].lower() == "homeroom" or "homeroom" not in kinds:
                key = self._class_key(record, school)
                if key is None:
                    self._tell("grade_missing", Severity.ERROR, "classes", record, "grades")
                    continue
                self._homerooms[identity] = key
                if "homeroom" in kinds:
                    del self._scheduled[identity]

    def _class_key(self, record: Record, school: str) -> ClassKey | None:
        stages, title = self._directory.stages_of(school), text.clean(record["title"])
        where = read_grade(title, stages)
        if where.grade is None and where.entry_year is None:
            where = search_class(title, stages)
        if where.grade is None and where.entry_year is None:
            where = self._by_grades(record, stages, where.class_name or read_grade(title, stages).class_name)
        elif not where.class_name:
            where = GradeText(where.stage, where.grade, where.entry_year, text.clean(record["classCode"]))
        stage = where.stage or (stages[0] if len(stages) == 1 else "")
        year = entry_year_of(where, self._roster.school_year)
        name = where.class_name[:20]
        return ClassKey(school, stage, year, name) if stage and year and name else None

    def _by_grades(self, record: Record, stages: tuple[str, ...], name: str) -> GradeText:
        for grade in _ids(record["grades"]):
            if grade.lower() in NURSERY_GRADES:
                return GradeText("kindergarten", NURSERY_GRADES[grade.lower()], None, name)
            if grade.isdigit():
                stage, number = by_number(int(grade[:3]), ())
                if stages and stage not in stages:
                    stage, number = by_number(int(grade[:3]), stages)
                if number is not None:
                    return GradeText(stage, number, None, name)
        return GradeText(class_name=name)

    def enrollments(self) -> None:
        """Pupils first, since a scheduled class is known by the pupils who sit in it."""
        open_ones = [record for record in self._bundle.of("enrollments") if not record.deleted]
        members: dict[str, Counter[ClassKey]] = {}
        for record in open_ones:
            if record["role"].lower() == "student" and record["classSourcedId"] in self._homerooms:
                self._class_of.setdefault(record["userSourcedId"], self._homerooms[record["classSourcedId"]])
        for record in open_ones:
            if record["role"].lower() == "student" and record["userSourcedId"] in self._class_of:
                classes = members.setdefault(record["classSourcedId"], Counter())
                classes[self._class_of[record["userSourcedId"]]] += 1
        leaders: dict[ClassKey, StaffRef] = {}
        for record in open_ones:
            ref = self._staff.get(record["userSourcedId"])
            if record["role"].lower() != "teacher" or ref is None:
                continue
            identity = record["classSourcedId"]
            if identity in self._homerooms and identity not in self._scheduled:
                if record["primary"].lower() == "true" or self._homerooms[identity] not in leaders:
                    leaders[self._homerooms[identity]] = ref
            elif identity in self._scheduled:
                self._read_teaching(record, ref, members)
        rows = {record["sourcedId"]: record for record in self._bundle.of("classes")}
        for identity, key in self._homerooms.items():
            self._roster.classes.append(ClassRow(self._at("classes", rows[identity]), key, leaders.get(key)))

    def _read_teaching(self, record: Record, ref: StaffRef, members: dict[str, Counter[ClassKey]]) -> None:
        class_record, school = self._scheduled[record["classSourcedId"]]
        subjects = _ids(class_record["subjects"]) or [text.clean(class_record["title"])]
        keys = list(members.get(record["classSourcedId"], ()))
        if not keys and (key := self._class_key(class_record, school)):
            keys = [key]
        at = self._at("enrollments", record)
        for key in keys:
            subject = subject_name(text.clean(subjects[0]))[:30]
            self._roster.teaching.append(TeachingRow(at, key, ref, subject))

    def finish(self) -> None:
        """Students with their class, then the adults that are linked from either side."""
        for identity, (record, _) in self._students.items():
            name, key = self._name(record), self._class_of.get(identity)
            if not name or key is None:
                if name:
                    self._tell("class_missing", Severity.ERROR, "users", record, "sourcedId")
                continue
            sex, birth = self._sex_and_birth(identity)
            held = [record["identifier"], record["userIds"], identity]
            registry = next((found[0] for one in held if (found := REGISTRY_IN_TEXT.search(one.upper()))), "")
            registry = self._value(identifiers.registry_number, registry, "", "users", record, "identifier")
            self._positions[identity] = len(self._roster.students)
            self._roster.students.append(
                StudentRow(self._at("users", record), key, name, registry, sex=sex, birth_date=birth)
            )
        for student, adult in sorted(self._links()):
            self._read_guardian(student, self._adults[adult])

    def _links(self) -> set[tuple[str, str]]:
        links = set()
        for identity, (record, _) in self._students.items():
            links |= {(identity, agent) for agent in _ids(record["agentSourcedIds"]) if agent in self._adults}
        for identity, record in self._adults.items():
            links |= {(agent, identity) for agent in _ids(record["agentSourcedIds"]) if agent in self._students}
        return {link for link in links if link[0] in self._positions}

    def _read_guardian(self, student: str, record: Record) -> None:
        name = self._name(record)
        if not name:
            return
        sex, _ = self._sex_and_birth(record["sourcedId"])
        roles = {role["role"].lower() for role in self._roles.get(record["sourcedId"], [])} | {record["role"].lower()}
        relation = {"m": "father", "f": "mother"}.get(sex, "other") if "parent" in roles else "other"
        phone = self._value(identifiers.mobile, record["sms"] or record["phone"], "", "users", record, "sms")
        is_guardian = None if roles & {"parent", "guardian"} else False
        self._roster.guardians.append(
            GuardianRow(
                self._at("users", record), self._positions[student], name, relation, phone, is_guardian=is_guardian
            )
        )
