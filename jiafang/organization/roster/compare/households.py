"""Where children and staff live; siblings are proposed and only merged when a person has said so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from jiafang.organization.roster.compare.options import ALL, WITH_GUARDIAN, Options
from jiafang.organization.roster.compare.people import People, doubt_key
from jiafang.organization.roster.compare.plan import Plan, new_ref
from jiafang.organization.roster.compare.report import Report, Siblings
from jiafang.organization.roster.compare.snapshot import HouseholdNow, Snapshot
from jiafang.organization.roster.compare.units import Units
from jiafang.organization.roster.rows import Roster, StaffRow, StudentRow

SHORTEST_ADDRESS = 6
LARGEST_FAMILY = 6
Resident = StudentRow | StaffRow


class Households:
    def __init__(
        self, now: Snapshot, plan: Plan, report: Report, units: Units, people: People, options: Options
    ) -> None:
        self._now, self._plan, self._report = now, plan, report
        self._units, self._people, self._options = units, people, options

    def take(
        self,
        roster: Roster,
        students: list[int],
        staff: dict[int, StaffRow],
        guardians_of: dict[int, list[int]],
    ) -> None:
        rows = dict(zip(students, roster.students, strict=True))
        together = self._together(rows, guardians_of)
        self._known_homes(rows, staff)
        homes: dict[int, int] = {}
        for ref, row in rows.items():
            leader = together.get(ref, ref)
            held = self._now.memberships.get(ref)
            if held is not None and leader == ref:
                homes[ref] = held[1]
                continue
            if leader not in homes:
                known = self._now.memberships.get(leader)
                homes[leader] = known[1] if known else self._new_home(rows.get(leader, row))
            self._move_in(ref, homes[leader])
        for ref, member in staff.items():
            if ref not in self._now.memberships and ref not in rows and (member.village or member.lat is not None):
                self._move_in(ref, self._new_home(member))

    def _new_home(self, row: Resident) -> int:
        address = row.address if isinstance(row, StudentRow) else ""
        school = row.key.school if isinstance(row, StudentRow) else row.school
        village = self._units.village(row.township, row.village, school)
        point = (row.lat, row.lon) if row.lat is not None and row.lon is not None else (None, None)
        self._plan.households_new.append((address, village, *point))
        return new_ref(self._plan.households_new)

    def _move_in(self, person: int, household: int) -> None:
        held = self._now.memberships.get(person)
        if held is not None:
            if held[1] == household:
                return
            self._plan.memberships_ended.append(held[0])
        self._plan.memberships_new.append((household, person, self._options.on.isoformat()))

    def _known_homes(self, rows: dict[int, StudentRow], staff: dict[int, StaffRow]) -> None:
        """A home changes when no row of those who live in it still says what is known."""
        said: dict[int, list[dict[str, Any]]] = defaultdict(list)
        who: dict[int, str] = {}
        residents: list[tuple[int, Resident]] = [*rows.items(), *staff.items()]
        for ref, row in residents:
            if ref > 0 and (held := self._now.memberships.get(ref)):
                said[held[1]].append(self._difference(self._now.households[held[1]], row))
                who.setdefault(held[1], row.name)
        for household, differences in said.items():
            if differences and all(differences):
                self._plan.households_changed.append((household, differences[0]))
                self._report.add("households", "changed", who[household], "", ",".join(differences[0]))

    def _difference(self, home: HouseholdNow, row: Resident) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        address = row.address if isinstance(row, StudentRow) else ""
        school = row.key.school if isinstance(row, StudentRow) else row.school
        if address and self._people.hashed(address, "address") != home.address_hash:
            changed["address"] = address
        village = self._units.village(row.township, row.village, school)
        if village is not None and village != home.village_id:
            changed["village"] = village
        if row.lat is not None and row.lon is not None and (row.lat, row.lon) != (home.lat, home.lon):
            changed.update(lat=row.lat, lon=row.lon)
        return changed

    def _together(self, rows: dict[int, StudentRow], guardians_of: dict[int, list[int]]) -> dict[int, int]:
        """Proposals of siblings; for accepted ones, each child's leader into whose home it moves."""
        groups: dict[tuple[str, Any], list[int]] = defaultdict(list)
        for student in rows:
            for guardian in dict.fromkeys(guardians_of.get(student, ())):
                groups["guardian", guardian].append(student)
        for student, row in rows.items():
            if len(row.address) >= SHORTEST_ADDRESS:
                groups["address", (row.township, row.village, row.address)].append(student)
        united = _Union()
        proposed: dict[int, list[frozenset[int]]] = defaultdict(list)  # by the first child
        for (reason, _), members in groups.items():
            children = frozenset(members)
            if not 2 <= len(children) <= LARGEST_FAMILY or self._one_home(children):
                continue
            if any(children <= earlier for earlier in proposed[members[0]]):
                continue
            for child in children:
                proposed[child].append(children)
            ordered = list(dict.fromkeys(members))
            if self._propose(reason, ordered, rows):
                united.join(ordered)
        return united.leaders()

    def _one_home(self, children: Iterable[int]) -> bool:
        homes = {self._now.memberships[child][1] if child in self._now.memberships else -1 for child in children}
        return len(homes) == 1 and -1 not in homes

    def _propose(self, reason: str, children: list[int], rows: dict[int, StudentRow]) -> bool:
        """Show a proposal; whether it has been accepted."""
        told = [(rows[child].name, self._units.where(rows[child].key), rows[child].birth_date) for child in children]
        key = doubt_key("siblings", *told)
        chosen = self._options.siblings
        accepted = ALL in chosen or key in chosen or (reason == "guardian" and WITH_GUARDIAN in chosen)
        names, where = [name for name, _, _ in told], [place for _, place, _ in told]
        self._report.siblings.append(Siblings(key, reason, names, where, accepted))
        return accepted


class _Union:
    """Children joined into families; the one known longest leads."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def _root(self, child: int) -> int:
        while self._parent.get(child, child) != child:
            child = self._parent[child]
        return child

    def join(self, children: list[int]) -> None:
        roots = [self._root(child) for child in children]
        first = min(roots, key=lambda ref: (ref < 0, abs(ref)))
        for ref in (*children, *roots):
            self._parent[ref] = first

    def leaders(self) -> dict[int, int]:
        return {child: self._root(child) for child in self._parent}
