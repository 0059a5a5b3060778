"""Who is who: rows find the person they mean, or become a new one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from jiafang.keys.masters import keyed_hash
from jiafang.organization.models import Post
from jiafang.organization.roster.compare.plan import FOUND_BY_HASH, PERSON_FIELDS, Plan
from jiafang.organization.roster.compare.snapshot import Snapshot
from jiafang.organization.roster.rows import StaffRow, StudentRow

POSITION = {name: index for index, name in enumerate(PERSON_FIELDS)}
PLACEHOLDER = "家长"  # 陈一帆家长: an adult whose name the file did not give


class People:
    """The index over everybody that is and that the plan adds."""

    def __init__(self, now: Snapshot, plan: Plan) -> None:
        self._now, self._plan = now, plan
        self._changes: dict[int, dict[str, Any]] = {}
        self._hashes: dict[tuple[str, str], str] = {}
        self._by_registry: dict[str, int] = {}
        self._by_card: dict[str, int] = {}
        self._by_phone: dict[tuple[str, str], int] = {}
        self._by_staff: dict[tuple[str, str], int] = {}
        self._staff_by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._students_here: dict[tuple[str, str, Any], list[int]] = defaultdict(list)
        self._students_named: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._numbers: dict[str, set[int]] = defaultdict(set)
        self._students_anywhere: dict[tuple[str, Any], list[int]] = defaultdict(list)
        for person in now.people.values():
            if person.registry_number_hash:
                self._by_registry[person.registry_number_hash] = person.id
            if person.id_number_hash:
                self._by_card[person.id_number_hash] = person.id
            if person.phone_hash:
                key = (person.phone_hash, person.name)
                self._by_phone[key] = 0 if key in self._by_phone else person.id
        for student_id, enrollment in now.enrollments.items():
            person, key_of_class = now.people[student_id], now.class_keys[enrollment.school_class_id]
            self._students_here[key_of_class.school, person.name, person.birth_date].append(student_id)
            self._students_anywhere[person.name, person.birth_date].append(student_id)
            self._students_named[key_of_class.school, person.name].append(student_id)
        for student_id in now.past_students:
            person = now.people[student_id]
            self._students_anywhere[person.name, person.birth_date].append(student_id)
        for person_id, posts in now.posts.items():
            for post in posts:
                if post.kind == Post.Kind.EMPLOYEE:
                    code = now.school_codes[post.school_id] if post.school_id else ""
                    self._staff_by_name[code, now.people[person_id].name].append(person_id)
                    if post.staff_number:
                        self._by_staff[code, post.staff_number] = person_id
                        self._numbers[post.staff_number].add(person_id)

    def hashed(self, value: str, purpose: str) -> str:
        if not value:
            return ""
        key = (value, purpose)
        if key not in self._hashes:
            self._hashes[key] = keyed_hash(value, purpose)
        return self._hashes[key]

    def student(self, row: StudentRow) -> int | None:
        """The child a row surely means: registry number, card, or name and birth date at the same school."""
        if found := self.by_registry(row.registry_number):
            return found
        if row.id_number and (found := self._by_card.get(self.hashed(row.id_number, "id_number"))):
            return found if self._may_be(found, row) else None
        if row.birth_date is not None:
            here = [
                pk
                for pk in self._students_here.get((row.key.school, row.name, row.birth_date), ())
                if self._may_be(pk, row)
            ]
            if len(here) == 1:
                return here[0]
        return None

    def _may_be(self, person_id: int, row: StudentRow) -> bool:
        """Two registry numbers are two children."""
        known = self._now.people[person_id].registry_number_hash if person_id > 0 else ""
        return not (known and row.registry_number and known != self.hashed(row.registry_number, "registry_number"))

    def perhaps(self, row: StudentRow) -> list[int]:
        """Children of the same name and birth date elsewhere, or of the same name in the class without a birth date."""
        found = list(self._students_anywhere.get((row.name, row.birth_date), ())) if row.birth_date else []
        if not row.birth_date and not row.registry_number:
            found += self._students_named[row.key.school, row.name]
        return [pk for pk in found if self._may_be(pk, row)]

    def staff(self, row: StaffRow) -> int | None:
        if row.number and (found := self._by_staff.get((row.school, row.number))):
            return found
        if row.id_number and (found := self._by_card.get(self.hashed(row.id_number, "id_number"))):
            return found
        if found := self.by_phone(row.phone, row.name):
            return found
        if not row.number:
            same_name = self._staff_by_name.get((row.school, row.name), ())
            return same_name[0] if len(same_name) == 1 else None
        return None

    def by_number(self, school: str, number: str) -> int | None:
        """A member of staff by number: of that school, else the only one of that number anywhere."""
        if found := self._by_staff.get((school, number)):
            return found
        elsewhere = self._numbers.get(number, set())
        return next(iter(elsewhere)) if len(elsewhere) == 1 else None

    def by_name(self, school: str, name: str) -> int | None:
        found = set(self._staff_by_name.get((school, name), ()))
        return next(iter(found)) if len(found) == 1 else None

    def by_phone(self, phone: str, name: str) -> int | None:
        return (self._by_phone.get((self.hashed(phone, "phone"), name)) or None) if phone else None

    def by_registry(self, number: str) -> int | None:
        return self._by_registry.get(self.hashed(number, "registry_number")) if number else None

    def by_card(self, id_number: str) -> int | None:
        return self._by_card.get(self.hashed(id_number, "id_number")) if id_number else None

    def knows_staff(self, ref: int, school: str, number: str, name: str) -> None:
        if number:
            self._by_staff[school, number] = ref
            self._numbers[number].add(ref)
        if ref not in self._staff_by_name[school, name]:
            self._staff_by_name[school, name].append(ref)

    def add(self, **values: Any) -> int:
        """A new person; found by later rows of the same file."""
        row = [values.get(name, True if name == "has_smartphone" else "") for name in PERSON_FIELDS]
        birth = values.get("birth_date")
        row[POSITION["birth_date"]] = birth.isoformat() if birth else ""
        self._plan.persons_new.append(row)  # type: ignore[arg-type]  # filled in place until the plan is whole
        ref = -len(self._plan.persons_new)
        if registry := values.get("registry_number"):
            self._by_registry[self.hashed(registry, "registry_number")] = ref
        self._index(ref, values.get("name", ""), values.get("phone", ""), values.get("id_number", ""))
        return ref

    def _index(self, ref: int, name: str, phone: str, id_number: str) -> None:
        if id_number:
            self._by_card.setdefault(self.hashed(id_number, "id_number"), ref)
        if phone:
            self._by_phone.setdefault((self.hashed(phone, "phone"), name), ref)

    def set(self, ref: int, **values: Any) -> list[str]:
        """Take what a row says of a person; empty says nothing. Returns the fields that change."""
        return self._set_new(ref, values) if ref < 0 else self._set_known(ref, values)

    def _set_new(self, ref: int, values: dict[str, Any]) -> list[str]:
        row: Any = self._plan.persons_new[-ref - 1]
        for name, value in values.items():
            if value not in (None, "") and row[POSITION[name]] in ("", None):
                row[POSITION[name]] = value.isoformat() if name == "birth_date" else value
            elif name == "has_smartphone" and value is False:
                row[POSITION[name]] = False
        return []

    def _set_known(self, ref: int, values: dict[str, Any]) -> list[str]:
        person, changed = self._now.people[ref], []
        for name, value in values.items():
            if value in (None, ""):
                continue
            if name in FOUND_BY_HASH:
                same = self.hashed(value, name) == getattr(person, f"{name}_hash")
            else:
                same = getattr(person, name) == value
            wanted = value.isoformat() if name == "birth_date" else value
            already = self._changes.get(ref, {})
            if same and name not in already:
                continue
            if not same and already.get(name) != wanted:
                self._changes.setdefault(ref, {})[name] = wanted
                changed.append(name)
        return changed

    def name(self, ref: int) -> str:
        return self._now.people[ref].name if ref > 0 else str(self._plan.persons_new[-ref - 1][0])

    def finish(self) -> None:
        self._plan.persons_changed = sorted(self._changes.items())


def doubt_key(*parts: object) -> str:
    """By what the user's answer to a doubt is found again; nobody else can try what stands behind it."""
    return keyed_hash("\x1f".join(map(str, parts)), "doubt")[:16]
