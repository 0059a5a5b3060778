"""The page of one case: what it is, the one next step, what else can be done, the thread, who can see it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jiafang.access import Actor, reading
from jiafang.access.actor import COUNSELOR, GUARDIAN
from jiafang.accounts.audit import Reading
from jiafang.care.models import AlertTier, CaseFile, Level, Referral, Side, SubjectKind
from jiafang.care.selectors.offers import offers
from jiafang.care.selectors.one_case import OneCase, actions_of, announced, one_case, referrals_of, steps_of
from jiafang.care.selectors.thread import Reader, audiences, readers_by_side, thread
from jiafang.care.services.close_silent import answer_by
from jiafang.care.workflow import IN_HAND, SILENCE_DAYS
from jiafang.common.clock import today
from jiafang.web.care.case_lines import (
    action_lines,
    audience_options,
    reader_groups,
    referral_lines,
    said_lines,
    step_lines,
)
from jiafang.web.care.raise_views import own_title
from jiafang.web.care.tools import tools_context
from jiafang.web.care.verb_choices import people_of
from jiafang.web.care.verb_forms import SayForm, VerbForm
from jiafang.web.care.verbs import VERBS, PageVerb
from jiafang.web.care.words import STATE_TONES, TIER_TONES, due_word, owner_words, place_words, standing
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest
from jiafang.web.opening import note_opened
from jiafang.web.visits.words import moment_words, short_date

State = CaseFile.State
SAY, DENY = "say", "deny"


@dataclass(frozen=True, slots=True)
class VerbPart:
    """A verb with its form; `open`: shown unfolded, because something in it needs a look."""

    words: PageVerb
    form: VerbForm
    open: bool = False

    @property
    def url(self) -> str:
        return reverse(f"case_{self.words.verb}", args=[self.form.case.pk])


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed and could not be taken, with the name of its verb."""

    verb: str
    form: Any
    status: int


def show_case(request: ActorRequest, found: OneCase, typed: Typed | None = None) -> HttpResponse:
    """As a page, with what was typed where something could not be taken."""
    with reading(request.actor):
        context = _context(request, found, typed)
        return render(request, "care/case.html", context, status=typed.status if typed else 200)


def _context(request: ActorRequest, found: OneCase, typed: Typed | None) -> dict[str, Any]:
    actor, case = request.actor, found.case
    by_side = readers_by_side(actor, case)
    tools = tools_context(actor, case) if found.inner else {"protocol": None, "outcome": None, "calling": None}
    called = tools["calling"].guardians if tools["calling"] else []
    _note(request, case, by_side, {guardian.pk for guardian in called})
    offered = offers(actor, case)
    referrals = referral_lines(referrals_of(actor, case), actor.person_id) if found.inner else []
    asked = next((one for one in referrals if one.mine and one.state == Referral.State.ASKED.label), None)
    following = "" if asked else next_verb(actor, case, offered)
    if typed and typed.verb not in (SAY, DENY):
        following = typed.verb
    parts = _parts(actor, case, offered, following, typed)
    say = typed.form if typed and typed.verb == SAY else say_form(actor, case, by_side)
    said = said_lines(thread(actor, case), found.side)
    return {
        "found": found,
        "case": case,
        "title": _title(found),
        "eyebrow": _eyebrow(found),
        "tone": STATE_TONES[State(case.state)],
        "state": standing(found),
        "tier": str(AlertTier(found.tier).label) if found.tier and _has_tier(case) else "",
        "tier_tone": TIER_TONES[found.tier] if found.tier else "",
        "facts": _facts(found),
        "overdue": _is_overdue(case),
        "deadline": _deadline(actor, found),
        "silence": _silence(case),
        "merged_url": _merged_into(actor, case),
        "asked": asked,
        "next": parts.pop(following, None),
        "deny": parts.pop(DENY, None) if following == "confirm" else None,
        "more": list(parts.values()),
        "say": say,
        "audiences": audience_options(say, found.side),
        "say_filled": not following and not asked,
        "said": said,
        "any_new": any(one.new for one in said),
        "actions": action_lines(actions_of(actor, case)),
        "steps": step_lines(case, steps_of(actor, case)),
        "referrals": referrals,
        "readers": reader_groups(by_side, may_dismiss="dismiss_reader" in offered, confirmer_id=case.confirmer_id),
        "trail": case_trail(request, found),
        **tools,
    }


def say_form(actor: Actor, case: CaseFile, by_side: dict[str, list[Reader]], data: Any = None) -> SayForm:
    return SayForm(data, offered=audiences(actor, case, by_side), auto_id="say-%s")


def next_verb(actor: Actor, case: CaseFile, offered: frozenset[str]) -> str:
    """The one thing that waits for this actor; empty if nothing does."""
    if "confirm" in offered:
        return "confirm"
    owns = "propose" in offered
    if "act" in offered and (actor.kind == COUNSELOR or (owns and case.state != State.ACTING)):
        return "act"
    return "propose" if owns else ""


def _parts(
    actor: Actor, case: CaseFile, offered: frozenset[str], following: str, typed: Typed | None
) -> dict[str, VerbPart]:
    """The verbs that are offered, and the one in which something was typed whether it still is or not."""
    # While it is in hand it is assigned, with a day and a word; what only waits for an answer is handed over.
    offered = offered - {"hand_over"} if "assign" in offered else offered
    people = people_of(actor, case, offered)
    found = {}
    for verb, words in VERBS.items():
        if typed and verb == typed.verb:
            found[verb] = VerbPart(words, typed.form, open=True)
        elif verb in offered and (form := words.fill(actor, case, people)).complete:
            found[verb] = VerbPart(words, form)
    return found


def _note(request: ActorRequest, case: CaseFile, by_side: dict[str, list[Reader]], called: set[int]) -> None:
    """At work, reading about a family or a colleague is an opening; a family reads about itself.

    `called`: whose telephone numbers stand on the page.
    """
    if request.actor.kind == GUARDIAN:
        return
    people = {reader.person_id for side in (Side.FAMILY, Side.TEACHER) for reader in by_side.get(side, ())}
    people |= called
    if case.person_id:
        people.add(case.person_id)
    if case.raised_as == GUARDIAN:
        people.add(case.raised_by_id)
    note_opened(request, Reading.CASE, people, of=case)


def _has_tier(case: CaseFile) -> bool:
    return case.subject_kind == SubjectKind.STUDENT


def _title(found: OneCase) -> str:
    case = found.case
    if case.person is None:
        return f"{place_words(case, today())} · {case.category.name}"
    if found.side == Side.TEACHER:
        return case.category.name
    return f"{case.person.name} · {case.category.name}"


def _eyebrow(found: OneCase) -> str:
    case = found.case
    if found.side == Side.FAMILY:
        return _("和学校说的事")
    if found.side == Side.TEACHER:
        return _("我的困难")
    return place_words(case, today())


def _facts(found: OneCase) -> list[tuple[str, str]]:
    case = found.case
    lines = [(_("谁在办"), owner_words(case, role=found.inner))]
    if case.state != State.CLOSED:
        lines.append((_("期限"), due_word(case.due)))
    if found.inner:
        lines.append((_("办理层级"), _level(case)))
        lines.append((_("提出"), f"{case.raised_by.name} {moment_words(case.raised_at)}"))
    else:
        lines.append((_("提出"), moment_words(case.raised_at)))
    if not found.confirms:
        lines.append((_("由谁说解决没有"), case.confirmer.name))
    if case.closed_at:
        silent = _("(多日没有答复,按约定办结)") if case.closed_by_silence else ""
        lines.append((_("办结"), f"{moment_words(case.closed_at)}{silent}"))
    return lines


def _level(case: CaseFile) -> str:
    level = str(Level(case.level).label)
    if case.level == Level.SECTION and case.section:
        level = case.section.name
    return _("%(level)s,提请研究") % {"level": level} if case.for_meeting else level


def _is_overdue(case: CaseFile) -> bool:
    return case.state in IN_HAND and case.due < today()


def _deadline(actor: Actor, found: OneCase) -> str:
    """What happens at the due day, to those who work on it as announced; to the others that it has passed."""
    due = short_date(found.case.due)
    if not found.inner:
        return _("期限是%(due)s,现在还没办结。") % {"due": due} if _is_overdue(found.case) else ""
    row = announced(actor, found.case)
    if row is None:
        return ""
    return _("期限是%(due)s;到%(day)s还没办结,会转到上一级。") % {
        "due": due,
        "day": short_date(timezone.localdate(row.not_before)),
    }


def _silence(case: CaseFile) -> str:
    """What becomes of a result that nobody answers."""
    last = answer_by(case)
    if last is None:
        return ""
    return _("%(days)s 天没有答复就算办结:请在%(day)s(含)以前说一声。以后还可以重新打开。") % {
        "days": SILENCE_DAYS,
        "day": short_date(last),
    }


def _merged_into(actor: Actor, case: CaseFile) -> str:
    """The other one, for those who read it as well."""
    other = case.merged_into_id
    return reverse("case", args=[other]) if other and one_case(actor, other) else ""


def case_trail(request: ActorRequest, found: OneCase) -> list[Crumb]:
    if not found.inner:
        return [Crumb(own_title(request), reverse("own_cases")), Crumb(found.case.category.name)]
    return [Crumb(_("要办的事"), reverse("case_board")), Crumb(_title(found))]


def case_seen(actor: Actor, pk: int) -> OneCase | None:
    with reading(actor):
        return one_case(actor, pk)
