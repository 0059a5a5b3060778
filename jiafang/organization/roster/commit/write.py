"""A plan becomes rows: units, people, families, posts; the caller holds the transaction."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import F, Model

from jiafang.keys.masters import keyed_hash
from jiafang.keys.sealing import reserve_ids
from jiafang.organization.changes import Change, Left, PostBegan, PostEnded, Transferred
from jiafang.organization.models import (
    CareTag,
    CareTagKind,
    Enrollment,
    GradeCohort,
    Guardianship,
    Household,
    HouseholdMembership,
    Pairing,
    Person,
    Post,
    School,
    SchoolClass,
    SchoolYear,
    Village,
)
from jiafang.organization.pinyin import spell
from jiafang.organization.roster.commit.bulk import insert_rows, update_rows
from jiafang.organization.roster.compare.plan import FOUND_BY_HASH, Fields, Plan
from jiafang.organization.roster.compare.students import SOURCE

Progress = Callable[[str, int, int], None]  # step, how many are done, of how many


def write_plan(plan: Plan, progress: Progress) -> list[Change]:
    """Write everything; returns what has to be announced."""
    return _Writer(plan, progress).write()


class _Writer:
    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._plan, self._progress = plan, progress
        self._on = dt.date.fromisoformat(plan.on)
        self._ids: dict[type[Model], list[int]] = {}
        for model, rows in (
            (School, plan.schools_new),
            (GradeCohort, plan.cohorts_new),
            (SchoolClass, plan.classes_new),
            (Village, plan.villages_new),
            (Person, plan.persons_new),
            (Household, plan.households_new),
        ):
            self._ids[model] = reserve_ids(model, len(rows))
        self._steps = [
            ("units", self._units, len(plan.schools_new) + len(plan.classes_new) + 1),
            ("people", self._people, len(plan.persons_new) + len(plan.persons_changed)),
            ("households", self._households, len(plan.households_new) + len(plan.memberships_new)),
            ("enrollments", self._enrollments, len(plan.enrollments_new) + len(plan.enrollments_ended)),
            ("guardians", self._guardianships, len(plan.guardianships_new) + len(plan.guardianships_changed)),
            ("posts", self._posts, len(plan.posts_new) + len(plan.posts_ended)),
            ("tags", self._tags, len(plan.tags_new) + len(plan.tags_ended)),
        ]

    def _id(self, model: type[Model], ref: int | None) -> int | None:
        return ref if ref is None or ref > 0 else self._ids[model][-ref - 1]

    def write(self) -> list[Change]:
        total = sum(weight for _, _, weight in self._steps) or 1
        done = 0
        for name, step, weight in self._steps:
            self._progress(name, done, total)
            step()
            done += weight
        self._progress("announcing", total, total)
        return self._changes()

    def _units(self) -> None:
        plan = self._plan
        SchoolYear.objects.get_or_create(first_year=plan.school_year)
        ids = self._ids
        insert_rows(
            Village,
            ("id", "township", "name"),
            [(pk, *row) for pk, row in zip(ids[Village], plan.villages_new, strict=True)],
        )
        names = ("id", "code", "name", "stages", "township", "address", "lat", "lon")
        insert_rows(School, names, [(pk, *row[:7]) for pk, row in zip(ids[School], plan.schools_new, strict=True)])
        codes = dict(School.unscoped.values_list("code", "id"))
        parents = [(codes[row[0]], codes[row[7]]) for row in plan.schools_new if row[7]]
        parents += [(pk, codes[fields["parent"]]) for pk, fields in plan.schools_changed if "parent" in fields]
        update_rows(School, ("parent",), parents)
        self._update(
            School, [(pk, {k: v for k, v in fields.items() if k != "parent"}) for pk, fields in plan.schools_changed]
        )
        insert_rows(
            GradeCohort,
            ("id", "school", "stage", "entry_year"),
            [
                (pk, self._id(School, school), stage, year)
                for pk, (school, stage, year) in zip(ids[GradeCohort], plan.cohorts_new, strict=True)
            ],
        )
        insert_rows(
            SchoolClass,
            ("id", "cohort", "name", "number"),
            [
                (pk, self._id(GradeCohort, cohort), name, number)
                for pk, (cohort, name, number) in zip(ids[SchoolClass], plan.classes_new, strict=True)
            ],
        )

    def _people(self) -> None:
        names = (
            "id", "name", "pinyin", "initials", "sex", "birth_date", "phone", "phone_hash", "id_number",
            "id_number_hash", "registry_number", "registry_number_hash", "has_smartphone",
        )  # fmt: skip
        rows = zip(self._ids[Person], self._plan.persons_new, strict=True)
        insert_rows(Person, names, (self._person(pk, row) for pk, row in rows))
        self._update(Person, [(pk, _with_derived(fields)) for pk, fields in self._plan.persons_changed])

    @staticmethod
    def _person(pk: int, row: tuple[Any, ...]) -> tuple[Any, ...]:
        name, sex, birth, phone, id_number, registry, smartphone = row
        pinyin, initials = spell(name)
        return (
            pk, name, pinyin, initials, sex, birth or None, phone, keyed_hash(phone, "phone"), id_number,
            keyed_hash(id_number, "id_number"), registry, keyed_hash(registry, "registry_number"), smartphone,
        )  # fmt: skip

    def _update(self, model: type[Model], changes: list[tuple[int, Fields]]) -> None:
        """Rows that change the same fields are changed together."""
        groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for pk, fields in changes:
            if fields:
                names = tuple(sorted(fields))
                groups[names].append((pk, *(fields[name] for name in names)))
        for names, rows in groups.items():
            update_rows(model, names, rows)

    def _households(self) -> None:
        plan = self._plan
        insert_rows(
            Household,
            ("id", "address", "address_hash", "village", "lat", "lon"),
            (
                (pk, address, keyed_hash(address, "address"), self._id(Village, village), lat, lon)
                for pk, (address, village, lat, lon) in zip(self._ids[Household], plan.households_new, strict=True)
            ),
        )
        changed = []
        for pk, fields in plan.households_changed:
            wanted = dict(fields)
            if "address" in wanted:
                wanted["address_hash"] = keyed_hash(wanted["address"], "address")
            if "village" in wanted:
                wanted["village"] = self._id(Village, wanted["village"])
            changed.append((pk, wanted))
        self._update(Household, changed)
        self._end(HouseholdMembership, plan.memberships_ended)
        insert_rows(
            HouseholdMembership,
            ("household", "person", "start"),
            (
                (self._id(Household, household), self._id(Person, person), start)
                for household, person, start in plan.memberships_new
            ),
        )

    def _end(self, model: Any, ids: list[int], **fields: Any) -> None:
        """End dated rows today, never before they began."""
        for start in range(0, len(ids), 5000):
            rows = model.unscoped.filter(pk__in=ids[start : start + 5000])
            rows.filter(start__lte=self._on).update(end=self._on, **fields)
            rows.filter(start__gt=self._on).update(end=F("start"), **fields)

    def _enrollments(self) -> None:
        plan = self._plan
        by_reason: dict[str, list[int]] = defaultdict(list)
        for pk, _, _, reason in plan.enrollments_ended:
            by_reason[reason].append(pk)
        for reason, ids in sorted(by_reason.items()):
            self._end(Enrollment, ids, end_reason=reason)
        self._update(Enrollment, plan.enrollments_changed)
        insert_rows(
            Enrollment,
            ("student", "school_class", "boarding", "start"),
            (
                (self._id(Person, student), self._id(SchoolClass, school_class), boarding, start)
                for student, school_class, boarding, start in plan.enrollments_new
            ),
        )

    def _guardianships(self) -> None:
        # A primary contact steps down before the next one steps up.
        plan = self._plan
        changes = plan.guardianships_changed
        self._update(Guardianship, [row for row in changes if row[1].get("is_primary") is False])
        self._update(Guardianship, [row for row in changes if row[1].get("is_primary") is not False])
        insert_rows(
            Guardianship,
            ("guardian", "student", "relation", "is_primary", "is_guardian"),
            (
                (self._id(Person, guardian), self._id(Person, student), relation, primary, is_guardian)
                for guardian, student, relation, primary, is_guardian in plan.guardianships_new
            ),
        )

    def _post(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        person, kind, school, cohort, school_class, subject, number, start = row
        return (
            self._id(Person, person), str(kind), self._id(School, school), self._id(GradeCohort, cohort),
            self._id(SchoolClass, school_class), subject, number, start,
        )  # fmt: skip

    def _posts(self) -> None:
        plan = self._plan
        self._end(Post, [row[0] for row in plan.posts_ended])
        self._update(Post, plan.posts_changed)
        names = ("person", "kind", "school", "cohort", "school_class", "subject", "staff_number", "start")
        insert_rows(Post, names, (self._post(row) for row in plan.posts_new))
        self._end(Pairing, plan.pairings_ended)
        insert_rows(
            Pairing,
            ("cadre", "school", "start"),
            ((self._id(Person, cadre), self._id(School, school), plan.on) for cadre, school in plan.pairings_new),
        )

    def _tags(self) -> None:
        plan = self._plan
        CareTagKind.objects.bulk_create(
            # A kind nobody has described yet is read by few until somebody says otherwise.
            CareTagKind(code=f"roster_{name}"[:40], name=name, restricted=True, order=100)
            for name in plan.kinds_new
        )
        kinds = dict(CareTagKind.objects.values_list("name", "id"))
        for start in range(0, len(plan.tags_ended), 5000):
            CareTag.unscoped.filter(pk__in=plan.tags_ended[start : start + 5000]).update(expires=self._on)
        insert_rows(
            CareTag,
            ("student", "kind", "source", "since"),
            ((self._id(Person, student), kinds[kind], SOURCE, plan.on) for student, kind in plan.tags_new),
        )

    def _changes(self) -> list[Change]:
        """Moves, leavers and posts; new children enter their class."""
        plan, on = self._plan, self._on
        left = {student: (school_class, reason) for _, student, school_class, reason in plan.enrollments_ended}
        changes: list[Change] = []
        for ref, class_ref, _, _ in plan.enrollments_new:
            before = left.pop(ref, None)
            student, school_class = self._id(Person, ref), self._id(SchoolClass, class_ref)
            assert student is not None
            assert school_class is not None
            changes.append(Transferred(student, before[0] if before else None, school_class, on))
        changes += [Left(student, school_class, reason, on) for student, (school_class, reason) in left.items()]
        changes += [PostEnded(person, kind, school, cls, on) for _, person, kind, school, cls in plan.posts_ended]
        for row in plan.posts_new:
            person, kind, school, _, school_class, *_rest = self._post(row)
            changes.append(PostBegan(person, kind, school, school_class, on))
        return changes


def _with_derived(fields: Fields) -> Fields:
    """Names carry their pinyin, found fields their hash."""
    wanted = dict(fields)
    if "name" in wanted:
        wanted["pinyin"], wanted["initials"] = spell(wanted["name"])
    for name in FOUND_BY_HASH:
        if name in wanted:
            wanted[f"{name}_hash"] = keyed_hash(wanted[name], name)
    return wanted
