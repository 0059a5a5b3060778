"""Road times from a service that speaks OSRM's table protocol, kept, and done without when it is down."""

import json
import math
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.urls import reverse

from jiafang.access import reading
from jiafang.campaigns.models import Appointment, RoadTable
from jiafang.campaigns.roads import BY, learn_roads, seconds_by_road
from jiafang.campaigns.services.move import move_appointment
from jiafang.campaigns.to_planner import minutes_between
from jiafang.organization.models import Household
from tests.factories import campaigns as run
from tests.factories import organization as make

pytestmark = pytest.mark.django_db(transaction=True)

RULES_ADD = 2  # minutes for each way


class Roads(ThreadingHTTPServer):
    """Answers as osrm-routed does; what it was asked is kept. A way takes a minute for each started 100 m."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[int, int]] = []
        self.answer: bytes | None = None
        self.cut_off: set[tuple[float, float]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/table/v1/driving"


class _Handler(BaseHTTPRequestHandler):
    server: Roads

    def do_GET(self) -> None:
        found = re.fullmatch(r"/table/v1/driving/([-\d.,;]+)\?sources=([\d;]+)&destinations=([\d;]+)", self.path)
        assert found, self.path
        places = [tuple(map(float, one.split(","))) for one in found[1].split(";")]
        sources, destinations = ([int(n) for n in found[k].split(";")] for k in (2, 3))
        self.server.asked.append((len(sources), len(destinations)))
        durations = [[self._seconds(places[a], places[b]) for b in destinations] for a in sources]
        body = self.server.answer
        if body is None:
            body = json.dumps({"code": "Ok", "durations": durations}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _seconds(self, one: tuple[float, ...], two: tuple[float, ...]) -> float | None:
        if one != two and self.server.cut_off & {one, two}:
            return None
        return road_seconds(one, two)

    def log_message(self, *_: object) -> None:
        pass


def road_seconds(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    """From longitude and latitude."""
    return 60.0 * math.ceil(math.dist(one, two) * 1110)


@pytest.fixture
def roads(settings) -> Iterator[Roads]:
    with Roads() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.ROADS_URL = server.url
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def place() -> run.SmallSchool:
    """A school with families at home in different places, all to be visited."""
    made = run.small_school(classes=1, students=0, lat=25.50, lon=118.20)
    for n in range(5):
        home = make.HouseholdFactory(lat=25.50 + 0.004 * n, lon=118.20 + 0.003 * (n + 1))
        made.students[0].append(make.student(made.classes[0], household=home, tags=("hardship",)))
    return made


def point(appointment: Appointment) -> tuple[float, float]:
    return appointment.lon, appointment.lat


def moved_away() -> None:
    """The family that lives farthest away has moved to where nobody lived."""
    Household.unscoped.filter(pk=Household.unscoped.order_by("pk").last().pk).update(lat=25.49, lon=118.19)


def test_trips_take_as_long_as_the_roads_do(roads, place):
    campaign = run.launched(place.by, place.school)
    run.planned(place.by, campaign)
    for appointment in Appointment.unscoped.filter(campaign=campaign, order=0).select_related("trip"):
        minutes = (appointment.starts_at - appointment.trip.departs_at).total_seconds() / 60
        assert minutes == road_seconds((118.20, 25.50), point(appointment)) / 60 + RULES_ADD
    assert roads.asked


def test_what_is_known_is_not_asked_again_and_a_new_home_only_for_itself(roads, place, settings):
    campaign = run.launched(place.by, place.school)
    run.planned(place.by, campaign)
    asked = len(roads.asked)
    run.planned(place.by, campaign)
    assert len(roads.asked) == asked
    moved_away()
    run.planned(place.by, campaign)
    ways = sum(a * b for a, b in roads.asked[asked:])
    assert 0 < ways < sum(a * b for a, b in roads.asked[:asked])


def test_no_request_names_more_places_than_the_service_takes(roads, place, settings):
    settings.ROADS_TABLE_SIZE = 4
    run.planned(place.by, run.launched(place.by, place.school))
    assert max(a + b for a, b in roads.asked) <= 4
    assert len(roads.asked) > 4


def test_a_service_that_is_down_is_done_without_and_the_page_says_so(client, place, settings):
    settings.ROADS_URL = "http://127.0.0.1:9/table/v1/driving"
    campaign = run.launched(place.by, place.school)
    plan = run.planned(place.by, campaign)
    assert plan.objective["unvisited"] == 0
    assert "直线距离" in plan.log
    assert not RoadTable.unscoped.exists()
    make.sign_in(client, place.principal)
    assert plan.log in client.get(reverse("campaign_plan", args=[campaign.pk])).text


def test_what_was_learned_before_it_went_down_still_counts(roads, place):
    campaign = run.launched(place.by, place.school)
    run.planned(place.by, campaign)
    roads.shutdown()
    roads.server_close()
    moved_away()
    assert "直线距离" in run.planned(place.by, campaign).log
    school, known = (25.50, 118.20), (25.504, 118.206)
    by_road = road_seconds(school[::-1], known[::-1]) / 60 + RULES_ADD
    assert minutes_between(campaign, [school, known])[0][1] == by_road


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b'{"code": "TooBig"}', b'{"code": "Ok", "durations": [[1]]}', b'{"code": "Ok", "durations": 7}'],
)
def test_an_answer_that_is_no_table_is_done_without(roads, place, answer):
    roads.answer = answer
    plan = run.planned(place.by, run.launched(place.by, place.school))
    assert plan.objective["unvisited"] == 0
    assert "直线距离" in plan.log


def test_a_home_that_no_road_leads_to_is_estimated_and_not_asked_for_again(roads, place):
    home = Household.unscoped.order_by("pk").last()
    roads.cut_off.add((home.lon, home.lat))
    campaign = run.launched(place.by, place.school)
    plan = run.planned(place.by, campaign)
    assert plan.objective["unvisited"] == 0
    assert plan.log == ""
    asked = len(roads.asked)
    run.planned(place.by, campaign)
    assert len(roads.asked) == asked


def test_a_meeting_that_is_moved_by_hand_goes_by_the_same_roads(roads, place):
    campaign = run.launched(place.by, place.school)
    run.planned(place.by, campaign)
    appointment = Appointment.unscoped.filter(campaign=campaign).order_by("starts_at").last()
    shift = campaign.shifts.exclude(pk__in=Appointment.unscoped.filter(campaign=campaign).values("shift_id")).first()
    move_appointment(by=place.by, appointment=appointment, shift=shift)
    appointment.refresh_from_db()
    minutes = (appointment.starts_at - appointment.trip.departs_at).total_seconds() / 60
    assert minutes == road_seconds((118.20, 25.50), point(appointment)) / 60 + RULES_ADD


def test_another_address_is_asked_anew(roads, place, settings):
    campaign = run.launched(place.by, place.school)
    run.planned(place.by, campaign)
    asked = len(roads.asked)
    settings.ROADS_URL = f"{roads.url}/"
    run.planned(place.by, campaign)
    assert len(roads.asked) == 2 * asked


def test_a_home_that_is_in_no_plan_any_more_keeps_its_ways(roads, place):
    campaign = run.launched(place.by, place.school)
    points = [(25.50, 118.20), (25.504, 118.206), (25.508, 118.209)]
    assert learn_roads(campaign, points, lambda: False)
    assert learn_roads(campaign, points[:2], lambda: False)
    with reading(BY):
        assert (seconds_by_road(campaign, points) >= 0).all()


def test_who_cancels_is_heard_before_the_next_request(roads, place):
    campaign = run.launched(place.by, place.school)
    assert not learn_roads(campaign, [(25.50, 118.20), (25.504, 118.206)], lambda: True)
    assert not roads.asked


def test_no_home_lies_in_the_table(roads, place):
    run.planned(place.by, run.launched(place.by, place.school))
    row = RoadTable.unscoped.get()
    assert len(row.places) == 6
    assert not any("118" in key or "25.5" in key for key in row.places)
