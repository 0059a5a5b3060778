"""A case on one line of time: talks, visits, steps, notices, before and after, each as far as the actor reads it."""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access import Actor, scope
from jiafang.campaigns.models import Duty
from jiafang.care.models import (
    CaseAction,
    CaseFile,
    CaseStep,
    ChecklistTick,
    Escalation,
    Measure,
    Message,
    Referral,
    SubjectKind,
)
from jiafang.care.protocol import item_of
from jiafang.care.selectors.one_case import OneCase
from jiafang.care.selectors.outcome import measures_of, progress_of
from jiafang.care.workflow import VERB_WORDS, Verb
from jiafang.visits.models import Visit
from jiafang.web.care.outcome import Chart, mood_chart, mood_words, trends

# What was talked about before the difficulty had a name belongs to it.
BEFORE = dt.timedelta(days=180)
# So many days without anything are told on the line.
LONG_PAUSE = 20


class Kind(StrEnum):
    TALK = "talk"
    REFERRAL = "referral"
    PROTOCOL = "protocol"
    VISIT = "visit"
    FOLLOW_UP = "follow_up"
    NOTICE = "notice"
    STEP = "step"
    MESSAGE = "message"


KIND_WORDS = {
    Kind.TALK: gettext_lazy("办理"),
    Kind.REFERRAL: gettext_lazy("转介"),
    Kind.PROTOCOL: gettext_lazy("预警清单"),
    Kind.VISIT: gettext_lazy("家访"),
    Kind.FOLLOW_UP: gettext_lazy("回访"),
    Kind.NOTICE: gettext_lazy("告知"),
    Kind.STEP: gettext_lazy("流程"),
    Kind.MESSAGE: gettext_lazy("留言"),
}
ICONS = {
    Kind.TALK: "message-circle",
    Kind.REFERRAL: "arrows-exchange",
    Kind.PROTOCOL: "checklist",
    Kind.VISIT: "home-heart",
    Kind.FOLLOW_UP: "calendar-event",
    Kind.NOTICE: "bell",
    Kind.STEP: "route",
    Kind.MESSAGE: "mail",
}
WORDS_OF_VERBS: dict[str, object] = {verb.value: words for verb, words in VERB_WORDS.items()}
ABOVE = frozenset({Kind.TALK, Kind.REFERRAL, Kind.PROTOCOL, Kind.MESSAGE})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done, said or decided on a day."""

    on: dt.date
    at: float
    kind: Kind
    title: str
    text: str = ""
    who: str = ""
    url: str = ""

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def kind_words(self) -> str:
        return str(KIND_WORDS[self.kind])


@dataclass(frozen=True, slots=True)
class Mood:
    """How the student or the guardian was; `level` 1 is very anxious."""

    who: str
    level: int
    words: str


@dataclass(slots=True)
class Day:
    on: dt.date
    above: list[Entry] = field(default_factory=list)
    below: list[Entry] = field(default_factory=list)
    moods: list[Mood] = field(default_factory=list)
    after: int = 0
    """Days since the one before, where they are many."""


@dataclass(frozen=True, slots=True)
class Timeline:
    entries: list[Entry]
    measures: list[Measure]
    chart: Chart | None
    charts: list[Chart]
    words: list[str]
    messages: int

    @property
    def days(self) -> list[Day]:
        """Every day on which something was, in the order of time."""
        found: dict[dt.date, Day] = {}
        for entry in self.entries:
            day = found.setdefault(entry.on, Day(entry.on))
            (day.above if entry.kind in ABOVE else day.below).append(entry)
        for row in self.measures:
            if row.mood in Measure.Mood.values:
                words = f"{row.get_who_display()} {Measure.Mood(row.mood).label}"
                found.setdefault(row.on, Day(row.on)).moods.append(Mood(row.who, int(row.mood), words))
        days = [found[on] for on in sorted(found)]
        for before, day in itertools.pairwise(days):
            gap = (day.on - before.on).days
            day.after = gap if gap > LONG_PAUSE else 0
        return days


def timeline(actor: Actor, one: OneCase) -> Timeline:
    case = one.case
    entries = [
        *_steps(actor, one),
        *_actions(actor, case),
        *_referrals(actor, case),
        *_ticks(actor, case),
        *_climbing(actor, case),
        *_visits(actor, case),
        *_follow_ups(actor, case),
    ]
    messages = _messages(actor, case)
    entries += [
        Entry(on, _moment(on), Kind.MESSAGE, _("%(count)s 条留言") % {"count": count}) for on, count in messages.items()
    ]
    measures = measures_of(actor, case) if case.subject_kind == SubjectKind.STUDENT else []
    told = trends(progress_of(actor, case))
    moods = mood_chart(measures)
    return Timeline(
        entries=sorted(entries, key=lambda entry: (entry.on, entry.at)),
        measures=measures,
        chart=moods,
        charts=[*([moods] if moods else []), *(chart for _words, chart in told if chart)],
        words=[*mood_words(measures), *(words for words, _chart in told)],
        messages=sum(messages.values()),
    )


def _local(at: dt.datetime) -> dt.date:
    return timezone.localtime(at).date()


def _moment(on: dt.date) -> float:
    """What has a day but no hour stands behind what has one."""
    return dt.datetime.combine(on, dt.time.max, tzinfo=dt.UTC).timestamp()


def _steps(actor: Actor, one: OneCase) -> Iterator[Entry]:
    for step in scope(actor, CaseStep).filter(case=one.case).exclude(verb=Verb.ACT).select_related("by", "to_owner"):
        title = str(WORDS_OF_VERBS.get(step.verb, step.verb))
        if step.from_owner_id and step.from_owner_id != step.to_owner_id:
            title = _("%(what)s,由%(name)s负责") % {"what": title, "name": step.to_owner.name}
        who = step.by.name if step.by else _("系统按规则")
        text = step.note or (one.text if step.verb == Verb.RAISE else "")
        yield Entry(_local(step.at), step.at.timestamp(), Kind.STEP, title, text, who)


def _actions(actor: Actor, case: CaseFile) -> Iterator[Entry]:
    for row in scope(actor, CaseAction).filter(case=case).select_related("by", "resource"):
        kind = Kind.VISIT if row.kind == CaseAction.Kind.VISIT else Kind.TALK
        text = row.text
        if row.resource:
            text = "\n".join(part for part in (text, f"→ {row.resource.name} {row.resource.phone}".rstrip()) if part)
        yield Entry(row.on, row.written_at.timestamp(), kind, str(row.get_kind_display()), text, row.by.name)


def _referrals(actor: Actor, case: CaseFile) -> Iterator[Entry]:
    for row in scope(actor, Referral).filter(case=case).select_related("asked_by", "to_person"):
        asked = _("转介给%(name)s") % {"name": row.to_person.name}
        yield Entry(_local(row.asked_at), row.asked_at.timestamp(), Kind.REFERRAL, asked, row.reason, row.asked_by.name)
        if row.answered_at:
            title = _("转介:%(state)s") % {"state": row.get_state_display()}
            at = row.answered_at
            yield Entry(_local(at), at.timestamp(), Kind.REFERRAL, title, row.answer, row.to_person.name)


def _ticks(actor: Actor, case: CaseFile) -> Iterator[Entry]:
    """What was ticked on one day by one person is one entry."""
    done: dict[tuple[dt.date, str], list[str]] = {}
    for row in scope(actor, ChecklistTick).filter(case=case).select_related("by").order_by("at", "id"):
        item = item_of(row.tier, row.item)
        if item:
            done.setdefault((_local(row.at), row.by.name), []).append(str(item.words))
    for (on, name), words in done.items():
        title = _("预警清单做了 %(count)s 项") % {"count": len(words)}
        yield Entry(on, _moment(on), Kind.PROTOCOL, title, ";".join(words), name)


def _climbing(actor: Actor, case: CaseFile) -> Iterator[Entry]:
    for row in scope(actor, Escalation).filter(case=case):
        title = _("已预告:超期将转到上一级")
        text = _("有进展,没有上转") if row.called_off_at else ""
        yield Entry(_local(row.announced_at), row.announced_at.timestamp(), Kind.NOTICE, title, text, _("系统按规则"))


def _visits(actor: Actor, case: CaseFile) -> Iterator[Entry]:
    if case.person_id is None:
        return
    about = Visit.duties.through.objects.filter(duty__person_id=case.person_id).values("visit_id")
    rows = scope(actor, Visit).filter(pk__in=about, started_at__gte=case.raised_at - BEFORE)
    for row in rows.select_related("recorded_by"):
        told = [row.finding, *([_("已告知学校的通知")] if row.notices_conveyed else [])]
        title = str(row.get_channel_display())
        at = row.started_at
        text = "\n".join(part for part in told if part)
        url = reverse("visit", args=[row.pk])
        yield Entry(_local(at), at.timestamp(), Kind.VISIT, title, text, row.recorded_by.name, url)


def _follow_ups(actor: Actor, case: CaseFile) -> Iterator[Entry]:
    if case.person_id is None:
        return
    rows = scope(actor, Duty).filter(person_id=case.person_id, state=Duty.State.DUE).exclude(parent=None)
    for row in rows:
        yield Entry(row.due, _moment(row.due), Kind.FOLLOW_UP, _("约定回访,最迟这一天"))


def _messages(actor: Actor, case: CaseFile) -> Counter[dt.date]:
    """How many were sent on which day; what they say is read in the thread."""
    return Counter(_local(at) for at in scope(actor, Message).filter(case=case).values_list("sent_at", flat=True))
