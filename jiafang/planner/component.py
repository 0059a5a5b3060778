"""One connected problem from first timetable to proof.

(1) a list-order timetable, so that a stop at any time has a plan to hand over; (2) all trip columns; (3) a cautious
model (one trip a person and shift) whose trips can always be crewed, settled into a timetable with calls; where calls
get lost beside the trips, the calls of those leads join the model; (4) bounds from the relaxed model; (5) while a gap
remains, the relaxed model itself is searched, and what could not be settled is ruled out by cuts, until the bound is
reached, the work limit is, or time is up. Where families name their times, (5) comes right after (2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from jiafang.planner.bounds import BoundBook
from jiafang.planner.building import build_master
from jiafang.planner.calls import NO_LOAD, CallPlan, plan_calls
from jiafang.planner.columns import Pool, build_pool
from jiafang.planner.compiled import Compiled
from jiafang.planner.cuts import Cut, CutFinder, distinct
from jiafang.planner.deadline import Deadline
from jiafang.planner.master import INF, Inequality, Master
from jiafang.planner.orders import with_other_orders
from jiafang.planner.owners import ShiftClass, find_owners, shift_classes
from jiafang.planner.problem import Trip
from jiafang.planner.result import Objective
from jiafang.planner.search import Choice, Search, relaxed_bounds
from jiafang.planner.settling import Settled, settle
from jiafang.planner.sharing import shares, spans_of
from jiafang.planner.timetable import Timetable, list_order
from jiafang.planner.timing import travel_of

_CAUTIOUS_ROUNDS = 4
_LEAST_ROUNDS, _MOST_ROUNDS, _ROUND_COLUMNS = 2, 40, 30_000
"""Rounds of proof: fewer for larger pools, so that work stays about the same."""
_FRESH_ROUNDS = 8
"""Where families name their times, so many rounds of proof often end the run before anything else was tried."""
_EXPANDED_POOL = 40_000
_MOST_TOLD_APART = 100_000
"""Trips for which a search tells all shifts apart, as promises ask for."""
_MOST_DECIDED = 100_000
"""As many decisions on who comes along, and as many on when a family is called, are left to the model."""
Tell = Callable[[str, float, Objective | None, Objective | None], None]


@dataclass
class Improved:
    """The best timetable so far and its objective."""

    timetable: Timetable
    objective: Objective


class Component:
    """The run over one problem; after `run`, `best` and `bounds()` hold the outcome."""

    def __init__(
        self,
        compiled: Compiled,
        deadline: Deadline,
        *,
        seed: int,
        kept: dict[int, tuple[int, bool]],
        tell: Tell,
    ) -> None:
        self.compiled, self.deadline, self.seed, self.kept, self.tell = compiled, deadline, seed, kept, tell
        self.fixed = _fixed_costs(compiled)
        self.book = BoundBook()
        self._least_travel: dict[int, float] = {}
        self.owners, self.all_owners = find_owners(compiled)
        empty = Timetable(compiled, self.owners)
        self.best = Improved(empty, self._objective(empty))
        self.levels = (0, 1, 2, 3) if kept else (0, 1, 3)
        # Whether there are too many trips for a search that tells all shifts apart.
        self._too_large = False
        # Whether a search has looked for a first good plan.
        self.dived = False

    def bound_upper(self) -> None:
        """Bounds on who stays unvisited and on lateness, whatever was promised: from shifts that are alike at once."""
        classes = shift_classes(self.compiled, self.owners)
        pool = self._pool(classes, self.deadline.part(0.4))
        if self.all_owners and pool.complete:
            anew = self._without_promises()
            _Visits(anew, classes, pool).bound_upper(self.open_values()[0])
            for caps, bound in anew.book.records:
                self.book.add(caps, bound)
        self._too_large = sum(len(classes[k].shifts) for k in pool.shift_class.tolist()) > _MOST_TOLD_APART

    def _pool(self, classes: list[ShiftClass], deadline: Deadline) -> Pool:
        pool = build_pool(self.compiled, self.owners, classes, deadline)
        return with_other_orders(self.compiled, self.owners, classes, pool) if pool.complete else pool

    def _without_promises(self) -> Component:
        return Component(self.compiled, self.deadline, seed=self.seed, kept={}, tell=self.tell)

    def run(self) -> None:
        """Improve until proven, out of time or out of ideas."""
        if self._too_large:
            # A promise tells shifts apart that are alike, and that is too much for the model. Others are disturbed for
            # the sake of somebody who would not be met, not for less lateness.
            if self.best.objective.unvisited > self.bounds().unvisited:
                anew = self._without_promises()
                anew.run()
                self.consider(anew.best.timetable)
            return
        self._report("first plan", 0.02)
        first = Timetable(self.compiled, self.owners)
        first.fill(list_order(self.compiled), self.deadline.part(0.4))
        self.consider(first)
        if self.deadline.over or not self.compiled.open_parties:
            return
        self._report("trips", 0.1)
        # A promise ties a party to its shift, so shifts are not alike when promises count.
        classes = shift_classes(self.compiled, self.owners, merge=not self.kept)
        pool = self._pool(classes, self.deadline.part(0.4))
        complete = self.all_owners and pool.complete
        visits = _Visits(self, classes, pool)
        if complete and visits.explicit:
            visits.prove(fresh=True)
            if self.proven or self.deadline.over:
                return
            if visits.exhausted:
                # To look for proof again would be the same search.
                visits.cautious(complete=True)
                return
        elif complete:
            visits.hope()
        visits.cautious(complete=complete)
        if not complete:
            return
        visits.prove()
        expanded = sum(len(classes[k].shifts) for k in pool.shift_class.tolist())
        if not self.proven and not self.deadline.over and len(pool) < expanded <= _EXPANDED_POOL:
            # Columns that stand for several shifts cannot be told apart by what happens in one of them.
            classes = shift_classes(self.compiled, self.owners, merge=False)
            pool = self._pool(classes, self.deadline)
            if pool.complete:
                _Visits(self, classes, pool, visits.in_model).prove()

    # --- shared by the phases ------------------------------------------------------------------------------------

    def offer(self, settled: Settled) -> None:
        """Take the timetable if it is better than the best."""
        self.consider(settled.timetable)

    def consider(self, timetable: Timetable) -> None:
        """Take the timetable if it is better than the best."""
        objective = self._objective(timetable)
        if objective.key < self.best.objective.key:
            self.best = Improved(timetable, objective)

    def report(self, phase: str, fraction: float) -> None:
        """Tell the caller where the run is."""
        self._report(phase, fraction)

    def _report(self, phase: str, fraction: float) -> None:
        self.tell(phase, fraction, self.best.objective, self.bounds())

    def open_values(self) -> tuple[float, float, float, float]:
        """The best objective per level without the part of the fixed appointments."""
        objective = self.best.objective
        values = (objective.unvisited, objective.lateness, objective.moved, objective.travel_minutes)
        return (values[0], values[1] - self.fixed[0], values[2], values[3] - self.fixed[1])

    def bounds(self) -> Objective:
        """Proven lower bounds for the levels of the best plan."""
        values = self.open_values()
        bounds = [self.book.best(k, values) for k in range(len(values))]
        unvisited = int(values[0])
        if unvisited not in self._least_travel:
            self._least_travel[unvisited] = self.least_travel(unvisited)
        bounds[3] = max(bounds[3], self._least_travel[unvisited])
        left, late, moved, travel = (min(v, bound) for v, bound in zip(values, bounds, strict=True))
        late += self.fixed[0]
        return Objective(
            unvisited=round(left),
            lateness=round(late) if late == round(late) else late,
            travel_minutes=round(travel + self.fixed[1]),
            moved=round(moved),
        )

    def least_travel(self, unvisited: int) -> float:
        """A bound on travel without columns: every visit has a way to it and a way from it.

        Half of each way counts for either end, so a visit costs at least half of its two shortest ways, a trip as much
        at its base. As many of the dearest visits as there are unvisited subjects may not take place.
        """
        compiled = self.compiled
        visits = [p for p in compiled.open_parties if not compiled.callable(p)]
        if len(visits) <= unvisited or not self.owners:
            return 0.0
        bases = sorted({compiled.base[g] for owner in self.owners for g in owner.groups})
        others = [p for p in compiled.open_parties if compiled.visitable(p)]
        ends = np.array([*(compiled.place[p] for p in others), *bases])
        halves = []
        for p in visits:
            apart = np.concatenate((np.array(others) != p, np.ones(len(bases), dtype=bool)))
            here = compiled.place[p]
            halves.append((compiled.minutes[ends, here][apart].min() + compiled.minutes[here, ends][apart].min()) / 2)
        kept = sorted(halves)[: len(visits) - unvisited]
        trips = math.ceil(len(kept) / max(1, compiled.problem.rules.max_stops_per_trip))
        places = compiled.place[others]
        base = min((compiled.minutes[b, places].min() + compiled.minutes[places, b].min()) / 2 for b in bases)
        return float(math.ceil(sum(kept) + trips * base - 1e-6))

    @property
    def proven(self) -> bool:
        """Whether every level equals its bound."""
        return self.bounds().key == self.best.objective.key

    @property
    def upper_proven(self) -> bool:
        """Whether every level above travel equals its bound."""
        return self.bounds().key[:-1] == self.best.objective.key[:-1]

    def _objective(self, timetable: Timetable) -> Objective:
        compiled = self.compiled
        late, travel = self.fixed
        left = [p for p in compiled.open_parties if p not in timetable.met]
        moved = sum(1 for p in left if p in self.kept)
        for placed in timetable.trips:
            travel += placed.trip.travel
            for p in placed.trip.members:
                late += float(compiled.late[p, placed.trip.shift])
                moved += p in self.kept and self.kept[p] != (placed.trip.shift, True)
        for call in timetable.calls:
            late += float(compiled.late[call.party, call.shift])
            moved += call.party in self.kept and self.kept[call.party] != (call.shift, False)
        unvisited = int(sum(compiled.subjects[p] for p in left))
        return Objective(unvisited, int(late) if late == int(late) else late, int(travel), moved)


@dataclass
class _Searching:
    """The last search over the rules as they are, and how many call parties and cuts it knows."""

    search: Search
    in_model: int
    cuts: int


class _Visits:
    """The phases that work on trip columns."""

    def __init__(
        self, component: Component, classes: list[ShiftClass], pool: Pool, in_model: Iterable[int] = ()
    ) -> None:
        self.component, self.classes, self.pool = component, classes, pool
        # The last part of the time is for settling what was found and for its bounds.
        self.compiled, self.deadline = component.compiled, component.deadline.part(0.93)
        compiled = self.compiled
        # Parties that may be visited or called are in the model from the start, those only to be called when needed.
        self.in_model = {p for p in compiled.open_parties if compiled.visitable(p) and compiled.callable(p)}
        self.in_model |= set(in_model)
        self.apart = {p for p in compiled.open_parties if not compiled.visitable(p)}
        self.spans = spans_of(compiled, component.owners, classes, pool)
        self.share = shares(compiled, component.owners, classes, pool, self.spans)
        # Where a column stands for one shift, the model decides who comes along and when everybody is called, unless
        # that would make it too large.
        direct = all(len(c.shifts) == 1 for c in classes)
        exact = direct and self._ways_to_come_along() <= _MOST_DECIDED
        self.explicit = frozenset(range(len(compiled.problem.shifts))) if exact else frozenset[int]()
        if direct and sum(len(compiled.call_options(p)) for p in self.apart) <= _MOST_DECIDED:
            self.in_model |= self.apart
        self.finder = CutFinder(compiled, component.owners, classes, pool)
        self.cuts: list[Cut] = []
        self._searching: _Searching | None = None
        # Whether a search for proof ended because nothing was to be learned from what could not be settled.
        self.exhausted = False
        self._beside: CallPlan | None = None

    def _ways_to_come_along(self) -> int:
        """How many decisions there are about who comes along on which trip of the pool."""
        columns = np.bincount(self.pool.shift_class, minlength=len(self.classes)).tolist()
        return sum(
            count * len(owner.crew_companions(self.compiled, shift_class.shifts[0]))
            for count, shift_class in zip(columns, self.classes, strict=True)
            if (owner := self.component.owners[shift_class.owner]).needs_co
        )

    def hope(self) -> None:
        """Bounds at once, in the hope that the best plan will reach those of the upper levels."""
        targets: dict[int, float | None] = dict.fromkeys(self.component.levels)
        master = self._master(frozenset())
        self._note(relaxed_bounds(master, targets, self.deadline.part(0.3)))
        # Whatever the lateness turns out to be, some bound on travel holds.
        self._note(relaxed_bounds(master, {**targets, 1: INF, 2: INF}, self.deadline.part(0.3)))

    def bound_upper(self, unvisited: float) -> None:
        """Bounds on the first two levels, the second for plans that leave out no more than this."""
        targets: dict[int, float | None] = {0: unvisited, 1: None, 2: INF, 3: INF}
        self._note(relaxed_bounds(self._master(frozenset()), targets, self.deadline))

    def cautious(self, *, complete: bool) -> None:
        """Plans from the model in which nobody makes two trips in a shift."""
        every = frozenset(range(len(self.compiled.problem.shifts)))
        for attempt in range(_CAUTIOUS_ROUNDS):
            self.component.report("trips", 0.15 + 0.1 * attempt)
            settled, book, restricted = self._search(every)
            if complete and not restricted:
                self._note(book)
            if settled is None or self.deadline.over or not self._learn(settled):
                return

    def prove(self, *, fresh: bool = False) -> None:
        """Bounds for the best plan, then better plans, until they meet; `fresh`: nothing was searched before."""
        if self.component.proven:
            return
        self.component.report("bounds", 0.55)
        if not fresh:
            self._bound()
        rounds = max(_LEAST_ROUNDS, min(_MOST_ROUNDS, _ROUND_COLUMNS // max(1, len(self.pool))))
        if fresh:
            rounds = _FRESH_ROUNDS
        failed: frozenset[int] = frozenset()
        for attempt in range(rounds):
            if self.component.proven or self.deadline.over:
                return
            self.component.report("proof", 0.6 + 0.35 * attempt / rounds)
            settled, book, _ = self._search(frozenset())
            self._note(book)
            if settled is None or self.component.proven:
                break
            failed |= frozenset(settled.uncrewed)
            if not self._learn(settled):
                self.exhausted = True
                break
        if failed and not self.component.proven and not self.deadline.over:
            # Cautious only where caution was needed: often better than being cautious everywhere.
            self.component.report("last plans", 0.96)
            self._search(failed)
        if not self.component.upper_proven:
            # The searches bounded travel under lateness that the best plan does not reach.
            self._bound()

    def _search(self, strict: frozenset[int]) -> tuple[Settled | None, BoundBook, bool]:
        """One search with its timetable, its bounds, and whether the bounds are those of a restriction only.

        Where only clashes were learned since the last one, it goes on from there.
        """
        component = self.component
        if self._searching is not None and not strict and self._searching.in_model == len(self.in_model):
            search = self._searching.search
            outcome = search.again(self._learned(search.master, self.cuts[self._searching.cuts :]))
            if outcome is not None and outcome.choice is not None:
                self._searching.cuts = len(self.cuts)
                settled = self._settle(search.master, outcome.choice)
                component.offer(settled)
                return settled, outcome.book, search.master.restricted
        master = self._master(strict)
        all_met = component.best.objective.unvisited == 0
        search = Search(
            master,
            self.deadline,
            seed=component.seed,
            levels=component.levels,
            all_met=all_met,
            early=None if component.dived else lambda choice: component.offer(self._settle(master, choice)),
        )
        component.dived = True
        outcome = search.run()
        self._searching = None if strict else _Searching(search, len(self.in_model), len(self.cuts))
        if outcome.choice is None:
            return None, outcome.book, master.restricted
        settled = self._settle(master, outcome.choice)
        component.offer(settled)
        return settled, outcome.book, master.restricted

    def _learned(self, master: Master, cuts: list[Cut]) -> list[Inequality]:
        variable_of = {option: variable for variable, option in master.calls}
        return [
            Inequality.counting(cut.trips, np.array([variable_of[c] for c in cut.calls], dtype=np.int64), cut.most)
            for cut in cuts
        ]

    def _settle(self, master: Master, choice: Choice) -> Settled:
        component = self.component
        trips, calls = master.chosen(choice.aux, choice.x)
        impossible = master.impossible_calls(choice.x)
        return settle(self.compiled, component.owners, trips, calls, impossible, component.deadline, component.kept)

    def _learn(self, settled: Settled) -> bool:
        """Take calls that got lost into the model, and rule out what clashed; False when there is nothing new."""
        compiled = self.compiled
        leads = {clash.lead for clash in settled.clashes} | self._hurt_leads(settled.timetable)
        joining = {
            p for p in self.apart - self.in_model if any(compiled.lead[g] in leads for g in compiled.party_groups[p])
        }
        if joining:
            self.in_model |= joining
            self._beside = None
        before = len(self.cuts)
        self.cuts = distinct(self.cuts + self.finder.cuts(settled, self.in_model))
        return bool(joining) or len(self.cuts) > before

    def _hurt_leads(self, timetable: Timetable) -> set[int]:
        """Leads whose calls are worse beside the trips than they are alone."""
        compiled = self.compiled
        beside = self._calls_beside()
        alone = {c.party: float(compiled.late[c.party, c.shift]) for c in beside.calls}
        got = {c.party: float(compiled.late[c.party, c.shift]) for c in timetable.calls}
        hurt = {p for p, late in alone.items() if p not in got or got[p] > late}
        total = sum(alone[p] for p in alone), sum(got.get(p, 0.0) for p in alone)
        if total[0] == total[1] and all(p in got for p in alone):
            return set()
        return {compiled.lead[g] for p in hurt for g in compiled.party_groups[p]}

    def _master(self, strict: frozenset[int]) -> Master:
        return build_master(
            self.compiled,
            self.component.owners,
            self.classes,
            self.pool,
            call_parties=sorted(self.in_model),
            share=self.share,
            spans=self.spans,
            explicit=self.explicit,
            strict=strict,
            kept=self.component.kept,
            cuts=[(cut.trips, cut.calls, cut.most) for cut in self.cuts],
        )

    def _calls_beside(self) -> CallPlan:
        """The calls that are not in the model, planned as if there were no trips: the least they can cost."""
        if self._beside is None:
            rest = sorted(self.apart - self.in_model)
            self._beside = plan_calls(self.compiled, rest, NO_LOAD, (), self.deadline, kept=self.component.kept)
        return self._beside

    def _note(self, book: BoundBook) -> None:
        beside = self._calls_beside()
        if beside.exact:
            self.component.book.include(book, beside.unvisited, beside.lateness)

    def _bound(self) -> None:
        beside = self._calls_beside()
        unvisited, late, moved, travel = self.component.open_values()
        values = (unvisited - beside.unvisited, late - beside.lateness, moved, travel)
        targets: dict[int, float | None] = {level: max(0.0, values[level]) for level in self.component.levels}
        self._note(relaxed_bounds(self._master(frozenset()), targets, self.component.deadline))


def _fixed_costs(compiled: Compiled) -> tuple[float, float]:
    """Lateness and travel of the fixed appointments."""
    late, travel = 0.0, 0
    for appointment in compiled.problem.fixed:
        s = compiled.shift_index[appointment.shift]
        if isinstance(appointment, Trip):
            parties = tuple(compiled.party_index[stop.party] for stop in appointment.stops)
            travel += travel_of(compiled, parties, compiled.base[compiled.group_index[appointment.groups[0]]])
        else:
            parties = (compiled.party_index[appointment.party],)
        late += float(sum(compiled.late[p, s] for p in parties))
    return late, float(travel)
