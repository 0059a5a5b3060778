"""The times of a trip that is changed by hand: properties that hold for any stops."""

from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from jiafang.campaigns.arrange import ANY_TIME, Stop, arranged, best_arrangement, insertions

SHIFT = (18 * 60 + 30, 21 * 60)
points = st.tuples(st.integers(0, 30), st.integers(0, 30))
windows = st.one_of(
    st.just(ANY_TIME), st.tuples(st.integers(1100, 1200), st.integers(0, 60)).map(lambda w: (w[0], w[0] + w[1]))
)


@st.composite
def trips(draw):
    places = draw(st.lists(points, min_size=2, max_size=6))

    def travel(one: int, other: int) -> int:
        return abs(places[one][0] - places[other][0]) + abs(places[one][1] - places[other][1])

    stops = [Stop(n, n, draw(st.integers(10, 60)), draw(windows)) for n in range(1, len(places))]
    return stops, travel


@given(trips())
def test_no_stop_begins_before_the_crew_can_be_there(trip):
    stops, travel = trip
    found = arranged(stops, base=0, shift=SHIFT, travel=travel)
    assert found.depart + travel(0, found.order[0].place) == found.starts[0]
    for (one, start), (two, then) in pairwise(zip(found.order, found.starts, strict=True)):
        assert start + one.minutes + travel(one.place, two.place) <= then
    last = found.order[-1]
    assert found.starts[-1] + last.minutes + travel(last.place, 0) == found.back


@given(trips())
def test_what_is_wrong_is_said_and_nothing_else(trip):
    stops, travel = trip
    found = arranged(stops, base=0, shift=SHIFT, travel=travel)
    outside = {
        stop
        for stop, start in zip(found.order, found.starts, strict=True)
        if not stop.window[0] <= start <= stop.window[1]
    }
    assert set(found.outside) == outside
    assert (found.overrun == 0) == (found.depart >= SHIFT[0] and found.back <= SHIFT[1])
    assert found.unreachable == ()


@given(trips())
def test_a_new_stop_goes_where_it_costs_least_and_the_others_keep_their_order(trip):
    (*stops, new), travel = trip
    found = best_arrangement(insertions(stops, new), base=0, shift=SHIFT, travel=travel)
    assert [stop for stop in found.order if stop != new] == stops
    in_order = [
        arranged(order, base=0, shift=SHIFT, travel=travel).cost
        for order in permutations([*stops, new])
        if [stop for stop in order if stop != new] == stops
    ]
    assert found.cost == min(in_order)


@given(trips(), st.integers(1080, 1300))
def test_a_promised_time_stays_or_is_named_as_unreachable(trip, promised):
    (*stops, last), travel = trip
    pinned = Stop(last.key, last.place, last.minutes, last.window, pinned=promised)
    found = arranged([*stops, pinned], base=0, shift=SHIFT, travel=travel)
    assert found.starts[-1] == promised
    before = found.starts[-2] + stops[-1].minutes + travel(stops[-1].place, last.place) if stops else promised
    assert (pinned in found.unreachable) == (before > promised)
