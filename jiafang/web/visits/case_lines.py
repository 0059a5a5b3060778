"""Open cases about those to be met: where each stands, in one line that leads to its page."""

from dataclasses import dataclass

from django.urls import reverse

from jiafang.care.models import AlertTier, CaseFile
from jiafang.care.selectors.about_people import OpenCase
from jiafang.care.workflow import IN_HAND
from jiafang.common.clock import today
from jiafang.visits.selectors.brief import Facts
from jiafang.web.care.board_words import TIER_TONES, TIER_WORDS, due_words
from jiafang.web.care.words import STATE_TONES, due_word

# A brief is read in two minutes; the rest is on the board.
MOST_CASES = 5


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case as a brief draws it; `about` where more than one could be meant."""

    url: str
    about: str
    category: str
    tier: str
    tier_tone: str
    state: str
    state_tone: str
    due: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class CaseLines:
    lines: list[CaseLine]
    more: int


def case_lines(facts: Facts) -> CaseLines:
    names = {person.pk: person.name for person in facts.people} if len(facts.people) > 1 else {}
    return CaseLines(
        lines=[_line(case, names) for case in facts.cases[:MOST_CASES]], more=max(0, len(facts.cases) - MOST_CASES)
    )


def _line(case: OpenCase, names: dict[int, str]) -> CaseLine:
    tier, state = AlertTier(case.tier), CaseFile.State(case.state)
    in_hand = state in IN_HAND
    return CaseLine(
        url=reverse("case", args=[case.pk]),
        about=case.school if case.person_id is None else names.get(case.person_id, ""),
        category=case.category,
        tier=str(TIER_WORDS[tier]),
        tier_tone=TIER_TONES[tier],
        state=str(state.label),
        state_tone=STATE_TONES[state],
        due=due_word(case.due) if in_hand else due_words(case.due, state),
        overdue=in_hand and case.due < today(),
    )
