"""The model over trip columns: set partitioning with shifts, crews, calls and units, for HiGHS.

Every open party is met by one column x, one call u, or left out (o). A direct column stands for one shift. The columns
of a shift class with several shifts are linked to them by y (shift, lateness profile): profiles say how late each
member would be in each shift, so that tens of thousands of sets need a handful of y. Shifts in which nobody is late are
told apart only where a crew or a call can tell them apart.

The model is a *relaxation* of the rules: trips longer than half a shift cannot share a person, all trips of a person
take at most the shift (`sharing`), a lead's calls and trips must fit into its free minutes; finer clashes are left
to `crew`. Its bounds are therefore true bounds.
Shifts listed in `strict` are planned more cautiously (one trip a person), which is a restriction: a model with strict
shifts gives plans, no bounds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from jiafang.planner.columns import Pool
from jiafang.planner.compiled import CallOption, Compiled, Floats, Ints
from jiafang.planner.master import INF, FirstShifts, Master
from jiafang.planner.owners import Owner, ShiftClass
from jiafang.planner.sharing import Spans
from jiafang.planner.underway import exclusions

_FEW_OWNERS = 3
"""With more owners it takes too long to find out what fits into the first shifts of each."""


@dataclass
class _Rows:
    """Rows by name, each with its upper bound; the lower bound equals it for equations, else is minus infinity."""

    index: dict[tuple[object, ...], int] = field(default_factory=dict)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def at(self, key: tuple[object, ...], upper: float, *, equal: bool = False) -> int:
        row = self.index.get(key)
        if row is None:
            row = self.index[key] = len(self.upper)
            self.upper.append(upper)
            self.lower.append(upper if equal else -INF)
        return row


@dataclass
class _Columns:
    """The variables other than trips, as triplets."""

    rows: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    costs: list[tuple[float, ...]] = field(default_factory=list)

    def add(
        self,
        entries: Iterable[tuple[int, float]],
        *,
        upper: float,
        integer: bool,
        costs: tuple[float, ...],
        whole: bool | None = None,
    ) -> int:
        """`whole`: in every plan a whole number, though it need not be `integer` for the model."""
        self.begins.append(len(self.rows))
        for row, value in entries:
            self.rows.append(row)
            self.values.append(value)
        self.upper.append(upper)
        self.integer.append(integer)
        self.whole.append(integer if whole is None else whole)
        self.costs.append(costs)
        return len(self.upper) - 1


class _Builder:
    """Writes the rows and variables of a Master."""

    def __init__(
        self,
        compiled: Compiled,
        owners: list[Owner],
        classes: list[ShiftClass],
        pool: Pool,
        call_parties: Iterable[int],
        strict: frozenset[int],
        kept: dict[int, tuple[int, bool]],
        share: Floats,
        spans: Spans,
        explicit: frozenset[int],
    ) -> None:
        self.compiled, self.owners, self.classes, self.pool = compiled, owners, classes, pool
        self.strict, self.kept, self.share, self.spans, self.explicit = strict, kept, share, spans, explicit - strict
        self.rows, self.columns = _Rows(), _Columns()
        self.level_rows = tuple(self.rows.at(("level", k), INF) for k in range(4))
        self.party_row = {}
        visited = {p for owner in owners for p in owner.parties}
        call_parties = list(call_parties)
        for p in sorted(visited | set(call_parties)):
            self.party_row[p] = self.rows.at(("party", p), 1, equal=True)
        self.call_options = [option for p in call_parties for option in compiled.call_options(p)]
        self.called = {(o.group, o.shift) for o in self.call_options}
        self.busy_leads = {(compiled.lead[o.group], o.shift) for o in self.call_options}
        self.long = share > 0.5
        self.x_entries: list[tuple[Ints, Ints, Floats]] = []
        self.x_costs = np.zeros((len(pool), 4))
        self.x_costs[:, 3] = pool.travel
        self.profile_of = np.full(len(pool), -1, dtype=np.int64)
        self.profiles = 0
        self.restricted = False
        self.slots: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.aggregated: dict[int, list[int]] = {}
        self.punctual_of: dict[int, int] = {}
        self.rows_of_call: dict[CallOption, list[int]] = defaultdict(list)
        # Owners and shifts for which the model decides who comes along on which trip.
        self.told_apart: set[tuple[int, int]] = set()
        order = np.argsort(pool.shift_class, kind="stable")
        ends = np.searchsorted(pool.shift_class[order], np.arange(len(classes) + 1))
        self.columns_of = [order[ends[k] : ends[k + 1]] for k in range(len(classes))]
        self.clashes = self._clashes()
        self._exclude()

    # --- crews -------------------------------------------------------------------------------------------------

    def _clashes(self) -> dict[tuple[int, int], list[tuple[int, str]]]:
        """Per (owner, shift): the rows that a trip takes part in because a person may be wanted elsewhere.

        Two for each: a person makes one long trip, and all trips take at most the shift. A trip that needs a co-visitor
        whom nobody else wants has no such row for it; where the model decides who comes along, `_company` writes it.
        """
        wanted: dict[tuple[int, int], list[int]] = defaultdict(list)
        contexts: set[tuple[int, int]] = set()
        direct = {(c.owner, c.shifts[0]) for c in self.classes if len(c.shifts) == 1}
        for shift_class in self.classes:
            owner = self.owners[shift_class.owner]
            for s in shift_class.shifts:
                contexts.add((shift_class.owner, s))
        for o, s in sorted(contexts):
            owner = self.owners[o]
            for v in owner.leads:
                wanted[v, s].append(o)
            if owner.needs_co:
                for v in owner.crew_companions(self.compiled, s):
                    wanted[v, s].append(o)
        shared = {
            key for key, owners in wanted.items() if not set.intersection(*(set(self.owners[o].groups) for o in owners))
        }
        rows: dict[tuple[int, int], list[tuple[int, str]]] = {}
        for o, s in sorted(contexts):
            owner = self.owners[o]
            kinds = ("person",) if s in self.strict else ("person", "share")
            taken = [(self.rows.at((kind, v, s), 1), kind) for v in owner.leads if (v, s) in shared for kind in kinds]
            companions = owner.crew_companions(self.compiled, s)
            rows[o, s] = taken
            if not owner.needs_co or not all((v, s) in shared for v in companions):
                continue
            if s in self.explicit and (o, s) in direct:
                self.told_apart.add((o, s))
                continue
            for kind in kinds:
                crew = self.rows.at(("crew", kind, o, s), 0)
                taken.append((crew, kind))
                for v in companions:
                    person = self.rows.at((kind, v, s), 1)
                    self.columns.add([(crew, -1), (person, 1)], upper=1, integer=False, costs=(0, 0, 0, 0))
        return rows

    def _exclude(self) -> None:
        """Rows for activities of one person that are under way at the same moment, and variables for who comes along
        where the model decides it."""
        rows_of_aide: dict[tuple[int, int], list[int]] = defaultdict(list)
        found = exclusions(
            self.compiled, self.owners, self.classes, self.columns_of, self.spans, self.call_options, self.told_apart
        )
        for number, exclusion in enumerate(found):
            row = self.rows.at(("exclusion", number), 1)
            self._enter(row, exclusion.led, np.ones(len(exclusion.led)))
            for j in exclusion.aided.tolist():
                rows_of_aide[exclusion.person, j].append(row)
            for call in exclusion.calls:
                self.rows_of_call[call].append(row)
        for k, shift_class in enumerate(self.classes):
            o, s = shift_class.owner, shift_class.shifts[0]
            if (o, s) in self.told_apart:
                for j in self.columns_of[k].tolist():
                    self._company(o, s, j, rows_of_aide)

    def _company(self, o: int, s: int, j: int, rows_of_aide: dict[tuple[int, int], list[int]]) -> None:
        """Somebody has to come along on the trip."""
        crew = self.rows.at(("aide", j), 0)
        self._enter(crew, np.array([j]), np.ones(1))
        for v in self.owners[o].crew_companions(self.compiled, s):
            entries = [(crew, -1.0), (self.rows.at(("share", v, s), 1), float(self.share[j]))]
            entries += [(row, 1.0) for row in rows_of_aide[v, j]]
            if self.long[j]:
                entries.append((self.rows.at(("person", v, s), 1), 1.0))
            self.columns.add(entries, upper=1, integer=False, whole=True, costs=(0, 0, 0, 0))

    # --- variables -----------------------------------------------------------------------------------------------

    def cut_rows(self, cuts: Iterable[tuple[Ints, Iterable[CallOption], int]]) -> None:
        for n, (columns, calls, most) in enumerate(cuts):
            row = self.rows.at(("cut", n), most)
            self._enter(row, columns, np.ones(len(columns)))
            for call in calls:
                self.rows_of_call[call].append(row)

    def add_calls(self) -> list[tuple[int, CallOption]]:
        compiled, rules = self.compiled, self.compiled.problem.rules
        found = []
        for option in self.call_options:
            minutes = compiled.problem.parties[option.party].remote_minutes
            late = float(compiled.late[option.party, option.shift])
            moved = self._moved((option.party,), option.shift, False)
            entries = [
                (self.party_row[option.party], 1.0),
                (self.units_row(option.group, option.shift), float(rules.remote_units)),
                (self.time_row(compiled.lead[option.group], option.shift), float(minutes)),
                *((row, 1.0) for row in self.rows_of_call.get(option, ())),
                *self._cap_entries(late=late, moved=moved),
            ]
            found.append((self.columns.add(entries, upper=1, integer=True, costs=(0, late, moved, 0)), option))
        return found

    def left_out(self) -> None:
        for p, row in self.party_row.items():
            subjects = float(self.compiled.subjects[p])
            moved = 1.0 if p in self.kept else 0.0
            entries = [(row, 1.0), (self.level_rows[0], subjects), *self._cap_entries(late=0, moved=moved)]
            self.columns.add(entries, upper=1, integer=True, costs=(subjects, 0, moved, 0))

    def _cap_entries(self, *, late: float, moved: float) -> list[tuple[int, float]]:
        entries = []
        if late:
            entries.append((self.level_rows[1], late))
        if moved:
            entries.append((self.level_rows[2], moved))
        return entries

    def _moved(self, parties: Iterable[int], shift: int, onsite: bool) -> float:
        return float(sum(1 for p in parties if p in self.kept and self.kept[p] != (shift, onsite)))

    def slot_uses(self, o: int, s: int) -> list[tuple[int, str]]:
        """The rows that a trip of the owner in the shift takes part in, apart from its parties, and how much of each:
        one for every trip ("trip"), for every long one ("person"), its part of the shift ("share"), per stop ("units"),
        per minute away ("time")."""
        owner = self.owners[o]
        uses = [(self.rows.at(("trip", g, s), 1), "trip") for g in owner.groups]
        uses += [(row, "trip" if s in self.strict else kind) for row, kind in self.clashes[o, s]]
        self.restricted |= s in self.strict and bool(self.clashes[o, s])
        uses += [(self.units_row(g, s), "units") for g in owner.groups if (g, s) in self.called]
        uses += [(self.time_row(v, s), "time") for v in owner.leads if (v, s) in self.busy_leads]
        return uses

    def units_row(self, group: int, shift: int) -> int:
        return self.rows.at(("units", group, shift), self.compiled.units_left(group, shift))

    def time_row(self, person: int, shift: int) -> int:
        free = sum(b - a for a, b in self.compiled.gaps((person,), shift))
        return self.rows.at(("time", person, shift), free)

    def slot_entries(self, o: int, s: int, *, long: bool, stops: int, work: int) -> list[tuple[int, float]]:
        units = self.compiled.problem.rules.onsite_units
        length = max(1, int(self.compiled.shift_end[s] - self.compiled.shift_start[s]))
        amounts = {"trip": 1, "person": int(long), "share": work / length, "units": units * stops, "time": work}
        return [(row, float(amounts[kind])) for row, kind in self.slot_uses(o, s) if amounts[kind]]

    def trips(self) -> None:
        pool = self.pool
        for shift_class, columns in zip(self.classes, self.columns_of, strict=True):
            if len(columns) and len(shift_class.shifts) == 1:
                self._direct(shift_class, columns)
            elif len(columns):
                self._merged(shift_class, columns)
        lookup = np.full(len(self.compiled.problem.parties), -1, dtype=np.int64)
        lookup[list(self.party_row)] = list(self.party_row.values())
        for stop in range(pool.members.shape[1]):
            there = np.flatnonzero(pool.members[:, stop] >= 0)
            self.x_entries.append((lookup[pool.members[there, stop]], there, np.ones(len(there))))

    def first_shifts(self) -> list[FirstShifts]:
        """For groups whose trips all stand for one shift: a row for the stops of its first shift, of its first two,
        and so on. They bound nothing until it is known how many stops fit into these shifts."""
        if any(len(c.shifts) > 1 for c in self.classes):
            return []
        pool, found = self.pool, []
        shift = np.array([c.shifts[0] for c in self.classes], dtype=np.int64)[pool.shift_class]
        for g in sorted({g for owner in self.owners for g in owner.groups}):
            own = np.array([g in self.owners[c.owner].groups for c in self.classes], dtype=bool)[pool.shift_class]
            for last in np.unique(shift[own])[:-1].tolist():
                trips = np.flatnonzero(own & (shift <= last))
                row = self.rows.at(("first", g, last), INF)
                self._enter(row, trips, pool.stops[trips].astype(np.float64))
                found.append(FirstShifts(row, trips))
        return found

    def x_arrays(self) -> tuple[Ints, Floats, Ints]:
        """Entries of the trips, grouped by trip: rows, values and where each trip begins."""
        if not self.x_entries:
            return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(1, dtype=np.int64)
        rows, columns, values = (np.concatenate(arrays) for arrays in zip(*self.x_entries, strict=True))
        rank = np.argsort(columns, kind="stable")
        begins = np.searchsorted(columns[rank], np.arange(len(self.pool) + 1))
        return rows[rank], values[rank], begins

    def _late(self, columns: Ints, shifts: tuple[int, ...]) -> Floats:
        """Lateness of each column in each shift, shape (columns, shifts)."""
        members = self.pool.members[columns]
        per_party = np.where((members >= 0)[:, :, None], self.compiled.late[members][:, :, list(shifts)], 0.0)
        return np.asarray(per_party.sum(axis=1))

    def _direct(self, shift_class: ShiftClass, columns: Ints) -> None:
        """Columns of a class with a single shift take part in its rows themselves."""
        o, s = shift_class.owner, shift_class.shifts[0]
        self.x_costs[columns, 1] = self._late(columns, (s,))[:, 0]
        if self.kept:
            members = self.pool.members[columns]
            self.x_costs[columns, 2] = [self._moved((int(p) for p in row if p >= 0), s, True) for row in members]
        for level in (1, 2):
            self._enter(self.level_rows[level], columns, self.x_costs[columns, level])
        rules = self.compiled.problem.rules
        amounts = {
            "trip": np.ones(len(columns)),
            "person": self.long[columns].astype(np.float64),
            "share": self.share[columns],
            "units": rules.onsite_units * self.pool.stops[columns].astype(np.float64),
            "time": self.pool.work[columns].astype(np.float64),
        }
        for row, kind in self.slot_uses(o, s):
            self._enter(row, columns, amounts[kind])

    def _enter(self, row: int, columns: Ints, values: Floats) -> None:
        there = np.flatnonzero(values)
        if len(there):
            self.x_entries.append((np.full(len(there), row, dtype=np.int64), columns[there], values[there]))

    def _merged(self, shift_class: ShiftClass, columns: Ints) -> None:
        """Columns of a class with several shifts are linked to the shifts by their profiles."""
        o, shifts = shift_class.owner, shift_class.shifts
        owner = self.owners[o]
        late = self._late(columns, shifts)
        calls_matter = any((g, s) in self.called for g in owner.groups for s in shifts) or any(
            (v, s) in self.busy_leads for v in owner.leads for s in shifts
        )
        crew_matters = any(self.clashes[o, s] for s in shifts)
        coarse = (self.pool.stops[columns] * calls_matter, self.long[columns] * crew_matters)
        keys, which = np.unique(np.column_stack((*coarse, late)), axis=0, return_inverse=True)
        which = which.reshape(-1)
        work = [int(self.pool.work[columns[which == n]].min()) for n in range(len(keys))]
        punctual = [s for at, s in enumerate(shifts) if not late[:, at].any()]
        links = []
        for n, (stops, long, *days) in enumerate(keys.tolist()):
            profile = self.new_profile()
            link = self.rows.at(("profile", profile), 0, equal=True)
            links.append((profile, link))
            mine = columns[which == n]
            self.profile_of[mine] = profile
            self._enter(link, mine, np.ones(len(mine)))
            for s, lateness in zip(shifts, days, strict=True):
                if s not in punctual:
                    entries = self.slot_entries(o, s, long=bool(long), stops=int(stops), work=work[n])
                    entries += [(link, -1.0), *self._cap_entries(late=lateness, moved=0)]
                    variable = self.columns.add(entries, upper=1, integer=True, costs=(0, lateness, 0, 0))
                    self.slots[profile].append((variable, s))
        alone = sum(1 for other in self.owners if set(other.groups) & set(owner.groups)) == 1
        if punctual and alone and not calls_matter and not crew_matters:
            key = self._punctual(links, len(punctual), len(punctual))
            self.aggregated[key] = punctual
        elif punctual:
            alike: dict[tuple[float, float], list[int]] = defaultdict(list)
            for n, (stops, long, *_) in enumerate(keys.tolist()):
                alike[stops, long].append(n)
            for (stops, long), members in alike.items():
                key = self._punctual([links[n] for n in members], 0, len(punctual))
                least = min(work[n] for n in members)
                for s in punctual:
                    entries = self.slot_entries(o, s, long=bool(long), stops=int(stops), work=least)
                    entries.append((self.rows.at(("punctual", key), 0), -1.0))
                    variable = self.columns.add(entries, upper=1, integer=True, costs=(0, 0, 0, 0))
                    self.slots[key].append((variable, s))

    def _punctual(self, links: list[tuple[int, int]], room: int, most: int) -> int:
        """Trips of these profiles in shifts where nobody is late: together at most `room` and what their shifts add."""
        key = self.new_profile()
        row = self.rows.at(("punctual", key), room)
        for profile, link in links:
            self.punctual_of[profile] = key
            self.columns.add([(link, -1.0), (row, 1.0)], upper=most, integer=True, costs=(0, 0, 0, 0))
        return key

    def new_profile(self) -> int:
        self.profiles += 1
        return self.profiles


def build_master(
    compiled: Compiled,
    owners: list[Owner],
    classes: list[ShiftClass],
    pool: Pool,
    *,
    call_parties: Iterable[int],
    share: Floats,
    spans: Spans,
    explicit: frozenset[int] = frozenset(),
    strict: frozenset[int] = frozenset(),
    kept: dict[int, tuple[int, bool]] | None = None,
    cuts: Iterable[tuple[Ints, Iterable[CallOption], int]] = (),
) -> Master:
    """The model over the pool; `share` is what each column takes of a person's shift (`sharing.shares`), `kept` maps a
    party to the (shift, on site?) that it was promised.

    Each of `cuts` is (columns, calls, most): at most so many of them together.
    """
    builder = _Builder(compiled, owners, classes, pool, call_parties, strict, kept or {}, share, spans, explicit)
    builder.cut_rows(cuts)
    calls = builder.add_calls()
    builder.trips()
    builder.left_out()
    first_rows = builder.first_shifts() if len(owners) <= _FEW_OWNERS else []
    x_rows, x_values, x_begins = builder.x_arrays()
    columns = builder.columns
    return Master(
        compiled=compiled,
        owners=owners,
        classes=classes,
        pool=pool,
        lower=np.array(builder.rows.lower),
        upper=np.array(builder.rows.upper, dtype=np.float64),
        level_rows=builder.level_rows,
        aux_rows=np.array(columns.rows, dtype=np.int64),
        aux_values=np.array(columns.values, dtype=np.float64),
        aux_begins=np.array([*columns.begins, len(columns.rows)], dtype=np.int64),
        aux_upper=np.array(columns.upper, dtype=np.float64),
        aux_integer=np.array(columns.integer, dtype=bool),
        aux_whole=np.array(columns.whole, dtype=bool),
        aux_costs=np.array(columns.costs, dtype=np.float64).reshape(-1, 4),
        x_rows=x_rows,
        x_values=x_values,
        x_begins=x_begins,
        x_costs=builder.x_costs,
        party_row=builder.party_row,
        calls=calls,
        profile_of=builder.profile_of,
        slots=dict(builder.slots),
        aggregated=builder.aggregated,
        punctual_of=builder.punctual_of,
        first_rows=first_rows,
        restricted=builder.restricted,
    )
