"""The class as tiles, and one student of it."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access.actor import PRINCIPAL, TEACHER
from jiafang.accounts.audit import Reading
from jiafang.campaigns.models import Duty
from jiafang.common.clock import today
from jiafang.visits.selectors.classroom import (
    ANSWERING,
    Seat,
    classes_answered_for,
    duties_of_person,
    duties_to_record,
    seats,
    student_answered_for,
)
from jiafang.visits.services.read_brief import read_student
from jiafang.web.care.tools import may_track, progress_context
from jiafang.web.components.shapes import Choice, Crumb, Tile
from jiafang.web.gate import ActorRequest, gate, row_or_404
from jiafang.web.opening import note_opened
from jiafang.web.visits.case_lines import case_lines
from jiafang.web.visits.presenters import concern_line
from jiafang.web.visits.words import moment_words, short_date


@gate(ANSWERING)
def my_class(request: ActorRequest) -> HttpResponse:
    """The own class; with several, the first of them."""
    first = classes_answered_for(request.actor).first()
    if first is None:
        return render(request, "visits/no_class.html", {"today_url": reverse("today")})
    return redirect("class_tiles", pk=first.pk)


@gate(ANSWERING)
def class_tiles(request: ActorRequest, pk: int) -> HttpResponse:
    """Every student of a class: met, due, overdue, not yet in touch, declined."""
    actor, day = request.actor, today()
    rows = classes_answered_for(actor)
    school_class = row_or_404(rows, pk=pk)
    siblings = rows.filter(cohort_id=school_class.cohort_id) if actor.kind == PRINCIPAL else rows
    found = seats(actor, school_class)
    note_opened(request, Reading.CLASS, [seat.person_id for seat in found], of=school_class)
    tiles = [
        Tile(
            name=seat.name,
            url=reverse("student_sheet", args=[seat.person_id]),
            tone=seat.state,
            note=_note(seat),
            tags=seat.tags,
        )
        for seat in found
    ]
    name = school_class.full_name(day)
    return render(
        request,
        "visits/class_tiles.html",
        {
            "name": name,
            "lead": _lead(found),
            "tiles": tiles,
            "choices": [
                Choice(row.full_name(day), reverse("class_tiles", args=[row.pk]), row.pk == pk) for row in siblings
            ],
            "title": _("我的班级") if actor.kind == TEACHER else name,
            "class_pk": pk,
        },
    )


@gate(ANSWERING)
def student_sheet(request: ActorRequest, pk: int) -> HttpResponse:
    """What a homeroom teacher needs about one student before calling or visiting; the reading is audited."""
    actor, day = request.actor, today()
    place = student_answered_for(actor, pk)
    if place is None:
        raise Http404
    duties = list(duties_of_person(actor, place.student))
    facts = read_student(by=actor, student=place.student)
    own = duties_to_record(actor, place.student)
    running = [duty for duty in duties if duty.pk in own and duty.campaign.state in ("launched", "published")]
    open_duty = next((duty for duty in running if duty.state == Duty.State.DUE), None)
    to_record = open_duty or next(iter(running), None)
    return render(
        request,
        "visits/student_sheet.html",
        {
            "person": place.student,
            "where": place.school_class.full_name(day),
            "boarding": place.boarding,
            "facts": facts,
            "duties": [(_tone(duty), duty, short_date(duty.due)) for duty in duties],
            "last_visits": [(moment_words(row.on), row) for row in facts.last_visits],
            "concerns": [concern_line(concern) for concern in facts.concerns],
            "cases": case_lines(facts),
            "progress": progress_context(actor, pk) if may_track(actor, pk) else None,
            "several": False,
            "record_url": f"{reverse('record_unplanned')}?duty={to_record.pk}" if to_record else "",
            "trail": [
                Crumb(place.school_class.full_name(day), reverse("class_tiles", args=[place.school_class_id])),
                Crumb(place.student.name),
            ],
        },
    )


def _lead(found: list[Seat]) -> str:
    counts = {
        "total": len(found),
        "met": sum(1 for seat in found if seat.met or seat.state == "met"),
        "again": sum(1 for seat in found if seat.met and seat.state in ("due", "overdue")),
    }
    if counts["again"]:
        return _("%(total)s 名学生,已见 %(met)s 名,其中 %(again)s 名要回访。数字是离上次联系的天数。") % counts
    return _("%(total)s 名学生,已见 %(met)s 名。数字是离上次联系的天数。") % counts


def _note(seat: Seat) -> str:
    """What stands on a tile: how long ago, or the short word of its state."""
    if seat.state == "declined":
        return _("先不家访")
    if seat.met and seat.state in ("due", "overdue"):
        return _("回访")
    if seat.days is None:
        return ""
    return _("%(count)s 天") % {"count": seat.days} if seat.days else _("今天")


def _tone(duty: Duty) -> str:
    if duty.state == Duty.State.DUE:
        return "overdue" if duty.due < today() else "due"
    return "met" if duty.state == Duty.State.MET else "declined"
