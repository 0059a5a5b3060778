"""Readers, messages, actions and steps of a case as the lines of its page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from jiafang.care.models import CaseAction, CaseFile, CaseReader, CaseStep, Level, Referral, Side
from jiafang.care.selectors.thread import Audience, Reader, Said
from jiafang.care.workflow import VERB_WORDS, Verb
from jiafang.web.care.verb_forms import SayForm
from jiafang.web.care.words import audience_word, is_nobody_yet, kind_word
from jiafang.web.visits.words import moment_words, short_date

REFERRAL_TONES = {
    Referral.State.ASKED: "due",
    Referral.State.ACCEPTED: "met",
    Referral.State.REFUSED: "declined",
    Referral.State.RETURNED: "declined",
}


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """`dismiss`: the row that is ended when they are to read it no more; None where that is not offered."""

    name: str
    role: str
    why: str
    dismiss: int | None


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One message; `to` says which sides can read it, `read` who has."""

    pk: int
    author: str
    side: str
    to: str
    text: str
    when: str
    own: bool
    new: bool
    inner: bool
    read: str


@dataclass(frozen=True, slots=True)
class AudienceOption:
    """One audience that can be chosen, and by name everybody who will be able to read."""

    widget: Any
    word: str
    who: str


@dataclass(frozen=True, slots=True)
class StepLine:
    when: str
    who: str
    verb: str
    change: str
    note: str


@dataclass(frozen=True, slots=True)
class ActionLine:
    when: str
    kind: str
    by: str
    text: str
    resource: str
    shared: bool


@dataclass(frozen=True, slots=True)
class ReferralLine:
    pk: int
    who: str
    tone: str
    state: str
    when: str
    reason: str
    answer: str
    mine: bool
    retractable: bool
    """Whether whoever looks asked it themselves, and nobody has answered."""


def reader_groups(
    by_side: dict[str, list[Reader]], *, may_dismiss: bool, confirmer_id: int
) -> list[tuple[str, list[ReaderLine]]]:
    """The list of readers, party by party. Whoever says that it is solved is not dismissed."""

    def line(reader: Reader) -> ReaderLine:
        whys = "、".join(str(CaseReader.Why(why).label) for why in reader.whys)
        dismiss = reader.named if may_dismiss and reader.person_id != confirmer_id else None
        return ReaderLine(reader.name, kind_word(reader.kind), whys, dismiss)

    return [
        (str(side.label), [line(reader) for reader in by_side[side]])
        for side in (Side.FAMILY, Side.TEACHER, Side.SCHOOL, Side.BUREAU)
        if side in by_side
    ]


def said_lines(said: Iterable[Said], own_side: str) -> list[SaidLine]:
    return [
        SaidLine(
            pk=one.pk,
            author=one.author,
            side=str(Side(one.side).label),
            to="、".join(str(Side(side).label) for side in one.audience),
            text=one.text,
            when=moment_words(one.at),
            own=one.own,
            new=one.new,
            inner=set(one.audience) <= {Side.SCHOOL, Side.BUREAU} and own_side in (Side.SCHOOL, Side.BUREAU),
            read=_("已读:%(who)s") % {"who": "、".join(one.read_by)} if one.read_by else "",
        )
        for one in said
    ]


def audience_options(form: SayForm, own_side: str) -> list[AudienceOption]:
    """What the page says before anything is sent: who will be able to read it."""
    return [
        AudienceOption(widget, audience_word(one.sides, own_side), _who(one))
        for widget, one in zip(form["audience"].subwidgets, form.offered.values(), strict=True)
    ]


def _who(one: Audience) -> str:
    people = "、".join(f"{reader.name}({kind_word(reader.kind)})" for reader in one.people)
    return _("能看到这句话的人:%(who)s") % {"who": people} if people else _("能看到这句话的人:现在只有您自己")


def action_lines(rows: Iterable[CaseAction]) -> list[ActionLine]:
    return [
        ActionLine(
            when=short_date(row.on),
            kind=str(row.get_kind_display()),
            by=row.by.name,
            text=row.text,
            resource=" ".join(part for part in (row.resource.name, row.resource.phone) if part) if row.resource else "",
            shared=row.shared,
        )
        for row in rows
    ]


def step_lines(case: CaseFile, rows: Iterable[CaseStep]) -> list[StepLine]:
    return [
        StepLine(
            when=moment_words(row.at),
            who=row.by.name if row.by else _("按规定自动"),
            verb=str(VERB_WORDS[Verb(row.verb)]),
            change=_change(case, row),
            note=row.note,
        )
        for row in rows
    ]


def _change(case: CaseFile, row: CaseStep) -> str:
    """To whom it went, and onto which level; what waits for an owner went to nobody."""
    if row.from_owner_id == row.to_owner_id or is_nobody_yet(case, row.to_owner_id):
        return ""
    where = str(Level(row.to_level).label)
    if row.from_owner_id is None:
        return _("由%(name)s负责(%(level)s)") % {"name": row.to_owner.name, "level": where}
    return _("交给%(name)s(%(level)s)") % {"name": row.to_owner.name, "level": where}


def referral_lines(rows: Iterable[Referral], person_id: int) -> list[ReferralLine]:
    return [
        ReferralLine(
            pk=row.pk,
            who=f"{row.to_person.name}({row.get_to_role_display()})",
            tone=REFERRAL_TONES[Referral.State(row.state)],
            state=str(row.get_state_display()),
            when=moment_words(row.asked_at),
            reason=row.reason,
            answer=row.answer,
            retractable=row.asked_by_id == person_id and row.state == Referral.State.ASKED,
            mine=row.to_person_id == person_id and row.state in (Referral.State.ASKED, Referral.State.ACCEPTED),
        )
        for row in rows
    ]
