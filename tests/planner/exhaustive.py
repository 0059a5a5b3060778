"""The best plan of a tiny problem by trying everything; shares no code with the planner.

For each shift every order of activities is tried, each as early as its people allow. That is complete: any feasible
timing can be moved to the left in its own order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import combinations, pairwise, permutations, product
from typing import Any

INFEASIBLE = math.inf


def minutes_of(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


class Exhaustive:
    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        self.rules = problem["rules"]
        self.shifts = problem["shifts"]
        self.groups = {g["id"]: g for g in problem["groups"]}
        self.fixed: dict[int, list[dict[str, Any]]] = {n: [] for n in range(len(self.shifts))}
        for appointment in problem.get("fixed", []):
            self.fixed[[s["id"] for s in self.shifts].index(appointment["shift"])].append(appointment)
        met = {stop["party"] for of_shift in self.fixed.values() for f in of_shift for stop in f.get("stops", [])}
        met |= {f["party"] for of_shift in self.fixed.values() for f in of_shift if "party" in f}
        self.parties = [party for party in problem["parties"] if party["id"] not in met]
        self.free = {v["id"]: v.get("shifts") for v in problem["visitors"]}
        self.places = {p["id"]: p for p in problem["locations"]}
        self.best_of_shift = cache(self._best_of_shift)

    def leg(self, one: str, two: str) -> int:
        if one == two:
            return 0
        a, b = self.places[one], self.places[two]
        lat1, lon1, lat2, lon2 = (math.radians(x) for x in (a["lat"], a["lon"], b["lat"], b["lon"]))
        h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        km = 2 * 6371.0088 * math.asin(math.sqrt(h))
        travel = self.problem["travel"]
        return math.ceil(round(km * travel["detour"] / travel["speed_kmh"] * 60 + travel["fixed_minutes"], 6))

    def window(self, party: dict[str, Any], shift: dict[str, Any]) -> tuple[int, int] | None:
        if "windows" not in party:
            return minutes_of(shift["start"]), minutes_of(shift["end"])
        pair = party["windows"].get(shift["id"])
        return pair and (minutes_of(pair[0]), minutes_of(pair[1]))

    def available(self, visitor: str, shift: dict[str, Any]) -> bool:
        return self.free[visitor] is None or shift["id"] in self.free[visitor]

    def options(self, n: int) -> list[tuple[Any, ...]]:
        """Left out, or a call by a group in a shift, or on the trip of some groups in a shift."""
        party = self.parties[n]
        own = sorted({s["group"] for s in party["subjects"]})
        found: list[tuple[Any, ...]] = [("out",)]
        for s, shift in enumerate(self.shifts):
            if self.window(party, shift) is None:
                continue
            if party["channel"] != "onsite":
                found += [("call", g, s) for g in own if self.available(self.groups[g]["lead"], shift)]
            if party["channel"] != "remote":
                for size in range(1, len(self.groups) + 1):
                    for groups in combinations(sorted(self.groups), size):
                        gone = {g for fixed in self.fixed[s] if "stops" in fixed for g in fixed["groups"]}
                        if (
                            set(own) <= set(groups)
                            and not gone & set(groups)
                            and all(self.available(self.groups[g]["lead"], shift) for g in groups)
                        ):
                            found.append(("trip", groups, s))
        return found

    def best(self, promised: Mapping[str, tuple[str, bool]] | None = None) -> tuple[int, int, int, int]:
        """(unvisited, lateness, moved, travel) of the best plan; `promised` is the shift and whether on site."""
        ranked: dict[tuple[int, int, int], list[tuple[Any, ...]]] = {}
        for choice in product(*(self.options(n) for n in range(len(self.parties)))):
            unvisited = late = moved = 0
            for party, option in zip(self.parties, choice, strict=True):
                if option[0] == "out":
                    unvisited += len(party["subjects"])
                else:
                    day = date.fromisoformat(self.shifts[option[2]]["date"])
                    days = max(0, (day - date.fromisoformat(party["due"])).days)
                    late += party["weight"] * days * len(party["subjects"])
                if party["id"] in (promised or {}):
                    here = None if option[0] == "out" else (self.shifts[option[2]]["id"], option[0] == "trip")
                    moved += here != (promised or {})[party["id"]]
            ranked.setdefault((unvisited, late, moved), []).append(choice)
        for levels, choices in sorted(ranked.items()):
            travel = min(self.travel(choice) for choice in choices)
            if travel < INFEASIBLE:
                return *levels, int(travel)
        raise AssertionError("leaving everybody out is always possible")

    def travel(self, choice: tuple[tuple[Any, ...], ...]) -> float:
        total = 0.0
        for s in range(len(self.shifts)):
            here = frozenset((n, *o[:2]) for n, o in enumerate(choice) if o[0] != "out" and o[2] == s)
            total += self.best_of_shift(s, here) if here else 0
        return total

    def _best_of_shift(self, s: int, meetings: frozenset[tuple[Any, ...]]) -> float:
        trips: dict[tuple[str, ...], list[int]] = {}
        calls = []
        for n, kind, what in sorted(meetings, key=str):
            if kind == "trip":
                trips.setdefault(what, []).append(n)
            else:
                calls.append((n, what))
        used = [g for groups in trips for g in groups]
        if len(used) != len(set(used)):
            return INFEASIBLE
        for g in self.groups:
            units = sum(self.rules["onsite_units"] * len(stops) for groups, stops in trips.items() if g in groups)
            units += sum(self.rules["remote_units"] for _, caller in calls if caller == g)
            for fixed in self.fixed[s]:
                units += self.rules["onsite_units"] * len(fixed.get("stops", [])) * (g in fixed.get("groups", []))
                units += self.rules["remote_units"] * (fixed.get("group") == g)
            if units > self.rules["max_units_per_shift"]:
                return INFEASIBLE
        ways = [list(self.ways(s, groups, stops)) for groups, stops in trips.items()]
        plans = sorted(product(*ways), key=lambda plan: sum(way[0] for way in plan))
        for plan in plans:
            if self.can_be_timed(s, plan, calls):
                return float(sum(way[0] for way in plan))
        return INFEASIBLE

    def ways(self, s: int, groups: tuple[str, ...], stops: list[int]) -> Any:
        """(travel, base, crew, order) of every way to make a trip."""
        wanted = [{x["group"] for x in self.parties[n]["subjects"]} for n in stops]
        bases = {self.groups[g]["base"] for g in groups}
        shared = len(groups) <= self.rules.get("max_groups_per_trip", 1) and len(bases) == 1
        if not shared and set(groups) not in wanted:
            return
        if len(stops) > self.rules["max_stops_per_trip"]:
            return
        leads = {self.groups[g]["lead"] for g in groups}
        helpers = {c for g in groups for c in self.groups[g]["co_visitors"]} - leads
        crews = [leads]
        if self.rules["two_visitors_onsite"] and len(leads) < 2:
            crews = [leads | {c} for c in helpers if self.available(c, self.shifts[s])]
        for base, crew, order in product(bases, crews, permutations(stops)):
            route = [base, *(self.parties[n]["location"] for n in order), base]
            yield sum(self.leg(a, b) for a, b in pairwise(route)), base, frozenset(crew), order

    def can_be_timed(self, s: int, plan: tuple[Any, ...], calls: list[tuple[int, str]]) -> bool:
        activities = [("trip", way) for way in plan] + [("call", call) for call in calls]
        activities += [("fixed", fixed) for fixed in self.fixed[s]]
        return any(self.timed(s, order) for order in permutations(activities))

    def timed(self, s: int, order: tuple[Any, ...]) -> bool:
        shift = self.shifts[s]
        end = minutes_of(shift["end"])
        ready: dict[str, int] = {}
        for kind, what in order:
            if kind == "fixed":
                people = set(what.get("visitors", [what.get("visitor")]))
                begin, over = ("depart", "return") if "stops" in what else ("start", "end")
                if any(ready.get(v, 0) > minutes_of(what[begin]) for v in people):
                    return False
                ready |= dict.fromkeys(people, minutes_of(what[over]))
                continue
            if kind == "call":
                n, group = what
                people = {self.groups[group]["lead"]}
                stops, here, service = (n,), None, "remote_minutes"
            else:
                _, here, people, stops = what
                service = "minutes"
            base = here
            now = max([minutes_of(shift["start"]), *(ready.get(v, 0) for v in people)])
            for n in stops:
                party = self.parties[n]
                low, high = self.window(party, shift)  # type: ignore[misc]
                now = max(low, now + (self.leg(here, party["location"]) if here else 0))
                if now > high:
                    return False
                now += party[service]
                here = party["location"] if here else None
            now += self.leg(here, base) if here and base else 0
            if now > end:
                return False
            for v in people:
                ready[v] = now
        return True
