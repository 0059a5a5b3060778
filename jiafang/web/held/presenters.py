"""A held item and the record against which it stands, as people read them."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from jiafang.campaigns.models import Channel
from jiafang.common.clock import today
from jiafang.common.errors import InputFault
from jiafang.visits.axes import LABELS
from jiafang.visits.body import Body
from jiafang.visits.models import HeldItem, ItemKind
from jiafang.visits.sync.fields import parse_object
from jiafang.visits.sync.payload import read_visit
from jiafang.web.visits.words import moment_words

LONGEST_RAW = 4000
TONES = {"open": "due", "left": "unseen", "taken": "met", "replaced": "met", "dismissed": "declined"}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record; `raw` is what is shown of bytes that are no record."""

    when: str = ""
    channel: str = ""
    present: str = ""
    chips: list[str] = field(default_factory=list)
    finding: str = ""
    opinion: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)
    concerns: list[tuple[str, str]] = field(default_factory=list)
    follow_up: bool = False
    raw: str = ""


def version_of(body: Body, names: dict[int, str], categories: dict[str, str]) -> Version:
    """`names` by person, `categories` by code."""
    channels = dict(Channel.choices)
    return Version(
        when=_when(body.started_at),
        channel=str(channels.get(body.channel, body.channel)),
        present="、".join(who.relation for who in body.participants),
        chips=[str(LABELS.get(code, code)) for code in body.chips],
        finding=body.finding,
        opinion=body.guardian_opinion,
        notes=[(names.get(note.person_id, ""), note.text) for note in body.notes],
        concerns=[(categories.get(one.category, one.category), one.text) for one in body.concerns],
        follow_up=body.follow_up,
    )


def _when(moment: dt.datetime) -> str:
    """With the year, where a clock was wrong by years."""
    words, year = moment_words(moment), timezone.localtime(moment).year
    return words if year == today().year else _("%(year)s年%(day)s") % {"year": year, "day": words}


def body_held(row: HeldItem) -> Body | None:
    """The record that was sent, if it can be read as one."""
    if row.kind != ItemKind.VISIT:
        return None
    try:
        return read_visit(bytes(row.content)).body
    except InputFault:
        return None


def version_held(row: HeldItem, names: dict[int, str], categories: dict[str, str]) -> Version:
    body = body_held(row)
    if body is not None:
        return version_of(body, names, categories)
    if row.kind == ItemKind.FILE:
        return Version()
    return Version(raw=_words_in(bytes(row.content))[:LONGEST_RAW])


def _words_in(content: bytes) -> str:
    """What was typed, out of a body that cannot be read whole; else the bytes as text."""
    try:
        typed = list(_texts(parse_object(content)))
    except InputFault:
        typed = []
    return "\n".join(typed) or content.decode("utf-8", "replace").replace("\x00", "")


def _texts(values: dict[str, Any]) -> list[str]:
    found = [values.get("finding"), values.get("guardian_opinion")]
    for name in ("notes", "concerns"):
        rows = values.get(name)
        found += [one.get("text") for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    return [text.encode("utf-8", "replace").decode() for text in found if isinstance(text, str) and text.strip()]


def joined(one: str, other: str) -> str:
    """Both texts, the later below the earlier, unless one holds the other."""
    if one in other:
        return other
    return one if other in one else f"{one}\n{other}"
