"""Measures the boards in one process: processor time of it and of its database process, and time on the wall."""

from __future__ import annotations

import statistics
import sys
import time

from benchmarks.web.measure import ROUNDS, Visitor, _queries, processor_milliseconds  # isort: skip  # sets Django up

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from benchmarks.boards.fill import fill
from jiafang.access import reading, system
from jiafang.care.models import Category

MOST = 150  # milliseconds of a board with 20,000 open cases


def main(cases: int, requests: int) -> None:
    settings.ROOT_URLCONF = "benchmarks.boards.plain"
    began = time.monotonic()
    measured = fill(cases)
    print(f"{cases} cases filled in {time.monotonic() - began:.0f} s")
    application = get_wsgi_application()
    director, cadre, principal, counselor, teacher = (
        Visitor(application, user)
        for user in (measured.director, measured.cadre, measured.principal, measured.counselor, measured.teacher)
    )
    board, overview = reverse("case_board"), reverse("case_overview")
    with reading(system("boards")):
        category = Category.objects.order_by("pk")[1].pk
    pages = [
        ("director, all", director, board),
        ("director, overdue", director, f"{board}?part=all&overdue=on"),
        ("director, one category", director, f"{board}?part=all&category={category}"),
        ("director, page 200", director, f"{board}?page=200"),
        ("director, nothing in hand", director, f"{board}?part=mine"),
        ("director, overview", director, overview),
        ("cadre of five schools", cadre, board),
        ("principal", principal, board),
        ("principal, overview", principal, overview),
        ("counselor, all", counselor, f"{board}?part=all"),
        ("teacher", teacher, board),
    ]
    print(f"{'page':<28}{'ours ms':>9}{'plain ms':>10}{'ratio':>8}{'wall ms':>9}{'queries':>9}{'KB':>6}")
    slow = []
    for name, visitor, path in pages:
        for _ in range(3):
            visitor.ask(path)
            visitor.ask("/plain/cases/")
        costs, walls = [], []
        for _ in range(ROUNDS):
            times = max(1, requests // ROUNDS)
            costs.append(
                tuple(
                    processor_milliseconds(lambda one=one, visitor=visitor: visitor.ask(one), times)
                    for one in (path, "/plain/cases/")
                )
            )
            for _ in range(times):
                start = time.perf_counter()
                visitor.ask(path)
                walls.append(1000 * (time.perf_counter() - start))
        ours, plain = (statistics.median(column) for column in zip(*costs, strict=True))
        if ours > MOST:
            slow.append(name)
        told = f"{name:<28}{ours:>9.1f}{plain:>10.1f}{ours / plain:>8.2f}{statistics.median(walls):>9.1f}"
        queries = _queries(lambda path=path, visitor=visitor: visitor.ask(path))
        print(f"{told}{queries:>9}{visitor.ask(path).size / 1024:>6.0f}", flush=True)
    if slow:
        sys.exit(f"more than {MOST} ms: {', '.join(slow)}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
