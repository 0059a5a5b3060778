"""Why a party is not placed, found by asking rule by rule what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jiafang.planner.advice import advise
from jiafang.planner.compiled import Compiled
from jiafang.planner.deadline import Deadline
from jiafang.planner.owners import Owner
from jiafang.planner.result import Reason
from jiafang.planner.timetable import Timetable
from jiafang.planner.timing import timing

_CHINESE: dict[str, str] = {
    "no_window": "没有可以上门或通话的时段：这一家没有填写任何空闲时间。",
    "lead_never_free": "{leads} 在这一家有空的时段都没有时间。请为其增加以下任一时段：{shifts}。",
    "no_co_visitor": "{leads} 和这一家同时有空的时段里，没有同行教师有空。请让同行教师空出以下任一时段：{shifts}。",
    "visit_too_long": "在共同有空的时段内，路程和家访时间放不下：最少需要 {needed} 分钟，时段为 {shifts}。",
    "call_too_long": "在共同有空的时段内，放不下一次 {needed} 分钟的通话，时段为 {shifts}。",
    "units_used_up": "共同有空的时段（{shifts}）里，当次家访的工作量已经排满。",
    "trips_fixed": "共同有空的时段（{shifts}）里，已有固定的行程。",
    "no_stops_allowed": "规则不允许上门家访（每次行程最多 {stops} 家）。",
    "crowded": "共同有空的时段（{shifts}）都排给了其他家庭，已经没有空余。请增加一个时段或推迟截止日期之外的安排。",
    "stopped": "规划在时间用完前停止，这一家还没有排上；再运行一次可能可以排上。",
}
_ENGLISH: dict[str, str] = {
    "no_window": "There is no time at which this family can be met: it gave no free time.",
    "lead_never_free": "{leads} is never available when the family is. Freeing any of these would help: {shifts}.",
    "no_co_visitor": "When {leads} and the family are free, no co-visitor is. Freeing one in any of these would help: "
    "{shifts}.",
    "visit_too_long": "Travel and visit take at least {needed} minutes and do not fit the common shifts: {shifts}.",
    "call_too_long": "A call of {needed} minutes does not fit into the common shifts: {shifts}.",
    "units_used_up": "In the common shifts ({shifts}) the work allowed per shift is used up.",
    "trips_fixed": "In the common shifts ({shifts}) there is already a fixed trip.",
    "no_stops_allowed": "The rules allow no visit on site (at most {stops} stops a trip).",
    "crowded": "All common shifts ({shifts}) are taken by other families; one more shift would help.",
    "stopped": "The planner was stopped before this family was placed; another run may place it.",
}


def reason(code: str, params: Mapping[str, Any]) -> Reason:
    """A reason with its sentences; `advice` in the parameters is a list of shift, visitors and family (or not)."""
    facts = {key: value for key, value in params.items() if key != "advice"}
    shown = {key: ("、".join(value) if isinstance(value, (list, tuple)) else value) for key, value in facts.items()}
    plain = {key: (", ".join(value) if isinstance(value, (list, tuple)) else value) for key, value in facts.items()}
    chinese, english = _CHINESE[code].format(**shown), _ENGLISH[code].format(**plain)
    for way in params.get("advice", ()):
        people = [*way["visitors"], *(["这一家"] if way["family"] else [])]
        chinese += f"{'、'.join(people)}在{way['shift']}有空就能排上，别家都不改日期。"
        people = [*way["visitors"], *(["the family"] if way["family"] else [])]
        english += (
            f" It could be met in {way['shift']} if free then: {', '.join(people)}; nobody else would change the day."
        )
    return Reason(code, dict(params), chinese, english)


def explain(
    compiled: Compiled, owners: list[Owner], timetable: Timetable, party: int, deadline: Deadline, *, stopped: bool
) -> Reason:
    """The first thing that stands in the way of meeting the party, and what would help."""
    found = _obstacle(compiled, owners, party, stopped=stopped)
    ways = [] if stopped else advise(compiled, owners, timetable, party, deadline)
    if not ways:
        return found
    problem = compiled.problem
    told = [
        {
            "shift": problem.shifts[way.shift].id,
            "visitors": [problem.visitors[v].id for v in way.free],
            "family": way.family,
        }
        for way in ways
    ]
    return reason(found.code, {**found.params, "advice": told})


def _obstacle(compiled: Compiled, owners: list[Owner], party: int, *, stopped: bool) -> Reason:
    """The first thing that stands in the way of meeting the party, with the shifts in which it does."""
    problem, shifts = compiled.problem, compiled.problem.shifts
    leads = tuple(dict.fromkeys(compiled.lead[g] for g in compiled.party_groups[party]))
    names = [problem.visitors[v].id for v in leads]
    home = [s for s in range(len(shifts)) if compiled.low[party, s] <= compiled.high[party, s]]

    def ids(some: list[int]) -> list[str]:
        return [shifts[s].id for s in some]

    if not home:
        return reason("no_window", {})
    if compiled.callable(party) and compiled.call_options(party):
        return _crowded(compiled, ids(sorted({o.shift for o in compiled.call_options(party)})), stopped=stopped)
    if not compiled.visitable(party):
        free = [s for s in home if any(compiled.free[v, s] for v in leads)]
        if not free:
            return reason("lead_never_free", {"leads": names, "shifts": ids(home)})
        return reason("call_too_long", {"needed": problem.parties[party].remote_minutes, "shifts": ids(free)})
    together = [s for s in home if all(compiled.free[v, s] for v in leads)]
    if not together:
        return reason("lead_never_free", {"leads": names, "shifts": ids(home)})
    own = [o for o in owners if party in o.parties and (not o.must or party in o.must)]
    crewed = [
        s
        for s in together
        if any(
            all(compiled.free[v, s] for v in o.leads) and (not o.needs_co or o.crew_companions(compiled, s))
            for o in own
        )
    ]
    if not crewed:
        return reason("no_co_visitor", {"leads": names, "shifts": ids(together)})
    if problem.rules.max_stops_per_trip < 1:
        return reason("no_stops_allowed", {"stops": problem.rules.max_stops_per_trip})
    fitting = [s for s in crewed if _fits(compiled, party, s)]
    if not fitting:
        base = compiled.base[compiled.party_groups[party][0]]
        place = compiled.place[party]
        needed = int(compiled.minutes[base, place] + compiled.service[party] + compiled.minutes[place, base])
        return reason("visit_too_long", {"needed": needed, "shifts": ids(crewed)})
    open_shifts = [s for s in fitting if not any(compiled.trip_made[g, s] for g in compiled.party_groups[party])]
    if not open_shifts:
        return reason("trips_fixed", {"shifts": ids(fitting)})
    rules = problem.rules
    roomy = [
        s
        for s in open_shifts
        if all(compiled.units_left(g, s) >= rules.onsite_units for g in compiled.party_groups[party])
    ]
    if not roomy:
        return reason("units_used_up", {"shifts": ids(open_shifts)})
    return _crowded(compiled, ids(roomy), stopped=stopped)


def _crowded(compiled: Compiled, shifts: list[str], *, stopped: bool) -> Reason:
    return reason("stopped" if stopped else "crowded", {"shifts": shifts})


def _fits(compiled: Compiled, party: int, shift: int) -> bool:
    start, end = int(compiled.shift_start[shift]), int(compiled.shift_end[shift])
    bases = {compiled.base[g] for g in compiled.party_groups[party]}
    return any(timing(compiled, (party,), base, shift, start, end) is not None for base in bases)
