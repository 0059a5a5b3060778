"""The timetable as evenings across and teachers down, a trip as one block with its stops."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable

from django.utils.translation import gettext as _

from jiafang.campaigns.models import Appointment, Campaign, Channel, Tier
from jiafang.web.components.shapes import Cell, Evening, Stop, Timetable, TimetableRow, Tone, Trip
from jiafang.web.timetable.dates import PARTS_OF_DAY, day_with_weekday, time_range, time_words
from jiafang.web.timetable.reads import Board, Group, Meeting
from jiafang.web.timetable.sheet import rough_place

TONES: dict[str, Tone] = {
    Appointment.State.PROPOSED: "due",
    Appointment.State.CONFIRMED: "due",
    Appointment.State.DONE: "met",
    Appointment.State.MISSED: "overdue",
}
Address = Callable[[str, int], str]


def grid(board: Board, campaign: Campaign, *, today: dt.date, movable: bool, address: Address) -> Timetable:
    """`address(what, id)` gives the URLs: "appointment", "check_trip", "move_trip", "check", "move"; empty for none."""
    blocks = _blocks(board, campaign, movable, address)
    rows = [_row(group, board, blocks) for group in board.groups]
    evenings = [
        Evening(
            key=str(shift.id),
            label=day_with_weekday(shift.date),
            note=f"{PARTS_OF_DAY[shift.part]} {time_range(shift.start, shift.end)}",
            today=shift.date == today,
        )
        for shift in board.evenings
    ]
    heading = _("老师") if campaign.tier == Tier.TEACHER_FAMILY else _("走访人")
    return Timetable(evenings=evenings, rows=rows, heading=heading, movable=movable)


def _row(group: Group, board: Board, blocks: dict[tuple[int, int], list[Trip]]) -> TimetableRow:
    cells = []
    for shift in board.evenings:
        trips = blocks.get((group.id, shift.id), [])
        away = (shift.id, group.lead_id) in board.away
        cells.append(Cell(trips=trips, closed=_("来不了") if away else ""))
    return TimetableRow(key=str(group.id), who=group.lead_name, note=group.where, cells=cells)


def _blocks(board: Board, campaign: Campaign, movable: bool, address: Address) -> dict[tuple[int, int], list[Trip]]:
    """(line, shift) → blocks in the order of time; a trip of two classes stands in both lines."""
    trips: dict[int, list[Meeting]] = defaultdict(list)
    cells: dict[tuple[int, int], list[tuple[dt.datetime, Trip]]] = defaultdict(list)
    for meeting in board.meetings:
        if meeting.trip_id:
            trips[meeting.trip_id].append(meeting)
        else:
            block = _call(meeting, campaign, movable, address)
            cells[meeting.group_id, meeting.shift_id].append((meeting.starts_at, block))
    for trip_id, stops in trips.items():
        first = stops[0]
        out, back = board.trips.get(trip_id, (first.starts_at, stops[-1].ends_at))
        block = _trip(trip_id, stops, time_range(out, back), campaign, movable, address)
        for group_id in first.groups:
            cells[group_id, first.shift_id].append((out, block))
    return {key: [block for _start, block in sorted(found, key=lambda pair: pair[0])] for key, found in cells.items()}


def _trip(trip_id: int, stops: list[Meeting], time: str, campaign: Campaign, movable: bool, address: Address) -> Trip:
    fixed = any(_is_fixed(stop) for stop in stops)
    return Trip(
        key=f"trip-{trip_id}",
        stops=[_stop(stop, address, with_time=True) for stop in stops],
        time=time,
        note=_note(stops, campaign),
        fixed=fixed,
        check_url=address("check_trip", trip_id) if movable else "",
        move_url=address("move_trip", trip_id) if movable else "",
    )


def _call(meeting: Meeting, campaign: Campaign, movable: bool, address: Address) -> Trip:
    return Trip(
        key=f"appointment-{meeting.id}",
        stops=[_stop(meeting, address, with_time=False)],
        time=time_range(meeting.starts_at, meeting.ends_at),
        note=_note([meeting], campaign),
        fixed=_is_fixed(meeting),
        check_url=address("check", meeting.id) if movable else "",
        move_url=address("move", meeting.id) if movable else "",
    )


def _stop(meeting: Meeting, address: Address, *, with_time: bool) -> Stop:
    classes = list(dict.fromkeys(person.class_name for person in meeting.met if person.class_name))
    together = len(classes) > 1
    return Stop(
        who="、".join(person.name for person in meeting.met) or _("(不在您的范围内)"),
        time=time_words(meeting.starts_at) if with_time else "",
        place=rough_place(meeting),
        channel=meeting.channel,
        channel_label=str(Channel(meeting.channel).label),
        tone=TONES[meeting.state],
        url=address("appointment", meeting.id),
        joint=f"appointment-{meeting.id}" if together else "",
        joint_with="、".join(classes) if together else "",
    )


def _is_fixed(meeting: Meeting) -> bool:
    return meeting.state in (Appointment.State.CONFIRMED, Appointment.State.DONE, Appointment.State.MISSED)


def _note(stops: list[Meeting], campaign: Campaign) -> str:
    """What differs from the rest: not yet published although the timetable is."""
    waiting = campaign.state == Campaign.State.PUBLISHED and not all(stop.published for stop in stops)
    return _("还没发布") if waiting else ""
