"""Writing a visit down, reading it again, correcting it."""

import uuid
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiafang.access import reading
from jiafang.accounts.audit import Reading
from jiafang.campaigns.models import Channel, Tier
from jiafang.common.clock import now, today
from jiafang.common.errors import Conflict, InputFault
from jiafang.visits.axes import LABELS
from jiafang.visits.body import Answers, Body
from jiafang.visits.models import Participant
from jiafang.visits.questions.versions import for_record
from jiafang.visits.questions.words import answers_in_words
from jiafang.visits.selectors.agenda import open_duties
from jiafang.visits.selectors.attachments import attachments_of
from jiafang.visits.selectors.recording import (
    Recording,
    for_appointment,
    for_duty,
    for_visit,
    visit_of_appointment,
    visit_to_revise,
)
from jiafang.visits.selectors.records import body_for, record_page
from jiafang.visits.services.read_record import note_reading
from jiafang.visits.services.record import record_visit
from jiafang.web.attachments.presenters import attached
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate
from jiafang.web.opening import note_opened
from jiafang.web.questions.forms import answers_in
from jiafang.web.questions.presenters import asked
from jiafang.web.visits.forms import FIELD_OF, RecordForm, as_recorded, known_beforehand
from jiafang.web.visits.presenters import concern_line
from jiafang.web.visits.views import TALKERS, VISITORS
from jiafang.web.visits.words import moment_words

PAGE = 30
GET_AND_POST = ("GET", "POST")


@gate(VISITORS, permission="visit.record", methods=GET_AND_POST)
def record(request: ActorRequest, pk: int) -> HttpResponse:
    """The record of an appointment; once written, the record itself is shown."""
    with reading(request.actor):
        recording = for_appointment(request.actor, pk)
        written = visit_of_appointment(request.actor, pk)
    if recording is None or not recording.duties:
        raise Http404
    if request.method == "GET" and written is not None:
        return redirect("visit", pk=written.pk)
    assert recording.appointment is not None
    planned = recording.appointment.starts_at
    initial = known_beforehand(recording, uuid.uuid4(), min(planned, now()))
    return _write(request, recording, initial, key=f"appointment-{pk}")


@gate(VISITORS, permission="visit.record", methods=GET_AND_POST)
def record_unplanned(request: ActorRequest) -> HttpResponse:
    """A visit or call without an appointment. The id stands in the address, so that a reload is no second record."""
    wanted = request.GET.get("duty", "")
    if not wanted.isdecimal() or len(wanted) > 18:
        return _choose(request)
    try:
        visit_id = uuid.UUID(request.GET.get("id", ""))
    except ValueError:
        return redirect(f"{reverse('record_unplanned')}?{urlencode({'duty': wanted, 'id': uuid.uuid4()})}")
    with reading(request.actor):
        recording = for_duty(request.actor, int(wanted))
    if recording is None:
        raise Http404
    return _write(request, recording, known_beforehand(recording, visit_id, now()), key=f"visit-{visit_id}")


def _choose(request: ActorRequest) -> HttpResponse:
    """Whom the record is about, when no page has said so."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:50]  # no name has it, and no database takes it
    with reading(request.actor):
        rows = open_duties(request.actor)
        if words:
            rows = rows.filter(person__name__contains=words)
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        note_opened(request, Reading.CHOOSING, [duty.person_id for duty in page])
        day = today()
        found = [
            (
                duty.pk,
                duty.person.name,
                duty.school_class.full_name(day) if duty.school_class else str(duty.school or ""),
                duty.due < day,
            )
            for duty in page
        ]
        context = {"page": page, "found": found, "words": words, "trail": _trail(request, _("记一笔"))}
        return render(request, "visits/choose.html", context)


@gate(VISITORS, permission="visit.record", methods=GET_AND_POST)
def visit_edit(request: ActorRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct an own record; what stood there before is kept."""
    with reading(request.actor):
        saved = visit_to_revise(request.actor, pk)
        if saved is None:
            raise Http404
        recording = for_visit(request.actor, saved)
        body = body_for(request.actor, saved)
        initial = as_recorded(recording, saved.pk, saved.revision, body)
    return _write(request, recording, initial, key=f"visit-{pk}-{saved.revision}", saved=body)


def _write(
    request: ActorRequest, recording: Recording, initial: dict, *, key: str, saved: Body | None = None
) -> HttpResponse:
    revising = saved is not None
    form = RecordForm(request.POST or None, recording=recording, initial=initial, saved=saved)
    answers = list(saved.answers) if saved else []
    status = 200
    if request.method == "POST":
        status = 422
        answers = answers_in(request.POST, answers)
        if form.is_valid():
            arguments = {**form.to_record(), "answers": answers}
            if revising:
                arguments["visit_id"] = initial["visit_id"]
            try:
                written = record_visit(by=request.actor, **arguments)
            except InputFault as fault:
                place = FIELD_OF.get(fault.place, fault.place)
                form.add_error(place if place in form.fields else None, fault.message)
            except Conflict as conflict:
                status = 409
                form.add_error(None, conflict.message)
            else:
                return redirect(f"{reverse('visit', args=[written.pk])}?saved=1")
    family = recording.campaign.tier == Tier.TEACHER_FAMILY
    appointment = recording.appointment
    chosen = recording.duties if family or appointment or revising else recording.duties[:1]
    about = {duty.person_id for duty in recording.duties} | {one.person_id for one in recording.guardians}
    note_opened(request, Reading.WRITING, about, of=appointment)
    with reading(request.actor):
        sets = for_record(request.actor, recording.campaign, answers)
    context = {
        "form": form,
        "asked": asked(sets, answers),
        "key": key,
        "recording": recording,
        "several": len(recording.duties) > 1 and not revising,
        # Of a talk at a school the whole teachers' room is offered: one may have met several at once.
        "room": not family and appointment is None,
        "who": "、".join(duty.person.name for duty in chosen),
        "where": "、".join(dict.fromkeys(duty.school_class.full_name(today()) for duty in chosen if duty.school_class)),
        "when": moment_words(appointment.starts_at) if appointment else "",
        "title": _("修改记录") if revising else _("家访记录") if family else _("拉家常记录"),
        "revising": revising,
        "open_appointment": appointment if appointment and appointment.state in ("proposed", "confirmed") else None,
        "family": family,
        "trail": _trail(request, _("记一笔")),
    }
    return render(request, "visits/record.html", context, status=status)


@gate(VISITORS)
def visit(request: ActorRequest, pk: uuid.UUID) -> HttpResponse:
    """A record as it was saved; the reading is audited."""
    page = record_page(request.actor, pk)
    if page is None:
        raise Http404
    note_reading(by=request.actor, visit=page.visit)
    row = page.visit
    family = row.campaign.tier == Tier.TEACHER_FAMILY
    return render(
        request,
        "visits/visit.html",
        {
            "page": page,
            "visit": row,
            "who": "、".join(name for name, _where in page.about),
            "where": "、".join(dict.fromkeys(where for _name, where in page.about if where)),
            "when": moment_words(row.started_at),
            "recorded": moment_words(row.recorded_at),
            "chips": [LABELS[code] for code in row.chips if code in LABELS],
            "channel": Channel(row.channel).label,
            "present": "、".join(_present(who, row.channel) for who in row.participants.all()),
            "heard": page.heard,
            "answered": answers_in_words(request.actor, [Answers(**one) for one in row.answers], get_language() or ""),
            "several": len(page.about) > 1,
            "concerns": [concern_line(concern) for concern in page.concerns],
            "visitors": "、".join(person.name for person in row.visitors.all()),
            "earlier": [(earlier, moment_words(earlier.saved_at)) for earlier in page.revisions],
            "just_saved": request.GET.get("saved") == "1" and page.may_change,
            "opinion_label": _("家长意见") if family else _("对方的意见"),
            "attached": attached(attachments_of(request.actor, row.pk), may_change=page.may_change),
            "title": _("家访记录") if family else _("拉家常记录"),
            "trail": _trail(request, _("家访记录") if family else _("拉家常记录")),
        },
    )


def _present(who: Participant, channel: str) -> str:
    """Who took part, and how, where it was not the way of the visit."""
    name = f"{who.person.name}({who.relation})" if who.person else who.relation
    return name if who.channel == channel else f"{name}·{Channel(who.channel).label}"


def _trail(request: ActorRequest, here: str) -> list[Crumb]:
    talks = request.actor.kind in TALKERS
    return [Crumb(_("今日走访") if talks else _("今日家访"), reverse("today")), Crumb(here)]
