"""Moving by hand: what would stand in the way is asked before the drop, then the move is made."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Form, Router, Schema

from jiafang.access import CHANGE, Actor, may, reading, scope
from jiafang.api.problems import MAY_FAIL, problem
from jiafang.campaigns.models import Appointment, Shift, Trip, VisitGroup
from jiafang.campaigns.services.move import MoveConflict, check_move, check_move_trip, move_appointment, move_trip
from jiafang.common.errors import NotAllowed

router = Router()


class Verdict(Schema):
    """`ok` with conflicts: it may be done after asking once more."""

    ok: bool
    conflicts: list[str]


class Moved(Schema):
    ok: bool
    message: str


class Target(Schema):
    """A cell of the timetable: the line (a group) and the evening (a shift)."""

    visitor: int
    evening: int


@router.get("/appointments/{pk}/check-move", response={200: Verdict, **MAY_FAIL}, url_name="check_move")
def check(request: HttpRequest, pk: int, visitor: int, evening: int) -> Verdict:
    actor = _mover(request)
    with reading(actor):
        appointment, shift = _appointment(actor, pk), _shift(actor, evening)
        if appointment.group_id != visitor:
            return _not_theirs(appointment.group.lead.name)
        return _verdict(check_move(by=actor, appointment=appointment, shift=shift))


@router.post("/appointments/{pk}/move", response={200: Moved, **MAY_FAIL}, url_name="move")
def move(request: HttpRequest, pk: int, target: Form[Target]) -> Moved | HttpResponse:
    actor = _mover(request)
    with reading(actor):
        appointment, shift = _appointment(actor, pk), _shift(actor, target.evening)
    if appointment.group_id != target.visitor:
        return problem(409, _("不能换"), conflicts=_not_theirs(appointment.group.lead.name).conflicts)
    # Whoever drops it has seen the conflicts; what is impossible is refused nevertheless.
    move_appointment(by=actor, appointment=appointment, shift=shift, despite=True)
    return _moved(shift)


@router.get("/trips/{pk}/check-move", response={200: Verdict, **MAY_FAIL}, url_name="check_move_trip")
def check_trip(request: HttpRequest, pk: int, visitor: int, evening: int) -> Verdict:
    actor = _mover(request)
    with reading(actor):
        trip, shift = _trip(scope(actor, Trip), pk), _shift(actor, evening)
        leads = _leads(actor, trip)
        if visitor not in leads:
            return _not_theirs("、".join(leads.values()))
        try:
            return _verdict(check_move_trip(by=actor, trip=trip, shift=shift))
        except NotAllowed:
            return Verdict(ok=False, conflicts=[_("这一趟还有别的年段的家庭,请学校来换")])


@router.post("/trips/{pk}/move", response={200: Moved, **MAY_FAIL}, url_name="move_trip")
def move_whole_trip(request: HttpRequest, pk: int, target: Form[Target]) -> Moved | HttpResponse:
    actor = _mover(request)
    with reading(actor):
        trip, shift = _trip(scope(actor, Trip, CHANGE), pk), _shift(actor, target.evening)
        leads = _leads(actor, trip)
    if target.visitor not in leads:
        return problem(409, _("不能换"), conflicts=_not_theirs("、".join(leads.values())).conflicts)
    move_trip(by=actor, trip=trip, shift=shift, despite=True)
    return _moved(shift)


def _mover(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # set by the authentication
    if not may(actor, "appointment.move"):
        raise Http404
    return actor


def _appointment(actor: Actor, pk: int) -> Appointment:
    found = scope(actor, Appointment, CHANGE).select_related("group__lead").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _trip(rows: QuerySet[Trip], pk: int) -> Trip:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _leads(actor: Actor, trip: Trip) -> dict[int, str]:
    """The lines in which the trip stands, as far as the actor sees them."""
    return dict(scope(actor, VisitGroup).filter(trips=trip).values_list("pk", "lead__name"))


def _shift(actor: Actor, pk: int) -> Shift:
    found = scope(actor, Shift).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _not_theirs(leads: str) -> Verdict:
    words = _("这一户由%(leads)s负责,只能换时间,不能换到别的老师那里") % {"leads": leads}
    return Verdict(ok=False, conflicts=[words])


def _verdict(conflicts: list[MoveConflict]) -> Verdict:
    return Verdict(ok=not any(c.hard for c in conflicts), conflicts=[c.words for c in conflicts])


def _moved(shift: Shift) -> Moved:
    words = _("已换到 %(month)s月%(day)s日%(part)s") % {
        "month": shift.date.month,
        "day": shift.date.day,
        "part": shift.get_kind_display(),
    }
    return Moved(ok=True, message=words)
