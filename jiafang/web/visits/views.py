"""The day of a visitor and the brief before a visit."""

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jiafang.access.actor import ADMINISTRATOR, CADRE, DIRECTOR, PRINCIPAL, STAFF_KINDS
from jiafang.accounts.audit import Reading
from jiafang.campaigns.meeting import meeting_url
from jiafang.campaigns.models import Appointment, Channel, Tier
from jiafang.campaigns.tiers import TIERS
from jiafang.common.clock import at
from jiafang.common.clock import today as this_day
from jiafang.common.errors import Conflict, InputFault
from jiafang.visits.scope import RECORD
from jiafang.visits.selectors.agenda import Stop, own_stop, own_stops
from jiafang.visits.selectors.brief import focuses_of
from jiafang.visits.selectors.held import held_count
from jiafang.visits.services.outcome import Outcome, note_outcome
from jiafang.visits.services.read_brief import read_brief
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, scoped_or_404
from jiafang.web.opening import note_opened
from jiafang.web.visits import presenters
from jiafang.web.visits.case_lines import case_lines
from jiafang.web.visits.words import clock, moment_words, near_day, state_of

VISITORS = STAFF_KINDS - {ADMINISTRATOR}
TALKERS = {CADRE, DIRECTOR, PRINCIPAL}
# Looked back for what nobody has written down, looked ahead, and how much of it with all buttons.
UNRECORDED = dt.timedelta(days=14)
AHEAD = dt.timedelta(days=14)
NEAR = dt.timedelta(days=4)


@gate(VISITORS)
def today(request: ActorRequest) -> HttpResponse:
    """Where to be today and in the coming days, with what is still to be written down."""
    actor, day = request.actor, this_day()
    found = own_stops(actor, day - UNRECORDED, day + AHEAD, in_full=(day, day + NEAR))
    stops = [stop for stop in found if timezone.localdate(stop.starts_at) >= day]
    late = [stop for stop in found if timezone.localdate(stop.starts_at) < day and stop.state in presenters.OPEN]
    todays = [stop for stop in stops if timezone.localdate(stop.starts_at) == day]
    near = [stop for stop in stops if timezone.localdate(stop.starts_at) < day + NEAR]
    waiting = presenters.next_to_record([*late, *todays])
    talks = actor.kind in TALKERS
    note_opened(request, Reading.AGENDA, {pk for stop in found for pk in stop.people})
    return render(
        request,
        "visits/today.html",
        {
            "title": _("今日走访") if talks else _("今日家访"),
            "lead": _lead(day, todays, stops),
            "days": presenters.days(near),
            "later": presenters.lines(stops[len(near) :]),
            "late": presenters.lines(late),
            "record_url": reverse("record", args=[waiting.pk]) if waiting else reverse("record_unplanned"),
            "talks": talks,
            "held": held_count(actor),
        },
    )


def _lead(day: dt.date, todays: list[Stop], stops: list[Stop]) -> str:
    head = near_day(day) if not todays else f"{near_day(day)} · {presenters.count_words(todays)}"
    if todays:
        return _("%(head)s,%(time)s 开始") % {"head": head, "time": clock(todays[0].starts_at)}
    if stops:
        return _("今天没有安排,下一次是%(when)s") % {"when": moment_words(stops[0].starts_at)}
    return _("今天没有安排")


@gate(VISITORS)
def brief(request: ActorRequest, pk: int) -> HttpResponse:
    """What to know before one visit; the reading is audited."""
    actor = request.actor
    stop = own_stop(actor, pk)
    if stop is None:
        raise Http404
    facts = read_brief(by=actor, duty_ids=[met.duty_id for met in stop.met], appointment_id=pk)
    if facts is None:
        raise Http404
    if facts.guardians:
        stop.phone = next((guardian.phone for guardian in facts.guardians if guardian.phone), "")
    at_home = TIERS[Tier(stop.tier)].at_home
    if at_home and not facts.homes:
        stop.place, stop.lat, stop.lon = "", None, None  # kept with the appointment, but theirs: shown with their home
    tone, word = state_of(stop.state, stop.answer, stop.tier)
    goes_out = stop.channel in presenters.GOES_OUT
    return render(
        request,
        "visits/brief.html",
        {
            "stop": stop,
            "card": presenters.card(stop),
            "facts": facts,
            "family": stop.tier == Tier.TEACHER_FAMILY,
            "focuses": focuses_of(actor, stop.campaign_id, {met.cohort_id for met in stop.met}),
            "when": moment_words(stop.starts_at),
            "tone": tone,
            "word": word,
            "channel_label": Channel(stop.channel).label,
            "goes_out": goes_out,
            # The bureau visits people at their school.
            "homes": facts.homes if at_home else [],
            "map": presenters.trip_map([stop]) if goes_out and stop.lat is not None else None,
            "open": stop.state in presenters.OPEN,
            "starts": timezone.localtime(stop.starts_at),
            "meeting_url": _meeting_url(stop),
            "last_visits": [(moment_words(row.on), row) for row in facts.last_visits],
            "concerns": [presenters.concern_line(concern) for concern in facts.concerns],
            "cases": case_lines(facts),
            "several": len(facts.people) > 1,
            "trail": [
                Crumb(_("今日走访") if actor.kind in TALKERS else _("今日家访"), reverse("today")),
                Crumb(_("访前了解")),
            ],
        },
    )


def _meeting_url(stop: Stop) -> str | None:
    """Where an appointment by video meets, until it is over."""
    return meeting_url(stop.pk) if stop.channel == Channel.VIDEO and stop.state in presenters.OPEN else None


def _own(request: ActorRequest, pk: int) -> Appointment:
    return scoped_or_404(request.actor, Appointment, purpose=RECORD, pk=pk)


def _noted(
    request: ActorRequest, pk: int, outcome: Outcome, words: str, moved_to: dt.datetime | None = None
) -> HttpResponse:
    """Note what became of an own appointment, and say so."""
    try:
        note_outcome(by=request.actor, appointment=_own(request, pk), outcome=outcome, moved_to=moved_to)
    except (Conflict, InputFault) as refused:
        messages.error(request, refused.message)
        return redirect("today")
    messages.success(request, words)
    return redirect("brief", pk=pk) if request.POST.get("next") == "brief" else redirect("today")


@gate(VISITORS, permission="visit.record", methods=("POST",))
def arranged(request: ActorRequest, pk: int) -> HttpResponse:
    """Agreed with the family by telephone, by message or at the gate."""
    return _noted(request, pk, Outcome.ARRANGED, _("记下了:已约好。"))


@gate(VISITORS, permission="visit.record", methods=("POST",))
def moved(request: ActorRequest, pk: int) -> HttpResponse:
    """Another time was agreed with the family."""
    appointment = _own(request, pk)
    day, time = request.POST.get("day", ""), request.POST.get("time", "")
    try:
        moved_to = at(dt.date.fromisoformat(day), dt.time.fromisoformat(time))
        words = _("记下了:改到%(when)s,已约好。") % {"when": moment_words(moved_to)}
    except (ValueError, OverflowError):
        messages.error(request, _("请写下说好的日期和时间"))
        return redirect("brief", pk=pk)
    return _noted(request, appointment.pk, Outcome.MOVED, words, moved_to)


@gate(VISITORS, permission="visit.record", methods=("POST",))
def missed(request: ActorRequest, pk: int) -> HttpResponse:
    """Came or called and met nobody."""
    return _noted(request, pk, Outcome.MISSED, _("记下了:这次没见到。这一户仍在待访名单里。"))


@gate(VISITORS, permission="visit.record", methods=("POST",))
def called_off(request: ActorRequest, pk: int) -> HttpResponse:
    """Cancelled, and by whom: what the school cancels stays due."""
    try:
        outcome = Outcome(f"cancelled_by_{request.POST.get('by', '')}")
    except ValueError:
        raise Http404 from None
    return _noted(request, pk, outcome, _("记下了:这次取消。还在待访名单里,可以另约时间。"))


@gate(VISITORS, permission="visit.record", methods=("POST",))
def declined(request: ActorRequest, pk: int) -> HttpResponse:
    """The family does not want a visit this time; no harm comes of it."""
    return _noted(request, pk, Outcome.DECLINED, _("记下了:这次先不家访。没关系,不影响孩子在校的任何安排。"))
