"""The times of a trip for a given set of stops: pure arithmetic in minutes since midnight."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]
Window = tuple[int, int]
ANY_TIME: Window = (0, 24 * 60)
NEVER: Window = (1, 0)


@dataclass(frozen=True)
class Stop:
    """A meeting on the way. `pinned` is a start that may not change (agreed with the family, or asked for)."""

    key: int
    place: int
    """Row of the stop's place in the table of travel minutes."""
    minutes: int
    window: Window = ANY_TIME
    pinned: int | None = None


@dataclass(frozen=True)
class Arrangement:
    """One order of stops with its times, and what is wrong with it."""

    order: tuple[Stop, ...]
    starts: tuple[int, ...]
    depart: int
    back: int
    travel: int
    unreachable: tuple[Stop, ...] = field(default=())
    """Pinned stops that the crew cannot reach in time."""
    outside: tuple[Stop, ...] = field(default=())
    """Stops that begin outside the family's window."""
    overrun: int = 0
    """Minutes away before the shift begins or after it ends."""

    @property
    def cost(self) -> tuple[int, int, int, int]:
        return (len(self.unreachable), len(self.outside), self.overrun, self.travel)


def best_arrangement(
    orders: Iterable[Sequence[Stop]], *, base: int, shift: Window, travel: Callable[[int, int], int]
) -> Arrangement:
    """The order that breaks least and travels least."""
    return min((arranged(order, base=base, shift=shift, travel=travel) for order in orders), key=lambda a: a.cost)


def insertions(stops: Sequence[Stop], new: Stop) -> list[list[Stop]]:
    """The new stop at every place of the order."""
    return [[*stops[:n], new, *stops[n:]] for n in range(len(stops) + 1)]


def arranged(order: Sequence[Stop], *, base: int, shift: Window, travel: Callable[[int, int], int]) -> Arrangement:
    """Each stop as early as it can be; the crew leaves just in time for the first."""
    unreachable, outside, starts = [], [], []
    total, here, clock, depart = 0, base, shift[0], shift[0]
    for n, stop in enumerate(order):
        way = travel(here, stop.place)
        arrival = clock + way
        if stop.pinned is not None:
            start = stop.pinned
            # The first stop may be reached by leaving before the shift: an overrun, not an impossibility.
            if arrival > start and n > 0:
                unreachable.append(stop)
        else:
            start = max(arrival, stop.window[0])
        if not stop.window[0] <= start <= stop.window[1]:
            outside.append(stop)
        if n == 0:
            depart = start - way
        starts.append(start)
        total, here, clock = total + way, stop.place, start + stop.minutes
    home = travel(here, base)
    back = clock + home
    return Arrangement(
        order=tuple(order),
        starts=tuple(starts),
        depart=depart,
        back=back,
        travel=total + home,
        unreachable=tuple(unreachable),
        outside=tuple(outside),
        overrun=max(0, shift[0] - depart) + max(0, back - shift[1]),
    )
