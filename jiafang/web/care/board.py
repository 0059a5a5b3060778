"""A board as it is drawn: rows with category, subject, urgency, state, due day and owner, and never a text."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jiafang.access import Actor, scope
from jiafang.access.actor import BUREAU_KINDS
from jiafang.care.models import AlertTier, CaseFile, Level, Referral, SavedFilter, SubjectKind
from jiafang.care.selectors.board import Part, Wanted, climbing, done_last, names_in, parts_of
from jiafang.care.services.keep_filter import BOARD
from jiafang.care.workflow import IN_HAND
from jiafang.common.clock import today
from jiafang.organization.models import SchoolClass
from jiafang.web.care.board_forms import query_of
from jiafang.web.care.board_words import TIER_TONES, TIER_WORDS, due_words, next_words, part_word
from jiafang.web.care.words import STATE_TONES
from jiafang.web.components.shapes import Tab
from jiafang.web.visits.words import dated, moment_words

State = CaseFile.State
_COLUMNS = (
    "pk", "state", "alert_tier", "level", "due", "raised_at", "subject_kind", "person_id", "school_class_id",
    "owner_id", "confirmer_id", "for_meeting", "category__name", "school__name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One case in one line."""

    pk: int
    url: str
    about: str
    where: str
    category: str
    tier: str
    tier_tone: str
    state: str
    state_tone: str
    due: str
    due_on: str
    overdue: bool
    owner: str
    level: str
    days: int
    next: str
    climbs: str
    meeting: bool
    group: str
    student_id: int | None


@dataclass(frozen=True, slots=True)
class Column:
    """Cases in one state, side by side with the others on a desk."""

    title: str
    rows: Sequence[BoardRow]


def board_rows(actor: Actor, cases: QuerySet[CaseFile]) -> list[BoardRow]:
    """The same number of queries for one row and for many."""
    found = list(cases.values(*_COLUMNS))
    shown = [row["pk"] for row in found]
    climbs, last, people = climbing(shown), done_last(shown), names_in(shown)
    classes = scope(actor, SchoolClass).filter(pk__in={row["school_class_id"] for row in found})
    day = today()
    class_names = {one.pk: one.full_name(day) for one in classes.select_related("cohort")}
    return [
        _row(
            actor, row, class_names.get(row["school_class_id"], ""), people, climbs.get(row["pk"]), last.get(row["pk"])
        )
        for row in found
    ]


def _row(
    actor: Actor,
    row: dict[str, Any],
    class_name: str,
    people: dict[int, str],
    climbs: dt.datetime | None,
    last: tuple[str, dt.date] | None,
) -> BoardRow:
    bureau = actor.kind in BUREAU_KINDS
    state, pk = State(row["state"]), row["pk"]
    school = row["school__name"]
    of_school = row["person_id"] is None
    where = class_name if not bureau else " ".join(filter(None, ["" if of_school else school, class_name]))
    return BoardRow(
        pk=pk,
        url=reverse("case", args=[pk]),
        about=school if of_school else people.get(row["person_id"], ""),
        where=where,
        category=row["category__name"],
        tier=str(TIER_WORDS[row["alert_tier"]]),
        tier_tone=TIER_TONES[row["alert_tier"]],
        state=str(state.label),
        state_tone=STATE_TONES[state],
        due=due_words(row["due"], state),
        due_on=dated(row["due"]) if state in IN_HAND else "",
        overdue=state in IN_HAND and row["due"] < today(),
        owner=_("您") if row["owner_id"] == actor.person_id else people.get(row["owner_id"], ""),
        level=str(Level(row["level"]).label),
        days=max(0, (today() - timezone.localdate(row["raised_at"])).days),
        next=next_words(state, last, people.get(row["confirmer_id"], "")),
        climbs=_("将于%(when)s转到上一级") % {"when": moment_words(climbs)} if climbs and state in IN_HAND else "",
        meeting=row["for_meeting"],
        group=_GROUP[state],
        student_id=row["person_id"] if row["subject_kind"] == SubjectKind.STUDENT else None,
    )


_NEW, _DOING, _ASKED, _DONE = "new", "doing", "asked", "done"
_GROUP = {
    State.OPEN: _NEW,
    State.ASSIGNED: _NEW,
    State.REOPENED: _NEW,
    State.ACTING: _DOING,
    State.AWAITING: _ASKED,
    State.CLOSED: _DONE,
}


def columns(rows: Sequence[BoardRow]) -> list[Column]:
    """By where they stand; a column that has nothing is left out."""
    words = {
        _NEW: _("等着动手"),
        _DOING: _("正在办"),
        _ASKED: _("等确认"),
        _DONE: _("已办结"),
    }
    found = [Column(word, [row for row in rows if row.group == group]) for group, word in words.items()]
    return [column for column in found if column.rows]


@dataclass(frozen=True, slots=True)
class ReferralRow:
    pk: int
    url: str
    about: str
    about_id: int | None
    tier: str
    tier_tone: str
    who: str
    when: str
    days: int


def referral_rows(rows: QuerySet[Referral]) -> list[ReferralRow]:
    """About whom, how urgent it was when it was asked, who asks and since when: why is on the page of the referral."""
    return [
        ReferralRow(
            pk=row.pk,
            url=reverse("referral", args=[row.pk]),
            about=row.about.name if row.about else _("学校的事"),
            about_id=row.about_id,
            tier=str(TIER_WORDS[AlertTier(row.alert_tier)]),
            tier_tone=TIER_TONES[AlertTier(row.alert_tier)],
            who=row.asked_by.name,
            when=moment_words(row.asked_at),
            days=max(0, (today() - timezone.localdate(row.asked_at)).days),
        )
        for row in rows.select_related("asked_by", "about").defer("reason", "answer")
    ]


def board_tabs(actor: Actor, part: Part, counts: Mapping[str, int]) -> list[Tab]:
    """The parts with how much is open in each; where nobody was asked for anything, that part is not shown."""
    shown = [
        one
        for one in parts_of(actor)
        if one == part or one != Part.ASKED or counts[Part.ASKED] or parts_of(actor)[0] == Part.ASKED
    ]
    return [
        Tab(part_word(one, actor.kind), f"{reverse('case_board')}?part={one.value}", one == part, counts[one.value])
        for one in shown
    ]


@dataclass(frozen=True, slots=True)
class Kept:
    pk: int
    name: str
    url: str
    active: bool


def kept_filters(actor: Actor, part: Part, wanted: Wanted) -> list[Kept]:
    now = query_of(part.value, wanted)
    rows = scope(actor, SavedFilter).filter(board=BOARD).order_by("name", "pk")
    return [Kept(row.pk, row.name, f"{reverse('case_board')}?{row.query}", row.query == now) for row in rows]
