"""Phones wait their turn: pages never do, and whoever is asked to come again is told so at once."""

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from jiafang.web.turns import WAITING, TurnsMiddleware

AT_ONCE = 2
PATIENCE = 20


class Server:
    """Answers requests of phones when it is told to."""

    def __init__(self):
        self.go_on, self.begun = threading.Event(), threading.Semaphore(0)
        self.working = self.most = 0
        self.lock = threading.Lock()
        self.middleware = TurnsMiddleware(self.answer)

    def answer(self, request):
        if request.path_info.startswith("/api/"):
            with self.lock:
                self.working += 1
                self.most = max(self.most, self.working)
            self.begun.release()
            assert self.go_on.wait(PATIENCE)
            with self.lock:
                self.working -= 1
        return HttpResponse(request.read())

    def ask(self, path, content=b""):
        if path.startswith("/api/"):
            return self.middleware(RequestFactory().put(path, content, content_type="application/json"))
        return self.middleware(RequestFactory().get(path))


@pytest.fixture
def server(settings):
    settings.PHONES_AT_ONCE = AT_ONCE
    return Server()


def test_so_many_are_worked_on_at_a_time_a_few_wait_and_the_others_come_again(server):
    with ThreadPoolExecutor(30) as pool:
        first = [pool.submit(server.ask, "/api/visits/1") for _ in range(AT_ONCE)]
        for _ in first:
            assert server.begun.acquire(timeout=PATIENCE)
        more = [pool.submit(server.ask, "/api/visits/2") for _ in range(20)]
        turned_away = 20 - WAITING
        done = _as_they_come(more, turned_away)
        assert {one.status_code for one in done} == {503}
        assert all(int(one["Retry-After"]) > 0 for one in done)
        assert server.ask("/today/").status_code == 200
        server.go_on.set()
        answers = [one.result(PATIENCE).status_code for one in [*first, *more]]
    assert sorted(answers) == [200] * (AT_ONCE + WAITING) + [503] * turned_away
    assert server.most == AT_ONCE


def _as_they_come(futures, count):
    found = as_completed(futures, PATIENCE)
    return [next(found).result() for _ in range(count)]


def test_the_next_one_gets_its_turn_after_a_fault(server):
    def fall(request):
        raise RuntimeError

    server.go_on.set()
    server.middleware.get_response = fall
    for _ in range(AT_ONCE + WAITING + 1):
        with pytest.raises(RuntimeError):
            server.ask("/api/phone/hello")
    server.middleware.get_response = server.answer
    assert server.ask("/api/phone/hello").status_code == 200


def test_the_bytes_that_were_read_before_the_turn_are_there_for_the_view(server):
    server.go_on.set()
    content = b'{"format":1}' * 100
    assert server.ask("/api/visits/1", content).content == content


def test_without_a_number_nobody_waits(settings):
    settings.PHONES_AT_ONCE = 0
    server = Server()
    server.go_on.set()
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _n: server.ask("/api/visits/1").status_code, range(30)))
    assert answers == [200] * 30
