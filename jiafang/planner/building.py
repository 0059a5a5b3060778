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

import numpy as np

from jiafang.planner.call_room import call_rooms, taken_of_rooms
from jiafang.planner.columns import Pool
from jiafang.planner.compiled import CallOption, Compiled, Floats, Ints
from jiafang.planner.master import INF, FirstShifts, Master, Spare
from jiafang.planner.owners import Owner, ShiftClass
from jiafang.planner.sharing import Spans
from jiafang.planner.tableau import Columns, Rows, in_runs
from jiafang.planner.underway import exclusions

_FEW_OWNERS = 3
"""With more owners it takes too long to find out what fits into the first shifts of each."""


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
        self.rows, self.columns = Rows(), Columns()
        self.level_rows = tuple(self.rows.at(("level", k), INF) for k in range(4))
        self.party_row = {}
        visited = {p for owner in owners for p in owner.parties}
        call_parties = list(call_parties)
        for p in sorted(visited | set(call_parties)):
            self.party_row[p] = self.rows.at(("party", p), 1, equal=True)
        self.call_options = [option for p in call_parties for option in compiled.call_options(p)]
        self.called = {(o.group, o.shift) for o in self.call_options}
        self.busy_leads = {(compiled.lead[o.group], o.shift) for o in self.call_options}
        self.rooms = call_rooms(compiled, self.call_options)
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
        whom nobody else wants has no such row for it; where the model decides who comes along, `_companies` writes it.
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
        where the model decides it. Calls beside trips are many and seldom clash: their rows are kept aside."""
        found, self.beside = exclusions(
            self.compiled, self.owners, self.classes, self.columns_of, self.spans, self.call_options, self.told_apart
        )
        first = self.rows.add_block(len(found.person), upper=1)
        rows, trips = found.led
        self.x_entries.append((first + rows, trips, np.ones(len(trips))))
        for row, call in zip(*(part.tolist() for part in found.calls), strict=True):
            self.rows_of_call[self.call_options[call]].append(first + row)
        self._companies(*found.aided, found.person, first)

    def _companies(self, rows: Ints, trips: Ints, person_of: Ints, first: int) -> None:
        """Somebody has to come along on each trip of owners and shifts that are told apart. The trips are in exclusions
        (`rows`, from number `first`), one entry for each pair; trips that are alike to all who may come share the
        variables."""
        rank = np.lexsort((rows, trips))
        rows, begins = rows[rank], np.searchsorted(trips[rank], np.arange(len(self.pool) + 1))
        crew_of = np.full(len(self.pool), -1, dtype=np.int64)
        # For each variable: the row that it serves, a trip of it, the person, and the rows of the person's shift.
        made: list[tuple[int, int, int, int, int]] = []
        limits = begins.tolist()
        share = self.share.tolist()
        for k, shift_class in enumerate(self.classes):
            o, s = shift_class.owner, shift_class.shifts[0]
            if (o, s) not in self.told_apart:
                continue
            alike: dict[tuple[float, bytes], int] = {}
            whose = [
                (v, self.rows.at(("share", v, s), 1), self.rows.at(("person", v, s), 1))
                for v in self.owners[o].crew_companions(self.compiled, s)
            ]
            for j in self.columns_of[k].tolist():
                key = share[j], rows[limits[j] : limits[j + 1]].tobytes()
                crew = alike.get(key)
                if crew is None:
                    crew = alike[key] = self.rows.at(("aide", j), 0)
                    made += [(crew, j, v, in_share, in_person) for v, in_share, in_person in whose]
                crew_of[j] = crew
        theirs = np.flatnonzero(crew_of >= 0)
        self.x_entries.append((crew_of[theirs], theirs, np.ones(len(theirs))))
        serves, trip, person, in_share, in_person = np.array(made, dtype=np.int64).reshape(-1, 5).T
        at, variable = in_runs(begins[trip], begins[trip + 1])
        own = person_of[rows[at]] == person[variable]
        every, long = np.arange(len(made)), np.flatnonzero(self.long[trip])
        entries = [
            (every, serves, -1.0),
            (every, in_share, self.share[trip]),
            (long, in_person[long], 1.0),
            (variable[own], first + rows[at[own]], 1.0),
        ]
        self.columns.add_block(len(made), entries)

    # --- variables -----------------------------------------------------------------------------------------------

    def cut_rows(self, cuts: Iterable[tuple[Ints, Iterable[CallOption], int]]) -> None:
        for n, (columns, calls, most) in enumerate(cuts):
            row = self.rows.at(("cut", n), most)
            self._enter(row, columns, np.ones(len(columns)))
            for call in calls:
                self.rows_of_call[call].append(row)

    def add_calls(self) -> list[tuple[int, CallOption]]:
        compiled, options = self.compiled, self.call_options
        parties = np.array([o.party for o in options], dtype=np.int64)
        shifts = np.array([o.shift for o in options], dtype=np.int64)
        costs = np.zeros((len(options), 4))
        costs[:, 1] = compiled.late[parties, shifts]
        if self.kept:
            costs[:, 2] = [self._moved((o.party,), o.shift, False) for o in options]
        amounts = {"room": 1.0, "units": float(compiled.problem.rules.remote_units)}
        uses = {key: self.call_uses(*key) for key in sorted(self.called)}
        bounded: list[tuple[int, int, float]] = []
        for n, option in enumerate(options):
            for row, kind in uses[option.group, option.shift]:
                minutes = compiled.problem.parties[option.party].remote_minutes
                bounded.append((n, row, float(minutes) if kind == "time" else amounts[kind]))
            bounded += [(n, row, 1.0) for row in self.rows_of_call.get(option, ())]
        numbers, rows, values = np.array(bounded, dtype=np.float64).reshape(-1, 3).T
        entries = [
            (np.arange(len(options)), np.array([self.party_row[o.party] for o in options], dtype=np.int64), 1.0),
            (numbers.astype(np.int64), rows.astype(np.int64), values),
        ]
        for level in (1, 2):
            dear = np.flatnonzero(costs[:, level])
            entries.append((dear, np.full(len(dear), self.level_rows[level]), costs[dear, level]))
        variables = self.columns.add_block(len(options), entries, costs)
        return list(zip(variables.tolist(), options, strict=True))

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

    def slot_uses(self, o: int, s: int) -> list[tuple[int, str, int]]:
        """The rows that a trip of the owner in the shift takes part in, apart from its parties, how much of each, and
        for which group: one for every trip ("trip"), for every long one ("person"), its part of the shift ("share"),
        and where the lead makes calls what they need ("room", "units", "time")."""
        owner = self.owners[o]
        uses: list[tuple[int, str, int]] = [(self.rows.at(("trip", g, s), 1), "trip", g) for g in owner.groups]
        uses += [(row, "trip" if s in self.strict else kind, -1) for row, kind in self.clashes[o, s]]
        self.restricted |= s in self.strict and bool(self.clashes[o, s])
        seen = set()
        for g in owner.groups:
            for row, kind in self.call_uses(g, s):
                if row not in seen:
                    seen.add(row)
                    uses.append((row, kind, g))
        return uses

    def call_uses(self, group: int, shift: int) -> list[tuple[int, str]]:
        """The rows that bound the calls of a group in a shift, and what of: calls beside the trip ("room"), or units
        ("units") and minutes ("time") of the lead."""
        lead = self.compiled.lead[group]
        uses = []
        room = self.rooms.get((group, shift))
        if room is not None:
            uses.append((self.rows.at(("room", group, shift), room.most), "room"))
        elif (group, shift) in self.called:
            uses.append((self.units_row(group, shift), "units"))
        if (lead, shift) in self.busy_leads and not (room is not None and room.alike):
            uses.append((self.time_row(lead, shift), "time"))
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
        entries = [
            (row, float(amounts[kind] if kind in amounts else self.rooms[group, s].taken_by(stops, work)))
            for row, kind, group in self.slot_uses(o, s)
        ]
        return [(row, amount) for row, amount in entries if amount]

    def trips(self) -> None:
        pool = self.pool
        single = [k for k, c in enumerate(self.classes) if len(c.shifts) == 1 and len(self.columns_of[k])]
        self._direct(single)
        for shift_class, columns in zip(self.classes, self.columns_of, strict=True):
            if len(columns) and len(shift_class.shifts) > 1:
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

    def _direct(self, single: list[int]) -> None:
        """Columns of classes with a single shift take part in its rows themselves."""
        if not single:
            return
        pool, compiled = self.pool, self.compiled
        columns = np.concatenate([self.columns_of[k] for k in single])
        shift_of = np.array([c.shifts[0] for c in self.classes], dtype=np.int64)
        members, shifts = pool.members[columns], shift_of[pool.shift_class[columns]]
        late = np.where(members >= 0, compiled.late[members, shifts[:, None]], 0.0)
        self.x_costs[columns, 1] = late.sum(axis=1)
        if self.kept:
            self.x_costs[columns, 2] = [
                self._moved((p for p in row if p >= 0), s, True)
                for row, s in zip(members.tolist(), shifts.tolist(), strict=True)
            ]
        for level in (1, 2):
            self._enter(self.level_rows[level], columns, self.x_costs[columns, level])
        by_kind: dict[str, list[tuple[int, int, tuple[int, int]]]] = defaultdict(list)
        for k in single:
            o, s = self.classes[k].owner, int(shift_of[k])
            for row, kind, group in self.slot_uses(o, s):
                by_kind[kind].append((k, row, (group, s)))
        every = {
            "trip": np.ones(len(pool)),
            "person": self.long,
            "share": self.share,
            "units": compiled.problem.rules.onsite_units * pool.stops,
            "time": pool.work,
        }
        for kind, uses in by_kind.items():
            lengths = [len(self.columns_of[k]) for k, _, _ in uses]
            taking = np.concatenate([self.columns_of[k] for k, _, _ in uses])
            rows = np.repeat([row for _, row, _ in uses], lengths)
            if kind == "room":
                rooms = [self.rooms[key] for _, _, key in uses]
                amount = taken_of_rooms(rooms, lengths, pool.stops[taking], self.spans.away[taking])
            else:
                amount = every[kind][taking]
            there = np.flatnonzero(amount)
            self.x_entries.append((rows[there], taking[there], amount[there].astype(np.float64)))

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
    variables = np.array([variable for variable, _ in calls], dtype=np.int64)
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
        spare=Spare(variables[builder.beside.call], builder.beside.trips, builder.beside.begins),
        restricted=builder.restricted,
    )
