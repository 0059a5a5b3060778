"""Who is not met as promised, and why, as far as the problem alone tells."""

from __future__ import annotations

from jiafang.planner.problem import Problem
from jiafang.planner.result import Moved, Plan, Promises


def moved_parties(problem: Problem, was: Promises, plan: Plan) -> tuple[Moved, ...]:
    """Those with another shift or channel than was promised, in the order of the problem."""
    now, why = plan.promises, _Why(problem)
    return tuple(
        Moved(party.id, was[party.id], now[party.id], why.of(party.id, *was[party.id]))
        for party in problem.parties
        if party.id in was and party.id in now and was[party.id] != now[party.id]
    )


class _Why:
    """Says why somebody could not stay: the first reason that holds, or that somebody else needed the room."""

    def __init__(self, problem: Problem) -> None:
        self.rules = problem.rules
        self.shifts = {shift.id for shift in problem.shifts}
        self.parties = {party.id: party for party in problem.parties}
        self.groups = {group.id: group for group in problem.groups}
        self.free = {visitor.id: visitor.shifts for visitor in problem.visitors}

    def of(self, party_id: str, shift: str, onsite: bool) -> str:
        party = self.parties[party_id]
        if shift not in self.shifts:
            return "evening_cancelled"
        if party.windows is not None and shift not in party.windows:
            return "family_not_free"
        if party.channel == ("remote" if onsite else "onsite"):
            return "channel_changed"
        groups = [self.groups[name] for name in dict.fromkeys(subject.group for subject in party.subjects)]
        leads = {group.lead for group in groups}
        free = [self._is_free(lead, shift) for lead in leads]
        if not (all(free) if onsite else any(free)):
            return "lead_not_free"
        companions = {name for group in groups for name in group.co_visitors} - leads
        accompanied = onsite and self.rules.two_visitors_onsite and len(leads) < 2
        if accompanied and not any(self._is_free(name, shift) for name in companions):
            return "no_co_visitor"
        return "made_room"

    def _is_free(self, visitor: str, shift: str) -> bool:
        shifts = self.free[visitor]
        return shifts is None or shift in shifts
