"""What the larger components are given: plain, slim objects that a presenter fills and a template draws."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["met", "due", "overdue", "unseen", "declined", "info", "neutral"]


@dataclass(frozen=True, slots=True)
class NavItem:
    """One main place of a role; the first five make up the tab bar of a phone."""

    label: str
    url: str
    icon: str
    active: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class Crumb:
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    active: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a row of choice chips or of a menu."""

    label: str
    url: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in an uploaded file, and exactly where."""

    message: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    serious: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """A long job as its panel shows it; `poll_url` answers with the same panel again."""

    title: str
    phase: str
    state: Literal["waiting", "running", "done", "failed"]
    poll_url: str
    percent: int | None = None
    seconds_left: int | None = None
    detail: str = ""
    result_label: str = ""
    result_url: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A student in the class, as on a seat plan."""

    name: str
    url: str
    tone: Tone
    note: str = ""
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One appointment in the day of a visitor."""

    time: str
    who: str
    tone: Tone
    state: str
    channel: str
    channel_label: str
    url: str = ""
    place: str = ""
    approximate: bool = False
    phone: str = ""
    brief_url: str = ""
    record_url: str = ""
    note: str = ""
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Evening:
    """A column of the timetable: one shift on one day."""

    key: str
    label: str
    note: str = ""
    today: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """A family within a trip; stops of siblings met together share the same `joint` mark."""

    who: str
    time: str = ""
    place: str = ""
    channel: str = ""
    channel_label: str = ""
    tone: Tone = "due"
    url: str = ""
    joint: str = ""
    joint_with: str = ""


@dataclass(frozen=True, slots=True)
class Trip:
    """One outing of one crew in one evening."""

    key: str
    stops: Sequence[Stop]
    time: str = ""
    note: str = ""
    url: str = ""
    fixed: bool = False
    check_url: str = ""
    move_url: str = ""

    @property
    def movable(self) -> bool:
        return bool(self.move_url) and not self.fixed


@dataclass(frozen=True, slots=True)
class Cell:
    trips: Sequence[Trip] = ()
    closed: str = ""


@dataclass(frozen=True, slots=True)
class TimetableRow:
    """A visitor with one cell for each evening, in the order of the evenings."""

    key: str
    who: str
    cells: Sequence[Cell]
    note: str = ""
    url: str = ""

    def columns(self, evenings: Sequence[Evening]) -> Iterator[tuple[Evening, Cell]]:
        return zip(evenings, self.cells, strict=True)


@dataclass(frozen=True, slots=True)
class Timetable:
    evenings: Sequence[Evening]
    rows: Sequence[TimetableRow]
    heading: str
    movable: bool = False

    @property
    def lines(self) -> list[tuple[TimetableRow, list[tuple[Evening, Cell]]]]:
        return [(row, list(row.columns(self.evenings))) for row in self.rows]

    @property
    def by_evening(self) -> list[tuple[Evening, list[tuple[TimetableRow, Sequence[Trip]]]]]:
        """The same trips for a phone: for each evening that has any, the visitors and their trips."""
        days = []
        for position, evening in enumerate(self.evenings):
            busy = [(row, row.cells[position].trips) for row in self.rows if row.cells[position].trips]
            if busy:
                days.append((evening, busy))
        return days


@dataclass(frozen=True, slots=True)
class MapPoint:
    label: str
    lat: float
    lng: float
    kind: Literal["school", "village", "stop"] = "stop"
    order: int | None = None
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class MapData:
    """Points and lines on plain ground; each line is a list of (lat, lng)."""

    points: Sequence[MapPoint] = ()
    trip: Sequence[tuple[float, float]] = ()
    roads: Sequence[Sequence[tuple[float, float]]] = field(default=())
